import { cellText } from './cell.ts'
import type { ColumnOptions } from './column.ts'
import type { TableRows } from './table.ts'
import { type MakeWriter, written } from './writer.ts'

/** How HTML is written. */
export interface HtmlOptions extends ColumnOptions {
  /** What stands for null. Default: `NULL`. */
  readonly nullText?: string | undefined
  /** Characters that a cell may take, in terminal columns. Default: 10,000. */
  readonly maxCellWidth?: number | undefined
  /** Attributes of the `<table>`, e.g. `{ class: 'results' }`. Values are escaped. */
  readonly attributes?: Readonly<Record<string, string>> | undefined
}

/**
 * Rows as an HTML `<table>` with `<thead>` and `<tbody>`, numbers aligned at the right by a style.
 * Everything that comes from the data is escaped. No line feed at the end.
 * @throws RangeError for an attribute that is no name of one.
 */
export function html(rows: TableRows, options: HtmlOptions = {}): string {
  return written(htmlWriter, rows, options)
}

const RIGHT = ' style="text-align: right"'

export const htmlWriter: MakeWriter<HtmlOptions> = (columns, options) => {
  const { attributes = {}, nullText = 'NULL', maxCellWidth = 10_000 } = options
  const style = { nullText, maxCellWidth }
  const align = columns.map(({ numeric }) => (numeric ? RIGHT : ''))
  const line = (cells: readonly string[]): string => `<tr>${cells.join('')}</tr>\n`
  return {
    begin:
      `<table${Object.entries(attributes).map(attribute).join('')}>\n<thead>\n` +
      line(columns.map(({ name }, i) => `<th${align[i]}>${escaped(name)}</th>`)) +
      '</thead>\n<tbody>\n',
    row: (values) =>
      line(
        values.map((value, i) => {
          const text = typeof value === 'string' ? value : cellText(value, style, false)
          return `<td${align[i]}>${escaped(text)}</td>`
        }),
      ),
    end: () => '</tbody>\n</table>\n',
  }
}

function attribute([name, value]: [string, string]): string {
  if (/^[a-zA-Z][\w-]*$/.test(name)) return ` ${name}="${escaped(value)}"`
  throw new RangeError(`html: ${JSON.stringify(name)} is no name of an attribute`)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? found)
}
