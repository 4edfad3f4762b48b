import type { Formatter, FormatterInput } from '@druid/core/extension'
import {
  areNumbers,
  type ColumnOptions,
  chooseColumns,
  isNumeric,
  keyOf,
  reader,
} from './column.ts'
import type { TableColumn, TableRows } from './table.ts'

/** A column that is written. */
export interface WrittenColumn {
  readonly name: string
  readonly key: string
  /** Whether it holds numbers, which are aligned at the right. */
  readonly numeric: boolean
}

/** Writes one result, row by row. Each piece is whole lines. */
export interface Writer {
  readonly begin: string
  /** `number` counts rows from 1. */
  row(values: readonly unknown[], number: number): string
  end(rows: number): string
}

/** The one implementation behind a plain function and a formatter. */
export type MakeWriter<Options> = (columns: readonly WrittenColumn[], options: Options) => Writer

/** All of it as one text, without a line feed at the end, but for that of an empty line. */
export function written<Options extends ColumnOptions>(
  make: MakeWriter<Options>,
  rows: TableRows,
  options: Options,
): string {
  const columns = chooseColumns(rows, options)
  const readers = columns.map((column) => reader(keyOf(column)))
  const numeric = columns.map((column, i) => {
    return isNumeric(column) ?? areNumbers(rows.map(readers[i] as (row: object) => unknown))
  })
  const writer = make(
    columns.map((column, i) => writtenColumn(column, numeric[i] ?? false)),
    options,
  )
  let text = writer.begin
  let count = 0
  for (const row of rows) {
    count += 1
    text += writer.row(
      readers.map((read) => read(row)),
      count,
    )
  }
  const whole = text + writer.end(count)
  return /\n\r?\n$/.test(whole) ? whole : whole.replace(/\r?\n$/, '')
}

/** The same as a formatter: what is written of a batch of rows is passed on at once. */
export function formatterOf<Options extends ColumnOptions>(
  mediaType: string,
  make: MakeWriter<Options>,
): Formatter<Options> {
  return {
    mediaType,
    async *format(input, options = {} as Options) {
      const all = await input.columns
      const source = options.nonNullColumns ? await gathered(input) : input
      const columns = chosen(all, options, Array.isArray(source) ? source : undefined)
      const writer = make(
        columns.map(({ column }) => writtenColumn(column, isNumeric(column) ?? false)),
        options,
      )
      if (writer.begin !== '') yield writer.begin
      let count = 0
      for await (const batch of source) {
        let text = ''
        for (const row of batch) {
          count += 1
          text += writer.row(
            columns.map(({ index }) => row[index]),
            count,
          )
        }
        if (text !== '') yield text
      }
      const end = writer.end(count)
      if (end !== '') yield end
    },
  }
}

type Batch = readonly (readonly unknown[])[]

export async function gathered(input: FormatterInput): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of input) batches.push(batch)
  return batches
}

/** The columns to write, and where each stands in a row. */
function chosen(
  all: readonly TableColumn[],
  options: ColumnOptions,
  whole: readonly Batch[] | undefined,
): { column: TableColumn; index: number }[] {
  const rows: TableRows = Object.assign([], { columns: all })
  return chooseColumns(rows, { columns: options.columns })
    .map((column) => ({ column, index: all.findIndex((it) => keyOf(it) === keyOf(column)) }))
    .filter(({ index }) => {
      if (whole === undefined) return true
      return whole.some((batch) => batch.some((row) => (row[index] ?? null) !== null))
    })
}

function writtenColumn(column: TableColumn, numeric: boolean): WrittenColumn {
  return { name: column.name, key: keyOf(column), numeric }
}
