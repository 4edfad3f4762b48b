import type { QueryContext } from '@druid/core'
import { DruidError, type RequestOptions, type Statement } from '@druid/core/extension'

/** The formats of a result file, as those of `POST /druid/v2/sql`. */
export type ResultFormat = 'array' | 'arrayLines' | 'object' | 'objectLines' | 'csv'

export interface SubmitOptions extends RequestOptions {
  /** Query context, e.g. `{ talaria: true }` for the multi-stage engine of the Talaria alpha. */
  readonly context?: QueryContext | undefined
  /** Default `array`, with the header rows that `results` needs. For others, see `download`. */
  readonly resultFormat?: ResultFormat | undefined
  /** Whether a file of another format begins with the column names. Default: yes for `csv`. */
  readonly header?: boolean | undefined
}

/** Newer engines have a number of any length for JSON.stringify to write. */
interface RawJson {
  rawJSON?(json: string): unknown
}

/** The body of the request: that of `POST /druid/v2/sql`. */
export function submitBody(
  statement: Statement<object> | string,
  options: SubmitOptions,
): Record<string, unknown> {
  const { text, parameters } =
    typeof statement === 'string' ? { text: statement, parameters: [] } : statement
  if (typeof text !== 'string' || text.trim() === '') {
    throw new DruidError(
      'INVALID_INPUT',
      'submit: a query is a string that is not empty, or a statement made by sql`…`',
    )
  }
  const { context, resultFormat = 'array', header = resultFormat === 'csv' } = options
  return {
    query: text,
    resultFormat,
    ...(resultFormat === 'array'
      ? { header: true, typesHeader: true, sqlTypesHeader: true }
      : { header }),
    context: context ?? {},
    ...(parameters.length > 0 && {
      parameters: parameters.map(({ type, value }) => ({ type, value: jsonValue(value) })),
    }),
  }
}

/** Elsewhere a bigint goes as a string of its digits, which Druid takes for a BIGINT as well. */
function jsonValue(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const digits = value.toString()
  return (JSON as RawJson).rawJSON?.(digits) ?? digits
}
