import { DruidError } from '../error/error.ts'
import { quoted } from '../error/quoted.ts'
import type { ExtensionReport } from './report.ts'

/** What an application may want done with an extension that failed. */
export type OnExtensionError = 'warn' | 'throw' | 'silent' | ((report: ExtensionReport) => void)

/** Throws `CONFIG` for what is no such policy. */
export function checkPolicy(how: OnExtensionError): void {
  if (typeof how === 'function' || ['warn', 'throw', 'silent'].includes(how)) return
  throw new DruidError(
    'CONFIG',
    "connect: onExtensionError is 'warn', 'throw', 'silent' or a function",
    { option: 'onExtensionError' },
  )
}

const warned = new Set<string>()

/**
 * Tells the application of the extensions that failed. `throw` gathers all of them in one
 * AggregateError; `warn` warns once per failure and process.
 */
export function tellFailures(reports: readonly ExtensionReport[], how: OnExtensionError): void {
  const failed = reports.filter((report) => report.status === 'failed')
  if (failed.length === 0 || how === 'silent') return
  if (how === 'throw') {
    const errors = failed.map((report) => report.error as DruidError)
    throw new AggregateError(errors, errors.map((error) => error.message).join('\n'))
  }
  for (const report of failed) {
    if (typeof how === 'function') how(report)
    else warn(report.error?.message ?? `extension "${report.name}" failed`)
  }
}

/** The same for options by name where no extension of that name was listed or found. */
export function tellUnused(
  names: readonly string[],
  reports: readonly ExtensionReport[],
  how: OnExtensionError,
): void {
  const unused = names.filter((name) => !reports.some((report) => report.name === name))
  if (unused.length === 0 || how === 'silent') return
  const there = reports.map(({ name }) => quoted(name)).join(', ') || 'none'
  const why = `connect: extensionOptions has ${unused.map(quoted).join(', ')}, and no extension of this connection is called so (there is ${there})`
  if (how === 'throw') throw new DruidError('CONFIG', why, { option: 'extensionOptions' })
  warn(why)
}

/** One that says something else each time must not flood the log. */
const MOST = 1_000

/** Once per message and process. `type`: by which an application tells warnings apart. */
export function warn(message: string, type = 'DruidExtensionWarning'): void {
  if (warned.has(message) || warned.size >= MOST) return
  warned.add(message)
  const host = globalThis as {
    process?: { emitWarning?: (message: string, type: string) => void }
    console?: { warn: (message: string) => void }
  }
  if (host.process?.emitWarning) host.process.emitWarning(message, type)
  else host.console?.warn(`${type}: ${message}`)
}
