import { type CancelOutcome, isDruidError } from '../error/error.ts'
import { rowDecoder } from '../result/decode.ts'
import type { ResultStats } from '../result/rows.ts'
import type { RunningResult } from '../result/stream.ts'
import { sqlRequestBody } from '../sql/request.ts'
import type { Statement } from '../sql/statement.ts'
import { abortError } from '../transport/failure.ts'
import type { Connection, Outgoing, Reply } from './connection.ts'

/** A query ready to be sent: its statement, and everything that options and defaults say of it. */
export interface QueryCall {
  readonly statement: Statement<object>
  readonly queryId: string
  readonly context: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
  readonly signals: readonly (AbortSignal | undefined)[]
}

/**
 * Runs `POST /druid/v2/sql` when its first batch is asked for. However it ends before the last
 * byte – the caller leaves, aborts, a row cannot be decoded – the server is told to stop: Druid
 * does not notice that a client has gone.
 */
export function runQuery(connection: Connection, call: QueryCall): RunningResult {
  const decoder = rowDecoder(call.queryId)
  const what = `query ${call.queryId}`
  let stats: ResultStats | undefined

  async function* batches(): AsyncGenerator<Record<string, unknown>[], void, undefined> {
    const link = connection.link(call.signals)
    let stopped: Promise<CancelOutcome> | undefined
    const stop = (): Promise<CancelOutcome> => {
      stopped ??= connection.cancel(call.queryId)
      return stopped
    }
    let mayRun = false
    let reply: Reply | undefined
    try {
      if (link.signal.aborted) throw abortError(link.signal, what)
      // Not only when the caller takes the next row: a stream may stand still when it is aborted.
      link.signal.addEventListener('abort', stop)
      mayRun = true
      const start = performance.now()
      let bytes = 0
      let decodeTime = 0
      reply = await connection.send(outgoing(call, link.signal))
      const timeToFirstByte = performance.now() - start
      for await (const chunk of reply.body) {
        bytes += chunk.length
        const before = performance.now()
        const batch = decoder.push(chunk)
        decodeTime += performance.now() - before
        if (batch.length > 0) yield batch
      }
      mayRun = false
      decoder.end(reply.body.trailers())
      const duration = performance.now() - start
      stats = { rows: decoder.rows, bytes, timeToFirstByte, duration, decodeTime }
    } catch (error) {
      if (reply === undefined && neverRan(error)) mayRun = false
      if (isDruidError(error, 'CANCELLED') && mayRun) {
        Object.defineProperty(error, 'serverCancel', { value: stop() })
      }
      throw reply !== undefined && isDruidError(error, 'CONNECT') ? decoder.broken(error) : error
    } finally {
      link.release()
      if (mayRun) void stop()
    }
  }

  return {
    queryId: call.queryId,
    get columns() {
      return decoder.columns
    },
    get stats() {
      return stats
    },
    batches: batches(),
  }
}

function outgoing(call: QueryCall, signal: AbortSignal): Outgoing {
  return {
    method: 'POST',
    target: '/druid/v2/sql',
    headers: call.headers,
    body: sqlRequestBody(call.statement, { ...call.context, sqlQueryId: call.queryId }),
    signal,
    // A statement that writes is not sent here: Druid takes INSERT and REPLACE at /sql/task.
    idempotent: true,
    queryId: call.queryId,
  }
}

/** Druid answered with an error, or never heard of the query. */
function neverRan(error: unknown): boolean {
  if (isDruidError(error, 'CONNECT')) return error.reason === 'dns' || error.reason === 'refused'
  return (
    isDruidError(error) && ('status' in error || error.code === 'CONFIG' || error.code === 'TLS')
  )
}
