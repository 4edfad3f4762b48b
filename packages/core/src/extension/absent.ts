import { DruidError } from '../error/error.ts'
import { quoted } from '../error/quoted.ts'
import type { ExtensionReport } from './report.ts'

const NO_CLUSTER =
  'no extension of this connection provides the cluster; install @druid/cluster and connect with { extensions: [cluster] }'

/** The extensions of one connection that are not active, and what to tell those who want them. */
export interface Absent {
  readonly reports: readonly ExtensionReport[]
  add(...reports: readonly ExtensionReport[]): void
  /** Why it is not there, to stand after its name. */
  reasonOf(name: string): string
  /** The error that kept it out. */
  causeOf(name: string): DruidError | undefined
  /** For a call that needs it; `why`: where there is a better reason. */
  error(name: string, why?: string): DruidError<'EXTENSION'>
  /** For a call that needs the cluster. */
  clusterError(call?: string): DruidError<'EXTENSION'>
}

export function absent(): Absent {
  const reports: ExtensionReport[] = []

  /** Of several of one name, the one that says most. */
  function reportOf(name: string): ExtensionReport | undefined {
    const all = reports.filter((it) => it.name === name)
    return all.find(({ status }) => status === 'failed') ?? all[0]
  }

  function reasonOf(name: string): string {
    const status = reportOf(name)?.status
    if (status === 'denied') return "is not allowed by the application's manifest"
    return status === 'failed'
      ? 'is not active on this connection, as it failed to register'
      : 'is not registered on this connection'
  }

  const causeOf = (name: string): DruidError | undefined => reportOf(name)?.error

  function error(name: string, why = reasonOf(name)): DruidError<'EXTENSION'> {
    const message = `extension ${quoted(name)}: ${why}`
    return new DruidError('EXTENSION', message, { extension: name, cause: causeOf(name) })
  }

  return {
    reports,
    add: (...more) => void reports.push(...more),
    reasonOf,
    causeOf,
    error,
    clusterError(call) {
      if (reportOf('cluster') !== undefined) return error('cluster')
      const message = call === undefined ? NO_CLUSTER : `${call}: ${NO_CLUSTER}`
      return new DruidError('EXTENSION', message, { extension: 'cluster' })
    },
  }
}
