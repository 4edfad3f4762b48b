import { isRecord } from '../error/record.ts'
import type { NativeContext } from '../native/context.ts'
import type { CustomQuery, NativeQuery } from '../native/query.ts'
import { nativeRequest, ownContext } from '../native/request.ts'
import { shapeless } from '../native/shaping.ts'
import type { Decoder } from '../result/decode.ts'
import { asNativeResult, type NativeResult } from '../result/native-elements.ts'
import { type AnyPolicy, valuesPolicy } from '../result/policy.ts'
import type { ResultStats } from '../result/rows.ts'
import { ResultStream } from '../result/stream.ts'
import { abortable } from './abort.ts'
import type { ClientDefaults } from './base.ts'
import { jsonBody, limitsOf, queryIdOf } from './call.ts'
import type { Connection } from './connection.ts'
import { mergedHeaders } from './headers.ts'
import type { NativeOptions, NativeStream } from './native-calls.ts'
import { runningHooks } from './query-hooks.ts'
import { type Call, Running } from './running.ts'
import { callTimeouts, timeoutContext } from './timeouts.ts'

type AnyQuery = NativeQuery | CustomQuery
type Items = 'rows' | 'elements'

/** A native query ready to be sent, with everything that options and defaults say of it. */
interface NativeCall extends Omit<Call, 'context'> {
  readonly query: AnyQuery
  readonly defaults: NativeContext | undefined
  readonly context: NativeContext
  readonly bigint: AnyPolicy['bigint']
}

/** All elements of the result. */
export async function nativeResult(
  connection: Connection,
  query: AnyQuery,
  options: NativeOptions,
  defaults: ClientDefaults,
): Promise<NativeResult<unknown>> {
  const call = callOf(connection, query, options, defaults)
  const result = runNative(connection, call, 'elements')
  const elements: unknown[] = []
  for await (const batch of result.batches) for (const element of batch) elements.push(element)
  return asNativeResult(elements, {
    queryId: call.queryId,
    stats: result.stats() as ResultStats,
    responseContext: responseContext(result.headers()),
  })
}

/** The flat rows of the result, as they come. */
export function nativeStream(
  connection: Connection,
  query: AnyQuery,
  options: NativeOptions,
  defaults: ClientDefaults,
): NativeStream<never> {
  const call = callOf(connection, query, options, defaults)
  return new NativeRows<never>(call.queryId, () => runNative(connection, call, 'rows'))
}

/** The stream of a native query. */
class NativeRows<R extends object> extends ResultStream<R> implements NativeStream<R> {
  #headers: (() => Headers | undefined) | undefined

  constructor(queryId: string, run: () => Running<Batch>) {
    super(queryId, () => {
      const running = run()
      this.#headers = () => running.headers()
      return running
    })
  }

  get responseContext(): Record<string, unknown> | undefined {
    const headers = this.#headers?.()
    return headers && responseContext(headers)
  }
}

function callOf(
  connection: Connection,
  query: AnyQuery,
  options: NativeOptions,
  defaults: ClientDefaults,
): NativeCall {
  const timeouts = callTimeouts(connection.timeouts, defaults, options)
  const own = ownContext(query)
  const queryId = queryIdOf(options.queryId ?? options.context?.queryId ?? own?.queryId)
  return {
    query,
    queryId,
    timeouts,
    defaults: {
      ...timeoutContext(timeouts),
      ...shapeless(defaults.context, { ...own, ...options.context }),
    },
    context: { ...options.context, queryId },
    headers: mergedHeaders(defaults.headers, options.headers),
    signals: [defaults.signal, options.signal],
    limits: limitsOf(options),
    bigint: valuesPolicy(defaults.values, options.values).bigint,
  }
}

type Batch = Record<string, unknown>[]

/** Runs `POST /druid/v2`. */
function runNative(connection: Connection, call: NativeCall, items: Items): Running<Batch> {
  const { queryId, bigint } = call
  const what = `query ${queryId}`
  const { queries } = connection.parts
  const hooks =
    queries.length > 0 ? runningHooks(queries, { queryId, language: 'native', items }) : undefined
  return new Running(connection, {
    endpoint: '/druid/v2',
    call,
    rows: hooks?.rows,
    failed: hooks?.error,
    async prepare(signal) {
      const original = nativeRequest(call.query, call.defaults, call.context)
      const hooked = hooks ? await abortable(hooks.nativeRequest(original), signal, what) : original
      const { maxRowBytes } = call.limits ?? {}
      const options = { what, queryId, bigint, maxRowBytes }
      // Loaded with the first native query.
      const { nativeReader } = await import('../result/native-reader.ts')
      const { query, decoder } = nativeReader(hooked, items, options)
      return {
        body: jsonBody(query, 'native: the query', 'query'),
        decoder: decoder as Decoder<Batch>,
      }
    },
  })
}

/** It is cut where it is too long for a header, and then not always JSON. */
function responseContext(headers: Headers | undefined): Record<string, unknown> {
  try {
    const context: unknown = JSON.parse(headers?.get('x-druid-response-context') ?? '{}')
    return isRecord(context) ? context : {}
  } catch {
    return {}
  }
}
