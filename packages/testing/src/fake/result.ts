import { isRecord } from '@druid/core/extension'
import type { FakeColumn } from './column.ts'
import { wrongFake } from './problem.ts'
import type { Table } from './table.ts'
import { type Cell, cellOf, csvText, jsonOf, quoted, type ValueContext } from './value.ts'

const FORMATS = ['object', 'array', 'objectLines', 'arrayLines', 'csv'] as const
/** `resultFormat` of a SQL query. */
export type ResultFormat = (typeof FORMATS)[number]

/** How a query wants its result written: part of the body of `POST /druid/v2/sql`. */
export interface ResultStyle {
  readonly format: ResultFormat
  readonly header: boolean
  readonly typesHeader: boolean
  readonly sqlTypesHeader: boolean
  readonly context: Readonly<Record<string, unknown>>
}

/** Druid takes the name in any case; `undefined` for what is none. */
export function resultFormatOf(name: unknown): ResultFormat | undefined {
  if (name === undefined || name === null) return 'object'
  return FORMATS.find((format) => format.toLowerCase() === String(name).toLowerCase())
}

/**
 * What Druid writes before a row, after it, and around all of them: `ResultFormat` and its writers.
 * Nothing but `end` says that the result is whole.
 */
const LAYOUT: Readonly<
  Record<ResultFormat, { begin: string; between: string; after: string; end: string }>
> = {
  object: { begin: '[', between: ',', after: '', end: ']\n' },
  array: { begin: '[', between: ',', after: '', end: ']\n' },
  objectLines: { begin: '', between: '\n', after: '', end: '\n\n' },
  arrayLines: { begin: '', between: '\n', after: '', end: '\n\n' },
  csv: { begin: '', between: '', after: '\n', end: '\n' },
}

/** Pieces of a text; its return value says how it ended. */
export type Pieces = AsyncGenerator<string, void, undefined>

const PIECE = 16 * 1024

/**
 * A table as Druid writes it. `after`: it breaks off there, without the end mark. Throws `CONFIG` for
 * values that its columns cannot hold.
 */
export async function* written(table: Table, style: ResultStyle, after?: number): Pieces {
  const { begin, between, after: behind, end } = LAYOUT[style.format]
  const values = valueContext(style.context)
  const columns = columnsFor(table, style)
  const limit = outerLimit(style.context)
  const heads = headerRows(columns, style)
  let text = begin
  let written = 0
  let rows = 0
  const add = (row: string): void => {
    text += `${written === 0 ? '' : between}${row}${behind}`
    written += 1
  }
  for (const head of heads) add(head)
  const asTheyCome = Symbol.asyncIterator in table.rows
  if (after !== 0 && limit !== 0) {
    for await (const row of table.rows) {
      add(
        rowText(
          row.map((value, i) => cellOf(value, columns[i] as FakeColumn, values)),
          columns,
          style,
        ),
      )
      rows += 1
      if (text.length > PIECE || asTheyCome) {
        yield text
        text = ''
      }
      if (rows === after || rows === limit) break
    }
  }
  if (after === undefined) yield text + end
  else if (rows === after) yield text
  else {
    throw wrongFake(
      `truncated: the result has ${rows} rows, and cannot break off after ${after}`,
      'after',
    )
  }
}

function columnsFor({ columns }: Table, style: ResultStyle): readonly FakeColumn[] {
  if (columns !== undefined) return columns
  if (!style.header) return []
  throw wrongFake(
    'a result without rows still has columns, and the query asks for them: answer { columns: { a: "BIGINT" }, rows: [] }',
    'columns',
  )
}

function valueContext(context: Readonly<Record<string, unknown>>): ValueContext {
  const { sqlTimeZone, sqlStringifyArrays } = context
  return {
    timeZone: typeof sqlTimeZone === 'string' ? sqlTimeZone : 'UTC',
    stringifyArrays: String(sqlStringifyArrays ?? true) !== 'false',
  }
}

function outerLimit({ sqlOuterLimit }: Readonly<Record<string, unknown>>): number | undefined {
  const limit = Number(sqlOuterLimit ?? undefined)
  return Number.isInteger(limit) && limit >= 0 ? limit : undefined
}

function headerRows(columns: readonly FakeColumn[], style: ResultStyle): string[] {
  const { format, header, typesHeader, sqlTypesHeader } = style
  if (!header) return []
  if (format === 'object' || format === 'objectLines') {
    const typed = typesHeader || sqlTypesHeader
    const heads = columns.map(({ name, nativeType, sqlType }) => {
      const parts = [
        ...(typesHeader ? [`"type":${textOrNull(nativeType)}`] : []),
        ...(sqlTypesHeader ? [`"sqlType":${textOrNull(sqlType)}`] : []),
      ]
      return `${quoted(name)}:${typed ? `{${parts.join(',')}}` : 'null'}`
    })
    return [`{${heads.join(',')}}`]
  }
  const rows = [
    columns.map(({ name }) => name),
    ...(typesHeader ? [columns.map(({ nativeType }) => nativeType)] : []),
    ...(sqlTypesHeader ? [columns.map(({ sqlType }) => sqlType)] : []),
  ]
  return rows.map((row) =>
    rowText(
      row.map((text) => (text === null ? null : { text })),
      columns,
      style,
    ),
  )
}

function textOrNull(text: string | null): string {
  return text === null ? 'null' : quoted(text)
}

function rowText(
  cells: readonly Cell[],
  columns: readonly FakeColumn[],
  { format }: ResultStyle,
): string {
  if (format === 'csv') return csvRow(cells)
  if (format === 'array' || format === 'arrayLines') return `[${cells.map(jsonOf).join(',')}]`
  return `{${cells.map((cell, i) => `${quoted(columns[i]?.name ?? '')}:${jsonOf(cell)}`).join(',')}}`
}

/** RFC 4180. A row of one empty value would look like the end of the result: it is quoted. */
function csvRow(cells: readonly Cell[]): string {
  const fields = cells.map((cell) => {
    const text = csvText(cell)
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  })
  return fields.length === 1 && fields[0] === '' ? '""' : fields.join(',')
}

/** The style that a request body asks for; what it says wrongly counts as not said. */
export function styleOf(body: unknown): ResultStyle {
  const { resultFormat, header, typesHeader, sqlTypesHeader, context } = Object(body) as Record<
    string,
    unknown
  >
  return {
    format: resultFormatOf(resultFormat) ?? 'object',
    header: header === true,
    typesHeader: typesHeader === true,
    sqlTypesHeader: sqlTypesHeader === true,
    context: isRecord(context) ? context : {},
  }
}
