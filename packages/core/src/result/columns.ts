import type { Row } from '../sql/statement.ts'
import type { Column } from './column.ts'
import { columnBody } from './column-body.ts'
import type { Decoder } from './decode.ts'
import { type ResultOptions, resultDecoder } from './row-body.ts'
import type { ResultStats } from './rows.ts'
import type { Vector } from './vector.ts'

/** A result, or a part of it, column by column. */
export interface ColumnData<R extends object = Row> {
  /** How many rows these are. */
  readonly length: number
  readonly columns: readonly Column[]
  /** Column key → its values: `data.added.values`. */
  readonly data: { readonly [K in keyof R]: Vector<R[K]> }
}

/** A whole result, column by column. */
export interface Columns<R extends object = Row> extends ColumnData<R> {
  readonly queryId: string
  readonly stats: ResultStats
}

/** Decodes a result to columns. */
export function columnDecoder(options: ResultOptions): Decoder<ColumnData> {
  return resultDecoder(options, (columns, failures) => columnBody(columns, options, failures))
}
