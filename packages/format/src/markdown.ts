import { cellText } from './cell.ts'
import type { ColumnOptions } from './column.ts'
import type { TableRows } from './table.ts'
import { visible } from './visible.ts'
import { type MakeWriter, written } from './writer.ts'

/** How Markdown is written. */
export interface MarkdownOptions extends ColumnOptions {
  /** What stands for null. Default: `NULL`. */
  readonly nullText?: string | undefined
  /** Characters that a cell may take, in terminal columns. Default: 1000. */
  readonly maxCellWidth?: number | undefined
}

/**
 * Rows as a Markdown table (GitHub's), numbers aligned at the right. Nothing in a value acts as
 * Markdown or HTML: pipes, emphasis, links and tags are escaped, a line break is `<br>`. (GitHub makes
 * a link of a mail address, however it is written.) No line feed at the end.
 */
export function markdown(rows: TableRows, options: MarkdownOptions = {}): string {
  return written(markdownWriter, rows, options)
}

export const markdownWriter: MakeWriter<MarkdownOptions> = (columns, options) => {
  const style = {
    nullText: options.nullText ?? 'NULL',
    maxCellWidth: options.maxCellWidth ?? 1000,
  }
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  if (columns.length === 0) return { begin: '', row: () => '', end: () => '' }
  return {
    begin:
      line(columns.map(({ name }) => escaped(visible(name)))) +
      line(columns.map(({ numeric }) => (numeric ? '--:' : '---'))),
    row: (values) =>
      line(
        values.map((value) => {
          // Lines are kept, so each is made safe by itself.
          const parts = typeof value === 'string' ? value.split(/\r?\n/) : [value]
          return parts.map((part) => escaped(cellText(part, style, false))).join('<br>')
        }),
      ),
    end: () => '',
  }
}

function escaped(text: string): string {
  return (
    text
      .replace(/[\\`*_[\]|~#]/g, '\\$&')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // GitHub makes links of bare URLs.
      .replace(/:(?=\/\/)/g, '&#58;')
      .replace(/\bwww\./gi, (found) => `${found.slice(0, -1)}&#46;`)
  )
}
