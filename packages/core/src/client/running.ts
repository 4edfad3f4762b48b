import { abortError, ending } from '../error/abort.ts'
import { type CancelOutcome, DruidError, isDruidError } from '../error/error.ts'
import type { ObservedStats } from '../observe/events.ts'
import type { Column } from '../result/column.ts'
import type { Decoder } from '../result/decode.ts'
import { type Limits, Reading } from '../result/read.ts'
import type { ResultStats } from '../result/rows.ts'
import type { QueryContext } from '../sql/context.ts'
import type { QueryEndpoint } from './cancel.ts'
import { type Connection, type Reply, told, withoutCookies } from './connection.ts'
import { type CallTimeouts, Clock } from './timeouts.ts'

/** What options and defaults say of a query, whatever its language. */
export interface Call {
  readonly queryId: string
  readonly context: QueryContext
  readonly headers: Readonly<Record<string, string>>
  readonly signals: readonly (AbortSignal | undefined)[]
  readonly limits?: Limits | undefined
  readonly timeouts: CallTimeouts
}

/** What becomes of the batches before they are handed out; an abort of the signal ends it. */
export type Through<B> = (
  batches: AsyncIterable<B>,
  signal: AbortSignal,
) => AsyncGenerator<B, void, undefined>

/** A query that can be sent. */
export interface Exchange<B, D extends Decoder<B>> {
  readonly endpoint: QueryEndpoint
  readonly call: Omit<Call, 'context'>
  /** Default: they are handed out as they are. */
  readonly rows?: Through<B> | undefined
  /** The error to end with. Default: as it is. */
  readonly failed?: ((error: unknown) => unknown) | undefined
  /** What it hands out. Default: rows; of bytes nobody knows how many rows they are. */
  readonly items?: 'rows' | 'bytes' | undefined
  /** The body to send, and what reads the reply. Called once, before it is sent. */
  prepare(signal: AbortSignal): Promise<{ readonly body: string; readonly decoder: D }>
}

/**
 * A query under way: it runs when its first batch is asked for. However it ends before the last byte –
 * the caller leaves, aborts, a row cannot be decoded – the server is told to stop: Druid does not notice
 * that a client has gone.
 */
export class Running<B, D extends Decoder<B> = Decoder<B>> {
  readonly queryId: string
  readonly batches: AsyncGenerator<B, void, undefined>
  readonly #connection: Connection
  readonly #exchange: Exchange<B, D>
  #decoder: D | undefined
  #reply: Reply | undefined
  #stats: ResultStats | undefined
  #abort: (reason: unknown) => void = nothing
  /** Why it must not begin any more. */
  #stopped: DruidError | undefined

  constructor(connection: Connection, exchange: Exchange<B, D>) {
    this.#connection = connection
    this.#exchange = exchange
    this.queryId = exchange.call.queryId
    this.batches = this.#run()
  }

  /** Empty until the first batch has come, or the end of an empty result. */
  columns(): readonly Column[] {
    return this.#decoder?.columns() ?? []
  }

  /** Those of the reply, once it has begun. */
  headers(): Headers | undefined {
    return this.#reply && withoutCookies(this.#reply.response.headers)
  }

  /** Known at the end. */
  stats(): ResultStats | undefined {
    return this.#stats
  }

  /** Ends it now, even while a batch is awaited. */
  stop(): void {
    const { queryId } = this
    const why = `query ${queryId}: its stream was closed`
    this.#stopped = ending(new DruidError('CLOSED', why, { queryId }))
    this.#abort(this.#stopped)
  }

  #told(stats: ResultStats | undefined): ObservedStats | undefined {
    if (stats === undefined || this.#exchange.items !== 'bytes') return stats
    return { ...stats, rows: undefined }
  }

  async *#run(): AsyncGenerator<B, void, undefined> {
    const connection = this.#connection
    const { endpoint, call, rows, failed, prepare } = this.#exchange
    const { queryId, headers } = call
    const link = connection.link(call.signals)
    const { signal } = link
    this.#abort = link.abort
    if (this.#stopped !== undefined) link.abort(this.#stopped)
    const clock = new Clock(link.abort, call.timeouts)
    signal.addEventListener('abort', () => clock.release())
    let sentTo: URL | undefined
    let stopped: Promise<CancelOutcome> | undefined
    const stop = (): Promise<CancelOutcome> => {
      stopped ??= connection.cancel({ endpoint, queryId, headers, planned: answered, sentTo })
      return stopped
    }
    const opening = connection.observe(endpoint === '/druid/v2' ? 'native' : 'query', queryId)
    const observed = opening && (await opening)
    let reading: Reading<B> | undefined
    let mayRun = false
    let answered = false
    let isOver = false
    try {
      if (signal.aborted) throw abortError(signal, `query ${queryId}`)
      const { body, decoder } = await prepare(signal)
      this.#decoder = decoder
      observed?.asks(body)
      const onSend = (url: URL): void => {
        mayRun = true
        sentTo = url
        connection.queries.set(queryId, url)
        clock.sent()
        // Not only when the caller takes the next row: a stream may stand still when it is aborted.
        signal.addEventListener('abort', stop)
      }
      const start = performance.now()
      const reply = await connection.send({
        method: 'POST',
        target: endpoint,
        headers,
        body,
        signal,
        // What writes is not sent to these endpoints: Druid takes INSERT and REPLACE at /sql/task.
        idempotent: true,
        queryId,
        onSend,
        until: clock.until,
        clock,
        replied: () => clock.replied(),
        paused: () => clock.replied(),
        observed,
      })
      observed?.replied()
      this.#reply = reply
      answered = true
      const { limits } = call
      reading = new Reading(reply.response.body, decoder, { start, queryId, limits, clock })
      yield* rows?.(reading.batches, signal) ?? reading.batches
      this.#stats = reading.stats()
      // Where a hook left it before its end, it still runs.
      mayRun = !decoder.ended()
      isOver = true
      observed?.end('done', this.#told(this.#stats))
    } catch (error) {
      if (this.#reply === undefined && neverRan(error)) mayRun = false
      if (isDruidError(error) && 'status' in error) answered = true
      if (isDruidError(error)) told(error, { queryId, attempt: this.#reply?.attempt ?? 1 })
      if (isDruidError(error, 'CANCELLED') && mayRun) {
        Object.defineProperty(error, 'serverCancel', { value: stop() })
      }
      const failure = failed ? failed(error) : error
      isOver = true
      observed?.failed(failure, this.#told(reading?.stats()))
      throw failure
    } finally {
      clock.release()
      link.release()
      connection.queries.delete(queryId)
      this.#abort = nothing
      if (!isOver) observed?.end('left', this.#told(reading?.stats()))
      // Also where nobody began to read it.
      if (this.#decoder?.ended() !== true) this.#reply?.response.body.discard()
      if (mayRun) void stop()
    }
  }
}

/** Before it starts and once it has ended there is nothing to abort. */
const nothing = (): void => {}

/** What a proxy answers in the place of a Druid that may still be at work. */
const PROXY_STATUS: ReadonlySet<unknown> = new Set([
  408, 499, 502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530, 598, 599,
])

/** Druid answered with an error, or never heard of the query. */
function neverRan(error: unknown): boolean {
  if (!isDruidError(error)) return false
  if (isDruidError(error, 'CONNECT')) return error.reason === 'dns' || error.reason === 'refused'
  if (isDruidError(error, 'TIMEOUT') && error.phase === 'connect') return true
  if ('status' in error) return !PROXY_STATUS.has(error.status)
  return error.code === 'CONFIG' || error.code === 'TLS'
}
