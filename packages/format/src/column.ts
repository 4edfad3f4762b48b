import { type CellStyle, cellText } from './cell.ts'
import type { TableColumn, TableRows } from './table.ts'
import { cut, visible, widthOf } from './visible.ts'

/** A column with its cells as text. */
export interface TextColumn {
  readonly header: string
  readonly right: boolean
  readonly cells: readonly string[]
  /** Width of each cell, measured once. */
  readonly widths: readonly number[]
  /** What header and cells need. */
  readonly width: number
  /** What its numbers need, which are never cut. */
  readonly wholeWidth: number
  /** Whether that cell is a number. */
  isWhole(row: number): boolean
}

const NUMBER_TYPES = new Set(
  'TINYINT SMALLINT INTEGER BIGINT DECIMAL NUMERIC FLOAT REAL DOUBLE LONG'.split(' '),
)
/** SQL types that say nothing of the value. */
const OPEN_TYPES = new Set(['OTHER', 'ANY', 'NULL', 'UNKNOWN'])

/** Which columns are shown. */
export interface ColumnOptions {
  /**
   * The columns to show, in this order: keys of the rows, or columns with a header of their own,
   * `{ name: 'Late flights', key: 'late' }`. Default: the `columns` of a Druid result, else all
   * keys of all rows in order of appearance.
   */
  readonly columns?: readonly (string | TableColumn)[] | undefined
  /**
   * Leaves out columns that are null in every row. The whole result is held in memory to know.
   * Default: false, as a column that is missing says less than one that is empty.
   */
  readonly nonNullColumns?: boolean | undefined
}

/** The columns to show: those asked for, else the result's own, else the keys of all rows. */
export function chooseColumns(rows: TableRows, options: ColumnOptions): readonly TableColumn[] {
  const chosen = named(rows, options.columns)
  if (options.nonNullColumns !== true) return chosen
  return chosen.filter((column) => {
    const read = reader(keyOf(column))
    return rows.some((row) => (read(row) ?? null) !== null)
  })
}

function named(
  rows: TableRows,
  asked: readonly (string | TableColumn)[] | undefined,
): readonly TableColumn[] {
  if (asked === undefined) return rows.columns ?? keysOf(rows).map((name) => ({ name }))
  const known = new Map(rows.columns?.map((column) => [keyOf(column), column]))
  return asked.map((column) => {
    const own = typeof column === 'string' ? { name: column, key: column } : column
    const of = known.get(keyOf(own))
    return typeof column === 'string' ? (of ?? own) : { ...of, key: keyOf(own), ...column }
  })
}

function keysOf(rows: readonly object[]): string[] {
  const keys = new Set<string>()
  for (const row of rows) for (const key of Object.keys(row)) keys.add(key)
  return [...keys]
}

export function keyOf({ key, name }: TableColumn): string {
  return key ?? name
}

/** The first `count` rows' values of one column, as text. */
export function textColumn(
  rows: readonly object[],
  count: number,
  column: TableColumn,
  style: CellStyle,
): TextColumn {
  const read = reader(keyOf(column))
  const values = rows.length === count ? rows.map(read) : rows.slice(0, count).map(read)
  const right = isNumeric(column) ?? areNumbers(values)
  const header = cut(visible(column.name), style.maxCellWidth)
  const cells = new Array<string>(count)
  const widths = new Array<number>(count)
  let width = Math.max(1, widthOf(header))
  let wholeWidth = 0
  for (let i = 0; i < count; i += 1) {
    const whole = right || isNumber(values[i])
    const cell = cellText(values[i], style, whole)
    const cellWidth = widthOf(cell)
    cells[i] = cell
    widths[i] = cellWidth
    if (cellWidth > width) width = cellWidth
    if (whole && cellWidth > wholeWidth) wholeWidth = cellWidth
  }
  return {
    header,
    right,
    cells,
    widths,
    width,
    wholeWidth,
    isWhole: (row) => right || isNumber(values[row]),
  }
}

/** What a row has under that key, of its own. */
export function reader(key: string): (row: object) => unknown {
  // Every object inherits these: a row without such a key has no value.
  if (key in Object.prototype) {
    return (row) => Object.getOwnPropertyDescriptor(row, key)?.value
  }
  return (row) => (row as Record<string, unknown>)[key]
}

/** By the column's type; `undefined` where that leaves it open. */
export function isNumeric({ sqlType, nativeType }: TableColumn): boolean | undefined {
  // A TIMESTAMP and a BOOLEAN have the native type LONG, so the SQL type goes first.
  const type = sqlType && !OPEN_TYPES.has(sqlType) ? sqlType : nativeType
  if (!type || type.startsWith('COMPLEX')) return undefined
  return NUMBER_TYPES.has(type.replace(/\(.*/, ''))
}

export function areNumbers(values: readonly unknown[]): boolean {
  let some = false
  for (const value of values) {
    if (isNumber(value)) some = true
    else if (value !== null && value !== undefined) return false
  }
  return some
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}
