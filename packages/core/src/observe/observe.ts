import { DruidError } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'
import { areHeard, openChannels } from './channels.ts'
import { EVENTS, type Events, type Hooks, type Operation } from './events.ts'
import { guarded } from './guarded.ts'
import { type Log, logged } from './log.ts'
import { type Audience, Observation } from './observation.ts'
import type { Tracer } from './tracer.ts'

/** Who observes a connection. */
export interface Observers {
  readonly tracer?: Tracer | undefined
  readonly log?: Log | undefined
  readonly hooks?: Hooks | undefined
  readonly observeText?: boolean | undefined
}

/** Begins to observe a call; `undefined` where nobody listens, and then it costs nothing. */
export type Observe = (operation: Operation, queryId?: string) => Observation | undefined

const LEVELS = ['debug', 'info', 'warn', 'error']

/** Throws `CONFIG` for what cannot observe. */
export function observing({ tracer, log, hooks, observeText = false }: Observers): Observe {
  if (typeof observeText !== 'boolean') throw wrong('observeText', 'is true or false')
  if (tracer !== undefined && typeof tracer?.startSpan !== 'function') {
    throw wrong('tracer', "is one of OpenTelemetry, e.g. trace.getTracer('app')")
  }
  if (hooks !== undefined) checkFunctions('hooks', hooks, EVENTS)
  if (log !== undefined) checkLevels(log)
  const told: [name: string, hooks: Hooks][] = []
  if (hooks !== undefined) told.push(['hooks.', hooks])
  if (log !== undefined) told.push(['log at ', logged(log)])
  const channels = openChannels()
  const audience: Audience = {
    tracer,
    text: observeText,
    tell(kind, event) {
      for (const [name, one] of told) {
        guarded(`connect: ${name}${kind}`, () => call(one, kind, event))
      }
      if (channels?.[kind].hasSubscribers) channels[kind].publish(event)
    },
  }
  const isAsked = tracer !== undefined || told.length > 0
  let calls = 0
  return (operation, queryId) => {
    if (!isAsked && (channels === undefined || !areHeard(channels))) return undefined
    calls += 1
    return new Observation(audience, operation, queryId, calls)
  }
}

function call<K extends keyof Events>(hooks: Hooks, kind: K, event: Events[K]): unknown {
  return hooks[kind]?.(event)
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
