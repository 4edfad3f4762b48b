import type { Column } from '@druid/core'
import { DruidError } from '@druid/core/extension'
import { findBigint, parseExact } from './exact-json.ts'
import { snippet } from './failure.ts'

const FLOATING: ReadonlySet<string | null> = new Set(['DOUBLE', 'FLOAT', 'REAL', 'DECIMAL'])

/** Where a value stands, for messages. */
export interface Place {
  readonly id: string
  readonly column: Column
  /** From 1. */
  readonly row: number
}

/**
 * A value by the rules of the client's own results: Druid sends arrays and JSON columns as strings
 * of JSON, which are parsed; an integer that a number cannot hold is an error rather than wrong.
 */
export function decodedValue(sent: unknown, place: Place): unknown {
  const { column } = place
  const value = isNested(column) && typeof sent === 'string' ? nested(sent, place) : sent
  if (typeof value === 'bigint' && FLOATING.has(column.sqlType)) return Number(value)
  const digits = findBigint(value)
  if (digits === undefined) return value
  throw new DruidError(
    'INEXACT',
    `async query ${place.id}, column "${column.name}", row ${place.row}: ${digits} is beyond the integers that a JavaScript number holds exactly (±(2^53 − 1)); write CAST("${column.name}" AS VARCHAR) to get its digits as a string, or take the file by download()`,
    { queryId: place.id, column: column.name, value: String(digits) },
  )
}

function isNested({ sqlType, nativeType }: Column): boolean {
  return sqlType === 'ARRAY' || nativeType === 'COMPLEX<json>'
}

function nested(json: string, { id, column, row }: Place): unknown {
  try {
    return parseExact(json)
  } catch (cause) {
    throw new DruidError(
      'DECODE',
      `async query ${id}, column "${column.name}", row ${row}: the value is not JSON`,
      { queryId: id, snippet: snippet(json), cause },
    )
  }
}
