import { DruidError } from '../error/error.ts'
import { type ParameterValue, type SqlParameter, sqlParameter } from './parameter.ts'
import { isStatement, makeStatement, type UntypedStatement } from './statement.ts'

/**
 * Values for the `?` of a text, in their order: as they are, or typed (`sql.typed('DATE', '2000-01-01')`,
 * `sql.time(date)`, `sql.array(values)`).
 */
export type SqlParameters = readonly (ParameterValue | UntypedStatement)[]

/**
 * A text with its parameters. Throws `CONFIG` where the statement has some of its own, `INVALID_INPUT`
 * for values that are no Druid parameter.
 */
export function withParameters(
  statement: UntypedStatement,
  given: SqlParameters | undefined,
): UntypedStatement {
  if (given === undefined) return statement
  const wrong = (why: string): DruidError => {
    return new DruidError('CONFIG', `query: parameters ${why}`, { option: 'parameters' })
  }
  if (!Array.isArray(given)) throw wrong('is a list, of a value for each ? of the text')
  if (statement.parameters.length > 0) {
    throw wrong('are for a text; a statement of the tag sql has its own')
  }
  const parameters = given.map((value: unknown, i): SqlParameter => {
    if (!isStatement(value)) return sqlParameter(value, i + 1)
    const [only] = value.parameters
    if (value.text !== '?' || only === undefined) {
      throw wrong(`${i + 1} is a statement; only sql.typed, sql.time and sql.array make one value`)
    }
    return only
  })
  const { text, since, settings = '' } = statement
  return makeStatement(text, parameters, since === undefined ? undefined : { since, settings })
}
