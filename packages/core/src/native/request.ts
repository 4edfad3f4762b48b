import { DruidError } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import type { NativeContext } from './context.ts'
import type { CustomQuery, NativeQuery } from './query.ts'

/** A native query with its context, as it is sent. */
export type NativeRequest = (NativeQuery | CustomQuery) & { readonly context: NativeContext }

/**
 * What to send for a query: its own context comes over `defaults`, and `context` over both.
 * Throws `INVALID_INPUT` for what is no native query.
 */
export function nativeRequest(
  query: NativeQuery | CustomQuery,
  defaults: NativeContext | undefined,
  context: NativeContext,
): NativeRequest {
  return { ...query, context: { ...defaults, ...ownContext(query), ...context } } as NativeRequest
}

/** The context within a query. Throws `INVALID_INPUT` for what is no native query. */
export function ownContext(query: unknown): NativeContext | undefined {
  if (!isRecord(query) || typeof query.queryType !== 'string' || query.queryType === '') {
    throw new DruidError(
      'INVALID_INPUT',
      'a native query is an object with a queryType, e.g. { queryType: "timeseries", … }; SQL goes to query()',
    )
  }
  const { context } = query
  if (context === undefined || context === null) return undefined
  if (isRecord(context)) return context
  throw new DruidError('INVALID_INPUT', 'native: the context of the query must be an object')
}
