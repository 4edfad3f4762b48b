import { isRecord } from '../error/record.ts'
import type { NativeRequest } from '../native/request.ts'
import { SHAPING } from '../native/shaping.ts'

/** What is asked for may be another; the type of the query, its id and the form of its result may not. */
export function checkedNative(changed: unknown, original: NativeRequest): NativeRequest {
  if (!isRecord(changed)) throw new TypeError('its query is no object')
  if (changed.queryType !== original.queryType) {
    throw new TypeError(`it made another query than a ${original.queryType}`)
  }
  const { context } = changed
  if (!isRecord(context)) throw new TypeError('its context is no object')
  const kept: Record<string, unknown> = { ...context, queryId: original.context.queryId }
  for (const key of SHAPING) {
    if (original.context[key] === undefined) delete kept[key]
    else kept[key] = original.context[key]
  }
  const { resultFormat: _, ...rest } = changed
  const format = (original as { readonly resultFormat?: unknown }).resultFormat
  return {
    ...rest,
    ...(format !== undefined && { resultFormat: format }),
    context: kept,
  } as unknown as NativeRequest
}
