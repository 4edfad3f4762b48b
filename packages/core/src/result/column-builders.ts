import type { Column } from './column.ts'
import type { ColumnData } from './columns.ts'
import { kindOf } from './convert.ts'
import type { AnyPolicy } from './policy.ts'
import type { RowObject } from './row-body.ts'
import { rowMaker } from './shape.ts'
import {
  type AnyVector,
  autoBuilder,
  bigintBuilder,
  ListBuilder,
  NumberBuilder,
  type VectorBuilder,
} from './vector.ts'

type Policy = AnyPolicy

/** For what values of the column become under a policy. */
export function builderOf(column: Column, policy: Policy): VectorBuilder {
  const kind = kindOf(column)
  if (kind === 'double') return new NumberBuilder()
  if (kind === 'time' && policy.timestamp === 'ms') return new NumberBuilder()
  if (kind !== 'integer' || policy.bigint === 'string') return new ListBuilder()
  if (policy.bigint === 'bigint') return bigintBuilder()
  return policy.bigint === 'auto' ? autoBuilder() : new NumberBuilder()
}

/** Vectors, in the order of the columns, under their keys. */
export function columnDataOf(
  columns: readonly Column[],
): (length: number, vectors: readonly AnyVector[]) => ColumnData {
  const make = rowMaker(columns.map((column) => column.key))
  return (length, vectors) => ({ length, columns, data: make(vectors) as ColumnData['data'] })
}

/** Rows that hooks may have changed, column by column. */
export function columnsOfRows(
  rows: readonly RowObject[],
  columns: readonly Column[],
  policy: Policy,
): ColumnData {
  const vectors = columns.map((column) => {
    const values = rows.map((row) => row[column.key] ?? null)
    const usual = builderOf(column, policy)
    if (filled(usual, values)) return usual.take(rows.length)
    const list = new ListBuilder()
    filled(list, values)
    return list.take(rows.length)
  })
  return columnDataOf(columns)(rows.length, vectors)
}

/** Whether it takes all of them. */
function filled(builder: VectorBuilder, values: readonly unknown[]): boolean {
  for (const value of values) {
    if (value === null) builder.addNull()
    else if (builder.accepts(value)) builder.add(value)
    else return false
  }
  return true
}
