import { DruidError } from '../error/error.ts'
import { type SqlParameter, wellFormed } from './parameter.ts'
import { singleStatement } from './single.ts'

/** A symbol, as JSON that comes from outside can hold none: it must not become SQL text. */
const BRAND = Symbol.for('@druid/core statement')

/** A row when nothing more is known: column name → value. */
export type Row = Record<string, DruidValue>

/** What a column can hold in a row, whatever the policy for values. */
export type DruidValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | readonly DruidValue[]
  | { readonly [key: string]: DruidValue }

/**
 * SQL text with its parameters: pure data, no I/O. Made by `sql`; may be sent any number of times
 * and put into other statements. It claims nothing of its rows.
 */
export interface UntypedStatement {
  readonly '~druid': 'statement'
  /** The text, with a `?` for each parameter. */
  readonly text: string
  /** In the order of the `?`. */
  readonly parameters: readonly SqlParameter[]
  /** The major version of Druid that it needs at least, where that is not any. */
  readonly since?: number
  /** What its text begins with, and must: its `SET …;`. */
  readonly settings?: string
}

/** A statement whose rows are, as the caller claims, of type R. */
export interface Statement<R extends object = Row> extends UntypedStatement {
  readonly '~row'?: R
}

/** What the parts of a statement make. */
export function makeStatement(
  text: string,
  parameters: readonly SqlParameter[],
  needs?: { readonly since: number; readonly settings: string },
): UntypedStatement {
  return Object.freeze({
    '~druid': 'statement',
    [BRAND]: true,
    text,
    parameters: Object.freeze(parameters),
    ...needs,
  })
}

/** Asks for the plan of a statement. */
export function explaining(statement: UntypedStatement): UntypedStatement {
  const { text, parameters, since, settings = '' } = statement
  const explained = `${settings}EXPLAIN PLAN FOR ${text.slice(settings.length)}`
  return makeStatement(explained, parameters, since === undefined ? undefined : { since, settings })
}

export function isStatement(value: unknown): value is UntypedStatement {
  return (
    typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true
  )
}

/**
 * A statement as it is, a string as a statement without parameters. Throws `INVALID_INPUT` for what
 * is neither, for several statements in one text, and for text that is no Unicode.
 */
export function asStatement(input: UntypedStatement | string): UntypedStatement {
  if (typeof input === 'string' && input.trim() !== '') {
    return makeStatement(singleStatement(wellFormed(input, 'the statement')), [])
  }
  if (isStatement(input)) {
    wellFormed(input.text, 'the statement')
    if (input.since !== undefined) return input
    const text = singleStatement(input.text)
    return text === input.text ? input : makeStatement(text, input.parameters)
  }
  throw new DruidError(
    'INVALID_INPUT',
    `a query is a string or a statement made by sql\`…\`, not ${input === '' ? 'an empty string' : typeof input}`,
  )
}
