import { DruidError, type Statement, sql } from '@druid/core/extension'

/** A part of a statement, or the name of a column. */
export type SqlExpression = Statement<object> | string

/** What can be sent to Druid as a value of one of its complex types. */
interface Sendable {
  toBase64(): string
}

/** A column by its name, a part of a statement as it is. */
export function expression(input: SqlExpression): Statement<object> {
  return typeof input === 'string' ? sql.id(input) : sql`${input}`
}

/** As {@link expression}, or a sketch that was read before, which is sent as a parameter. */
export function sketchExpression(
  input: SqlExpression | Sendable,
  nativeType: 'HLLSketch' | 'thetaSketch',
): Statement<object> {
  if (!isSendable(input)) return expression(input)
  return sql`DECODE_BASE64_COMPLEX(${sql.raw(`'${nativeType}'`)}, ${input.toBase64()})`
}

function isSendable(input: SqlExpression | Sendable): input is Sendable {
  return typeof (input as Partial<Sendable> | undefined)?.toBase64 === 'function'
}

/** Two sketches or more, as arguments of a function. */
export function sketchExpressions(
  inputs: readonly (SqlExpression | Sendable)[],
  nativeType: 'HLLSketch' | 'thetaSketch',
  what: string,
): Statement<object> {
  if (inputs.length < 2) throw config(what, 'sketches', `are two or more, not ${inputs.length}`)
  return sql.join(inputs.map((input) => sketchExpression(input, nativeType)))
}

/** `NAME(first, second, …)`; what is `undefined` is left out. `name` is SQL text. */
export function call(
  name: string,
  ...parts: readonly (Statement<object> | undefined)[]
): Statement<never> {
  const given = parts.filter((part) => part !== undefined)
  return sql`${sql.raw(name)}(${sql.join(given)})`
}

/** A number as text: what decides how a sketch is made or read must be a literal. */
export function numberText(value: number, what: string, option: string): Statement<object> {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw config(what, option, `is a finite number, not ${String(value)}`)
  }
  // SQL reads many digits as an integer that may be too large.
  return sql.raw(Math.abs(value) < 1e15 ? String(value) : value.toExponential())
}

export function numberTexts(
  values: readonly number[],
  what: string,
  option: string,
): Statement<object> {
  if (values.length === 0) throw config(what, option, 'is a list of one number or more')
  return sql.join(values.map((value) => numberText(value, what, option)))
}

/** An integer within limits; `undefined` stays. */
export function integerText(
  value: number | undefined,
  limits: { readonly from: number; readonly to: number; readonly powerOf2?: boolean },
  what: string,
  option: string,
): Statement<object> | undefined {
  if (value === undefined) return undefined
  const { from, to, powerOf2 = false } = limits
  const within = Number.isInteger(value) && value >= from && value <= to
  if (!within || (powerOf2 && !Number.isInteger(Math.log2(value)))) {
    const kind = powerOf2 ? 'a power of 2' : 'an integer'
    throw config(what, option, `is ${kind} from ${from} to ${to}, not ${String(value)}`)
  }
  return sql.raw(String(value))
}

export function fractionText(value: number, what: string, option: string): Statement<object> {
  if (!(value >= 0 && value <= 1))
    throw config(what, option, `is from 0 to 1, not ${String(value)}`)
  return numberText(value, what, option)
}

export function config(what: string, option: string, why: string): DruidError<'CONFIG'> {
  return new DruidError('CONFIG', `${what}: ${option} ${why}`, { option })
}
