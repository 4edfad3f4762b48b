import { cellText } from './cell.ts'
import type { ColumnOptions } from './column.ts'
import type { TableRows } from './table.ts'
import { visible, widthOf } from './visible.ts'
import { type MakeWriter, written } from './writer.ts'

/** How rows are written one below the other. */
export interface VerticalOptions extends ColumnOptions {
  /** What stands for null. Default: `NULL`. */
  readonly nullText?: string | undefined
  /** Terminal columns that a value may take. Default: 10,000. */
  readonly maxCellWidth?: number | undefined
  /** Whether the last line says how many rows there are. Default: true. */
  readonly footer?: boolean | undefined
}

/**
 * Rows one below the other, a line for each column: for few rows with many columns. Values are as
 * in `table`, and nothing in them acts on a terminal. No line feed at the end.
 */
export function vertical(rows: TableRows, options: VerticalOptions = {}): string {
  return written(verticalWriter, rows, options)
}

export const verticalWriter: MakeWriter<VerticalOptions> = (columns, options) => {
  const style = {
    nullText: visible(options.nullText ?? 'NULL'),
    maxCellWidth: options.maxCellWidth ?? 10_000,
  }
  const names = columns.map(({ name }) => visible(name))
  const width = Math.max(0, ...names.map(widthOf))
  const padded = names.map((name) => name + ' '.repeat(width - widthOf(name)))
  return {
    begin: '',
    row(values, number) {
      const lines = values.map((value, i) =>
        `${padded[i]}  ${cellText(value, style, false)}`.trimEnd(),
      )
      return `── row ${number} ${'─'.repeat(12)}\n${lines.map((line) => `${line}\n`).join('')}`
    },
    end: (rows) => (options.footer === false ? '' : `(${rows} row${rows === 1 ? '' : 's'})\n`),
  }
}
