import { DruidError, exactJson, isRecord } from '@druid/core/extension'

const LONG_MAX = 2n ** 63n - 1n

/**
 * A row as one line of JSON: a Date in ISO 8601, a bigint with all its digits, `undefined` left out.
 * @throws DruidError `INVALID_INPUT` for what JSON, or Druid, would make something else of without a
 * word.
 */
export function rowText(row: unknown, index: number): string {
  const where = `row ${index}`
  if (!isRecord(row) || Array.isArray(row) || row instanceof Date) {
    throw wrong(where, 'a row is an object, with its columns as fields')
  }
  checkFields(row, where)
  return exactJson(row)
}

function checkFields(value: object, where: string): void {
  for (const [name, field] of Object.entries(value)) {
    const problem = problemOf(field)
    if (problem !== undefined) throw wrong(`${where}, "${name}"`, problem)
    if (typeof field === 'object' && field !== null) checkFields(field, where)
  }
}

function problemOf(value: unknown): string | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : `${value} is nothing in JSON; give null`
  }
  if (typeof value === 'bigint') {
    const fits = value <= LONG_MAX && value >= -LONG_MAX - 1n
    return fits ? undefined : 'a bigint beyond 64 bits, which Druid cannot hold; give a string'
  }
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : undefined
  if (value instanceof Map || value instanceof Set) return 'a Map or Set; give an object or array'
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'bytes; give a string'
  return undefined
}

function wrong(where: string, why: string): DruidError {
  return new DruidError('INVALID_INPUT', `ingest: ${where}: ${why}`)
}
