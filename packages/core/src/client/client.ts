import { DruidError } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'
import type { Extension } from '../extension/definition.ts'
import type { ExtensionHost } from '../extension/host.ts'
import type { ClientOf } from '../extension/methods.ts'
import type { Registry } from '../extension/registry.ts'
import type { ExtensionReport } from '../extension/report.ts'
import { asRows, type ResultStats, type Rows } from '../result/rows.ts'
import { type RowStream, type RunningResult, rowStream } from '../result/stream.ts'
import { asStatement, type DruidValue, type Row, type Statement } from '../sql/statement.ts'
import type { Connection } from './connection.ts'
import {
  asText,
  type FormatMethods,
  type FormattedResult,
  formatted,
  formatterOf,
} from './format.ts'
import type { PlainRequestOptions, QueryContext, QueryOptions, RequestOptions } from './options.ts'
import { plainRequest } from './plain-request.ts'
import { runQuery } from './query.ts'

/** What a derived client sends with everything, unless a call says otherwise. */
export interface ClientDefaults {
  readonly context?: QueryContext | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

/** The client of a connection, without what extensions add. */
export interface ClientBase extends ExtensionHost {
  /**
   * A client on the same connection that sends these with everything: context and headers are
   * added to this one's, an abort of either signal counts. Closing it closes nothing.
   */
  with(defaults: ClientDefaults): this
  /** An extension's client by its definition. @throws DruidError `EXTENSION` when not active here. */
  extension<X extends Extension<string, { readonly client: unknown }>>(extension: X): ClientOf<X>
  extension(name: string): unknown
  /** What became of every extension listed or discovered. */
  extensions(): readonly ExtensionReport[]
  /**
   * Disposes of what extensions made, the last made first; ends what is under way, on the server
   * too; closes idle sockets. Calling it again waits for the same.
   * @throws AggregateError of DruidErrors when extensions failed to close; all else is done then.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What the clients of one connection share. */
export interface SharedConnection {
  readonly connection: Connection
  readonly registry: Registry
  closing: Promise<void> | undefined
}

const QUERY_OPTIONS = ['signal', 'headers', 'queryId', 'context']
const REQUEST_OPTIONS = ['signal', 'headers', 'expect', 'idempotent']
const DEFAULTS = ['context', 'headers', 'signal']

export class Client implements ClientBase, FormatMethods<[name: string, options?: unknown]> {
  readonly #shared: SharedConnection
  readonly #connection: Connection
  readonly #defaults: ClientDefaults
  readonly #derived: boolean

  /** `connection`: of a derived client, where its requests go by another way than the shared one. */
  constructor(shared: SharedConnection, defaults: ClientDefaults, connection?: Connection) {
    this.#shared = shared
    this.#connection = connection ?? shared.connection
    this.#defaults = defaults
    this.#derived = connection !== undefined
  }

  async query<R extends object = Row>(
    statement: Statement<R> | string,
    options: QueryOptions = {},
  ): Promise<Rows<R>> {
    const result = this.#run(statement, options)
    const rows: R[] = []
    for await (const batch of result.batches) {
      for (const row of batch as R[]) rows.push(row)
    }
    const { queryId, columns } = result
    return asRows(rows, { queryId, columns, stats: result.stats as ResultStats })
  }

  async one<R extends object = Row>(
    statement: Statement<R> | string,
    options: QueryOptions = {},
  ): Promise<R> {
    const { row, queryId } = await this.#only<R>(statement, options)
    if (row !== undefined) return row
    throw new DruidError(
      'NOT_FOUND',
      `query ${queryId} returned no row where one was asked for; use maybeOne() if there may be none`,
      { queryId },
    )
  }

  async maybeOne<R extends object = Row>(
    statement: Statement<R> | string,
    options: QueryOptions = {},
  ): Promise<R | undefined> {
    return (await this.#only<R>(statement, options)).row
  }

  async value<V = DruidValue>(
    statement: Statement<object> | string,
    options: QueryOptions = {},
  ): Promise<V> {
    const row = await this.one<Row>(statement as Statement<Row>, options)
    const values = Object.values(row)
    if (values.length === 1) return values[0] as V
    throw new DruidError(
      'LIMIT',
      `value() wants a query of one column, and this one has ${values.length} (${Object.keys(row).join(', ')}); use one()`,
      { limit: 1 },
    )
  }

  stream<R extends object = Row>(
    statement: Statement<R> | string,
    options: QueryOptions = {},
  ): RowStream<R> {
    return rowStream<R>(this.#run(statement, options))
  }

  async format(
    statement: Statement<object> | string,
    name: string,
    options?: unknown,
  ): Promise<string> {
    return asText(name, this.formatStream(statement, name, options))
  }

  formatStream(
    statement: Statement<object> | string,
    name: string,
    options?: unknown,
  ): FormattedResult {
    const formatter = formatterOf(this.#connection.parts.formatters, name)
    const pieces = formatted(name, formatter, options, this.#run(statement, {}))
    return { mediaType: formatter.part.mediaType, [Symbol.asyncIterator]: () => pieces }
  }

  async request<T = unknown>(
    method: string,
    path: string | URL,
    body?: unknown,
    options: PlainRequestOptions = {},
  ): Promise<T> {
    checkNames(options, REQUEST_OPTIONS, 'request')
    const defaults = this.#defaults
    return plainRequest(this.#connection, method, path, body, options, defaults) as Promise<T>
  }

  async version(options: RequestOptions = {}): Promise<string> {
    const status = await this.request<{ version?: unknown } | undefined>(
      'GET',
      '/status',
      undefined,
      options,
    )
    if (typeof status?.version === 'string') return status.version
    throw new DruidError(
      'DECODE',
      'GET /status told no version; is the URL that of a Druid service?',
    )
  }

  with(defaults: ClientDefaults): this {
    checkNames(defaults, DEFAULTS, 'with')
    const mine = this.#defaults
    const client = new Client(
      this.#shared,
      {
        context: { ...mine.context, ...defaults.context },
        headers: { ...mine.headers, ...defaults.headers },
        signal: either(mine.signal, defaults.signal),
      },
      this.#connection,
    )
    this.#shared.registry.patch(client)
    return client as this
  }

  extension<X extends Extension<string, { readonly client: unknown }>>(extension: X): ClientOf<X>
  extension(name: string): unknown
  extension(extension: Extension | string): unknown {
    return this.#shared.registry.client(extension)
  }

  extensions(): readonly ExtensionReport[] {
    return this.#shared.registry.reports
  }

  close(): Promise<void> {
    if (this.#derived) return Promise.resolve()
    return closeAll(this.#shared)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #run(input: Statement<object> | string, options: QueryOptions): RunningResult {
    checkNames(options, QUERY_OPTIONS, 'query')
    const { context, headers, signal } = this.#defaults
    return runQuery(this.#connection, {
      statement: asStatement(input),
      queryId: queryIdOf(options.queryId),
      context: { ...context, ...options.context },
      headers: { ...headers, ...options.headers },
      signals: [signal, options.signal],
    })
  }

  /** Reads no further than the second row, and ends the query there. */
  async #only<R extends object>(
    statement: Statement<R> | string,
    options: QueryOptions,
  ): Promise<{ row: R | undefined; queryId: string }> {
    const result = this.#run(statement, options)
    let row: R | undefined
    for await (const batch of result.batches) {
      if (batch.length > 1 || row !== undefined) {
        throw new DruidError(
          'LIMIT',
          `query ${result.queryId} returned more than one row where one was asked for; add LIMIT 1, or use query()`,
          { queryId: result.queryId, limit: 1 },
        )
      }
      row = batch[0] as R
    }
    return { row, queryId: result.queryId }
  }
}

/** It stands in the path of the DELETE: what is no segment of a path could cancel another query. */
function queryIdOf(queryId: string | undefined): string {
  if (queryId === undefined) return crypto.randomUUID()
  const isText = typeof queryId === 'string' && queryId !== ''
  if (isText && !/^\.\.?$|\p{Surrogate}|\p{Control}/u.test(queryId)) return queryId
  throw new DruidError('CONFIG', 'query: queryId must be a text that can stand in a path', {
    option: 'queryId',
  })
}

/** Everybody waits for the same, also whoever closes while it closes. */
export function closeAll(shared: SharedConnection): Promise<void> {
  const { registry, connection } = shared
  const run = async (): Promise<void> => {
    try {
      await registry.dispose()
    } finally {
      await connection.close()
    }
  }
  if (shared.closing !== undefined) return shared.closing
  let settle = (_: Promise<void>): void => {}
  shared.closing = new Promise((resolve) => {
    settle = resolve
  })
  settle(run())
  return shared.closing
}

function either(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  return a && b ? AbortSignal.any([a, b]) : (a ?? b)
}
