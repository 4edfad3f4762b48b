import type { DruidError } from '../error/error.ts'
import type { Column } from './column.ts'
import { parseExact } from './json.ts'
import { type AnyPolicy, temporal } from './policy.ts'
import { timeParser } from './time.ts'

/** By native type: what becomes of values that are not null. Must not throw. */
export type Decoders = ReadonlyMap<string, (value: unknown, column: Column) => unknown>

/** Where the value stands that is being converted. */
export interface Place {
  /** The value as it came: JSON text, in which numbers have all their digits. */
  text(): string
  /** The error for a value that what is asked for cannot hold. */
  inexact(value: string): DruidError
  /** The error for what Druid does not write. */
  wrong(why: string, cause?: unknown): DruidError
}

/** What becomes of a column's values. They are parsed JSON, and not null. */
export type Convert = (value: unknown, place: Place) => unknown

export type Kind = 'integer' | 'double' | 'time' | 'array' | 'json' | 'complex' | 'text' | 'other'

const INTEGERS: ReadonlySet<string> = new Set(['BIGINT', 'INTEGER', 'SMALLINT', 'TINYINT'])
const DOUBLES: ReadonlySet<string> = new Set(['DOUBLE', 'FLOAT', 'REAL', 'DECIMAL'])
const TEXTS: ReadonlySet<string> = new Set(['VARCHAR', 'CHAR'])

/** What a column holds, by its SQL type, and where Druid tells none by the native one. */
export function kindOf({ sqlType, nativeType }: Column): Kind {
  if (nativeType === 'COMPLEX<json>') return 'json'
  if (sqlType === 'ARRAY' || (sqlType === null && nativeType?.startsWith('ARRAY<'))) return 'array'
  if (nativeType?.startsWith('COMPLEX<')) return 'complex'
  const type = sqlType ?? nativeType ?? ''
  if (INTEGERS.has(type) || type === 'LONG') return 'integer'
  if (DOUBLES.has(type)) return 'double'
  if (type === 'TIMESTAMP' || type === 'DATE') return 'time'
  return TEXTS.has(type) || type === 'STRING' ? 'text' : 'other'
}

/** `undefined` where values stay as they are. */
export function converter(
  column: Column,
  policy: AnyPolicy,
  decoders: Decoders | undefined,
): Convert | undefined {
  const decode = decoders?.get(column.nativeType ?? '')
  const convert = builtIn(column, policy)
  if (decode === undefined) return convert
  return (value, place) => decode(convert ? convert(value, place) : value, column)
}

function builtIn(column: Column, policy: AnyPolicy): Convert | undefined {
  switch (kindOf(column)) {
    case 'integer':
      return integer(policy.bigint)
    case 'double':
      return double
    case 'time':
      return time(policy.timestamp)
    case 'array':
      return array(column, policy.bigint)
    case 'json':
      return json(policy.bigint)
    case 'complex':
      return unquoted
    case 'text':
      return policy.multiValue === 'array' ? multiValue : undefined
    default:
      return undefined
  }
}

function integer(policy: AnyPolicy['bigint']): Convert {
  switch (policy) {
    case 'bigint':
      return (value, place) => BigInt(digits(value, place))
    case 'string':
      return digits
    default:
      return (value, place) => {
        if (Number.isSafeInteger(value)) return value
        return beyond(policy, digits(value, place), place)
      }
  }
}

/** All digits of an integer. */
function digits(value: unknown, place: Place): string {
  if (Number.isSafeInteger(value)) return String(value)
  // JSON may have spaces around it.
  const text = place.text().trim()
  if (!/^-?\d+$/.test(text)) throw place.wrong(`${text} is no integer`)
  if (is64Bits(text)) return text
  throw place.wrong(`${text} is beyond 64 bits`)
}

/** A BigInt64Array would keep the last 64 bits of any other, without a word. */
function is64Bits(integer: string): boolean {
  if (integer.length < 19) return true
  return integer.length <= 20 && BigInt.asIntN(64, BigInt(integer)) === BigInt(integer)
}

/** An integer that a number cannot hold. */
function beyond(policy: AnyPolicy['bigint'], all: string, place: Place): unknown {
  if (policy === 'safe') throw place.inexact(all)
  if (policy === 'number') return Number(all)
  return policy === 'string' ? all : BigInt(all)
}

/** Druid writes them as strings, as JSON has no such numbers. */
const NO_JSON: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])

function double(value: unknown, place: Place): unknown {
  if (typeof value === 'number') return value
  if (NO_JSON.has(value)) return Number(value)
  throw place.wrong(`${place.text()} is no number`)
}

function doubleElement(value: unknown): unknown {
  return NO_JSON.has(value) ? Number(value) : value
}

function time(policy: AnyPolicy['timestamp']): Convert | undefined {
  if (policy === 'string') return undefined
  const parse = timeParser()
  return (value, place) => {
    // What is no text is no time of Druid's.
    const ms = typeof value === 'string' ? parse(value) : undefined
    if (ms === undefined) throw place.inexact(String(value))
    if (policy === 'ms') return ms
    return policy === 'date' ? new Date(ms) : temporal()?.Instant.fromEpochMilliseconds(ms)
  }
}

/** As text; or as an array, with `sqlStringifyArrays: false` in the query context. */
function array({ nativeType }: Column, policy: AnyPolicy['bigint']): Convert {
  const element =
    nativeType === 'ARRAY<LONG>'
      ? longElement(policy)
      : nativeType === 'ARRAY<DOUBLE>' || nativeType === 'ARRAY<FLOAT>'
        ? doubleElement
        : undefined
  const change = element && ((list: unknown): unknown => deeply(list, element))
  return (value, place) =>
    exactly(typeof value === 'string' ? value : place.text(), policy, place, change)
}

function longElement(policy: AnyPolicy['bigint']): ((value: unknown) => unknown) | undefined {
  if (policy === 'bigint') return (it) => (typeof it === 'number' ? BigInt(it) : it)
  if (policy === 'string') return (it) => (typeof it === 'number' ? String(it) : it)
  return undefined
}

/** Arrays of arrays occur. */
function deeply(value: unknown, convert: (value: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map((it) => deeply(it, convert)) : convert(value)
}

function json(policy: AnyPolicy['bigint']): Convert {
  return (value, place) => exactly(typeof value === 'string' ? value : place.text(), policy, place)
}

function exactly(
  text: string,
  policy: AnyPolicy['bigint'],
  place: Place,
  change: (value: unknown) => unknown = (value) => value,
): unknown {
  try {
    return change(parseExact(text, (all) => beyond(policy, all, place)))
  } catch (cause) {
    if (cause instanceof SyntaxError) throw place.wrong('it does not hold JSON', cause)
    // The stack is used up: by thousands of arrays or objects within one another.
    if (cause instanceof RangeError) throw place.wrong('it is nested too deep', cause)
    throw cause
  }
}

/** A sketch or the like: its bytes in base64, written as JSON, and that as a string: quotes in quotes. */
function unquoted(value: unknown): unknown {
  return typeof value === 'string' && /^"[^"\\]*"$/.test(value) ? value.slice(1, -1) : value
}

function multiValue(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('[') || !value.endsWith(']')) return value
  try {
    const list: unknown = JSON.parse(value)
    const isList = Array.isArray(list) && list.length > 1
    return isList && list.every((it) => typeof it === 'string' || it === null) ? list : value
  } catch {
    return value
  }
}
