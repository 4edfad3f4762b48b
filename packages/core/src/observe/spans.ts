import type { CancelOutcome } from '../error/error.ts'
import { hostOf } from '../transport/url-parts.ts'
import type { ObservedError, ObservedStats, Operation, RetryEvent } from './events.ts'
import { guarded } from './guarded.ts'
import {
  CLIENT,
  contextOf,
  ERROR,
  type Tracer,
  type TracerAttributes,
  type TracerSpan,
} from './tracer.ts'

/**
 * The spans of one call, named and described as OpenTelemetry's conventions for database clients want
 * it: of a query one until the reply begins, and below it one for reading the rows.
 */
export class Spans {
  readonly #tracer: Tracer
  readonly #name: string
  readonly #attributes: TracerAttributes
  #request: TracerSpan | undefined
  #stream: TracerSpan | undefined

  constructor(tracer: Tracer, operation: Operation, queryId: string | undefined) {
    this.#tracer = tracer
    this.#name = `druid.${operation}`
    this.#attributes = { 'db.system.name': 'druid', 'db.operation.name': operation }
    if (queryId !== undefined) this.#attributes['druid.query_id'] = queryId
  }

  text(text: string): void {
    this.#attributes['db.query.text'] = text
  }

  /** Runs the work with the first span as the active one, where the tracer can do that. */
  within<T>(method: string, url: URL, work: () => Promise<T>): Promise<T> {
    // The second DELETE of a query is of the same call.
    if (this.#request !== undefined) return work()
    Object.assign(this.#attributes, serverOf(url), {
      'http.request.method': method,
      'url.path': url.pathname,
    })
    const tracer = this.#tracer
    let result: Promise<T> | undefined
    // One that calls back later, or twice, must not have it done again.
    let begun = false
    guarded('tracer.startActiveSpan', () => {
      tracer.startActiveSpan?.(this.#name, this.#options(), (span) => {
        if (begun) return
        begun = true
        this.#request ??= span
        result = work()
      })
    })
    if (result !== undefined) return result
    begun = true
    this.#start()
    return work()
  }

  /** Another attempt goes where the first did not. */
  sent(url: URL): void {
    const server = serverOf(url)
    Object.assign(this.#attributes, server)
    this.#set(this.#request, server)
  }

  answered(status: number): void {
    this.#set(this.#request, { 'db.response.status_code': String(status) })
  }

  retried({ attempt, pause, status, error }: RetryEvent): void {
    guarded('span.addEvent', () =>
      this.#request?.addEvent?.('druid.retry', {
        'druid.attempt': attempt,
        'druid.pause_ms': pause,
        ...(status !== undefined && { 'db.response.status_code': String(status) }),
        ...(error !== undefined && { 'error.type': error.code }),
      }),
    )
  }

  /** The reply has begun: what follows is the reading of its rows. */
  replied(): void {
    const request = this.#request
    if (request === undefined) return
    this.#end(request)
    guarded('tracer.startSpan', () => {
      const name = `${this.#name}.stream`
      this.#stream = this.#tracer.startSpan(name, this.#options(), contextOf(request))
    })
  }

  /** What is open ends. */
  end(
    outcome: string,
    stats: ObservedStats | undefined,
    error: ObservedError | undefined,
    cancel: CancelOutcome | undefined,
  ): void {
    if (this.#request === undefined) this.#start()
    const span = this.#stream ?? this.#request
    if (span === undefined) return
    this.#set(span, {
      'druid.outcome': outcome,
      ...(stats && {
        ...(stats.rows !== undefined && { 'db.response.returned_rows': stats.rows }),
        'druid.bytes': stats.bytes,
        'druid.first_byte_ms': stats.timeToFirstByte,
        'druid.decode_ms': stats.decodeTime,
      }),
      ...(error && { 'error.type': error.code }),
      ...(cancel && { 'druid.cancel': cancel }),
    })
    if (error !== undefined || cancel === 'failed') {
      const message = error?.message
      const status = { code: ERROR, ...(message !== undefined && { message }) }
      guarded('span.setStatus', () => span.setStatus(status))
    }
    this.#end(span)
  }

  #options(): { kind: number; attributes: TracerAttributes } {
    return { kind: CLIENT, attributes: { ...this.#attributes } }
  }

  #start(): void {
    guarded('tracer.startSpan', () => {
      this.#request = this.#tracer.startSpan(this.#name, this.#options())
    })
  }

  #set(span: TracerSpan | undefined, attributes: TracerAttributes): void {
    if (span !== undefined) guarded('span.setAttributes', () => span.setAttributes(attributes))
  }

  #end(span: TracerSpan): void {
    guarded('span.end', () => span.end())
  }
}

function serverOf(url: URL): TracerAttributes {
  return {
    'server.address': hostOf(url),
    'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
  }
}
