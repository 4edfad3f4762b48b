import { type CancelOutcome, DruidError, isDruidError, messageOf } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'
import type { Extension } from '../extension/definition.ts'
import type { ClientOf } from '../extension/methods.ts'
import type { Registry } from '../extension/registry.ts'
import type { ExtensionReport } from '../extension/report.ts'
import { type Metadata, metadataOf } from '../metadata/metadata.ts'
import type { CustomQuery, NativeQuery } from '../native/query.ts'
import type { ColumnData, Columns } from '../result/columns.ts'
import { valuesPolicy } from '../result/policy.ts'
import { asRows, type ResultStats, type Rows } from '../result/rows.ts'
import { type RowStream, SqlStream } from '../result/stream.ts'
import {
  asStatement,
  type DruidValue,
  explaining,
  type Row,
  type Statement,
} from '../sql/statement.ts'
import { withParameters } from '../sql/with-parameters.ts'
import { abortable, type LinkedSignal, linkedSignal } from './abort.ts'
import type { ClientBase, ClientDefaults } from './base.ts'
import { checkContext, checkDefaultContext, limitsOf, queryIdOf } from './call.ts'
import type { Capabilities } from './capability.ts'
import type { Connection } from './connection.ts'
import type { Plan } from './explain.ts'
import {
  asText,
  type FormatMethods,
  type FormattedResult,
  formatted,
  formatterOf,
} from './format.ts'
import { mergedHeaders } from './headers.ts'
import { nativeResult, nativeStream } from './native.ts'
import type { NativeOptions, NativeStream } from './native-calls.ts'
import type {
  CancelOptions,
  PlainRequestOptions,
  QueryOptions,
  RawOptions,
  RequestOptions,
  SchemaOptions,
} from './options.ts'
import { plainRequest } from './plain-request.ts'
import { type QueryCall, runColumns, runQuery } from './query.ts'
import type { RawResult } from './raw.ts'
import { Clock, callTimeouts, timeoutContext } from './timeouts.ts'
import { requireVersion, type ServerVersion } from './version.ts'

/** What the clients of one connection share. */
export interface SharedConnection {
  readonly connection: Connection
  readonly registry: Registry
  readonly version: ServerVersion
  readonly capabilities: Capabilities
  closing: Promise<void> | undefined
}

const QUERY_OPTIONS = [
  'signal',
  'headers',
  'timeout',
  'queryId',
  'context',
  'values',
  'maxRows',
  'maxBytes',
  'maxRowBytes',
  'parameters',
  'schema',
  'validate',
]
const RAW_OPTIONS = [
  'signal',
  'headers',
  'timeout',
  'queryId',
  'context',
  'maxBytes',
  'parameters',
  'format',
  'header',
]
const NATIVE_OPTIONS = QUERY_OPTIONS.filter(
  (name) => !['parameters', 'schema', 'validate'].includes(name),
)
const CANCEL_OPTIONS = ['signal', 'headers', 'timeout', 'language']
const REQUEST_OPTIONS = ['signal', 'headers', 'timeout', 'expect', 'idempotent']
const DEFAULTS = ['context', 'headers', 'signal', 'timeout', 'values']

export class Client implements ClientBase, FormatMethods<[name: string, options?: unknown]> {
  readonly #shared: SharedConnection
  readonly #connection: Connection
  readonly #defaults: ClientDefaults
  readonly #derived: boolean
  #metadata: Metadata | undefined

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
    const result = runQuery(this.#connection, this.#call(statement, options))
    const rows: R[] = []
    for await (const batch of result.batches) {
      for (const row of batch as R[]) rows.push(row)
    }
    return asRows(rows, {
      queryId: result.queryId,
      columns: result.columns(),
      stats: result.stats() as ResultStats,
    })
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
    const queryId = queryIdOf(options.queryId ?? options.context?.sqlQueryId)
    const row = await this.one<Row>(statement as Statement<Row>, { ...options, queryId })
    const values = Object.values(row)
    if (values.length === 1) return values[0] as V
    throw new DruidError(
      'LIMIT',
      `value() wants a query of one column, and this one has ${values.length} (${Object.keys(row).join(', ')}); use one()`,
      { queryId, limit: 1 },
    )
  }

  stream<R extends object = Row>(
    statement: Statement<R> | string,
    options: QueryOptions = {},
  ): RowStream<R> {
    const call = this.#call(statement, options)
    return new SqlStream<R>(
      call.queryId,
      () => runQuery(this.#connection, call),
      () => {
        checkForColumns(call)
        return runColumns(this.#connection, call)
      },
    )
  }

  async columns<R extends object = Row>(
    statement: Statement<R> | string,
    options: QueryOptions = {},
  ): Promise<Columns<R>> {
    const call = this.#call(statement, options)
    checkForColumns(call)
    const result = runColumns(this.#connection, call)
    const portions: ColumnData[] = []
    for await (const portion of result.batches) portions.push(portion)
    const { wholeColumns } = await import('../result/whole-columns.ts')
    const whole = wholeColumns(portions, result.columns(), call.policy)
    const stats = result.stats() as ResultStats
    return { ...whole, queryId: result.queryId, stats } as Columns<R>
  }

  async raw(statement: Statement<object> | string, options: RawOptions = {}): Promise<RawResult> {
    checkNames(options, RAW_OPTIONS, 'raw')
    const { format, header, ...rest } = options
    const call = this.#call(statement, rest)
    const { runRaw } = await import('./raw.ts')
    return runRaw(this.#connection, call, { format, header })
  }

  async native(query: NativeQuery | CustomQuery, options: NativeOptions = {}): Promise<never> {
    checkNames(options, NATIVE_OPTIONS, 'native')
    return nativeResult(this.#connection, query, options, this.#defaults) as Promise<never>
  }

  streamNative(query: NativeQuery | CustomQuery, options: NativeOptions = {}): NativeStream<never> {
    checkNames(options, NATIVE_OPTIONS, 'streamNative')
    return nativeStream(this.#connection, query, options, this.#defaults)
  }

  async explain(statement: Statement<object> | string, options: QueryOptions = {}): Promise<Plan> {
    const queryId = queryIdOf(options.queryId ?? options.context?.sqlQueryId)
    const row = await this.one(explaining(asStatement(statement)), { ...options, queryId })
    return (await import('./explain.ts')).planOf(row, queryId)
  }

  async cancel(queryId: string, options: CancelOptions = {}): Promise<CancelOutcome> {
    checkNames(options, CANCEL_OPTIONS, 'cancel')
    const { language, ...rest } = options
    if (language !== undefined && language !== 'sql' && language !== 'native') {
      throw new DruidError('CONFIG', "cancel: language is 'sql' or 'native'", {
        option: 'language',
      })
    }
    const endpoint = language === 'native' ? '/druid/v2' : '/druid/v2/sql'
    const path = `${endpoint}/${encodeURIComponent(queryIdOf(queryId))}`
    const target = this.#connection.at(this.#connection.queries.get(queryId), path)
    try {
      await this.request('DELETE', target, undefined, { ...rest, expect: 'text' })
      return 'accepted'
    } catch (error) {
      if (isDruidError(error, 'NOT_FOUND')) return 'unknown'
      throw error
    }
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
    this.#connection.assertOpen()
    const formatter = formatterOf(this.#connection.parts.formatters, name)
    const call = this.#call(statement, {})
    // What is written can hold any integer.
    const bigint = call.policy.bigint === 'safe' ? 'auto' : call.policy.bigint
    const exact = { ...call, policy: { ...call.policy, bigint } }
    const link = (): LinkedSignal => this.#connection.link([this.#defaults.signal])
    const result = runQuery(this.#connection, exact)
    const pieces = formatted(name, formatter, options, result, link)
    return { mediaType: formatter.part.mediaType, [Symbol.asyncIterator]: () => pieces }
  }

  get metadata(): Metadata {
    // Its rows are read by names and numbers, whatever the policy for those of the caller.
    const usual = { ...this.#defaults, values: undefined }
    this.#metadata ??= metadataOf(new Client(this.#shared, usual, this.#connection))
    return this.#metadata
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

  supports(capability: string, options: RequestOptions = {}): Promise<boolean> {
    checkNames(options, ['signal', 'headers', 'timeout'], 'supports')
    // The answer is for others, too: no signal or time of one caller ends the asking.
    const anybody = new Client(this.#shared, {})
    const answer = this.#shared.capabilities(capability, {
      version: () => anybody.version(),
      get: (path) => anybody.request('GET', path),
    })
    return this.#waiting(answer, options, `supports ${capability}`)
  }

  with(defaults: ClientDefaults): never {
    checkNames(defaults, DEFAULTS, 'with')
    checkDefaultContext(defaults.context, 'with')
    const mine = this.#defaults
    const client = new Client(
      this.#shared,
      {
        context: { ...mine.context, ...defaults.context },
        headers: mergedHeaders(mine.headers, defaults.headers),
        signal: either(mine.signal, defaults.signal),
        values: valuesPolicy(mine.values, defaults.values),
        timeout: callTimeouts({}, mine, defaults),
      },
      this.#connection,
    )
    this.#shared.registry.patch(client)
    return client as never
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

  /** What is asked for others as well, for as long as this caller waits. */
  async #waiting<T>(answer: Promise<T>, options: RequestOptions, doing: string): Promise<T> {
    const { signal: mine } = this.#defaults
    const link = linkedSignal([mine, options.signal])
    const clock = new Clock(
      link.abort,
      callTimeouts(this.#connection.timeouts, this.#defaults, options),
    )
    try {
      return await abortable(answer, link.signal, doing)
    } finally {
      clock.release()
      link.release()
    }
  }

  #call(input: Statement<object> | string, options: QueryOptions): QueryCall {
    checkNames(options, QUERY_OPTIONS, 'query')
    const { context, headers, signal, values } = this.#defaults
    const statement = withParameters(asStatement(input), options.parameters)
    const { since } = statement
    const own = options.context
    checkContext({ ...context, ...own })
    const { version } = this.#shared
    const timeouts = callTimeouts(this.#connection.timeouts, this.#defaults, options)
    return {
      statement,
      queryId: queryIdOf(options.queryId ?? own?.sqlQueryId),
      context: { ...timeoutContext(timeouts), ...context, ...own },
      timeouts,
      headers: mergedHeaders(headers, options.headers),
      signals: [signal, options.signal],
      policy: valuesPolicy(values, options.values),
      limits: limitsOf(options),
      schema: schemaOf(options),
      ready: since === undefined ? undefined : () => requireVersion(since, 'SET', version),
    }
  }

  /** Reads no further than the second row, and ends the query there. */
  async #only<R extends object>(
    statement: Statement<R> | string,
    options: QueryOptions,
  ): Promise<{ row: R | undefined; queryId: string }> {
    const result = runQuery(this.#connection, this.#call(statement, options))
    let row: R | undefined
    for await (const batch of result.batches) {
      // A hook of an extension may have left rows out.
      if (batch.length === 0) continue
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

function checkForColumns({ schema }: QueryCall): void {
  if (schema?.use !== 'rows') return
  const why = "columns: there are no rows to validate; use 'header'"
  throw new DruidError('CONFIG', why, { option: 'validate' })
}

function schemaOf(options: Partial<SchemaOptions>): QueryCall['schema'] {
  const { schema, validate = 'header' } = options
  const wrong = (option: string, why: string): DruidError =>
    new DruidError('CONFIG', `query: ${why}`, { option })
  if (validate !== 'header' && validate !== 'rows') {
    throw wrong('validate', "validate is 'header' or 'rows'")
  }
  if (schema === undefined && options.validate !== undefined) {
    throw wrong('validate', 'validate is how a schema is used, and there is none')
  }
  if (schema === undefined) return undefined
  if (typeof schema?.['~standard']?.validate === 'function') return { of: schema, use: validate }
  throw wrong('schema', 'schema must follow Standard Schema, e.g. that of zod, valibot or ArkType')
}

/** Everybody waits for the same, also whoever closes while it closes. */
export function closeAll(shared: SharedConnection): Promise<void> {
  const { registry, connection } = shared
  const run = async (): Promise<void> => {
    const errors: unknown[] = await registry.dispose()
    await connection.close().catch((cause: unknown) => {
      const why = `closing the transport failed: ${messageOf(cause)}`
      errors.push(new DruidError('CONFIG', why, { option: 'transport', cause }))
    })
    registry.forget()
    if (errors.length > 0) throw new AggregateError(errors, 'closing the connection failed in part')
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
