import { type HtmlOptions, html } from './html.ts'
import { markdown } from './markdown.ts'
import { type TableOptions, type TableRows, table } from './table.ts'

/** Rows that a notebook, a REPL and `console.log` show as a table. */
export interface Displayed {
  /** The text table. */
  toString(): string
  /** Asked by the Jupyter kernel of Deno for the last value of a cell: media type → content. */
  [key: symbol]: () => unknown
}

/** Options of the text table and of the HTML table. */
export interface DisplayOptions extends TableOptions {
  readonly attributes?: HtmlOptions['attributes']
}

/**
 * Rows for a notebook: an HTML table where HTML is shown (`Jupyter.display`), a text table elsewhere
 * (`console.log`, a REPL of Node).
 */
export function display(rows: TableRows, options: DisplayOptions = {}): Displayed {
  const { attributes, ...rest } = options
  const { columns, nonNullColumns, nullText, maxRows } = rest
  const shown: TableRows = Object.assign(rows.slice(0, maxRows ?? rows.length), {
    columns: rows.columns,
  })
  const common = { columns, nonNullColumns, nullText }
  const text = (): string => table(rows, rest)
  return {
    toString: text,
    [Symbol.for('Jupyter.display')]: () => ({
      'text/html': html(shown, { ...common, attributes }),
      'text/markdown': markdown(shown, common),
      'text/plain': text(),
    }),
    [Symbol.for('nodejs.util.inspect.custom')]: text,
  }
}
