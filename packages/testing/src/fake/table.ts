import { checkNames, isRecord } from '@druid/core/extension'
import { type ColumnSpec, columnsOf, type FakeColumn, inferredColumns } from './column.ts'
import { wrongFake } from './problem.ts'

/** A row: an object by column names, or the values in the order of `columns`. */
export type FakeRow = object | readonly unknown[]

/** The result of a query, as plain data. */
export interface FakeTable {
  /** Default: those of the rows, with the types that their values suggest. */
  readonly columns?: ColumnSpec | undefined
  /** One after the other, or as they come: an async iterable is written row by row. */
  readonly rows: Iterable<FakeRow> | AsyncIterable<FakeRow>
}

/** Rows alone, or with their columns. */
export type FakeResult = readonly FakeRow[] | FakeTable

/** A result whose rows are values in the order of the columns. */
export interface Table {
  /** `undefined`: there are neither rows nor columns. */
  readonly columns: readonly FakeColumn[] | undefined
  readonly rows: Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>
}

export function isResult(value: unknown): value is FakeResult {
  return Array.isArray(value) || (isRecord(value) && 'rows' in value)
}

export function tableOf(result: FakeResult): Table {
  if (Array.isArray(result)) return tableOf({ rows: result as readonly FakeRow[] })
  const { columns: spec, rows } = result as FakeTable
  checkNames(result, ['columns', 'rows'], 'a result')
  if (isAsync(rows)) {
    if (spec === undefined) {
      throw wrongFake(
        'rows that come one by one need columns: { columns: { a: "BIGINT" }, rows }',
        'columns',
      )
    }
    const columns = someColumns(columnsOf(spec))
    return { columns, rows: mapped(rows, columns) }
  }
  if (typeof rows?.[Symbol.iterator] !== 'function') {
    throw wrongFake('rows are a list of objects, or an iterable', 'rows')
  }
  const all = [...rows]
  if (spec === undefined && all.length === 0) return { columns: undefined, rows: [] }
  const columns = someColumns(spec === undefined ? inferred(all) : columnsOf(spec))
  return { columns, rows: all.map((row) => valuesOf(row, columns)) }
}

function isAsync(rows: object): rows is AsyncIterable<FakeRow> {
  return typeof (rows as Partial<AsyncIterable<FakeRow>>)?.[Symbol.asyncIterator] === 'function'
}

function someColumns(columns: readonly FakeColumn[]): readonly FakeColumn[] {
  if (columns.length > 0) return columns
  throw wrongFake('a result has at least one column', 'columns')
}

function inferred(rows: readonly FakeRow[]): FakeColumn[] {
  if (rows.every((row) => isRecord(row))) return inferredColumns(rows)
  throw wrongFake(
    "a row is an object by column names; where it is a list of values, say the columns: { columns: ['a', 'b'], rows }",
    'rows',
  )
}

async function* mapped(
  rows: AsyncIterable<FakeRow>,
  columns: readonly FakeColumn[],
): AsyncGenerator<readonly unknown[], void, undefined> {
  for await (const row of rows) yield valuesOf(row, columns)
}

function valuesOf(row: FakeRow, columns: readonly FakeColumn[]): readonly unknown[] {
  if (Array.isArray(row)) {
    if (row.length === columns.length) return row
    throw wrongFake(`a row has ${row.length} values for ${columns.length} columns`, 'rows')
  }
  if (!isRecord(row)) throw wrongFake('a row is an object, or a list of values', 'rows')
  checkNames(
    row,
    columns.map(({ name }) => name),
    'a row',
  )
  return columns.map(({ name }) => (Object.hasOwn(row, name) ? row[name] : null))
}
