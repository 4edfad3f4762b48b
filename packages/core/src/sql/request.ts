import { parametersJson } from './parameter.ts'
import type { Statement } from './statement.ts'

/**
 * The body of `POST /druid/v2/sql`: `arrayLines` with all three header rows, which is the one
 * format that keeps equal column names, types an empty result, and shows where it is complete.
 */
export function sqlRequestBody(
  statement: Statement<object>,
  context: Readonly<Record<string, unknown>>,
): string {
  const body = JSON.stringify({
    query: statement.text,
    resultFormat: 'arrayLines',
    header: true,
    typesHeader: true,
    sqlTypesHeader: true,
    context,
  })
  if (statement.parameters.length === 0) return body
  return `${body.slice(0, -1)},"parameters":${parametersJson(statement.parameters)}}`
}
