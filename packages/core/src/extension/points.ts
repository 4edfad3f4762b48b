/** What an extension may add beyond clients, roles and cluster methods; see `docs/extensions/`. */
import type { NativeRequest } from '../native/request.ts'
import type { Column } from '../result/column.ts'
import type { SqlRequest } from '../sql/request.ts'
import type { Row } from '../sql/statement.ts'
import type { TransportRequest, TransportResponse } from '../transport/transport.ts'

/**
 * Sees every request of the connection on its way out, and the reply on its way back: tracing,
 * caching, further headers. `request` is frozen and holds no credentials, which are added further
 * down; pass on a changed copy: `next({ ...request, headers: { … } })`. The URL must stay that of a
 * server of this connection. Of an `authorization` or `cookie` that the call has itself the value is
 * `(hidden)`. A reply's body is read once: whoever reads it must answer with another.
 * Calling `next` again sends the request again, and is refused for a request that is not idempotent;
 * a reply that is not answered with is given up by its `body.discard()` (one of more than 1 MiB would
 * else keep its connection until the call is over).
 * A throw fails the request with `EXTENSION`; an error of `next` may be passed on as it is.
 */
export type Middleware = (
  request: TransportRequest,
  next: (request: TransportRequest) => Promise<TransportResponse>,
) => TransportResponse | Promise<TransportResponse>

export interface MiddlewareOptions {
  /** `early` (default): once per call, around its retries. `late`: around each attempt. */
  readonly phase?: 'early' | 'late' | undefined
}

/** The query that a hook is called for. */
export interface HookCall {
  /** The `sqlQueryId`, or of a native query the `queryId`, that it runs under. */
  readonly queryId: string
  readonly language: 'sql' | 'native'
  /**
   * What the batches of `rows` hold: rows, or for `native()` the elements of Druid's array, e.g.
   * `{ timestamp, result }`. For `raw()` it is `bytes`, and `rows` is not called.
   */
  readonly items: 'rows' | 'elements' | 'bytes'
  /** The extension's own, one per query: what its hooks have to tell one another. */
  readonly state: Record<string, unknown>
}

/**
 * Take part in every query, SQL and native. Each gets what the one before it made, and answers with another
 * value, or `undefined` to leave it. A throw fails the query with `EXTENSION`.
 */
export interface QueryHooks {
  /** Before a SQL query is sent: another text, other parameters, further context. */
  readonly sqlRequest?:
    | ((
        request: SqlRequest,
        call: HookCall,
      ) => SqlRequest | undefined | Promise<SqlRequest | undefined>)
    | undefined
  /**
   * Before a native query is sent: another filter, data source or interval, further context. Its type,
   * its id and the form of its result stay as they are.
   */
  readonly nativeRequest?:
    | ((
        query: NativeRequest,
        call: HookCall,
      ) => NativeRequest | undefined | Promise<NativeRequest | undefined>)
    | undefined
  /**
   * The rows in the batches they come in (see {@link HookCall.items}). Leaving them unread ends the query on the server; an error
   * of the result reaches the caller also when the hook swallows it.
   */
  readonly rows?:
    | ((
        batches: AsyncIterable<readonly Row[]>,
        call: HookCall,
      ) => AsyncIterable<readonly Row[]> | undefined)
    | undefined
  /** The error that the query ends with. */
  readonly error?: ((error: Error, call: HookCall) => Error | undefined) | undefined
}

/** Turns the values of one native type into something better than base64 text. */
export interface Codec<T = unknown> {
  /**
   * Called for every value of that type that is not null: as a rule base64 text. After a throw the
   * value is left as it came, and the application is warned once.
   */
  decode(value: unknown, column: Column): T
}

/** What a formatter reads: batches of rows, each an array in the order of the columns. */
export interface FormatterInput extends AsyncIterable<readonly (readonly unknown[])[]> {
  /** Known before the first row, and for a result without rows. */
  readonly columns: Promise<readonly Column[]>
}

/** Options of a formatter that takes none. */
export type FormatterOptions = Readonly<Record<string, unknown>>

/** Writes results as text or bytes: `client.format(statement, name, options)`. */
export interface Formatter<Options = unknown> {
  /** E.g. `text/markdown`. */
  readonly mediaType: string
  /** Pieces in order, made while the result is read. */
  format(input: FormatterInput, options: Options | undefined): AsyncIterable<string | Uint8Array>
}

/** Where a server is reached from here, by its row of `sys.servers`; `undefined`: ask the next. */
export type MapUrl = (server: Readonly<Record<string, unknown>>) => URL | string | undefined

/** What an authentication provider may see of a request. */
export interface AuthRequest {
  readonly method: string
  readonly url: URL
  /**
   * After a 401, once, with its `WWW-Authenticate`, e.g. `Negotiate`, or nothing: then the request is sent
   * again with what the provider answers now.
   */
  readonly rejected?: { readonly challenge: string } | undefined
}

/** The headers that say who calls, asked for before every request to this connection's servers. */
export type AuthProvider = (
  request: AuthRequest,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>

/** What an extension cannot do without. */
export interface Requirements {
  /** Names of extensions that must be active on the same connection. They are registered first. */
  readonly extensions?: readonly string[] | undefined
  /**
   * Versions of Druid: comparisons that must all hold, e.g. `>=28` or `>=28 <35`. Checked before the
   * first request of the extension's classes, as `connect` sends nothing.
   */
  readonly druid?: string | undefined
}
