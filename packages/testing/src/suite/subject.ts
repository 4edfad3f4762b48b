import { type ClientBase, connect } from '@druid/core'
import { type AnyExtension, clientMethod } from '@druid/core/extension'
import { type FakeDruid, type FakeDruidOptions, fakeDruid } from '../fake/fake.ts'
import { connectionReset, type FakeFault } from '../fake/fault.ts'
import type { FakeReply } from '../fake/reply.ts'
import { USUAL_SERVERS } from '../fake/server.ts'
import { sqlHandlerOf } from '../fake/sql-rules.ts'
import { type RecordedRegistration, recordRegistration } from './record.ts'
import { standInCluster } from './stand-in.ts'
import { suiteAnswer } from './statements.ts'

/** A client of which only run time knows the methods. */
export type OpenClient = ClientBase & Readonly<Record<string, () => unknown>>

/** A connection to a fake, with the extension on it. */
export interface Opened {
  readonly druid: OpenClient
  readonly fake: FakeDruid
  /** From now on requests are answered so; `undefined`: by Druid again. */
  breakBy(answer: FakeReply | FakeFault | undefined): void
}

/** The extension that a suite is about. */
export interface Subject {
  readonly extension: AnyExtension
  readonly recorded: RecordedRegistration
  /** What is registered with it: what it needs. */
  readonly beside: readonly AnyExtension[]
  /** Milliseconds that a call may take. */
  readonly limit: number
  /** `extensions`: default the extension, and those beside it. */
  open(extensions?: readonly AnyExtension[], more?: OpenMore): Opened
}

interface OpenMore {
  readonly onExtensionError?: 'throw' | 'silent'
}

export function subjectOf(
  extension: AnyExtension,
  beside: readonly AnyExtension[],
  fakeOptions: FakeDruidOptions,
  limit: number,
): Subject {
  const recorded = recordRegistration(extension)
  const given = sqlHandlerOf(fakeOptions.sql)
  const hasCluster = [recorded, ...beside.map((one) => recordRegistration(one))].some(
    ({ cluster }) => cluster !== undefined,
  )
  const options: FakeDruidOptions = {
    servers: [
      ...USUAL_SERVERS,
      ...Object.keys(recorded.roles)
        .filter((role) => !USUAL_SERVERS.some((server) => server.role === role))
        .map((role, i) => ({ role, port: 9_000 + i })),
    ],
    ...fakeOptions,
    sql: (query) => suiteAnswer(query.sql) ?? given(query),
  }

  function open(extensions: readonly AnyExtension[] = [extension], more: OpenMore = {}): Opened {
    let gate = options.gate
    const fake = fakeDruid({ ...options, gate: (request) => gate?.(request) })
    const cluster = hasCluster ? [] : [standInCluster((role) => fake.urlOf(role))]
    const druid = connect(fake.url, {
      transport: fake.transport,
      extensions: [...extensions, ...beside, ...cluster],
      onExtensionError: more.onExtensionError ?? 'throw',
    }) as unknown as OpenClient
    return {
      druid,
      fake,
      breakBy(answer) {
        gate = answer === undefined ? options.gate : () => answer
      },
    }
  }

  return { extension, recorded, beside, limit, open }
}

/** A server that is out of reach. */
export const UNREACHABLE: FakeFault = connectionReset()

/** A method that the extension adds, which makes one instance. */
export interface Maker {
  readonly name: string
  make(druid: OpenClient): unknown
}

/** All methods that make one instance: not `<role>Clients()`. */
export function makersOf({ methods, roles }: RecordedRegistration): Maker[] {
  const many = Object.keys(roles).map((role) => `cluster().${clientMethod(role)}s`)
  return methods
    .filter((method) => !many.includes(method))
    .map((method) => ({
      name: `druid.${method}()`,
      make: (druid) => callOf(druid, method),
    }))
}

/** Calls `rangerClient` or `cluster().auditorClient`. */
export function callOf(druid: OpenClient, method: string): unknown {
  const [own = '', onCluster] = method.split('().')
  const made = druid[own]?.()
  return onCluster === undefined ? made : (made as OpenClient)[onCluster]?.()
}
