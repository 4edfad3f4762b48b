import type { CancelOutcome } from '../error/error.ts'
import type { Extension } from '../extension/definition.ts'
import type { ExtensionHost } from '../extension/host.ts'
import type { ClientOf } from '../extension/methods.ts'
import type { ExtensionReport } from '../extension/report.ts'
import type { Columns } from '../result/columns.ts'
import type { AnyPolicy, ValuesPolicy } from '../result/policy.ts'
import type { Rows } from '../result/rows.ts'
import type { RowStream } from '../result/stream.ts'
import type { BigintOf, DefaultPolicy, PolicyOf, PolicyRow, ValueOf } from '../result/typed.ts'
import type { QueryContext } from '../sql/context.ts'
import type { DruidValue, Row, Statement, UntypedStatement } from '../sql/statement.ts'
import type { Capability } from './capability.ts'
import type { Plan } from './explain.ts'
import type { NativeCall, StreamNativeCall } from './native-calls.ts'
import type {
  CancelOptions,
  QueryOptions,
  RequestOptions,
  SchemaOptions,
  SchemaRow,
} from './options.ts'
import type { CallTimeouts } from './timeouts.ts'

/** What a derived client sends with everything, unless a call says otherwise. */
export interface ClientDefaults {
  readonly context?: QueryContext | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
  readonly values?: ValuesPolicy | undefined
  /** As {@link RequestOptions.timeout}. */
  readonly timeout?: number | CallTimeouts | undefined
}

/** Options of a call that leaves the policy for values to the client. */
type Usual = QueryOptions & { readonly values?: undefined; readonly schema?: undefined }

/**
 * The client of a connection, without what extensions add. `P`: its policy for values. Rows whose
 * statement claims no type have that of the policy; of a call with `values` of its own, any value.
 */
export interface ClientBase<P extends AnyPolicy = DefaultPolicy> extends ExtensionHost {
  readonly '~values'?: P

  /**
   * All rows of a query (`POST /druid/v2/sql`).
   * @throws DruidError `TRUNCATED` when the result is not whole; see `docs/errors.md` for the rest.
   */
  query<const O extends SchemaOptions>(
    statement: UntypedStatement | string,
    options: O,
  ): Promise<Rows<SchemaRow<O>>>
  query<R extends object = PolicyRow<P>>(
    statement: Statement<R> | string,
    options?: Usual,
  ): Promise<Rows<R>>
  query<R extends object = Row>(
    statement: Statement<R> | string,
    options?: QueryOptions,
  ): Promise<Rows<R>>

  /** The only row. @throws DruidError `NOT_FOUND` for none, `LIMIT` for more than one. */
  one<const O extends SchemaOptions>(
    statement: UntypedStatement | string,
    options: O,
  ): Promise<SchemaRow<O>>
  one<R extends object = PolicyRow<P>>(
    statement: Statement<R> | string,
    options?: Usual,
  ): Promise<R>
  one<R extends object = Row>(statement: Statement<R> | string, options?: QueryOptions): Promise<R>

  /** The only row, `undefined` for none. @throws DruidError `LIMIT` for more than one. */
  maybeOne<const O extends SchemaOptions>(
    statement: UntypedStatement | string,
    options: O,
  ): Promise<SchemaRow<O> | undefined>
  maybeOne<R extends object = PolicyRow<P>>(
    statement: Statement<R> | string,
    options?: Usual,
  ): Promise<R | undefined>
  maybeOne<R extends object = Row>(
    statement: Statement<R> | string,
    options?: QueryOptions,
  ): Promise<R | undefined>

  /** The value of the only column of the only row. Errors as {@link one}; `LIMIT` for more columns. */
  value<V = ValueOf<P>>(statement: UntypedStatement | string, options?: Usual): Promise<V>
  value<V = DruidValue>(statement: UntypedStatement | string, options?: QueryOptions): Promise<V>

  /** The rows as they come. Leaving the loop ends the query on the server. */
  stream<const O extends SchemaOptions>(
    statement: UntypedStatement | string,
    options: O,
  ): RowStream<SchemaRow<O>>
  stream<R extends object = PolicyRow<P>>(
    statement: Statement<R> | string,
    options?: Usual,
  ): RowStream<R>
  stream<R extends object = Row>(
    statement: Statement<R> | string,
    options?: QueryOptions,
  ): RowStream<R>

  /**
   * The whole result column by column: numbers in typed arrays. Less memory and time than rows.
   * Errors as {@link query}.
   */
  columns<const O extends SchemaOptions>(
    statement: UntypedStatement | string,
    options: O,
  ): Promise<Columns<SchemaRow<O>>>
  columns<R extends object = PolicyRow<P>>(
    statement: Statement<R> | string,
    options?: Usual,
  ): Promise<Columns<R>>
  columns<R extends object = Row>(
    statement: Statement<R> | string,
    options?: QueryOptions,
  ): Promise<Columns<R>>

  /** A native query (`POST /druid/v2`), its result typed by it: see {@link NativeCall}. */
  readonly native: NativeCall<BigintOf<P>>
  /** The flat rows of a native query as they come: see {@link StreamNativeCall}. */
  readonly streamNative: StreamNativeCall<BigintOf<P>>

  /**
   * What Druid would do (`EXPLAIN PLAN FOR …`): native queries, data sources, resources. Both the
   * JSON plan and, with `useNativeQueryExplain: false`, the text of older planners are read.
   */
  explain(statement: UntypedStatement | string, options?: QueryOptions): Promise<Plan>

  /**
   * Ends a query on the server (`DELETE /druid/v2/sql/{sqlQueryId}`, or `/druid/v2/{queryId}` for a
   * native one). `accepted`: it is being ended; `unknown`: the server knows no such query, as it has
   * ended, or is another Broker's. Of native queries Druid says `accepted` of any id, and stops one
   * only until its data servers begin to answer.
   * @throws DruidError `FORBIDDEN`, and what `request` throws.
   */
  cancel(queryId: string, options?: CancelOptions): Promise<CancelOutcome>

  /**
   * Whether the server can do it: a {@link Capability}, by its version or by asking it once per
   * connection, or versions, e.g. `>=31 <35`.
   * @throws DruidError `CONFIG` for an unknown name, `UNSUPPORTED` for a version without numbers, and what
   * `request` throws, e.g. `FORBIDDEN`.
   */
  supports(
    capability: Capability | `${'<' | '>' | '='}${string}`,
    options?: RequestOptions,
  ): Promise<boolean>

  /**
   * A client on the same connection that sends these with everything: context and headers are
   * added to this one's, an abort of either signal counts, choices of `values` come over this one's.
   * Closing it closes nothing.
   */
  with(defaults: ClientDefaults & { readonly values?: undefined }): this
  with<const V extends ValuesPolicy>(
    defaults: ClientDefaults & { readonly values: V },
  ): Omit<this, keyof ClientBase> & ClientBase<PolicyOf<V, P>>

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
