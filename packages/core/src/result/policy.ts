import { DruidError } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'

/** How values come. Connection option `values`; a query's own come over it. */
export interface ValuesPolicy {
  /**
   * BIGINT, and integers within arrays and JSON. `safe` (default): a number; one that a number
   * cannot hold (beyond ±(2^53 − 1)) is an `INEXACT` error. `auto`: a number, and a bigint where a
   * number cannot hold it. `bigint`, `string`: always that. `number`: rounded where it must be.
   * Within COMPLEX<json>, where a number is no BIGINT, only those that a number cannot hold become
   * something else.
   */
  readonly bigint?: 'safe' | 'auto' | 'bigint' | 'string' | 'number' | undefined
  /**
   * TIMESTAMP and DATE. `string` (default): as Druid writes it, in `sqlTimeZone`, e.g.
   * `2000-01-01T00:00:00.000Z`. `date`: a Date. `ms`: milliseconds since 1970. `temporal`: a
   * Temporal.Instant, where the platform has it.
   */
  readonly timestamp?: 'string' | 'date' | 'ms' | 'temporal' | undefined
  /**
   * VARCHAR of several values, which Druid writes as the JSON text of their list. `string`
   * (default): as it comes, as nothing tells it from a text that looks so. `array`: text that is a
   * JSON list of strings becomes that list; MV_TO_ARRAY in the statement is the sure way.
   */
  readonly multiValue?: 'string' | 'array' | undefined
  /** `camelCase`: column `page_name` has the key `pageName`. Default: the name as it is. */
  readonly keys?: 'name' | 'camelCase' | undefined
}

/** Any policy with every choice made. */
export type AnyPolicy = { readonly [K in keyof ValuesPolicy]-?: NonNullable<ValuesPolicy[K]> }

const CHOICES: { readonly [K in keyof AnyPolicy]: readonly AnyPolicy[K][] } = {
  bigint: ['safe', 'auto', 'bigint', 'string', 'number'],
  timestamp: ['string', 'date', 'ms', 'temporal'],
  multiValue: ['string', 'array'],
  keys: ['name', 'camelCase'],
}

/** Every choice made: the later of two wins. Throws `CONFIG` for what is none. */
export function valuesPolicy(...policies: readonly (ValuesPolicy | undefined)[]): AnyPolicy {
  const made = { bigint: 'safe', timestamp: 'string', multiValue: 'string', keys: 'name' }
  for (const policy of policies) {
    if (policy === undefined) continue
    checkNames(policy, Object.keys(CHOICES), 'values')
    for (const [key, choices] of Object.entries(CHOICES)) {
      const choice = policy[key as keyof ValuesPolicy]
      if (choice === undefined) continue
      if (!(choices as readonly unknown[]).includes(choice)) {
        const why = `values: ${key} is one of ${choices.map((it) => `'${it}'`).join(', ')}`
        throw new DruidError('CONFIG', why, { option: 'values' })
      }
      made[key as keyof ValuesPolicy] = choice
    }
  }
  if (made.timestamp === 'temporal' && temporal() === undefined) {
    const why = "values: timestamp 'temporal' needs Temporal, which this platform does not have"
    throw new DruidError('CONFIG', why, { option: 'values' })
  }
  return made as AnyPolicy
}

interface TemporalLike {
  readonly Instant: { fromEpochMilliseconds(ms: number): unknown }
}

export function temporal(): TemporalLike | undefined {
  return (globalThis as { readonly Temporal?: TemporalLike }).Temporal
}
