import { DruidError, messageOf } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'
import { warn } from '../extension/failures.ts'
import { areHeard, type Channels, openChannels } from './channels.ts'
import { EVENTS, type Hooks, type Operation } from './events.ts'
import type { Log } from './log.ts'
import type { Observation } from './observation.ts'
import type { Begun } from './observer.ts'
import type { Tracer } from './tracer.ts'

/** Who observes a connection. */
export interface Observers {
  readonly tracer?: Tracer | undefined
  readonly log?: Log | undefined
  readonly hooks?: Hooks | undefined
  readonly observeText?: boolean | undefined
}

/**
 * Begins to observe a call; `undefined` where nobody listens, and then it costs nothing: what observes
 * is loaded for the first call that somebody listens to. Never rejects.
 */
export type Observe = (
  operation: Operation,
  queryId?: string,
) => Promise<Observation | undefined> | undefined

/** Of all connections, as the channels are. */
let calls = 0

const LEVELS = ['debug', 'info', 'warn', 'error']

/** Throws `CONFIG` for what cannot observe. */
export function observing({ tracer, log, hooks, observeText }: Observers): Observe {
  // Not the given ones: they are all options of a connection, and this lives as long as it.
  const observers = { tracer, log, hooks, observeText }
  check(observers)
  const isAsked = tracer !== undefined || log !== undefined || hooks !== undefined
  const channels = openChannels()
  let loaded: Promise<((begun: Begun) => Observation) | undefined> | undefined
  return (operation, queryId) => {
    if (!isAsked && (channels === undefined || !areHeard(channels))) return undefined
    calls += 1
    const begun = { operation, queryId, call: calls, start: performance.now() }
    loaded ??= load(observers, channels)
    return loaded.then((observe) => observe?.(begun))
  }
}

async function load(
  observers: Observers,
  channels: Channels | undefined,
): Promise<((begun: Begun) => Observation) | undefined> {
  try {
    const { observer } = await import('./observer.ts')
    return observer(observers, channels)
  } catch (cause) {
    warn(`calls cannot be observed: ${messageOf(cause)}`, 'DruidObservingWarning')
    return undefined
  }
}

function check({ tracer, log, hooks, observeText = false }: Observers): void {
  if (typeof observeText !== 'boolean') throw wrong('observeText', 'is true or false')
  if (tracer !== undefined && typeof tracer?.startSpan !== 'function') {
    throw wrong('tracer', "is one of OpenTelemetry, e.g. trace.getTracer('app')")
  }
  if (hooks !== undefined) checkFunctions('hooks', hooks, EVENTS)
  if (log !== undefined) checkLevels(log)
}

function checkFunctions(option: string, given: object, names: readonly string[]): void {
  checkNames(given, names, `connect: ${option}`)
  for (const [name, one] of Object.entries(given)) {
    if (one !== undefined && typeof one !== 'function')
      throw wrong(option, `has a ${name} that is no function`)
  }
}

/** Loggers have much else. */
function checkLevels(log: object): void {
  const levels = LEVELS.map((name) => (Object(log) as Record<string, unknown>)[name])
  const isRight = (one: unknown): boolean => one === undefined || typeof one === 'function'
  if (levels.every(isRight) && levels.some((one) => one !== undefined)) return
  throw wrong('log', `is { ${LEVELS.join(', ')} }, of which each is a function, and one is there`)
}

function wrong(option: string, why: string): DruidError {
  return new DruidError('CONFIG', `connect: ${option} ${why}`, { option })
}
