import { DruidError } from '../error/error.ts'
import { exactJson } from '../result/json.ts'
import type { Limits } from '../result/read.ts'
import type { QueryContext } from '../sql/context.ts'

/** It stands in the path of the DELETE: what is no segment of a path could cancel another query. */
export function queryIdOf(queryId: string | undefined): string {
  if (queryId === undefined) return crypto.randomUUID()
  const isText = typeof queryId === 'string' && queryId !== ''
  if (isText && !/^\.\.?$|\p{Surrogate}|\p{Control}/u.test(queryId)) return queryId
  throw new DruidError('CONFIG', 'query: queryId must be a text that can stand in a path', {
    option: 'queryId',
  })
}

/** Throws `CONFIG` for what would make a result another one than the client reads. */
export function checkContext({ writeExceptionBodyAsResponseRow: asRow }: QueryContext): void {
  if (asRow === undefined || asRow === false) return
  throw new DruidError(
    'CONFIG',
    'query: with writeExceptionBodyAsResponseRow an error comes as a row of the result, which then looks whole; leave it off',
    { option: 'context' },
  )
}

/** Throws `CONFIG` for a context that cannot be that of all queries of a client. */
export function checkDefaultContext(context: QueryContext | undefined, where: string): void {
  for (const key of ['sqlQueryId', 'queryId'] as const) {
    if (context?.[key] === undefined) continue
    const why = `${where}: ${key} in its context would be that of all queries; give it with one`
    throw new DruidError('CONFIG', why, { option: 'context' })
  }
}

/** Throws `CONFIG` for limits that are none. */
export function limitsOf({ maxRows, maxBytes, maxRowBytes }: Limits): Limits {
  for (const [option, limit] of Object.entries({ maxRows, maxBytes, maxRowBytes })) {
    if (limit === undefined || (typeof limit === 'number' && limit >= 0)) continue
    throw new DruidError('CONFIG', `query: ${option} must be a number of at least 0`, { option })
  }
  return { maxRows, maxBytes, maxRowBytes }
}

/** What is sent. Throws `CONFIG`, that `what` cannot be written, e.g. for a circle. */
export function jsonBody(request: object, what: string, option: string): string {
  try {
    return exactJson(request)
  } catch (cause) {
    throw new DruidError('CONFIG', `${what} cannot be written as JSON`, { option, cause })
  }
}
