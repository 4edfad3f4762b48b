import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import type { Owned } from '../extension/parts.ts'
import type { HookCall, QueryHooks } from '../extension/points.ts'
import { synchronous } from '../extension/synchronous.ts'
import type { NativeRequest } from '../native/request.ts'
import { watched } from '../result/watched.ts'
import type { SqlRequest } from '../sql/request.ts'
import type { Row } from '../sql/statement.ts'
import { untilAborted } from './abort.ts'
import { frozenCopy } from './frozen.ts'
import { checkedNative } from './native-hooks.ts'

type Batch = Record<string, unknown>[]

/** The hooks of all extensions on one query: each gets what the one before it made. */
export interface RunningHooks {
  sqlRequest(original: SqlRequest): Promise<SqlRequest>
  nativeRequest(original: NativeRequest): Promise<NativeRequest>
  /** Left by an abort of the signal, whatever the hooks do. */
  rows(batches: AsyncIterable<Batch>, signal: AbortSignal): AsyncGenerator<Batch, void, undefined>
  /** The error to end with. */
  error(error: unknown): unknown
}

export function runningHooks(
  hooks: readonly Owned<QueryHooks>[],
  query: Omit<HookCall, 'state'>,
): RunningHooks {
  const { queryId } = query
  const calls = hooks.map(({ extension, part }) => ({
    extension,
    part,
    call: Object.freeze<HookCall>({ ...query, state: {} }),
  }))

  function failed(extension: string, hook: string, cause: unknown): DruidError {
    if (isDruidError(cause)) return cause
    const why = `extension "${extension}": its ${hook} hook failed: ${messageOf(cause)}`
    return new DruidError('EXTENSION', why, { extension, queryId, cause })
  }

  return {
    async sqlRequest(original) {
      if (calls.every(({ part }) => part.sqlRequest === undefined)) return original
      let request = frozen(original, 'query', 'context')
      for (const { extension, part, call } of calls) {
        try {
          const changed = await part.sqlRequest?.(request, call)
          if (changed !== undefined) request = frozenCopy(checkedRequest(changed, original))
        } catch (cause) {
          throw failed(extension, 'sqlRequest', cause)
        }
      }
      return request
    },
    async nativeRequest(original) {
      if (calls.every(({ part }) => part.nativeRequest === undefined)) return original
      let request = frozen(original, 'native', 'query')
      for (const { extension, part, call } of calls) {
        try {
          const changed = await part.nativeRequest?.(request, call)
          if (changed !== undefined) request = frozenCopy(checkedNative(changed, original))
        } catch (cause) {
          throw failed(extension, 'nativeRequest', cause)
        }
      }
      return request
    },
    async *rows(batches, signal) {
      const source = watched(batches)
      let current: AsyncIterable<readonly Row[]> = source as AsyncIterable<Row[]>
      for (const { extension, part, call } of calls) {
        try {
          const changed = synchronous(part.rows?.(current, call))
          if (changed !== undefined)
            current = named(changed, call, (cause) => failed(extension, 'rows', cause))
        } catch (cause) {
          throw failed(extension, 'rows', cause)
        }
      }
      yield* untilAborted(current as AsyncIterable<Batch>, signal, `query ${queryId}`)
      // One that swallows the error would leave half a result that looks whole.
      source.rethrow()
    },
    error(original) {
      let error = original
      for (const { extension, part, call } of calls) {
        if (part.error === undefined || !(error instanceof Error)) continue
        try {
          const changed: unknown = synchronous(part.error(error, call))
          if (changed === undefined) continue
          if (!(changed instanceof Error)) throw new TypeError('it answered with what is no Error')
          error = changed
        } catch (cause) {
          error = failed(extension, 'error', cause)
        }
      }
      return error
    },
  }
}

/** A query may be sent again, and its context is the application's: no hook changes it in place. */
function frozen<R extends SqlRequest | NativeRequest>(request: R, what: string, option: string): R {
  try {
    return frozenCopy(request)
  } catch (cause) {
    const why = `${what}: the query, or its context, holds what is no plain data`
    throw new DruidError('CONFIG', why, { option, cause })
  }
}

/** Text, parameters and context may be others; how the result is written, and its id, may not. */
function checkedRequest(changed: SqlRequest, original: SqlRequest): SqlRequest {
  const { query, parameters, context } = changed
  if (typeof query !== 'string' || query === '') throw new TypeError('its query is no text')
  if (typeof context !== 'object' || context === null)
    throw new TypeError('its context is no object')
  if (parameters !== undefined && !Array.isArray(parameters)) {
    throw new TypeError('its parameters are no list')
  }
  const { sqlQueryId } = original.context
  const { parameters: _, ...rest } = original
  return {
    ...rest,
    query,
    context: { ...context, sqlQueryId },
    ...(parameters !== undefined && parameters.length > 0 && { parameters }),
  }
}

/** Also the places of an array that hold nothing. */
function areRows(batch: readonly unknown[]): boolean {
  for (const row of batch) if (typeof row !== 'object' || row === null) return false
  return true
}

/** Errors and batches of a hook's iterable, checked. */
async function* named(
  batches: AsyncIterable<readonly Row[]>,
  { items }: HookCall,
  failed: (cause: unknown) => DruidError,
): AsyncGenerator<readonly Row[], void, undefined> {
  try {
    for await (const batch of batches) {
      if (!Array.isArray(batch)) throw new TypeError('it made a batch that is no array of rows')
      if (items === 'rows' && !areRows(batch))
        throw new TypeError('it made a row that is no object')
      yield batch
    }
  } catch (cause) {
    throw failed(cause)
  }
}
