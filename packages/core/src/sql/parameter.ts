import { DruidError } from '../error/error.ts'

/** What may stand in `${}` of a statement. */
export type ParameterValue = string | number | bigint | boolean | Date | null

/** As `POST /druid/v2/sql` takes it: a Calcite type name and a JSON value. */
export interface SqlParameter {
  readonly type: 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP'
  readonly value: string | number | bigint | boolean | null
}

const MAX_LONG = 2n ** 63n - 1n
const MIN_LONG = -(2n ** 63n)

/** Druid's type for a JavaScript value; `position` (from 1) is for the message. */
export function sqlParameter(value: unknown, position: number): SqlParameter {
  if (value === null) return { type: 'VARCHAR', value }
  if (typeof value === 'string') return { type: 'VARCHAR', value }
  if (typeof value === 'boolean') return { type: 'BOOLEAN', value }
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return { type: 'BIGINT', value }
    if (Number.isFinite(value)) return { type: 'DOUBLE', value }
    throw refusal(position, `${value} is not a number that JSON can carry`)
  }
  if (typeof value === 'bigint') {
    if (value >= MIN_LONG && value <= MAX_LONG) return { type: 'BIGINT', value }
    throw refusal(position, `${value} is beyond 64 bits`)
  }
  if (value instanceof Date) {
    const time = value.getTime()
    if (!Number.isNaN(time)) return { type: 'TIMESTAMP', value: time }
    throw refusal(position, 'it is an invalid Date')
  }
  if (value === undefined) {
    throw refusal(position, 'it is undefined; write null where NULL is meant')
  }
  const hint = Array.isArray(value) ? '; for IN (…) write sql.list(values)' : ''
  throw refusal(position, `a value of type ${typeof value} is no Druid parameter${hint}`)
}

function refusal(position: number, why: string): DruidError {
  return new DruidError('INVALID_INPUT', `SQL parameter ${position}: ${why}`)
}
