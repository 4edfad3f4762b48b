import type { QueryContext } from '@druid/core'
import {
  DruidError,
  type ExtensionHost,
  isDruidError,
  type PlainRequestOptions,
  pathSegment,
  type RequestOptions,
  type Row,
  type Rows,
  type Statement,
  sqlRequest,
} from '@druid/core/extension'
import { reportIn, type TalariaReport } from './details.ts'
import { withId } from './failure.ts'
import { type AsyncStatus, statusIn } from './status.ts'
import { type WaitOptions, waitForCompletion } from './wait.ts'

declare module '@druid/core' {
  interface QueryContext {
    /** The multi-stage engine of the Talaria alpha (until 2022.05). Default: off. */
    readonly talaria?: boolean | 'indexer' | 'server' | undefined
    /** How many tasks it may take. */
    readonly talariaNumTasks?: number | undefined
  }
}

/** Options of one request: `signal` ends it, `headers` go with it. */
export type AsyncOptions = RequestOptions

/** Options of {@link ImplyClient.submit}. */
export interface SubmitOptions extends RequestOptions {
  /** Query context, e.g. `{ talaria: true }` for the multi-stage engine of the Talaria alpha. */
  readonly context?: QueryContext | undefined
}

/** Options of `run`. */
export interface RunOptions extends SubmitOptions, WaitOptions {}

const PATH = '/druid/v2/sql/async'

/**
 * The async SQL downloads of Imply (extension `imply-sql-async` of the Broker): a query is
 * submitted, runs without a connection, and leaves a result file that can be fetched until its
 * retention time is over. Follows Imply's "SQL async download API"
 * (docs.imply.io/latest/druid/querying/sql-async-download-api), and the documentation of the
 * Talaria alpha (until 2022.05), which answers at the same paths to queries with the context
 * `talaria: true`. Imply recommends Druid's own `/druid/v2/sql/statements` today.
 *
 * Imply publishes no server, so this was never run against one: what it relies on is in the
 * documentation of each method.
 */
export class ImplyClient {
  readonly #client: ExtensionHost

  constructor(client: ExtensionHost) {
    this.#client = client
  }

  /**
   * Submits a query (`POST /druid/v2/sql/async`, answered with 202) and resolves with its first
   * status, most often `INITIALIZED`. Keep `asyncResultId`: it is all that the other methods need,
   * from any process. The result file is asked for in the format that `results` reads.
   *
   * Query context set for the whole connection is not sent; give `options.context`. The request is
   * sent once: a lost reply may leave a query that nobody knows the id of.
   * @throws DruidError `INVALID_INPUT` for a query that Druid refuses; `CAPACITY` (429) when too
   * many async queries run or too many results are kept; `UNSUPPORTED` where the server has no
   * async downloads.
   */
  async submit(
    statement: Statement<object> | string,
    options: SubmitOptions = {},
  ): Promise<AsyncStatus> {
    const body = sqlRequest(statement, options.context)
    try {
      const reply = await this.#client.request('POST', PATH, body, requestOptions(options))
      return statusIn(reply, `POST ${PATH}`)
    } catch (error) {
      throw isMissing(error) ? noDownloads(error, error.status) : error
    }
  }

  /**
   * How far a query is (`GET /druid/v2/sql/async/{id}/status`).
   * @throws DruidError `NOT_FOUND` for an id that the server does not know (any more).
   */
  async status(id: string, options: AsyncOptions = {}): Promise<AsyncStatus> {
    const path = pathOf(id, '/status')
    const reply = await this.#ask('GET', path, id, requestOptions(options))
    return statusIn(reply, `GET ${path}`)
  }

  /**
   * Asks for the status until it is `COMPLETE`, and resolves with that one. A first answer that is
   * not final is followed by another after 100 ms, then less and less often, down to every
   * `pollInterval`. `UNDETERMINED` (the Broker that ran it was lost, and may come back), and failures
   * that may pass (no connection, 429, 502, 503) after a first good answer, are put up with for
   * `undeterminedFor`. Aborting ends the waiting, not the query.
   * @throws DruidError `TASK_FAILED` with the server's reason; it is `retryable` when the state
   * just stayed `UNDETERMINED`. `NOT_FOUND` as by `status`.
   */
  wait(id: string, options: WaitOptions = {}): Promise<AsyncStatus> {
    return waitForCompletion((request) => this.status(id, request), id, options, undefined)
  }

  /**
   * The rows of a complete query (`GET /druid/v2/sql/async/{id}/results`), read as `query` of the
   * client does, with the same proof that they are all. The whole result is held in memory.
   * @throws DruidError `TRUNCATED` when the file ends before its end; `INEXACT` for an integer that
   * a number cannot hold; `DECODE` for another format; `NOT_FOUND` for a result that is not there
   * yet, or not any more.
   */
  results<R extends object = Row>(id: string, options: AsyncOptions = {}): Promise<Rows<R>> {
    const request = { ...requestOptions(options), expect: 'rows' as const }
    return this.#ask<Rows<R>>('GET', pathOf(id, '/results'), id, request)
  }

  /**
   * Talaria's report on a query: its stages, and its error (`GET /druid/v2/sql/async/{id}`).
   * `undefined` while there is none: Talaria answers 404 or 500 while a task starts or ends, and
   * downloads run by a Broker have no report.
   */
  async details(id: string, options: AsyncOptions = {}): Promise<TalariaReport | undefined> {
    try {
      return reportIn(
        await this.#client.request('GET', pathOf(id), undefined, requestOptions(options)),
      )
    } catch (error) {
      if (isDruidError(error, 'NOT_FOUND')) return undefined
      if (isDruidError(error, 'SERVER') && error.status === 500) return undefined
      throw withId(error, id)
    }
  }

  /**
   * Ends a query and removes its result (`DELETE /druid/v2/sql/async/{id}`); for a complete one,
   * removes the result. Talaria ends the query and keeps what there is of its result. Resolves with
   * `false` if the server does not know the id, which is then gone already.
   */
  async cancel(id: string, options: AsyncOptions = {}): Promise<boolean> {
    try {
      const request = { ...requestOptions(options), expect: 'text' as const }
      await this.#client.request('DELETE', pathOf(id), undefined, request)
      return true
    } catch (error) {
      if (isDruidError(error, 'NOT_FOUND')) return false
      throw withId(error, id)
    }
  }

  /**
   * `submit`, `wait`, `results`, and then `cancel`, so that nothing stays on the server. Aborting
   * cancels the query there too, and so does failing. When the result is there but cannot be read,
   * or the server stays out of reach, it is kept: the error's `queryId` is the id.
   * @throws DruidError as the four methods.
   */
  async run<R extends object = Row>(
    statement: Statement<R> | string,
    options: RunOptions = {},
  ): Promise<Rows<R>> {
    const { signal, headers, context, pollInterval, undeterminedFor } = options
    const request = { signal, headers }
    const waiting = { ...request, pollInterval, undeterminedFor }
    const submitted = await this.submit(statement, { ...request, context })
    const id = submitted.asyncResultId
    try {
      const poll = (again: AsyncOptions): Promise<AsyncStatus> => this.status(id, again)
      await waitForCompletion(poll, id, waiting, submitted)
      const rows = await this.results<R>(id, request)
      await this.#remove(id, headers)
      return rows
    } catch (error) {
      if (signal?.aborted) {
        const serverCancel = this.#remove(id, headers)
        if (isDruidError(error, 'CANCELLED')) {
          Object.defineProperty(error, 'serverCancel', { value: serverCancel })
        }
      } else if (isDruidError(error, 'TASK_FAILED')) {
        await this.#remove(id, headers)
      }
      throw error
    }
  }

  /** Never rejects: what cannot be removed expires. */
  #remove(
    id: string,
    headers: AsyncOptions['headers'],
  ): Promise<'accepted' | 'unknown' | 'failed'> {
    return this.cancel(id, { headers }).then(
      (known) => (known ? 'accepted' : 'unknown'),
      () => 'failed',
    )
  }

  async #ask<T>(
    method: string,
    path: string,
    id: string,
    request: PlainRequestOptions,
  ): Promise<T> {
    try {
      return await this.#client.request<T>(method, path, undefined, request)
    } catch (error) {
      throw isDruidError(error, 'NOT_FOUND') ? noResult(error, method, path, id) : withId(error, id)
    }
  }
}

function requestOptions({ signal, headers }: AsyncOptions): AsyncOptions {
  return { ...(signal && { signal }), ...(headers && { headers }) }
}

function pathOf(id: string, part = ''): string {
  return `${PATH}/${pathSegment(id)}${part}`
}

/** Druid without the extension answers 404, or 405 as it knows the path for DELETE. */
function isMissing(error: unknown): error is DruidError & { readonly status: number } {
  return isDruidError(error) && 'status' in error && (error.status === 404 || error.status === 405)
}

function noDownloads(cause: unknown, status: number): DruidError<'UNSUPPORTED'> {
  return new DruidError(
    'UNSUPPORTED',
    `POST ${PATH} failed with HTTP ${status}: this server has no async downloads; they need Imply's extension imply-sql-async on the Broker`,
    { status, cause },
  )
}

function noResult(
  cause: DruidError<'NOT_FOUND'>,
  method: string,
  path: string,
  id: string,
): DruidError<'NOT_FOUND'> {
  const why = path.endsWith('/results')
    ? 'the server has no such result: the query is not complete (see wait), was cancelled, or its retention time is over'
    : 'the server knows no such query: it was cancelled, or the retention time of its result is over'
  return new DruidError('NOT_FOUND', `${method} ${path}: ${why}; submit it again`, {
    ...(cause.status !== undefined && { status: cause.status }),
    queryId: id,
    cause,
  })
}
