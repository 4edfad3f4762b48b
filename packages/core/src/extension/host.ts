/**
 * What an extension's classes see of the connection they belong to. Interfaces only, without
 * private members and symbols, so that two installed copies of this package stay assignable.
 */
import type { NativeCall, StreamNativeCall } from '../client/native-calls.ts'
import type {
  PlainRequestOptions,
  QueryOptions,
  RawOptions,
  RequestOptions,
} from '../client/options.ts'
import type { RawResult } from '../client/raw.ts'
import type { Metadata } from '../metadata/metadata.ts'
import type { Columns } from '../result/columns.ts'
import type { AnyPolicy } from '../result/policy.ts'
import type { Rows } from '../result/rows.ts'
import type { RowStream } from '../result/stream.ts'
import type { BigintOf } from '../result/typed.ts'
import type { DruidValue, Row, Statement, UntypedStatement } from '../sql/statement.ts'

/**
 * The public face of a client: what `client` classes and cluster methods are given. It shows no
 * credentials, and nothing that extensions add, as that may not be there: a class that calls other
 * nodes takes `client: DruidClient<typeof cluster>`, one that writes results by `format()` takes
 * `client: DruidClient<typeof format>`, and `connect` then wants those in its list.
 */
export interface ExtensionHost {
  /**
   * All rows of a query (`POST /druid/v2/sql`).
   * @throws DruidError `TRUNCATED` when the result is not whole; see `docs/errors.md` for the rest.
   */
  query<R extends object = Row>(
    statement: Statement<R> | string,
    options?: QueryOptions,
  ): Promise<Rows<R>>
  /** The only row. @throws DruidError `NOT_FOUND` for none, `LIMIT` for more than one. */
  one<R extends object = Row>(statement: Statement<R> | string, options?: QueryOptions): Promise<R>
  /** The only row, `undefined` for none. @throws DruidError `LIMIT` for more than one. */
  maybeOne<R extends object = Row>(
    statement: Statement<R> | string,
    options?: QueryOptions,
  ): Promise<R | undefined>
  /** The value of the only column of the only row. Errors as {@link one}; `LIMIT` for more columns. */
  value<V = DruidValue>(statement: Statement<object> | string, options?: QueryOptions): Promise<V>
  /** The rows as they come. Leaving the loop ends the query on the server. */
  stream<R extends object = Row>(
    statement: Statement<R> | string,
    options?: QueryOptions,
  ): RowStream<R>
  /**
   * The whole result column by column: numbers in typed arrays. Less memory and time than rows.
   * Errors as {@link query}.
   */
  columns<R extends object = Row>(
    statement: Statement<R> | string,
    options?: QueryOptions,
  ): Promise<Columns<R>>
  /**
   * The bytes that Druid writes, in any of its formats, as they come; proved whole at the end. Hooks
   * of extensions on rows do not see them. Resolves when the reply has begun.
   * @throws DruidError as {@link query}.
   */
  raw(statement: UntypedStatement | string, options?: RawOptions): Promise<RawResult>
  /** What there is: schemas, tables, columns, segments, servers, tasks … by SQL. */
  readonly metadata: Metadata
  /** A native query (`POST /druid/v2`), its result typed by it: see {@link NativeCall}. */
  readonly native: NativeCall<BigintOf<AnyPolicy>>
  /** The flat rows of a native query as they come: see {@link StreamNativeCall}. */
  readonly streamNative: StreamNativeCall<BigintOf<AnyPolicy>>
  /**
   * One request to what the connection's server offers; the way to any endpoint that has no method
   * of its own. `path` begins with `/`; a URL must be that of a server of this connection.
   */
  request<T = unknown>(
    method: string,
    path: string | URL,
    body?: unknown,
    options?: PlainRequestOptions,
  ): Promise<T>
  /** The server's version, e.g. `33.0.0` (`GET /status`). */
  version(options?: RequestOptions): Promise<string>
  /** The client of another extension of this connection, by name. @throws DruidError `EXTENSION`. */
  extension(name: string): unknown
}

/** One service of the cluster: what role classes are given. */
export interface ServiceHost {
  /** The server's URL; `undefined` where the server is found anew on each request. */
  readonly url: URL | undefined
  /** As {@link ExtensionHost.request}, to this service. */
  request<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    options?: PlainRequestOptions,
  ): Promise<T>
}

/** The least that the class behind `client.cluster()` offers; role clients are made from it. */
export interface ClusterHost {
  /** Asks the cluster for its services again. */
  refresh(): Promise<void>
  /** Finds the server on each request: the leader where the role has one, else any live one. */
  serviceHost(role: string): ServiceHost
  /** One per live server; the same object for the same server as long as it lives. */
  serviceHosts(role: string): Promise<readonly ServiceHost[]>
}

/** An address that an extension gave. */
export interface MappedUrl {
  readonly url: URL
  readonly extension: string
}

/** Given only to the class behind `client.cluster()`. */
export interface ClusterContext {
  /** The connection's own URL, without credentials. */
  readonly url: URL
  /**
   * What the `mapUrl` functions of all extensions say of a server, by its row of `sys.servers`: the
   * first answer, `undefined` where none has one. One that throws is warned of once, and passed over.
   */
  mapUrl(server: Readonly<Record<string, unknown>>): MappedUrl | undefined
  /**
   * Makes an address one of this connection's servers. Credentials go there when the application
   * listed the cluster's extension itself, or its manifest allows that package by name; and for an
   * address that {@link ClusterContext.mapUrl} gave (`mapped`), when it chose that extension as well.
   */
  service(url: URL, mapped?: MappedUrl): ServiceHost
}
