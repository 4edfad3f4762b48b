import { DruidError } from '../error/error.ts'
import {
  type ElementValue,
  elements,
  type ParameterType,
  type ParameterValue,
  placed,
  placedAs,
  type SqlParameter,
  type TypedValue,
} from './parameter.ts'
import { type SqlSettings, settingsText } from './settings.ts'
import { singleStatement } from './single.ts'
import { isStatement, makeStatement, type Statement, type UntypedStatement } from './statement.ts'

/** The tag `sql` and what goes with it. */
export interface Sql {
  /**
   * A SQL statement. Values in `${}` become Druid parameters, never text; a statement in `${}`
   * becomes part of this one, with its parameters.
   *
   * @example sql<{ page: string }>`SELECT page FROM wikipedia WHERE channel = ${channel}`
   * @throws DruidError `INVALID_INPUT` for `undefined` and for values that are no Druid parameter.
   */
  (
    strings: TemplateStringsArray,
    ...values: readonly (ParameterValue | UntypedStatement)[]
  ): UntypedStatement
  <R extends object>(
    strings: TemplateStringsArray,
    ...values: readonly (ParameterValue | UntypedStatement)[]
  ): Statement<R>

  /** A name of a column, table or schema, quoted; several become a path: `sql.id('sys', 'servers')`. */
  id(...names: readonly [string, ...string[]]): UntypedStatement
  /** Values for `IN (${sql.list(values)})`: one parameter each. At least one, as SQL has no empty list. */
  list(values: Iterable<ParameterValue>): UntypedStatement
  /** Statements one after the other, with text between them: `sql.join(conditions, ' AND ')`. */
  join(parts: Iterable<UntypedStatement>, separator?: string): UntypedStatement
  /** Text as it is. Nothing is escaped: never give it what comes from outside. */
  raw<R extends object>(text: string): Statement<R>
  raw(text: string): UntypedStatement
  /** Nothing: for a part that is not always there. */
  readonly empty: UntypedStatement
  /**
   * A TIMESTAMP that is the same instant whatever `sqlTimeZone` is: a Date, a `Temporal.Instant`, milliseconds since 1970, or a text of ISO 8601 with
   * its zone (a date alone is its beginning in UTC).
   */
  time(value: Date | { readonly epochMilliseconds: number } | number | string): UntypedStatement
  /**
   * An ARRAY, as one parameter: for `ARRAY_CONTAINS`, `SCALAR_IN_ARRAY(column, ${sql.array(values)})`
   * and `UNNEST`. Its values are of one type, at least one; null may be among them. Druid takes no
   * times in it: for those write `sql.list`. (Druid 27 to 29 take it in fewer places.)
   */
  array(values: readonly ElementValue[]): UntypedStatement
  /**
   * A parameter of that type: `sql.typed('DOUBLE', 1)`, `sql.typed('BIGINT', null)`,
   * `sql.typed('DATE', '2000-01-01')`, `sql.typed('BIGINT', '9223372036854775807')`.
   */
  typed<T extends ParameterType>(type: T, value: TypedValue<T> | null): UntypedStatement
  /**
   * The statement with `SET key = value;` before it, as Druid takes it from version 34 on; an older
   * server is told apart before anything is sent (`UNSUPPORTED`). The query context does the same
   * on every version. Its keys are those of the context that are texts, numbers or booleans; others
   * come by `custom({ … })`.
   */
  set<R extends object>(settings: SqlSettings, statement: Statement<R>): Statement<R>
  set(settings: SqlSettings, statement: UntypedStatement | string): UntypedStatement
}

function tag(
  strings: TemplateStringsArray,
  ...values: readonly (ParameterValue | UntypedStatement)[]
): UntypedStatement {
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
      if (value.since !== undefined) throw setWithin()
      text += value.text
      // One by one: as arguments, very many of them would overflow the stack.
      for (const parameter of value.parameters) parameters.push(parameter)
    } else {
      const one = placed(value, parameters.length + 1)
      text += one.text
      parameters.push(one.parameter)
    }
    text += strings[i + 1] ?? ''
  }
  return makeStatement(text, parameters)
}

/** Before anything that is no escape of JavaScript. */
const LOST_BACKSLASH = /\\[^\\`${}'"bfnrtvux0\r\n]/

function id(...names: readonly [string, ...string[]]): UntypedStatement {
  if (names.length === 0) throw noName()
  return makeStatement(names.map(quoted).join('.'), [])
}

function quoted(name: string): string {
  if (typeof name !== 'string' || name === '') throw noName()
  return `"${name.replaceAll('"', '""')}"`
}

function noName(): DruidError {
  return new DruidError('INVALID_INPUT', 'sql.id: a name is a string of at least one character')
}

function list(values: Iterable<ParameterValue>): UntypedStatement {
  const all = [...values].map((value, i) => placed(value, i + 1))
  if (all.length === 0) {
    throw new DruidError('INVALID_INPUT', 'sql.list: the list is empty, and SQL has no empty IN ()')
  }
  return makeStatement(
    all.map(({ text }) => text).join(', '),
    all.map(({ parameter }) => parameter),
  )
}

function join(parts: Iterable<UntypedStatement>, separator = ', '): UntypedStatement {
  const all = [...parts]
  if (!all.every(isStatement)) {
    throw new DruidError(
      'INVALID_INPUT',
      'sql.join: it joins statements; make them by sql`…`, sql.id or sql.raw',
    )
  }
  return makeStatement(
    all.map((part) => part.text).join(separator),
    all.flatMap((part) => part.parameters),
  )
}

function raw(text: string): UntypedStatement {
  if (typeof text !== 'string') {
    throw new DruidError('INVALID_INPUT', `sql.raw: text is a string, not ${typeof text}`)
  }
  return makeStatement(text, [])
}

function array(values: readonly ElementValue[]): UntypedStatement {
  if (!Array.isArray(values)) {
    throw new DruidError('INVALID_INPUT', 'sql.array: it takes an array of values')
  }
  return makeStatement('?', [{ type: 'ARRAY', value: elements(values) }])
}

function typed(type: ParameterType, value: unknown): UntypedStatement {
  const { text, parameter } = placedAs(type, value)
  return makeStatement(text, [parameter])
}

/** The version of Druid that came with SET. */
const SET_SINCE = 34

function set(settings: SqlSettings, statement: UntypedStatement | string): UntypedStatement {
  const { text, parameters } = typeof statement === 'string' ? raw(statement) : statement
  if (typeof statement === 'object' && statement.since !== undefined) throw setWithin()
  const before = settingsText(settings as Readonly<Record<string, unknown>>)
  const needs = { since: SET_SINCE, settings: before }
  return makeStatement(`${before}${singleStatement(text)}`, parameters, needs)
}

function setWithin(): DruidError {
  return new DruidError(
    'INVALID_INPUT',
    'sql.set: SET stands before a whole statement, not within one; give it all settings at once',
  )
}

export const sql: Sql = Object.assign(tag, {
  id,
  list,
  join,
  raw,
  empty: makeStatement('', []),
  time: (value: unknown) => typed('TIMESTAMP', value),
  array,
  typed,
  set,
}) as Sql
