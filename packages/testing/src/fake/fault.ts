import { checkNames, isRecord } from '@druid/core/extension'
import { wrongFake } from './problem.ts'
import { type FakeResult, isResult } from './table.ts'

/** Something that goes wrong; made by {@link truncated}, {@link connectionReset}, {@link noAnswer}. */
export type FakeFault = Truncated | Reset | NoAnswer | Delayed

export interface Truncated {
  readonly '~fake': 'truncated'
  readonly result: FakeResult
  readonly after: number
  readonly reason: string
}
export interface Reset {
  readonly '~fake': 'reset'
  /** What comes before it; `undefined`: nothing at all. */
  readonly part: { readonly result: FakeResult; readonly after: number } | undefined
}
export interface NoAnswer {
  readonly '~fake': 'noAnswer'
}
export interface Delayed {
  readonly '~fake': 'delayed'
  readonly milliseconds: number
  readonly answer: unknown
}

/** Where and why a result of {@link truncated} ends. */
export interface TruncatedOptions {
  /** Rows that come before it. */
  readonly after: number
  /** What Druid says of it in the trailers. Default: that of a query whose time ran out. */
  readonly reason?: string | undefined
}

/**
 * A result that begins with status 200 and ends after so many rows, without its end mark: what Druid
 * does when a query fails late. As in Druid the last of them has no line end yet (but in CSV): who
 * reads by lines has one row less. The reason is in the trailers, which a Broker sends and the Router
 * drops.
 */
export function truncated(result: FakeResult, options: TruncatedOptions): FakeFault {
  checkNames(options, ['after', 'reason'], 'truncated')
  const { after, reason = 'Query timed out!' } = options
  return { '~fake': 'truncated', result: checked(result, after, 'truncated'), after, reason }
}

/** The connection breaks before any reply; or, given a result, after so many rows of it. */
export function connectionReset(): FakeFault
export function connectionReset(result: FakeResult, options: { readonly after: number }): FakeFault
export function connectionReset(
  result?: FakeResult,
  options: { readonly after?: number } = {},
): FakeFault {
  if (result === undefined) return { '~fake': 'reset', part: undefined }
  checkNames(options, ['after'], 'connectionReset')
  const { after = Number.NaN } = options
  return {
    '~fake': 'reset',
    part: { result: checked(result, after, 'connectionReset'), after },
  }
}

/** No reply until the caller gives up; of a query, until it is cancelled. */
export function noAnswer(): FakeFault {
  return { '~fake': 'noAnswer' }
}

/** An answer that takes so many milliseconds; the caller may give up before. */
export function delayed(milliseconds: number, answer: unknown): FakeFault {
  if (!(milliseconds >= 0)) {
    throw wrongFake('delayed: the first argument is a number of milliseconds', 'milliseconds')
  }
  return { '~fake': 'delayed', milliseconds, answer }
}

export function isFault(value: unknown): value is FakeFault {
  const kinds = ['truncated', 'reset', 'noAnswer', 'delayed']
  return isRecord(value) && kinds.includes(String(value['~fake']))
}

function checked(result: FakeResult, after: number, where: string): FakeResult {
  if (!isResult(result))
    throw wrongFake(`${where}: it takes a result: rows, or { columns, rows }`, 'sql')
  if (!Number.isInteger(after) || after < 0) {
    throw wrongFake(`${where}: after is a number of rows: { after: 2 }`, 'after')
  }
  return result
}
