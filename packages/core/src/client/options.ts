import type { AuthProvider } from '../extension/points.ts'
import type { ExtensionReport } from '../extension/report.ts'
import type { Hooks } from '../observe/events.ts'
import type { Log } from '../observe/log.ts'
import type { Tracer } from '../observe/tracer.ts'
import type { ValuesPolicy } from '../result/policy.ts'
import type { ResultFormat } from '../result/raw.ts'
import type { RowSchema, SchemaUse } from '../result/schema.ts'
import type { QueryContext } from '../sql/context.ts'
import type { SqlParameters } from '../sql/with-parameters.ts'
import type { PoolOptions, ProxyOption, TlsOptions } from '../transport/settings.ts'
import type { Transport } from '../transport/transport.ts'
import type { Retry } from './retry.ts'
import type { CallTimeouts, Timeouts } from './timeouts.ts'
import type { TokenProvider } from './token.ts'

/** Who calls. Sent with every request to this connection's servers, and to no other host. */
export type Auth =
  /** The name of a provider that an extension registers by `context.auth`. */
  | string
  | { readonly user: string; readonly password: string }
  /** A bearer token, or what gets one. */
  | { readonly token: string | TokenProvider }
  /** The headers of a request, asked for before each; and once more after a 401. */
  | AuthProvider

/** Options of `connect`, without those that decide its type. */
export interface ConnectionOptions {
  /** Default: none, or the user and password of the URL. */
  readonly auth?: Auth | undefined
  /** Query context for every query; a query's own comes over it. */
  readonly context?: QueryContext | undefined
  /** Further headers for every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * How long calls may take, by phase; a number is the total, in milliseconds. Default: 10 s to connect,
   * 300 s without a further byte of a reply that has begun, and no limit to the whole.
   */
  readonly timeout?: number | Timeouts | undefined
  /** How often a request that was not taken is sent; `false`: once. Default: 3 times within 30 s. */
  readonly retry?: Retry | false | undefined
  /**
   * How servers of `https:` URLs are recognised, and who we are to them. On Node only. Default: by the
   * authorities and the rules of Node.
   */
  readonly tls?: TlsOptions | undefined
  /** The proxy to go through. On Node only. Default: none, whatever the environment says. */
  readonly proxy?: ProxyOption | undefined
  /** How many sockets, and how long they are kept. On Node only. */
  readonly pool?: PoolOptions | undefined
  /** Default: `node:http` on Node, `fetch` elsewhere. */
  readonly transport?: Transport | undefined
  /**
   * Makes spans of calls: a tracer of OpenTelemetry, such as `trace.getTracer('app')`. A query has two,
   * `druid.query` until the reply begins and `druid.query.stream` for its rows. Default: none.
   */
  readonly tracer?: Tracer | undefined
  /** Where a line for what happens goes; see {@link Log} for the levels. Default: nowhere. */
  readonly log?: Log | undefined
  /**
   * Called, at once, with what happens to requests and calls. What they throw is warned of and changes
   * nothing. Default: none.
   */
  readonly hooks?: Hooks | undefined
  /**
   * Whether spans, lines, hooks and channels show the text of queries, and messages in which Druid may
   * quote it. Values of SQL parameters are not in that text. Default false.
   */
  readonly observeText?: boolean | undefined
  /** Options of discovered extensions, by name. Listed ones take theirs by `.with()`. */
  readonly extensionOptions?: Readonly<Record<string, unknown>> | undefined
  /** What to do with an extension that fails to register. Default `'warn'`. */
  readonly onExtensionError?:
    | 'warn'
    | 'throw'
    | 'silent'
    | ((report: ExtensionReport) => void)
    | undefined
}

/** Options of one call. */
export interface RequestOptions {
  /** Aborting ends the request; for a query, on the server too. */
  readonly signal?: AbortSignal | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * How long it may take; a number is the total, in milliseconds. Then it ends with `TIMEOUT`; a query,
   * on the server too. Default: as the client says.
   */
  readonly timeout?: number | CallTimeouts | undefined
}

/** Options of `cancel`. */
export interface CancelOptions extends RequestOptions {
  /** Of the query. Default `sql`. */
  readonly language?: 'sql' | 'native' | undefined
}

/** Options of one query. */
export interface QueryOptions extends RequestOptions {
  /** The `sqlQueryId` to run under. Default: a new UUID. */
  readonly queryId?: string | undefined
  readonly context?: QueryContext | undefined
  /** Values for the `?` of a statement that is a text, in their order. `` sql`…` `` has its own. */
  readonly parameters?: SqlParameters | undefined
  /** How values come. Default: as the client says. */
  readonly values?: ValuesPolicy | undefined
  /** A result of more rows ends with `LIMIT`, after these; the query is ended on the server. */
  readonly maxRows?: number | undefined
  /** The same for the bytes of the result. */
  readonly maxBytes?: number | undefined
  /** The same for the bytes of one row. Default: 64 MiB. */
  readonly maxRowBytes?: number | undefined
}

/** Options of a query whose rows are those of a schema. */
export interface SchemaOptions extends QueryOptions {
  /**
   * What rows are (Standard Schema: zod, valibot, ArkType …). Checked once, against the columns of the
   * result: a missing column and another type are a `SCHEMA` error before the first row.
   */
  readonly schema: RowSchema
  /**
   * `rows`: each row is checked as well, and is what the schema makes of it. Default `header`. For
   * columns only `header`.
   */
  readonly validate?: SchemaUse | undefined
}

/** A row of a query with a schema. */
export type SchemaRow<O> = O extends {
  readonly validate: 'rows'
  readonly schema: RowSchema<infer _, infer Output extends object>
}
  ? Output
  : O extends { readonly schema: RowSchema<infer Input extends object, infer _> }
    ? Input
    : never

/** Options of `raw`. */
export interface RawOptions extends Omit<QueryOptions, 'values' | 'maxRows' | 'maxRowBytes'> {
  /** Default `object`. */
  readonly format?: ResultFormat | undefined
  /**
   * Whether the columns come first: `true` with their names; `types` with names, native and SQL
   * types. Default false.
   */
  readonly header?: boolean | 'types' | undefined
}

/** Options of one plain request. */
export interface PlainRequestOptions extends RequestOptions {
  /**
   * `json` (default): the parsed body, `undefined` for an empty one; other bodies are a `DECODE`
   * error. An integer that a number cannot hold becomes a bigint. `text`: the body as it is. `bytes`: a
   * `Uint8Array` of it, also where it is no UTF-8. `rows`: the reply to an `SqlRequest`, as `query()`
   * gives it, with the same check that it is whole; also one of the format `array` with its three
   * header rows.
   */
  readonly expect?: 'json' | 'text' | 'bytes' | 'rows' | undefined
  /** Whether it may be sent twice without harm. Default: yes for GET, HEAD, PUT and DELETE. */
  readonly idempotent?: boolean | undefined
}
