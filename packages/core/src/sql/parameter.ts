import { DruidError } from '../error/error.ts'

/** What may stand in `${}` of a statement. */
export type ParameterValue = string | number | bigint | boolean | Date | InstantLike | null

/** A `Temporal.Instant`. */
export interface InstantLike {
  readonly epochMilliseconds: number
}

/** Types that Druid takes a parameter in; `TIMESTAMP` and `DATE` as numbers since 1970. */
export type ParameterType =
  | 'VARCHAR'
  | 'CHAR'
  | 'BIGINT'
  | 'INTEGER'
  | 'SMALLINT'
  | 'TINYINT'
  | 'DOUBLE'
  | 'FLOAT'
  | 'REAL'
  | 'DECIMAL'
  | 'NUMERIC'
  | 'BOOLEAN'
  | 'TIMESTAMP'
  | 'DATE'
  | 'ARRAY'

type TimeValue = Date | InstantLike | number | string

/** What an ARRAY holds. */
export type ElementValue = string | number | bigint | boolean | null

/** What a parameter of each type is made of. */
interface TypedValues {
  VARCHAR: string
  CHAR: string
  BIGINT: number | bigint | string
  INTEGER: number | bigint | string
  SMALLINT: number | bigint | string
  TINYINT: number | bigint | string
  DOUBLE: number | bigint
  FLOAT: number | bigint
  REAL: number | bigint
  DECIMAL: number | bigint
  NUMERIC: number | bigint
  BOOLEAN: boolean
  TIMESTAMP: TimeValue
  DATE: TimeValue
  ARRAY: readonly ElementValue[]
}

export type TypedValue<T extends ParameterType> = TypedValues[T]

/** As `POST /druid/v2/sql` takes it: a Calcite type name and a JSON value. */
export interface SqlParameter {
  readonly type: ParameterType
  readonly value: JsonValue | readonly JsonValue[]
}

type JsonValue = string | number | bigint | boolean | null

const DAY = 86_400_000

/** Bits of the integer types. */
const BITS: Readonly<Partial<Record<ParameterType, bigint>>> = {
  BIGINT: 64n,
  INTEGER: 32n,
  SMALLINT: 16n,
  TINYINT: 8n,
}

/** What stands in the text for a value, and the parameter of its `?`. */
export interface Placed {
  readonly text: string
  readonly parameter: SqlParameter
}

/** A value where it stands in a statement; `position` (from 1) is for the message. */
export function placed(value: unknown, position: number): Placed {
  const where = `SQL parameter ${position}`
  return isTime(value) ? instant(value, where) : asItIs(sqlParameter(value, where))
}

/** The same with a type. */
export function placedAs(type: ParameterType, value: unknown): Placed {
  const isInstant = type === 'TIMESTAMP' && value !== null
  return isInstant ? instant(value, `sql.typed('${type}')`) : asItIs(typedParameter(type, value))
}

function asItIs(parameter: SqlParameter): Placed {
  return { text: '?', parameter }
}

/** Druid reads a TIMESTAMP parameter as the wall clock of `sqlTimeZone`, and 27 without milliseconds. */
function instant(value: unknown, where: string): Placed {
  const parameter = { type: 'BIGINT', value: milliseconds(value, where) } as const
  return { text: 'MILLIS_TO_TIMESTAMP(?)', parameter }
}

/** Druid's type for a JavaScript value. */
function sqlParameter(value: unknown, where: string): SqlParameter {
  if (value === null) return { type: 'VARCHAR', value }
  if (typeof value === 'string') return { type: 'VARCHAR', value: wellFormed(value, where) }
  if (typeof value === 'boolean') return { type: 'BOOLEAN', value }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value)
      ? { type: 'BIGINT', value }
      : { type: 'DOUBLE', value: finite(value, where) }
  }
  if (typeof value === 'bigint') return { type: 'BIGINT', value: integer(value, 64n, where) }
  if (value === undefined) {
    throw refusal(where, 'it is undefined; write null where NULL is meant')
  }
  const hint = Array.isArray(value)
    ? '; for IN (…) write sql.list(values), for an ARRAY sql.array(values)'
    : ''
  throw refusal(where, `a value of type ${typeof value} is no Druid parameter${hint}`)
}

/** A value as a parameter of that type. Throws `INVALID_INPUT` where it is not one. */
function typedParameter(type: ParameterType, value: unknown): SqlParameter {
  const where = `sql.typed('${type}')`
  if (value === null) return { type, value }
  switch (type) {
    case 'VARCHAR':
    case 'CHAR':
      if (typeof value === 'string') return { type, value: wellFormed(value, where) }
      break
    case 'BIGINT':
    case 'INTEGER':
    case 'SMALLINT':
    case 'TINYINT':
      return { type, value: integer(value, BITS[type] ?? 64n, where) }
    case 'DOUBLE':
    case 'FLOAT':
    case 'REAL':
    case 'DECIMAL':
    case 'NUMERIC':
      // All of them are doubles to Druid.
      if (typeof value === 'number') return { type, value: finite(value, where) }
      if (typeof value === 'bigint') return { type, value: double(value, where) }
      break
    case 'BOOLEAN':
      if (typeof value === 'boolean') return { type, value }
      break
    case 'DATE':
      return { type, value: Math.floor(milliseconds(value, where) / DAY) }
    case 'ARRAY':
      if (Array.isArray(value)) return { type, value: elements(value) }
      break
    default:
      throw refusal('sql.typed', `${JSON.stringify(type)} is no type of a Druid parameter`)
  }
  throw refusal(where, `a value of type ${typeof value} is none`)
}

/** Of strings, of numbers, or of booleans; null may be among them. */
export function elements(values: readonly unknown[]): readonly JsonValue[] {
  const where = 'sql.array'
  if (values.length === 0)
    throw refusal(where, 'it is empty, and Druid takes no ARRAY parameter so')
  if (values.some(isTime)) {
    throw refusal(where, 'Druid takes no times in an ARRAY parameter; write IN (sql.list(times))')
  }
  const types = new Set<string>()
  const list = values.map((value) => {
    const parameter = sqlParameter(value, 'SQL parameter 1')
    if (value !== null) types.add(parameter.type === 'DOUBLE' ? 'BIGINT' : parameter.type)
    return parameter.value as JsonValue
  })
  if (types.size > 1) throw refusal(where, `its values are of several types (${[...types]})`)
  return list
}

function isTime(value: unknown): boolean {
  return (
    value instanceof Date ||
    (typeof value === 'object' &&
      value !== null &&
      'epochMilliseconds' in value &&
      typeof value.epochMilliseconds === 'number')
  )
}

/** A time with its zone: what has none would mean another one on another machine. */
const ZONED = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** Milliseconds since 1970 of a Date, an instant, a number of them, or a text of ISO 8601. */
function milliseconds(value: unknown, where: string): number {
  let ms = Number.NaN
  if (typeof value === 'number') ms = value
  else if (value instanceof Date) ms = value.getTime()
  else if (isTime(value)) ms = (value as InstantLike).epochMilliseconds
  else if (typeof value === 'string' && ZONED.test(value)) ms = Date.parse(value)
  if (Number.isInteger(ms)) return ms
  const why =
    value instanceof Date
      ? 'it is an invalid Date'
      : 'a time is a Date, a Temporal.Instant, milliseconds since 1970, or a text such as 2000-01-01 or 2000-01-01T00:00:00Z'
  throw refusal(where, why)
}

function integer(value: unknown, bits: bigint, where: string): number | bigint {
  const isText = typeof value === 'string' && /^-?\d{1,20}$/.test(value)
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value) || isText
  if (!isInteger) throw refusal(where, `${shown(value)} is no integer that is exact`)
  const exact = BigInt(value as string | number | bigint)
  if (BigInt.asIntN(Number(bits), exact) !== exact) {
    throw refusal(where, `${exact} is beyond ${bits} bits`)
  }
  return typeof value === 'number' ? value : exact
}

/**
 * Half of a character, as cutting a text at any place leaves: Druid's servers cannot send it to one
 * another (they fail with what reads like a broken connection), or make a question mark of it.
 */
export function wellFormed(text: string, where: string): string {
  const at = text.search(/\p{Surrogate}/u)
  if (at < 0) return text
  const code = text.charCodeAt(at).toString(16)
  throw refusal(where, `it has half of a character (\\u${code} at ${at + 1}), which is no Unicode`)
}

function double(value: bigint, where: string): number {
  const number = Number(value)
  if (Number.isFinite(number) && BigInt(number) === value) return number
  throw refusal(where, `${value} is no number that a double holds exactly`)
}

function finite(value: number, where: string): number {
  if (Number.isFinite(value)) return value
  throw refusal(where, `${value} is not a number that JSON can carry`)
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : `a value of type ${typeof value}`
}

function refusal(where: string, why: string): DruidError {
  return new DruidError('INVALID_INPUT', `${where}: ${why}`)
}
