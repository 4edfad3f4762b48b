import type { OneOf } from './value.ts'

const NAMES = [
  'all',
  'none',
  'second',
  'minute',
  'five_minute',
  'ten_minute',
  'fifteen_minute',
  'thirty_minute',
  'hour',
  'six_hour',
  'eight_hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
] as const

type Name = (typeof NAMES)[number]

/** One bucket for all. */
export interface AllGranularity {
  readonly type: 'all'
}

/**
 * A bucket for every millisecond. For short intervals only: Druid goes through all milliseconds of
 * them, and a timeseries without `skipEmptyBuckets` gives back each of them.
 */
export interface NoneGranularity {
  readonly type: 'none'
}

/** Periods of a calendar, with a time zone. */
export interface PeriodGranularity {
  readonly type: 'period'
  /** ISO 8601, e.g. `P1M`, `PT6H`. */
  readonly period: string
  /** E.g. `America/Los_Angeles`. Default: UTC. */
  readonly timeZone?: string | undefined
  /** Where periods begin. Default: 1970-01-01T00:00:00 in the time zone. */
  readonly origin?: string | undefined
}

/** Buckets of equal length. */
export interface DurationGranularity {
  readonly type: 'duration'
  /** Milliseconds. */
  readonly duration: number | string
  /** Where buckets begin. Default: 1970-01-01T00:00:00Z. */
  readonly origin?: string | undefined
}

/** Granularities by `type`; an extension's are added by augmentation. */
export interface Granularities {
  all: AllGranularity
  none: NoneGranularity
  period: PeriodGranularity
  duration: DurationGranularity
}

/**
 * Into which buckets of time a query groups. The names are UTC.
 * See https://druid.apache.org/docs/latest/querying/granularities
 */
export type Granularity = Name | Uppercase<Name> | OneOf<Granularities>

/** Whether Druid knows it, which takes them in any case. */
export function isGranularityName(text: string): boolean {
  return (NAMES as readonly string[]).includes(text.toLowerCase())
}

/** Whether it makes one bucket only, so that its time tells nothing. */
export function isAll(granularity: unknown): boolean {
  const name =
    typeof granularity === 'object' && granularity !== null
      ? (granularity as { readonly type?: unknown }).type
      : granularity
  return typeof name === 'string' && name.toLowerCase() === 'all'
}
