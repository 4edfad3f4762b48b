import type { CustomQuery, NativeQuery } from '../native/query.ts'
import type { NativeRequest } from '../native/request.ts'
import type { Decoder } from './decode.ts'
import { elementsBody, rowsBody } from './native-bodies.ts'
import { type NativeOptions, nativeDecoder } from './native-decode.ts'
import { outputsOf } from './native-outputs.ts'

/** The query as it is sent to read its result in that way, and what reads it. */
export function nativeReader(
  request: NativeRequest,
  items: 'rows' | 'elements',
  options: Omit<NativeOptions, 'query'>,
): { readonly query: NativeQuery | CustomQuery; readonly decoder: Decoder<unknown[]> } {
  const query = (items === 'rows' ? streamed(request) : request) as NativeQuery
  const { bigint } = options
  const failureAsElement = String(request.context.writeExceptionBodyAsResponseRow) === 'true'
  const body = items === 'rows' ? rowsBody(query, bigint) : elementsBody(query, bigint)
  return { query, decoder: nativeDecoder<unknown>({ ...options, query, failureAsElement }, body) }
}

/** Asked for in the smaller form that gives the same rows, unless it says in which. */
function streamed(request: NativeRequest): NativeRequest {
  const query = request as NativeQuery & NativeRequest
  if (query.queryType === 'scan' && query.resultFormat === undefined) {
    return { ...query, resultFormat: 'compactedList' }
  }
  const { context } = query
  // Of subtotals, objects lack the dimensions that arrays have as null.
  const isPlain =
    query.queryType === 'groupBy' &&
    query.subtotalsSpec === undefined &&
    context.resultAsArray === undefined &&
    context.bySegment !== true
  if (!isPlain || outputsOf(query) === undefined) return query
  return { ...query, context: { ...context, resultAsArray: true } }
}
