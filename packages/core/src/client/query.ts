import { abortError } from '../error/abort.ts'
import { type CancelOutcome, DruidError, isDruidError } from '../error/error.ts'
import { exactJson } from '../result/json.ts'
import { valuesPolicy } from '../result/policy.ts'
import { readBody } from '../result/read.ts'
import { rowDecoder } from '../result/row-body.ts'
import type { ResultStats } from '../result/rows.ts'
import type { RunningResult } from '../result/stream.ts'
import { type SqlRequest, sqlRequest } from '../sql/request.ts'
import type { Statement } from '../sql/statement.ts'
import { abortable } from './abort.ts'
import { decodersOf } from './codecs.ts'
import type { Connection, Outgoing, Reply } from './connection.ts'
import { type RunningHooks, runningHooks } from './query-hooks.ts'

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
  const { parts } = connection
  const what = `query ${call.queryId}`
  const decoder = rowDecoder({
    what,
    queryId: call.queryId,
    policy: valuesPolicy(),
    decoders: decodersOf(parts.codecs),
  })
  const hooks = parts.queries.length > 0 ? runningHooks(parts.queries, call.queryId) : undefined
  let stats: ResultStats | undefined
  let abort: (reason: unknown) => void = nothing

  async function* batches(): AsyncGenerator<Record<string, unknown>[], void, undefined> {
    const link = connection.link(call.signals)
    abort = link.abort
    let stopped: Promise<CancelOutcome> | undefined
    const stop = (): Promise<CancelOutcome> => {
      stopped ??= connection.cancel(call.queryId, call.headers, answered)
      return stopped
    }
    let mayRun = false
    let reply: Reply | undefined
    let answered = false
    try {
      if (link.signal.aborted) throw abortError(link.signal, what)
      const request = await prepared(call, hooks, link.signal)
      const onSend = (): void => {
        mayRun = true
        // Not only when the caller takes the next row: a stream may stand still when it is aborted.
        link.signal.addEventListener('abort', stop)
      }
      const start = performance.now()
      reply = await connection.send({ ...outgoing(request, call, link.signal), onSend })
      answered = true
      const reading = readBody(reply.body, decoder, start)
      yield* hooks ? hooks.rows(reading.batches) : reading.batches
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
    queryId: call.queryId,
    get columns() {
      return decoder.columns
    },
    get stats() {
      return stats
    },
    batches: batches(),
    stop() {
      abort(new DruidError('CLOSED', `${what}: its stream was closed`, { queryId: call.queryId }))
    },
  }
}

/** Before it starts and once it has ended there is nothing to abort. */
const nothing = (): void => {}

/** The request as it is sent: what the statement says, and what hooks make of it. */
async function prepared(
  call: QueryCall,
  hooks: RunningHooks | undefined,
  signal: AbortSignal,
): Promise<SqlRequest> {
  const request = sqlRequest(call.statement, { ...call.context, sqlQueryId: call.queryId })
  if (hooks === undefined) return request
  return abortable(hooks.request(request), signal, `query ${call.queryId}`)
}

function outgoing(request: SqlRequest, call: QueryCall, signal: AbortSignal): Outgoing {
  return {
    method: 'POST',
    target: '/druid/v2/sql',
    headers: call.headers,
    body: bodyOf(request),
    signal,
    // A statement that writes is not sent here: Druid takes INSERT and REPLACE at /sql/task.
    idempotent: true,
    queryId: call.queryId,
  }
}

function bodyOf(request: SqlRequest): string {
  try {
    return exactJson(request)
  } catch (cause) {
    throw new DruidError('CONFIG', 'query: its context cannot be written as JSON', {
      option: 'context',
      cause,
    })
  }
}

/** What a proxy answers in the place of a Druid that may still be at work. */
const PROXY_STATUS: ReadonlySet<unknown> = new Set([502, 504])

/** Druid answered with an error, or never heard of the query. */
function neverRan(error: unknown): boolean {
  if (!isDruidError(error)) return false
  if (isDruidError(error, 'CONNECT')) return error.reason === 'dns' || error.reason === 'refused'
  if ('status' in error) return !PROXY_STATUS.has(error.status)
  return error.code === 'CONFIG' || error.code === 'TLS'
}
