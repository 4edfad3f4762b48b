import { abortError, isRecord } from '@druid/core/extension'
import { type Answering, called, piecesOf, type ResultEnd, replyOf } from './answer.ts'
import { legacyError } from './error.ts'
import { wrongFake } from './problem.ts'
import { type FakeReply, reply } from './reply.ts'
import type { FakeRequest } from './request.ts'
import { type ResultStyle, resultFormatOf, styleOf } from './result.ts'
import type { Server } from './server.ts'
import { selectServers } from './servers-table.ts'
import { refusedBody } from './sql-body.ts'
import { type FakeQuery, type SqlAnswer, type SqlHandler, squeezed } from './sql-rules.ts'
import { type FakeResult, isResult } from './table.ts'

/** The part of Druid that answers SQL. */
export interface SqlEndpoint {
  /** In the order they came. */
  readonly queries: FakeQuery[]
  /** Ids of the queries that still run. */
  running(): string[]
  /** `POST /druid/v2/sql` */
  run(request: FakeRequest, attempted: string, trailers: boolean): Promise<FakeReply>
  /** `DELETE /druid/v2/sql/{sqlQueryId}` */
  cancel(queryId: string): FakeReply
}

interface Running {
  cancel(): void
}

export function sqlEndpoint(setup: {
  readonly answer: SqlHandler
  readonly servers: () => readonly Server[]
  readonly version: string
}): SqlEndpoint {
  const queries: FakeQuery[] = []
  const running = new Map<string, Set<Running>>()

  async function run(
    request: FakeRequest,
    attempted: string,
    sendsTrailers: boolean,
  ): Promise<FakeReply> {
    const refused = refusedBody(request, setup.version)
    if (refused !== undefined) return refused
    const { query, stop } = queryOf(request)
    queries.push(query)
    const life = started(query.queryId, stop)
    const style = styleOf(request.body)
    const headers = queryHeaders(query.queryId, style.header)
    const result = (answer: FakeResult, end: ResultEnd): FakeReply =>
      resultOf(answer, end, { query, style, headers, sendsTrailers, over: life.end })
    const answering: Answering = {
      attempted,
      signal: query.signal,
      givenUp: givenUp(query.signal, attempted),
      result,
      data(answer) {
        if (isResult(answer)) return result(answer, {})
        throw wrongFake(
          'a query is answered by rows, { columns, rows }, druidError(…) or a fault like noAnswer()',
          'sql',
        )
      },
    }
    try {
      const answer = (await called(setup.answer, [query], answering)) ?? own(query)
      const made = await replyOf(answer, answering)
      if (typeof made.body !== 'function') life.end()
      return made.ofDruid ? { ...made, headers: { ...headers, ...made.headers } } : made
    } catch (error) {
      if (error === CANCELLED) {
        const made = cancelled()
        return { ...made, headers: { ...headers, ...made.headers } }
      }
      // Druid goes on with a query whose caller has left.
      if (!request.signal.aborted) life.end()
      throw error
    }
  }

  /** What the fake can answer by itself: what it knows of its servers. */
  function own(query: FakeQuery): SqlAnswer {
    const found = selectServers(query, setup.servers(), setup.version)
    if (found !== undefined) return found
    const shown = squeezed(query.sql)
    throw wrongFake(
      `no answer for the statement: ${shown}\nAdd one: fakeDruid({ sql: [[${JSON.stringify(shown)}, [{ column: 1 }]]] })`,
      'sql',
    )
  }

  function started(queryId: string, stop: () => void): { end(): void } {
    const all = running.get(queryId) ?? new Set()
    const end = (): void => {
      all.delete(one)
      if (all.size === 0 && running.get(queryId) === all) running.delete(queryId)
    }
    const one = {
      cancel() {
        end()
        stop()
      },
    }
    running.set(queryId, all.add(one))
    return { end }
  }

  return {
    queries,
    running: () => [...running.keys()],
    run,
    cancel(queryId) {
      const all = [...(running.get(queryId) ?? [])]
      for (const one of all) one.cancel()
      const status = all.length > 0 ? 202 : 404
      return {
        ...reply({ status, headers: { 'content-type': 'application/json' } }),
        ofDruid: true,
      }
    },
  }
}

const CANCELLED = Symbol('cancelled on the server')

function cancelled(): FakeReply {
  return legacyError({ error: 'Query cancelled', errorMessage: 'Task was cancelled.' })
}

function queryOf(request: FakeRequest): { query: FakeQuery; stop: () => void } {
  const { body } = request
  const { query: sql, parameters, context, resultFormat } = body as Record<string, unknown>
  const known = isRecord(context) ? context : {}
  const controller = new AbortController()
  request.signal.addEventListener('abort', () => controller.abort(request.signal.reason), {
    once: true,
  })
  if (request.signal.aborted) controller.abort(request.signal.reason)
  return {
    query: {
      sql: String(sql),
      parameters: Array.isArray(parameters) ? parameters : [],
      context: known,
      queryId: typeof known.sqlQueryId === 'string' ? known.sqlQueryId : crypto.randomUUID(),
      resultFormat: resultFormatOf(resultFormat) ?? 'object',
      request,
      signal: controller.signal,
    },
    stop: () => controller.abort(CANCELLED),
  }
}

function givenUp(signal: AbortSignal, attempted: string): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    const give = (): void =>
      reject(signal.reason === CANCELLED ? CANCELLED : abortError(signal, attempted))
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
  promise.catch(() => {})
  return promise
}

function queryHeaders(queryId: string, header: boolean): Record<string, string> {
  return {
    'x-druid-query-id': queryId,
    'x-druid-sql-query-id': queryId,
    ...(header && { 'x-druid-sql-header-included': 'yes' }),
  }
}

/** The reply with a result, which is made while it is read. */
function resultOf(
  answer: FakeResult,
  end: ResultEnd,
  how: {
    readonly query: FakeQuery
    readonly style: ResultStyle
    readonly headers: Readonly<Record<string, string>>
    readonly sendsTrailers: boolean
    readonly over: () => void
  },
): FakeReply {
  const { query, sendsTrailers } = how
  const pieces = piecesOf(answer, how.style, end)
  let reason = end.after === undefined ? undefined : end.reason
  let complete = end.after === undefined
  return {
    '~fake': 'reply',
    status: 200,
    headers: {
      ...how.headers,
      ...(sendsTrailers && { trailer: 'X-Druid-Response-Complete' }),
      'x-druid-response-context': '{}',
      'content-type': 'application/json',
    },
    async *body() {
      for await (const piece of pieces()) {
        if (query.signal.reason === CANCELLED) {
          complete = false
          reason = 'Query cancelled'
          return
        }
        yield piece
      }
      how.over()
    },
    ...(sendsTrailers && {
      trailers: () => ({
        'x-druid-response-complete': String(complete),
        ...(reason !== undefined && { 'x-error-message': reason }),
      }),
    }),
    ofDruid: true,
  }
}
