import { type ColumnOptions, chooseColumns, type TextColumn, textColumn } from './column.ts'
import { type Fitted, fit } from './fit.ts'
import { terminalWidth } from './terminal.ts'
import { cut, MARK, visible, widthOf } from './visible.ts'

/** A column of a table. The `columns` of a Druid result have this shape. */
export interface TableColumn {
  /** The header. */
  readonly name: string
  /** The key of its values in a row. Default: the name. */
  readonly key?: string | undefined
  /** Druid's SQL type, e.g. `BIGINT`: number types are aligned at the right. */
  readonly sqlType?: string | null | undefined
  /** Druid's native type, e.g. `LONG`; asked where the SQL type is not known. */
  readonly nativeType?: string | null | undefined
}

/** Rows, with their columns where they are a Druid result: an empty one still has a header. */
export interface TableRows extends ReadonlyArray<object> {
  readonly columns?: readonly TableColumn[] | undefined
}

/** How a table is drawn. */
export interface TableOptions extends ColumnOptions {
  /**
   * Terminal columns that a line may take, 1 or more; `Infinity` for no limit. Default: the width
   * of the terminal if the standard output is one, else no limit.
   */
  readonly width?: number | undefined
  /** Terminal columns that a cell may take, 1 or more; `Infinity` for no limit. Default: 1000. */
  readonly maxCellWidth?: number | undefined
  /** What stands for null. A string with the same text is shown in quotes. Default: `NULL`. */
  readonly nullText?: string | undefined
  /** Rows to show, 0 or more; the footer says how many there are. Default: all. */
  readonly maxRows?: number | undefined
  /** Whether the last line says how many rows there are, e.g. `(5 rows)`. Default: true. */
  readonly footer?: boolean | undefined
}

const GAP = '  '
/** A text column is not shrunk below this, unless it is the only one that is left. */
const LEAST = 12

/**
 * Rows as a text table: a header, a rule, a line for each row, and how many rows there are. No
 * newline at the end.
 *
 * - Numbers are at the right: columns of an SQL number type, and columns without a type that hold
 *   only numbers and bigints. All else is at the left.
 * - null is `NULL`; a missing key is blank, as an empty string is. Objects and arrays are compact
 *   JSON, a `Date` is ISO 8601 in UTC, a `Uint8Array` is `<n bytes>`.
 * - Nothing in a value or a name can act on a terminal: control characters, escape sequences,
 *   direction marks and invisible characters appear as `\n`, `\u001b`, `\u202e`. A backslash of
 *   the value itself stays as it is.
 * - Widths are those of a terminal: East Asian characters and emoji count two.
 * - A table wider than `width` has its widest columns shrunk, down to 12; what is cut ends with
 *   `…`, between graphemes. A number is shown whole, or as `…` alone. Columns that still find no
 *   place are left out at the right: `… +3` stands there, and the footer names them.
 *
 * @throws RangeError for a `width` or `maxCellWidth` below 1, and a `maxRows` below 0.
 */
export function table(rows: TableRows, options: TableOptions = {}): string {
  const width = atLeast(1, 'width', options.width ?? terminalWidth())
  const style = {
    nullText: visible(options.nullText ?? 'NULL'),
    maxCellWidth: atLeast(1, 'maxCellWidth', options.maxCellWidth ?? 1000),
  }
  const limit = atLeast(0, 'maxRows', options.maxRows ?? Number.POSITIVE_INFINITY)
  const count = Math.min(rows.length, limit)
  const columns = chooseColumns(rows, options).map((column) =>
    textColumn(rows, count, column, style),
  )
  const room = columns.map((column) => ({
    width: column.width,
    least: Math.max(column.wholeWidth, Math.min(column.width, LEAST)),
  }))
  const fitted = fit(room, width, GAP.length, (leftOut) => widthOf(moreText(leftOut)))
  const lines = columns.length > 0 ? draw(columns, fitted, count) : []
  if (options.footer ?? true) {
    lines.push(footer(rows.length, count, columns.slice(fitted.widths.length), width))
  }
  return lines.join('\n')
}

function atLeast(least: number, name: string, value: number): number {
  if (value >= least) return Math.floor(value)
  throw new RangeError(`table: the option ${name} is ${value}; give a number from ${least} up`)
}

function draw(columns: readonly TextColumn[], { widths, more }: Fitted, count: number): string[] {
  const shown = columns.slice(0, widths.length)
  const last = shown.length - 1
  const moreHeader = moreText(columns.length - shown.length)

  function line(cell: (column: TextColumn, i: number) => string, tail: string): string {
    let text = ''
    for (let i = 0; i <= last; i += 1) text += (i > 0 ? GAP : '') + cell(shown[i] as TextColumn, i)
    return (more ? text + GAP + tail : text).trimEnd()
  }

  function padded(text: string, textWidth: number, right: boolean, i: number): string {
    const space = (widths[i] ?? 0) - textWidth
    if (space <= 0) return text
    return right ? ' '.repeat(space) + text : text + ' '.repeat(space)
  }

  function header({ header, right }: TextColumn, i: number): string {
    const text = cut(header, widths[i] ?? 0)
    return padded(text, widthOf(text), right, i)
  }

  const lines = [
    line(header, moreHeader),
    line((_, i) => '─'.repeat(widths[i] ?? 0), '─'.repeat(widthOf(moreHeader))),
  ]
  for (let row = 0; row < count; row += 1) {
    lines.push(
      line((column, i) => {
        const text = column.cells[row] ?? ''
        const textWidth = column.widths[row] ?? 0
        const room = widths[i] ?? 0
        if (textWidth <= room) return padded(text, textWidth, column.right, i)
        const part = column.isWhole(row) ? MARK : cut(text, room)
        return padded(part, widthOf(part), column.right, i)
      }, MARK),
    )
  }
  return lines
}

function moreText(leftOut: number): string {
  return `${MARK} +${leftOut}`
}

/** `(5 rows)`, `(10 of 500 rows)`, `(5 rows; 2 columns left out: a, b)`. */
function footer(
  total: number,
  shown: number,
  leftOut: readonly TextColumn[],
  width: number,
): string {
  const rows = `${shown < total ? `${shown} of ` : ''}${counted(total, 'row')}`
  if (leftOut.length === 0) return `(${rows})`
  const start = `(${rows}; ${counted(leftOut.length, 'column')} left out`
  const names = leftOut.map(({ header }) => header).join(', ')
  const room = width - widthOf(`${start}: )`)
  // The counts are never cut; names are, or left out where there is no room to speak of.
  return room < LEAST ? `${start})` : `${start}: ${cut(names, room)})`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
