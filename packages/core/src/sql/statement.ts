import { DruidError } from '../error/error.ts'
import { type ParameterValue, type SqlParameter, sqlParameter } from './parameter.ts'

/** A symbol, as JSON that comes from outside can hold none: it must not become SQL text. */
const BRAND = Symbol.for('@druid/core statement')

/** A row when nothing more is known: column name → value. */
export type Row = Record<string, DruidValue>

/** What a column can hold in a row. */
export type DruidValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly DruidValue[]
  | { readonly [key: string]: DruidValue }

/**
 * SQL text with its parameters: pure data, no I/O. Made by {@link sql}; may be sent any number of
 * times and put into other statements. `R` is the caller's claim about its rows.
 */
export interface Statement<R extends object = Row> {
  readonly '~druid': 'statement'
  readonly '~row'?: R
  /** The text, with a `?` for each parameter. */
  readonly text: string
  /** In the order of the `?`. */
  readonly parameters: readonly SqlParameter[]
}

/**
 * A SQL statement. Values in `${}` become Druid parameters, never text; a statement in `${}`
 * becomes part of this one, with its parameters.
 *
 * @example sql<{ page: string }>`SELECT page FROM wikipedia WHERE channel = ${channel}`
 * @throws DruidError `INVALID_INPUT` for `undefined` and for values that are no Druid parameter.
 */
function tag<R extends object = Row>(
  strings: TemplateStringsArray,
  ...values: readonly (ParameterValue | Statement<object>)[]
): Statement<R> {
  if (!Array.isArray(strings) || !Object.hasOwn(strings, 'raw')) {
    throw new DruidError(
      'INVALID_INPUT',
      'sql is a template tag: write sql`SELECT …`, or sql.raw(text) for text that you trust',
    )
  }
  // JavaScript drops the backslash of `\d`, and gives no text at all for an escape it cannot read.
  const lost = strings.raw.some((raw) => LOST_BACKSLASH.test(raw.replaceAll('\\\\', '')))
  if (lost || strings.includes(undefined as never)) {
    throw new DruidError(
      'INVALID_INPUT',
      'sql: a backslash in the statement is no escape of JavaScript; write it twice',
    )
  }
  let text = strings[0] ?? ''
  const parameters: SqlParameter[] = []
  for (const [i, value] of values.entries()) {
    if (isStatement(value)) {
      text += value.text
      // One by one: as arguments, very many of them would overflow the stack.
      for (const parameter of value.parameters) parameters.push(parameter)
    } else {
      text += '?'
      parameters.push(sqlParameter(value, parameters.length + 1))
    }
    text += strings[i + 1] ?? ''
  }
  return statement(text, parameters)
}

/** Before anything that is no escape of JavaScript. */
const LOST_BACKSLASH = /\\[^\\`${}'"bfnrtvux0\r\n]/

/** A name of a column, table or schema, quoted; several become a path: `sql.id('sys', 'servers')`. */
function id(...names: readonly [string, ...string[]]): Statement<never> {
  if (names.length === 0) throw noName()
  return statement(names.map(quoted).join('.'), [])
}

function quoted(name: string): string {
  if (typeof name !== 'string' || name === '') throw noName()
  return `"${name.replaceAll('"', '""')}"`
}

function noName(): DruidError {
  return new DruidError('INVALID_INPUT', 'sql.id: a name is a string of at least one character')
}

/** Values for `IN (${sql.list(values)})`: one parameter each. At least one, as SQL has no empty list. */
function list(values: Iterable<ParameterValue>): Statement<never> {
  const parameters = [...values].map((value, i) => sqlParameter(value, i + 1))
  if (parameters.length === 0) {
    throw new DruidError('INVALID_INPUT', 'sql.list: the list is empty, and SQL has no empty IN ()')
  }
  return statement(parameters.map(() => '?').join(', '), parameters)
}

/** Statements one after the other, with text between them: `sql.join(conditions, ' AND ')`. */
function join(parts: Iterable<Statement<object>>, separator = ', '): Statement<never> {
  const all = [...parts]
  if (!all.every(isStatement)) {
    throw new DruidError(
      'INVALID_INPUT',
      'sql.join: it joins statements; make them by sql`…`, sql.id or sql.raw',
    )
  }
  return statement(
    all.map((part) => part.text).join(separator),
    all.flatMap((part) => part.parameters),
  )
}

/** Text as it is. Nothing is escaped: never give it what comes from outside. */
function raw<R extends object = Row>(text: string): Statement<R> {
  if (typeof text !== 'string') {
    throw new DruidError('INVALID_INPUT', `sql.raw: text is a string, not ${typeof text}`)
  }
  return statement(text, [])
}

function statement<R extends object>(
  text: string,
  parameters: readonly SqlParameter[],
): Statement<R> {
  return Object.freeze({
    '~druid': 'statement',
    [BRAND]: true,
    text,
    parameters: Object.freeze(parameters),
  })
}

export const sql: typeof tag & {
  readonly id: typeof id
  readonly list: typeof list
  readonly join: typeof join
  readonly raw: typeof raw
  /** Nothing: for a part that is not always there. */
  readonly empty: Statement<never>
} = Object.assign(tag, { id, list, join, raw, empty: statement<never>('', []) })

function isStatement(value: unknown): value is Statement<object> {
  return (
    typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true
  )
}

/** A statement as it is, a string as a statement without parameters. */
export function asStatement(input: Statement<object> | string): Statement<object> {
  if (isStatement(input)) return input
  if (typeof input === 'string' && input.trim() !== '') return statement(input, [])
  throw new DruidError(
    'INVALID_INPUT',
    `a query is a string or a statement made by sql\`…\`, not ${input === '' ? 'an empty string' : typeof input}`,
  )
}
