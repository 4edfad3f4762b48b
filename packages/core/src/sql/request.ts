import type { QueryContext } from './context.ts'
import type { SqlParameter } from './parameter.ts'
import { asStatement, type Statement } from './statement.ts'

/** The body of `POST /druid/v2/sql`, and of the endpoints that take the same. */
export interface SqlRequest {
  readonly query: string
  readonly resultFormat: 'arrayLines'
  readonly header: true
  readonly typesHeader: true
  readonly sqlTypesHeader: true
  readonly context: Readonly<Record<string, unknown>>
  readonly parameters?: readonly SqlParameter[]
}

/**
 * What to send for a statement. It asks for `arrayLines` with all three header rows: the one format
 * that keeps equal column names, types an empty result, and shows where it is complete. A reply to
 * it is read by `request(…, { expect: 'rows' })`.
 */
export function sqlRequest(
  statement: Statement<object> | string,
  context: QueryContext = {},
): SqlRequest {
  const { text, parameters } = asStatement(statement)
  return {
    query: text,
    resultFormat: 'arrayLines',
    header: true,
    typesHeader: true,
    sqlTypesHeader: true,
    context: context as Readonly<Record<string, unknown>>,
    ...(parameters.length > 0 && { parameters }),
  }
}
