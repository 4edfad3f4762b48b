import { isRecord } from '@druid/core/extension'
import type { FakeColumn } from './column.ts'
import { javaDouble, javaFloat } from './number.ts'
import { wrongFake } from './problem.ts'
import { isoTime } from './time.ts'

/** What of a query's context decides how its values are written. */
export interface ValueContext {
  readonly timeZone: string
  /** `sqlStringifyArrays` */
  readonly stringifyArrays: boolean
}

/**
 * A value as Druid has it just before it writes it: what stands unquoted in JSON and CSV (`bare`), a
 * text, an array that is to be written as one, or null.
 */
export type Cell =
  | null
  | { readonly bare: string }
  | { readonly text: string }
  | { readonly list: readonly Cell[] }

/** The value of a column, by its types. Throws `CONFIG` for what no such column can hold. */
export function cellOf(value: unknown, column: FakeColumn, context: ValueContext): Cell {
  if (value === null || value === undefined) return null
  const { sqlType, nativeType, name } = column
  const wrong = (): never => {
    const type = [sqlType, nativeType].filter(Boolean).join(', ') || 'unknown'
    throw wrongFake(
      `column "${name}" (${type}) cannot hold ${shown(value)}; change the value, or say another type in columns`,
      'rows',
    )
  }
  if (sqlType === 'TIMESTAMP' || sqlType === 'DATE') return timeCell(value, context) ?? wrong()
  if (sqlType === 'BOOLEAN') return typeof value === 'boolean' ? bare(value) : wrong()
  if (nativeType?.startsWith('ARRAY<')) {
    if (!Array.isArray(value)) return wrong()
    const list = arrayCell(value, nativeType, context) ?? wrong()
    return context.stringifyArrays ? { text: jsonOf(list) } : list
  }
  return scalarCell(value, nativeType) ?? wrong()
}

function scalarCell(value: unknown, nativeType: string | null): Cell | undefined {
  switch (nativeType) {
    case 'STRING':
      return stringCell(value)
    case 'LONG':
      return longCell(value)
    case 'DOUBLE':
      return typeof value === 'number' ? floating(javaDouble(value)) : undefined
    case 'FLOAT':
      return typeof value === 'number' ? floating(javaFloat(value)) : undefined
    case 'COMPLEX<json>':
      return nestedCell(value)
    case null:
      return untyped(value)
    default:
      return opaqueCell(value)
  }
}

/** A multi-value string of one value is that value; of several, a text with JSON. */
function stringCell(value: unknown): Cell | undefined {
  if (typeof value === 'string') return { text: value }
  if (!Array.isArray(value) || !value.every((one) => one === null || typeof one === 'string')) {
    return undefined
  }
  if (value.length === 1) return value[0] === null ? null : { text: value[0] as string }
  return { text: jsonOf({ list: value.map((one) => (one === null ? null : { text: one })) }) }
}

function longCell(value: unknown): Cell | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? bare(value) : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) ? bare(value) : undefined
}

function floating(text: string): Cell {
  // JSON has no numbers for these: Druid writes them as texts.
  return /^-?(NaN|Infinity)$/.test(text) ? { text } : { bare: text }
}

function timeCell(value: unknown, { timeZone }: ValueContext): Cell | undefined {
  const isTime = value instanceof Date || typeof value === 'string'
  const instant = new Date(isTime ? value : Number.NaN)
  if (Number.isNaN(instant.getTime())) return undefined
  const text = isoTime(instant, timeZone)
  if (text !== undefined) return { text }
  throw wrongFake(`the query's sqlTimeZone "${timeZone}" is no time zone that is known here`, 'sql')
}

function arrayCell(
  values: readonly unknown[],
  nativeType: string,
  context: ValueContext,
): Cell | undefined {
  const element = nativeType.slice('ARRAY<'.length, -1)
  const list: Cell[] = []
  for (const value of values) {
    const cell =
      value === null
        ? null
        : element.startsWith('ARRAY<') && Array.isArray(value)
          ? arrayCell(value, element, context)
          : element === 'LONG' && typeof value === 'boolean'
            ? bare(value ? 1 : 0)
            : scalarCell(value, element)
    if (cell === undefined) return undefined
    list.push(cell)
  }
  return { list }
}

/** `COMPLEX<json>` is sent as a text with the JSON; a JSON null is a null. */
function nestedCell(value: unknown): Cell | undefined {
  const json = nestedJson(value)
  return json === undefined ? undefined : { text: json }
}

function nestedJson(value: unknown): string | undefined {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return undefined
    return Number.isSafeInteger(value) ? String(value) : javaDouble(value)
  }
  if (Array.isArray(value)) {
    const parts = value.map(nestedJson)
    return parts.includes(undefined) ? undefined : `[${parts.join(',')}]`
  }
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return undefined
  const parts = Object.entries(value).map(([key, one]) => {
    const json = nestedJson(one)
    return json === undefined ? undefined : `${quoted(key)}:${json}`
  })
  return parts.includes(undefined) ? undefined : `{${parts.join(',')}}`
}

/** A sketch or another type of an extension: base64, quoted twice. */
function opaqueCell(value: unknown): Cell | undefined {
  if (value instanceof Uint8Array) return { text: quoted(base64(value)) }
  return typeof value === 'string' ? { text: quoted(value) } : undefined
}

/** Without a type only what JSON has no two ways to write. */
function untyped(value: unknown): Cell | undefined {
  if (typeof value === 'string') return { text: value }
  if (typeof value === 'boolean') return bare(value)
  return longCell(value) ?? (typeof value === 'number' ? floating(javaDouble(value)) : undefined)
}

function bare(value: boolean | number | bigint): Cell {
  return { bare: String(value) }
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

/** A cell as JSON. */
export function jsonOf(cell: Cell): string {
  if (cell === null) return 'null'
  if ('bare' in cell) return cell.bare
  if ('text' in cell) return quoted(cell.text)
  return `[${cell.list.map(jsonOf).join(',')}]`
}

/** A JSON text as Jackson writes it: as JavaScript does, with capital hexadecimal digits. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/\\(?:u([0-9a-f]{4})|.)/g, (sequence, digits?: string) =>
    digits === undefined ? sequence : `\\u${digits.toUpperCase()}`,
  )
}

/** A cell in CSV: as Java's `toString` has it. A null and an empty text look the same. */
export function csvText(cell: Cell): string {
  if (cell === null) return ''
  if ('bare' in cell) return cell.bare
  if ('text' in cell) return cell.text
  return `[${cell.list.map((one) => (one === null ? 'null' : csvText(one))).join(', ')}]`
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return 'an array with such elements'
  return `a value of type ${value instanceof Date ? 'Date' : typeof value}`
}
