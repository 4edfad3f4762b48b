import { abortError } from '../error/abort.ts'
import { type CancelOutcome, DruidError, isDruidError } from '../error/error.ts'
import type { Decoder } from '../result/decode.ts'
import { type Limits, readBody } from '../result/read.ts'
import type { ResultStats } from '../result/rows.ts'
import type { QueryContext } from '../sql/context.ts'
import type { Connection, QueryEndpoint, Reply } from './connection.ts'

/** What options and defaults say of a query, whatever its language. */
export interface Call {
  readonly queryId: string
  readonly context: QueryContext
  readonly headers: Readonly<Record<string, string>>
  readonly signals: readonly (AbortSignal | undefined)[]
  readonly limits?: Limits | undefined
}

/** The hooks of extensions that see a query run. */
export interface BatchHooks<B> {
  rows(batches: AsyncIterable<B>, signal: AbortSignal): AsyncGenerator<B, void, undefined>
  /** The error to end with. */
  error(error: unknown): unknown
}

/** A query that can be sent. */
export interface Exchange<B, D extends Decoder<B>> {
  readonly endpoint: QueryEndpoint
  readonly call: Call
  readonly hooks: BatchHooks<B> | undefined
  /** The body to send, and what reads the reply. Called once, before it is sent. */
  prepare(signal: AbortSignal): Promise<{ readonly body: string; readonly decoder: D }>
}

/** A query under way: what is known of it so far. */
export interface Running<B, D> {
  readonly batches: AsyncGenerator<B, void, undefined>
  readonly decoder: D | undefined
  readonly headers: Headers | undefined
  /** Known at the end. */
  readonly stats: ResultStats | undefined
  /** Ends it now, even while a batch is awaited. */
  stop(): void
}

/**
 * Runs a query when its first batch is asked for. However it ends before the last byte – the caller
 * leaves, aborts, a row cannot be decoded – the server is told to stop: Druid does not notice that a
 * client has gone.
 */
export function running<B, D extends Decoder<B>>(
  connection: Connection,
  { endpoint, call, hooks, prepare }: Exchange<B, D>,
): Running<B, D> {
  const { queryId, headers } = call
  const what = `query ${queryId}`
  let decoder: D | undefined
  let reply: Reply | undefined
  let stats: ResultStats | undefined
  let abort: (reason: unknown) => void = nothing

  async function* batches(): AsyncGenerator<B, void, undefined> {
    const link = connection.link(call.signals)
    const { signal } = link
    abort = link.abort
    let stopped: Promise<CancelOutcome> | undefined
    const stop = (): Promise<CancelOutcome> => {
      stopped ??= connection.cancel({ endpoint, queryId, headers, planned: answered })
      return stopped
    }
    let mayRun = false
    let answered = false
    try {
      if (signal.aborted) throw abortError(signal, what)
      const prepared = await prepare(signal)
      decoder = prepared.decoder
      const onSend = (): void => {
        mayRun = true
        // Not only when the caller takes the next row: a stream may stand still when it is aborted.
        signal.addEventListener('abort', stop)
      }
      const start = performance.now()
      reply = await connection.send({
        method: 'POST',
        target: endpoint,
        headers,
        body: prepared.body,
        signal,
        // What writes is not sent to these endpoints: Druid takes INSERT and REPLACE at /sql/task.
        idempotent: true,
        queryId,
        onSend,
      })
      answered = true
      const reading = readBody(reply.body, decoder, { start, queryId, limits: call.limits })
      yield* hooks ? hooks.rows(reading.batches, signal) : reading.batches
      stats = reading.stats()
      // Where a hook left it before its end, it still runs.
      mayRun = !decoder.ended
    } catch (error) {
      if (reply === undefined && neverRan(error)) mayRun = false
      if (isDruidError(error) && 'status' in error) answered = true
      if (isDruidError(error, 'CANCELLED') && mayRun) {
        Object.defineProperty(error, 'serverCancel', { value: stop() })
      }
      throw hooks ? hooks.error(error) : error
    } finally {
      link.release()
      abort = nothing
      if (mayRun) void stop()
    }
  }

  return {
    batches: batches(),
    get decoder() {
      return decoder
    },
    get headers() {
      return reply?.headers
    },
    get stats() {
      return stats
    },
    stop() {
      abort(new DruidError('CLOSED', `${what}: its stream was closed`, { queryId }))
    },
  }
}

/** Before it starts and once it has ended there is nothing to abort. */
const nothing = (): void => {}

/** What a proxy answers in the place of a Druid that may still be at work. */
const PROXY_STATUS: ReadonlySet<unknown> = new Set([502, 504])

/** Druid answered with an error, or never heard of the query. */
function neverRan(error: unknown): boolean {
  if (!isDruidError(error)) return false
  if (isDruidError(error, 'CONNECT')) return error.reason === 'dns' || error.reason === 'refused'
  if ('status' in error) return !PROXY_STATUS.has(error.status)
  return error.code === 'CONFIG' || error.code === 'TLS'
}
