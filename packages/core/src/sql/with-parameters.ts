import { DruidError } from '../error/error.ts'
import { type ParameterValue, placed, type SqlParameter } from './parameter.ts'
import { withoutQuoted } from './single.ts'
import { isStatement, makeStatement, type UntypedStatement } from './statement.ts'

/**
 * Values for the `?` of a text, in their order: as they are, or typed (`sql.typed('DATE', '2000-01-01')`,
 * `sql.time(date)`, `sql.array(values)`).
 */
export type SqlParameters = readonly (ParameterValue | UntypedStatement)[]

/**
 * A text with its parameters. Throws `CONFIG` where the statement has some of its own, or not as many
 * `?`; `INVALID_INPUT` for values that are no Druid parameter.
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
  const { text, since, settings = '' } = statement
  if (statement.parameters.length > 0) {
    throw wrong('are for a text; a statement of the tag sql has its own')
  }
  const places = [...withoutQuoted(text).matchAll(/\?/g)].map(({ index }) => index)
  if (places.length !== given.length) {
    throw wrong(`are ${given.length}, and the text has ${places.length} of ?`)
  }
  const parameters: SqlParameter[] = []
  let written = ''
  let from = 0
  for (const [i, value] of given.entries()) {
    const one = isStatement(value) ? onlyOf(value) : placed(value, i + 1)
    if (one === undefined) {
      throw wrong(`${i + 1} is a statement; only sql.typed, sql.time and sql.array make one value`)
    }
    written += text.slice(from, places[i]) + one.text
    from = (places[i] as number) + 1
    parameters.push(one.parameter)
  }
  const whole = written + text.slice(from)
  return makeStatement(whole, parameters, since === undefined ? undefined : { since, settings })
}

/** What makes one value. */
function onlyOf({ text, parameters }: UntypedStatement): ReturnType<typeof placed> | undefined {
  const [parameter] = parameters
  const isOne = text === '?' || text === 'MILLIS_TO_TIMESTAMP(?)'
  return isOne && parameter !== undefined ? { text, parameter } : undefined
}
