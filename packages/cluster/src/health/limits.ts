import { checkNames, DruidError } from '@druid/core/extension'

/** From where on something is worth a warning. */
export interface HealthLimits {
  /** Messages that a supervisor may be behind its stream. Default: 100,000. */
  readonly lag: number
  /** The same in milliseconds, where Druid tells that. Default: 5 minutes. */
  readonly lagMillis: number
  /** Segments that one server may still have to load. Default: 500. */
  readonly segmentsToLoad: number
  /** How full a server may be, 0 to 1. Default: 0.9. */
  readonly serverFill: number
  /** Milliseconds that a task may wait for a worker or a lock. Default: 10 minutes. */
  readonly taskWait: number
  /** Milliseconds back that tasks which have ended are looked at. Default: a day. */
  readonly tasksSince: number
}

const MINUTE = 60_000

const USUAL: HealthLimits = {
  lag: 100_000,
  lagMillis: 5 * MINUTE,
  segmentsToLoad: 500,
  serverFill: 0.9,
  taskWait: 10 * MINUTE,
  tasksSince: 24 * 60 * MINUTE,
}

/** @throws DruidError `CONFIG` for what is none. */
export function limitsOf(given: Partial<HealthLimits> = {}): HealthLimits {
  checkNames(given, Object.keys(USUAL), 'check: limits')
  const limits = { ...USUAL, ...given }
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value === 'number' && value >= 0) continue
    throw new DruidError('CONFIG', `check: the limit ${name} is a number of at least 0`, {
      option: 'limits',
    })
  }
  return limits
}
