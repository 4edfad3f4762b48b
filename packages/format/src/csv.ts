import type { ColumnOptions } from './column.ts'
import { dataText } from './data.ts'
import type { TableRows } from './table.ts'
import { type MakeWriter, written } from './writer.ts'

/** How CSV and TSV are written. */
export interface CsvOptions extends ColumnOptions {
  /** Whether the first line holds the names of the columns. Default: true. */
  readonly header?: boolean | undefined
  /** What stands for null. Default: nothing. */
  readonly nullText?: string | undefined
  /**
   * `escape`: a text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, a
   * tab or a carriage return) gets an apostrophe in front, which changes the data. Numbers stay.
   * Default: `keep`.
   */
  readonly formulas?: 'keep' | 'escape' | undefined
}

/**
 * Rows as CSV (RFC 4180): lines end with CR LF, and a value with a comma, a quote or a line end
 * stands in quotes. Integers are exact, nested values are JSON, bytes are base64, a `Date` is
 * ISO 8601. Of a single column an empty value is `""`: a line with nothing in it is no row to many
 * readers. No line end after the last line.
 */
export function csv(rows: TableRows, options: CsvOptions = {}): string {
  return written(csvWriter, rows, options)
}

/**
 * Rows as tab-separated values: a tab, line feed, carriage return or backslash in a value is
 * written `\t`, `\n`, `\r`, `\\`. Lines end with a line feed. Values as {@link csv} writes them; of a
 * single column an empty value is an empty line, for which TSV has no other form, and which is ended also
 * where it is the last.
 */
export function tsv(rows: TableRows, options: CsvOptions = {}): string {
  return written(tsvWriter, rows, options)
}

export const csvWriter: MakeWriter<CsvOptions> = separated({
  separator: ',',
  lineEnd: '\r\n',
  empty: '""',
  escaped: (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text),
})

const TSV_ESCAPES: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\\': '\\\\',
}

export const tsvWriter: MakeWriter<CsvOptions> = separated({
  separator: '\t',
  lineEnd: '\n',
  empty: '',
  escaped: (text) => text.replace(/[\t\n\r\\]/g, (found) => TSV_ESCAPES[found] ?? found),
})

interface Style {
  readonly separator: string
  readonly lineEnd: string
  /** An empty value that has a line of its own. */
  readonly empty: string
  escaped(text: string): string
}

function separated({ separator, lineEnd, empty, escaped }: Style): MakeWriter<CsvOptions> {
  return (columns, { header = true, nullText = '', formulas = 'keep' }) => {
    const safe = (text: string): string =>
      formulas === 'escape' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    const cell = (value: unknown): string => {
      if (value === null || value === undefined) return escaped(nullText)
      const text = dataText(value)
      return escaped(typeof value === 'number' || typeof value === 'bigint' ? text : safe(text))
    }
    const line = (cells: readonly string[]): string => {
      const text = cells.length === 1 && cells[0] === '' ? empty : cells.join(separator)
      return text + lineEnd
    }
    return {
      begin: header ? line(columns.map(({ name }) => escaped(safe(name)))) : '',
      row: (values) => line(values.map(cell)),
      end: () => '',
    }
  }
}
