import { dateText, hasToJson, isBytes } from './json.ts'

/** A value as text for another program: exact, whole, and nothing for null. */
export function dataText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return Object.is(value, -0) ? '-0' : String(value)
  if (value instanceof Date) return dateText(value)
  return isBytes(value) ? base64(value) : dataJson(value)
}

/**
 * JSON that loses nothing: a bigint is all its digits, bytes are base64, a `Date` is ISO 8601, and
 * what JSON has no number for (`NaN`, infinities) is the string that Druid writes.
 * @throws TypeError for an object that holds itself.
 */
export function dataJson(value: unknown, around: ReadonlySet<object> = new Set()): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return numberJson(value)
  if (typeof value !== 'object' || value === null) return 'null'
  if (value instanceof Date) return JSON.stringify(dateText(value))
  if (isBytes(value)) return JSON.stringify(base64(value))
  if (around.has(value)) throw new TypeError('a value holds itself, which no data format can write')
  const inside = new Set(around).add(value)
  if (hasToJson(value)) return dataJson(value.toJSON(), inside)
  if (Array.isArray(value)) return `[${value.map((item) => dataJson(item, inside)).join(',')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && typeof member !== 'function')
    .map(([key, member]) => `${JSON.stringify(key)}:${dataJson(member, inside)}`)
  return `{${members.join(',')}}`
}

function numberJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`
  return Object.is(value, -0) ? '-0' : String(value)
}

function base64(bytes: Uint8Array | ArrayBuffer): string {
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes
  return btoa(Array.from(view, (byte) => String.fromCharCode(byte)).join(''))
}
