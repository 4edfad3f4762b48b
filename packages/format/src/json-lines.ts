import type { ColumnOptions } from './column.ts'
import { dataJson } from './data.ts'
import type { TableRows } from './table.ts'
import { type MakeWriter, written } from './writer.ts'

/** How JSON lines are written. */
export type JsonLinesOptions = ColumnOptions

/**
 * Rows as JSON lines: an object a line, its keys those of the row (of columns with one name, `a` and
 * `a:1`). A bigint is written with all its digits, `NaN` and infinities as strings, bytes as base64.
 * No line feed after the last line.
 */
export function jsonLines(rows: TableRows, options: JsonLinesOptions = {}): string {
  return written(jsonLinesWriter, rows, options)
}

export const jsonLinesWriter: MakeWriter<JsonLinesOptions> = (columns) => {
  const keys = columns.map(({ key }) => JSON.stringify(key))
  return {
    begin: '',
    row(values) {
      const members = values.flatMap((value, i) =>
        value === undefined ? [] : [`${keys[i]}:${dataJson(value)}`],
      )
      return `{${members.join(',')}}\n`
    },
    end: () => '',
  }
}
