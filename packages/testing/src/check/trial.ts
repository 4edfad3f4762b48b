import type * as Core from '@druid/core'
import type { ExtensionReport } from '@druid/core'
import type * as CoreExtension from '@druid/core/extension'
import type { AnyExtension, Recorded } from '@druid/core/extension'
import { fault, type Problem } from './problem.ts'
import { silentTransport, standIn, standInCluster } from './stand-ins.ts'
import { settle, type Watch } from './watch.ts'

/** The copy of core that the extension runs on. */
export interface CoreModules {
  readonly core: Pick<typeof Core, 'connect'>
  readonly extension: Pick<typeof CoreExtension, 'recordExtension' | 'EXTENSION_API'>
}

export interface Trial extends CoreModules {
  readonly tried: AnyExtension
  /** As `.with()` takes them. */
  readonly options: unknown
  readonly watch: Watch
  readonly tell: (problem: Problem) => void
  /** Called as each step begins. */
  readonly step: (phase: 'register' | 'construct' | 'close') => void
}

/** A connection's client; what extensions add is found by name. */
type Client = { [method: string]: () => object } & Pick<Core.ClientBase, 'close' | 'extensions'>

/** Of a module that exports no registerClient. */
export const WRITE = 'write export const { registerClient } = <the extension>'

const OPTIONS = '; options that it needs: checkExtension(target, { options })'

/**
 * Registers an extension, connects with it three times, makes all of its instances and closes:
 * R4 to R6 and R10 to R13, as far as they show when it runs. Nothing is sent.
 */
export async function tryOut(trial: Trial): Promise<void> {
  const { watch, tell, step } = trial
  step('register')
  const recorded = record(trial)
  for (const one of await watch.left()) {
    const how = 'open it in a class, and end it when that is disposed of'
    tell(fault('R5', `registerClient leaves ${one}; ${how}`))
  }
  if (recorded === undefined) return

  step('construct')
  const first = connect(trial, recorded, 'first')
  if (first === undefined) return
  const made = await makeAll(trial, recorded, first)
  const second = connect(trial, recorded, 'second')
  if (second !== undefined) await compareTwo(trial, recorded, { first, made, second })
  await settle(20)

  step('close')
  for (const connection of [first, second]) if (connection) await close(trial, connection)
  const again = connect(trial, recorded, 'again')
  if (again !== undefined) await close(trial, again)
  for (const one of await watch.left()) {
    const why = `after the connections were closed there is still ${one}`
    const how = 'end it in [Symbol.dispose]() or [Symbol.asyncDispose](), or by context.onClose()'
    tell(fault('R12', `${why}; ${how}`))
  }
}

/** R10 */
function record({ extension, tried, options, watch, tell }: Trial): Recorded | undefined {
  const acts = watch.acts()
  try {
    return watch.during({ phase: 'register', subject: 'registerClient' }, () =>
      extension.recordExtension(tried, options),
    )
  } catch (error) {
    const why = (error as Error).message
    const isOwn = why.includes('registerClient failed') && !why.includes('returned a promise')
    const help = options === undefined && isOwn ? OPTIONS : ''
    if (watch.acts() === acts) tell(fault('R10', `${why}${help}`))
    return undefined
  }
}

interface Connection {
  readonly client: Client
  readonly report: ExtensionReport
}

const LATER = {
  first: 'it registers once, and not a second time in the same process',
  second: 'it registers on one connection, and not on a second one beside it',
  again: 'it registers on one connection, and not again after that was closed',
}

function connect(
  { core, extension, tried, options, watch, tell }: Trial,
  { cluster, requires }: Recorded,
  which: 'first' | 'second' | 'again',
): Connection | undefined {
  const api = extension.EXTENSION_API
  const act = (text: string): void => watch.see({ kind: 'act', text })
  const provides = cluster !== undefined || tried.name === 'cluster'
  const required = (requires.extensions ?? []).filter((it) => it !== 'cluster')
  const extensions = [
    ...(provides ? [] : [standInCluster(api, act)]),
    ...required.map((name) => standIn(name, api)),
    tried,
  ]
  const acts = watch.acts()
  const subject = cluster === undefined ? 'registerClient' : 'making its cluster'
  const client = watch.during({ phase: 'construct', subject }, () =>
    core.connect('http://druid.invalid:8888', {
      extensions,
      transport: silentTransport(act),
      onExtensionError: 'silent',
      ...(options !== undefined && { extensionOptions: { [tried.name]: options } }),
    }),
  ) as unknown as Client
  const report = client.extensions().find(({ name }) => name === tried.name)
  if (report?.status === 'active') return { client, report }
  if (watch.acts() > acts) return undefined
  const why = report?.error?.message ?? 'it is not among the extensions of its connection'
  // It was recorded a moment ago.
  const isLater = which !== 'first' || why.includes('registerClient failed')
  if (isLater) tell(fault('R6', `${LATER[which]}: ${why}; ${SHARED}`))
  else tell(fault(cluster && / making .* failed: /.test(why) ? 'R11' : 'R10', why))
  return undefined
}

const SHARED = 'keep nothing in the module that belongs to a connection'

/** R11: what the methods that it added give, by their names. */
async function makeAll(
  { options, watch, tell }: Trial,
  { cluster }: Recorded,
  { client, report: { methods } }: Connection,
): Promise<Map<string, object>> {
  const made = new Map<string, object>()
  for (const method of methods) {
    const perServer = method.endsWith('s') && methods.includes(method.slice(0, -1))
    // A cluster of its own would ask Druid for its servers; and of two alike one is enough.
    if (perServer && (cluster !== undefined || !made.has(method.slice(0, -1)))) continue
    const acts = watch.acts()
    try {
      const moment = { phase: 'construct', subject: `making ${method}()` } as const
      const result = watch.during(moment, () => call(client, method))
      const instance = perServer ? ((await result) as object[])[0] : result
      // So that a little later still counts as this.
      await settle(5)
      watch.compare()
      if (instance !== undefined && watch.acts() === acts) made.set(method, instance)
    } catch (error) {
      const help = options === undefined ? OPTIONS : ''
      if (watch.acts() === acts) tell(fault('R11', `${(error as Error).message}${help}`))
    }
  }
  return made
}

function call(client: Client, method: string): object {
  const [name = '', ofCluster] = method.split('().')
  return ofCluster === undefined
    ? (client[name] as () => object)()
    : ((client.cluster as () => Client)()[ofCluster] as () => object)()
}

/** R6 */
async function compareTwo(
  trial: Trial,
  recorded: Recorded,
  two: { first: Connection; made: ReadonlyMap<string, object>; second: Connection },
): Promise<void> {
  const { first, made, second } = two
  const [one, other] = [first.report, second.report].map(({ summary, methods, roles, parts }) =>
    JSON.stringify({ summary, methods, roles, parts }),
  )
  if (one !== other) {
    const why = 'it registers something else on a second connection'
    trial.tell(fault('R6', `${why}: first ${one}, then ${other}; ${SHARED}`))
  }
  for (const [method, instance] of await makeAll(trial, recorded, second)) {
    if (made.get(method) !== instance) continue
    trial.tell(fault('R6', `${method}() gives two connections the same object; ${SHARED}`))
  }
}

/** R12 */
async function close({ watch, tell }: Trial, { client }: Connection): Promise<void> {
  try {
    await watch.during({ phase: 'close', subject: 'closing it' }, () => client.close())
  } catch (error) {
    const errors = error instanceof AggregateError ? error.errors : [error]
    for (const one of errors) {
      tell(fault('R12', `closing the connection fails: ${(one as Error).message}`))
    }
  }
}
