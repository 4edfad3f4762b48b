import type { CancelOutcome, DruidErrorCode } from '../error/error.ts'
import type { ResultStats } from '../result/rows.ts'

/**
 * `query`: SQL; `native`: a native query; `cancel`: the DELETE for one that ended early; `request`:
 * everything else.
 */
export type Operation = 'query' | 'native' | 'cancel' | 'request'

/** What is known of a reply; of bytes alone, not how many rows they are. */
export type ObservedStats = Omit<ResultStats, 'rows'> & { readonly rows: number | undefined }

/** What all events have. They are frozen, and hold no header, body, parameter or credential. */
export interface ObservedCall {
  /** Counted over all connections: what belongs to one call has the same. */
  readonly call: number
  readonly operation: Operation
  /** Of a query, and of what cancels it. */
  readonly queryId: string | undefined
}

/** A request leaves for a server: one event for each attempt, redirect and renewal of credentials. */
export interface RequestEvent extends ObservedCall {
  /** Counted from 1. */
  readonly attempt: number
  readonly method: string
  /** Without userinfo, query and fragment. */
  readonly url: string
  /** SQL without its parameters' values, or the native query as JSON; only with `observeText`. */
  readonly text?: string
}

/** The head of a reply is there, whatever its status. */
export interface ResponseEvent extends ObservedCall {
  readonly attempt: number
  readonly status: number
  /** Milliseconds since the request left. */
  readonly duration: number
}

/** An attempt failed, and there will be another. */
export interface RetryEvent extends ObservedCall {
  /** The one that failed. */
  readonly attempt: number
  /** Milliseconds until the next. */
  readonly pause: number
  /** Of the reply, where there was one; else there is an `error`. */
  readonly status?: number
  readonly error?: ObservedError
}

/** A call failed. `end` follows. */
export interface ErrorEvent extends ObservedCall {
  readonly error: ObservedError
  /** Milliseconds since the call began. */
  readonly duration: number
}

/** A call is over: one event for each. */
export interface EndEvent extends ObservedCall {
  /** `left`: whoever reads a stream left it before its end. */
  readonly outcome: 'done' | 'left' | 'failed'
  /** Milliseconds since the call began. */
  readonly duration: number
  /** Of a query whose reply had begun: rows (not of `raw`, which reads none) and bytes that were read. */
  readonly rows?: number
  readonly bytes?: number
  /** Milliseconds from sending to the reply, and in decoding it. */
  readonly timeToFirstByte?: number
  readonly decodeTime?: number
  /** Of `cancel`: what the server said. */
  readonly cancel?: CancelOutcome
}

/** What may be known of an error by whoever is not the caller. */
export interface ObservedError {
  /** As in `docs/errors.md`; `OTHER` for what is no DruidError, such as one of an extension. */
  readonly code: DruidErrorCode | 'OTHER'
  readonly retryable: boolean
  /** HTTP status, where Druid answered. */
  readonly status?: number
  /** Of `CONNECT` and `TLS`. */
  readonly reason?: string
  /** Of `TIMEOUT`. */
  readonly phase?: string
  /**
   * Where it quotes no server: of `CONNECT`, `TLS`, `TIMEOUT` and `CLOSED`. Druid's messages quote the
   * statement and values in it: they are here only with `observeText`.
   */
  readonly message?: string
}

export interface Events {
  readonly request: RequestEvent
  readonly response: ResponseEvent
  readonly retry: RetryEvent
  readonly error: ErrorEvent
  readonly end: EndEvent
}

/** What is called with them. */
export type Hooks = { readonly [K in keyof Events]?: ((event: Events[K]) => void) | undefined }

export const EVENTS: readonly (keyof Events)[] = ['request', 'response', 'retry', 'error', 'end']
