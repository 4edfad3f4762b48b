import type { CancelOutcome } from '../error/error.ts'
import type { TransportResponse } from '../transport/transport.ts'
import { described } from './described.ts'
import type { Events, ObservedCall, ObservedStats, RetryEvent } from './events.ts'
import type { Begun } from './observer.ts'
import { Spans } from './spans.ts'
import type { Tracer } from './tracer.ts'

/** Whom events are told, and how much. */
export interface Audience {
  readonly tracer: Tracer | undefined
  /** Whether statements and messages are shown. */
  readonly text: boolean
  tell<K extends keyof Events>(kind: K, event: Events[K]): void
}

/** One call that is observed, from its beginning to its end. None of this ever throws. */
export class Observation {
  readonly #audience: Audience
  readonly #about: ObservedCall
  readonly #spans: Spans | undefined
  readonly #start: number
  #text: string | undefined

  constructor(audience: Audience, { operation, queryId, call, start }: Begun) {
    this.#audience = audience
    this.#about = { call, operation, queryId }
    this.#start = start
    const { tracer } = audience
    this.#spans = tracer && new Spans(tracer, operation, queryId)
  }

  /** The body of the query that will be sent. */
  asks(body: string): void {
    if (!this.#audience.text) return
    this.#text = textOf(body)
    this.#spans?.text(this.#text)
  }

  /** Does the sending. */
  within<T>(method: string, url: URL, work: () => Promise<T>): Promise<T> {
    return this.#spans === undefined ? work() : this.#spans.within(method, url, work)
  }

  /** A request leaves; its reply is passed on. */
  async exchanged(
    { method, url }: { readonly method: string; readonly url: URL },
    attempt: number,
    send: () => Promise<TransportResponse>,
  ): Promise<TransportResponse> {
    if (attempt > 1) this.#spans?.sent(url)
    const text = this.#text
    this.#tell('request', {
      ...this.#about,
      attempt,
      method,
      url: `${url.origin}${url.pathname}`,
      ...(text !== undefined && { text }),
    })
    const sent = performance.now()
    const response = await send()
    const { status } = response
    this.#spans?.answered(status)
    const duration = performance.now() - sent
    this.#tell('response', { ...this.#about, attempt, status, duration })
    return response
  }

  /** An attempt failed, and there will be another. */
  retried(failed: {
    readonly attempt: number
    readonly pause: number
    readonly status?: number
    readonly error?: unknown
  }): void {
    const { attempt, pause, status, error } = failed
    const event: RetryEvent = {
      ...this.#about,
      attempt,
      pause,
      ...(status === undefined ? { error: described(error, this.#audience.text) } : { status }),
    }
    this.#spans?.retried(event)
    this.#tell('retry', event)
  }

  /** The reply to a query has begun. */
  replied(): void {
    this.#spans?.replied()
  }

  /** `left`: nobody reads on, though there is more. */
  end(outcome: 'done' | 'left', stats?: ObservedStats, cancel?: CancelOutcome): void {
    this.#over(outcome, stats, { cancel })
  }

  failed(failure: unknown, stats?: ObservedStats): void {
    const error = described(failure, this.#audience.text)
    const duration = performance.now() - this.#start
    this.#tell('error', { ...this.#about, error, duration })
    this.#over('failed', stats, { error })
  }

  #over(
    outcome: 'done' | 'left' | 'failed',
    stats: ObservedStats | undefined,
    {
      error,
      cancel,
    }: {
      readonly error?: ReturnType<typeof described>
      readonly cancel?: CancelOutcome | undefined
    },
  ): void {
    this.#spans?.end(outcome, stats, error, cancel)
    this.#tell('end', {
      ...this.#about,
      outcome,
      duration: performance.now() - this.#start,
      ...(stats && {
        ...(stats.rows !== undefined && { rows: stats.rows }),
        bytes: stats.bytes,
        timeToFirstByte: stats.timeToFirstByte,
        decodeTime: stats.decodeTime,
      }),
      ...(cancel && { cancel }),
    })
  }

  #tell<K extends keyof Events>(kind: K, event: Events[K]): void {
    Object.freeze(event)
    this.#audience.tell(kind, event)
  }
}

/** SQL without its parameters; a native query as it is sent. */
function textOf(body: string): string {
  const { query } = JSON.parse(body) as { query?: unknown }
  return typeof query === 'string' ? query : body
}
