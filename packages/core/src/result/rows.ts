import type { Row } from '../sql/statement.ts'
import type { Column } from './column.ts'

/** What reading a result took. Times in milliseconds, from when the request was sent. */
export interface ResultStats {
  readonly rows: number
  /** Bytes of the body as they came. */
  readonly bytes: number
  /** Until the reply's headers. */
  readonly timeToFirstByte: number
  /** Until the last row. */
  readonly duration: number
  /** Of that, spent decoding. */
  readonly decodeTime: number
}

/** All rows of a result: a real array, with what else is known of it beside it (not enumerable). */
export interface Rows<R extends object = Row> extends Array<R> {
  readonly columns: readonly Column[]
  /** The `sqlQueryId` that the query ran under. */
  readonly queryId: string
  readonly stats: ResultStats
}

export function asRows<R extends object>(
  rows: R[],
  facts: { readonly columns: readonly Column[]; queryId: string; stats: ResultStats },
): Rows<R> {
  const { columns, queryId, stats } = facts
  return Object.defineProperties(rows, {
    columns: { value: columns },
    queryId: { value: queryId },
    stats: { value: stats },
  }) as Rows<R>
}
