import { defineExtension, type Extension, type Formatter } from '@druid/core/extension'
import { type CsvOptions, csvWriter, tsvWriter } from './csv.ts'
import { type HtmlOptions, htmlWriter } from './html.ts'
import { type JsonLinesOptions, jsonLinesWriter } from './json-lines.ts'
import { type MarkdownOptions, markdownWriter } from './markdown.ts'
import { type TableOptions, type TableRows, table } from './table.ts'
import { type VerticalOptions, verticalWriter } from './vertical.ts'
import { formatterOf, gathered } from './writer.ts'

/** What `format` adds: the name of each formatter, and its options. */
export interface FormatProvides {
  readonly formatters: {
    readonly table: TableOptions
    readonly vertical: VerticalOptions
    readonly markdown: MarkdownOptions
    readonly html: HtmlOptions
    readonly csv: CsvOptions
    readonly tsv: CsvOptions
    readonly jsonLines: JsonLinesOptions
  }
}

/** Widths are those of all rows, so this one holds the whole result. */
const tableFormatter: Formatter<TableOptions> = {
  mediaType: 'text/plain',
  async *format(input, options) {
    const columns = await input.columns
    const rows = (await gathered(input)).flat().map((values) => {
      return Object.fromEntries(columns.map(({ key }, i) => [key, values[i]]))
    })
    yield table(Object.assign(rows, { columns }) satisfies TableRows, options)
  },
}

/**
 * The extension that gives `client.format(statement, name, options)` its formats: `table`,
 * `vertical`, `markdown`, `html`, `csv`, `tsv`, `jsonLines`.
 *
 * @example await connect(url, { extensions: [format] }).format('SELECT 1 AS a', 'csv')
 */
export const format: Extension<'format', FormatProvides> = defineExtension({
  name: 'format',
  summary: 'Result formats',
  formatters: {
    table: tableFormatter,
    vertical: formatterOf('text/plain', verticalWriter),
    markdown: formatterOf('text/markdown', markdownWriter),
    html: formatterOf('text/html', htmlWriter),
    csv: formatterOf('text/csv', csvWriter),
    tsv: formatterOf('text/tab-separated-values', tsvWriter),
    jsonLines: formatterOf('application/x-ndjson', jsonLinesWriter),
  },
})

export const { registerClient } = format
export default format
