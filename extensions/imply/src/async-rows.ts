import type { Column } from '@druid/core'
import { DruidError, type Row } from '@druid/core/extension'
import { columnsOf } from './column.ts'
import { parseExact } from './exact-json.ts'
import { snippet } from './failure.ts'
import { elements, notResult, truncated } from './result-file.ts'
import { decodedValue } from './value.ts'

/** All rows of a result: a real array, with what else is known of it beside it (not enumerable). */
export interface AsyncRows<R extends object = Row> extends Array<R> {
  readonly asyncResultId: string
  /** Known for an empty result too. */
  readonly columns: readonly Column[]
}

const HEADER_ROWS = 3

/** Decodes a result file of the format `array` with its three header rows. */
export function asyncRows<R extends object>(file: string, id: string): AsyncRows<R> {
  const all = parsed(file, id)
  const columns = columnsOf(all)
  if (columns === undefined) {
    throw new DruidError(
      'DECODE',
      `async query ${id}: the first three rows of its result are not names, native types and SQL types; it was submitted with another format, or by other means. Take the file by download()`,
      { queryId: id, line: 1, snippet: snippet(file) },
    )
  }
  const rows = all.slice(HEADER_ROWS).map((row, i) => rowOf(row, i + 1))
  Object.defineProperty(rows, 'asyncResultId', { value: id })
  Object.defineProperty(rows, 'columns', { value: columns })
  return rows as AsyncRows<R>

  function rowOf(values: unknown, row: number): R {
    if (!Array.isArray(values) || values.length !== (columns as readonly Column[]).length) {
      throw new DruidError(
        'DECODE',
        `async query ${id}: row ${row} of its result is not an array of ${columns?.length} values`,
        { queryId: id },
      )
    }
    const entries = (columns as readonly Column[]).map((column, i) => [
      column.key,
      decodedValue(values[i], { id, column, row }),
    ])
    return Object.fromEntries(entries)
  }
}

function parsed(file: string, id: string): readonly unknown[] {
  if (file.trim() === '') throw truncated(id, 0)
  if (!file.trimStart().startsWith('[')) throw notResult(file, id)
  try {
    return parseExact(file) as readonly unknown[]
  } catch (cause) {
    const { whole, open } = elements(file)
    if (open) throw truncated(id, Math.max(0, whole - HEADER_ROWS))
    throw new DruidError('DECODE', `async query ${id}: its result is not JSON`, {
      queryId: id,
      snippet: snippet(file),
      cause,
    })
  }
}
