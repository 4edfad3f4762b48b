import type { RequestOptions } from '@druid/core/extension'

/** Of a change that Druid writes into its audit history. */
export interface ChangeOptions extends RequestOptions {
  /** Who makes it (`X-Druid-Author`). Default: Druid notes nobody. */
  readonly author?: string | undefined
  /** Why (`X-Druid-Comment`). */
  readonly comment?: string | undefined
}

/** Which entries of a history; the interval wins where both are given. */
export interface HistoryOptions extends RequestOptions {
  /** ISO 8601, `start/end`. Default: the last week. */
  readonly interval?: string | undefined
  /** The newest so many. */
  readonly count?: number | undefined
}

/** An entry of an audit history. */
export interface AuditEntry {
  readonly key: string
  readonly type: string
  readonly auditInfo: {
    readonly author: string
    readonly comment: string
    readonly ip: string
    readonly identity?: string | null
  }
  /** What was written, as JSON text. */
  readonly payload: string
  /** ISO 8601. */
  readonly auditTime: string
}

/** The options of the request that makes a change. */
export function changing({ author, comment, ...options }: ChangeOptions = {}): RequestOptions {
  if (author === undefined && comment === undefined) return options
  return {
    ...options,
    headers: {
      ...options.headers,
      ...(author !== undefined && { 'X-Druid-Author': author }),
      ...(comment !== undefined && { 'X-Druid-Comment': comment }),
    },
  }
}
