import { abortError, ending } from '../error/abort.ts'
import { type CancelOutcome, DruidError, isDruidError } from '../error/error.ts'
import { serverError } from '../error/server.ts'
import type { Parts } from '../extension/parts.ts'
import type { Observation } from '../observe/observation.ts'
import type { Observe } from '../observe/observe.ts'
import type { ReadingClock } from '../result/read.ts'
import {
  attempted,
  type Transport,
  type TransportBody,
  type TransportRequest,
  type TransportResponse,
} from '../transport/transport.ts'
import { type LinkedSignal, linkedSignal, unlessAborted } from './abort.ts'
import type { AuthHeaders, Authorization } from './authorization.ts'
import { type CancelledQuery, cancelQuery } from './cancel.ts'
import { callHeaders, headersFrom, secretNamesOf, withSecrets } from './headers.ts'
import { intercepted } from './middleware.ts'
import { redirected } from './redirect.ts'
import { type FailedAttempt, type RetryPolicy, retried, type Sent } from './retry.ts'
import type { Servers } from './servers.ts'
import type { Timeouts } from './timeouts.ts'

/** One request to a server of this connection. */
export interface Outgoing {
  readonly method: string
  /** A path below the connection's base URL, or the URL of an admitted server. */
  readonly target: string | URL
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly idempotent: boolean
  /** When the call must be over (`performance.now()`). */
  readonly until?: number | undefined
  /** Whether it is for the server that it goes to first, and for no other. */
  readonly stays?: boolean | undefined
  /** Called when a reply begins, also one that is followed by a further attempt. */
  readonly replied?: (() => void) | undefined
  /** Called before the pause that precedes a further attempt. */
  readonly paused?: (() => void) | undefined
  readonly queryId?: string | undefined
  /** Watches over the time that the body of an error takes. */
  readonly clock?: ReadingClock | undefined
  /** Called at each attempt, when it leaves for there: until then Druid cannot know of it. */
  readonly onSend?: ((url: URL) => void) | undefined
  /** Of the call that it is part of. */
  readonly observed?: Observation | undefined
}

/** A reply with a status of success. Its headers are not to be handed out as they are: {@link withoutCookies}. */
export interface Reply {
  readonly response: TransportResponse
  /** For messages: method and URL without query. */
  readonly attempted: string
  /** The attempt that it is the reply to, counted from 1. */
  readonly attempt: number
}

/**
 * What the clients of one `connect` share: the servers it may speak to, the credentials, and the
 * requests under way. It knows no SQL.
 */
export interface Connection {
  readonly base: URL
  /** How long calls may take, unless they say otherwise. */
  readonly timeouts: Timeouts
  /** What extensions take part in. */
  readonly parts: Parts
  /** Begins to observe a call, if anybody does. End it. */
  readonly observe: Observe
  /** A signal for one call: the caller's signals, and the closing of the connection. Release it. */
  link(signals: readonly (AbortSignal | undefined)[]): LinkedSignal
  /** Rejects with the error for any reply that is not a success. */
  send(request: Outgoing): Promise<Reply>
  /** Sends its DELETE. Never rejects; {@link Connection.close} waits for it. */
  cancel(query: CancelledQuery): Promise<CancelOutcome>
  /** The server that each query under way was sent to. */
  readonly queries: Map<string, URL>
  /** The path at that server, where there is one. */
  at(sentTo: URL | undefined, path: string): string | URL
  /** Makes an address one of this connection's servers. */
  admit(url: URL, options: { readonly credentials: boolean }): void
  /** Throws `CLOSED` once the connection is closed. */
  assertOpen(): void
  /** Ends what is under way with `CLOSED`, and the idle sockets. */
  close(): Promise<void>
}

/** More of an error page than this is not read. */
const MAX_ERROR_BODY = 64 * 1024

export function openConnection(setup: {
  readonly servers: Servers
  readonly transport: Transport
  /** Known once extensions are registered: one of them may do it. */
  readonly authorization: () => Authorization
  readonly retry: RetryPolicy
  readonly timeouts: Timeouts
  readonly headers: Readonly<Record<string, string>>
  /** Of the extensions; filled before the first request. */
  readonly parts: Parts
  readonly observe: Observe
}): Connection {
  const { servers, transport, observe } = setup
  const underWay = new Set<LinkedSignal>()
  const cancelling = new Set<Promise<CancelOutcome>>()
  const secretNames = secretNamesOf(setup.headers)
  const queries = new Map<string, URL>()
  let closed = false

  function assertOpen(): void {
    if (closed) throw closedError()
  }

  /** What middleware must not see is added below it. */
  interface Sending {
    readonly secret: Readonly<Record<string, string>>
    readonly sent: Sent
    readonly until: number
    readonly stays: boolean
    readonly replied?: (() => void) | undefined
    readonly paused?: (() => void) | undefined
    readonly onSend?: ((url: URL) => void) | undefined
    readonly observed?: Observation | undefined
  }

  /** Through early middleware, attempts, late middleware and redirects to the wire. */
  function exchange(request: TransportRequest, sending: Sending): Promise<TransportResponse> {
    const { early, late } = setup.parts
    const once = (changed: TransportRequest): Promise<TransportResponse> =>
      redirected(changed, servers, (to) => wire(to, sending))
    const shown = async (changed: TransportRequest): Promise<TransportResponse> => {
      const { status, headers, body } = await once(changed)
      return { status, headers: withoutCookies(headers), body }
    }
    const send = late.length > 0 ? intercepted(late, shown, check) : early.length > 0 ? shown : once
    const { retry: policy } = setup
    const { sent, observed } = sending
    const failed = observed && ((attempt: FailedAttempt): void => observed.retried(attempt))
    const { until, stays, paused } = sending
    const attempts = { policy, servers, send, sent, failed, until, stays, paused }
    if (early.length === 0) return retried(request, attempts)
    return intercepted(early, (changed) => retried(changed, attempts), check)(request)
  }

  function check({ url, headers }: TransportRequest): void {
    servers.locate(url)
    headersFrom(headers)
  }

  async function wire(request: TransportRequest, sending: Sending): Promise<TransportResponse> {
    // Where it goes may be another place than it was.
    const { url, credentials } = servers.locate(request.url)
    sending.sent.at = url
    const { method, body, signal } = request
    const headers: Record<string, string> = { accept: 'application/json' }
    // Bare: with a charset the Router of Druid 34 and later refuses it.
    if (body !== undefined) headers['content-type'] = 'application/json'
    // Those of the connection may hold a key or a cookie.
    if (credentials) Object.assign(headers, headersFrom(setup.headers))
    Object.assign(
      headers,
      headersFrom(withSecrets(request.headers, credentials ? sending.secret : {})),
    )
    const authorization = setup.authorization()
    const asking = credentials ? authorization.headers({ method, url }) : undefined
    const identity = asking && (await unlessAborted(asking, signal))
    const send = (own: AuthHeaders | undefined): Promise<TransportResponse> => {
      const all = own === undefined ? headers : { ...headers, ...headersFrom(own) }
      const onSend = sending.onSend && ((): void => sending.onSend?.(url))
      const outgoing = { ...request, url, headers: all, onSend }
      if (transport.tellsSending !== true) onSend?.()
      const { observed, sent } = sending
      if (observed === undefined) return transport.request(outgoing)
      return observed.exchanged(outgoing, sent.attempt, () => transport.request(outgoing))
    }
    const response = await send(identity)
    sending.replied?.()
    if (response.status !== 401 || identity === undefined || !authorization.renews) return response
    // Nothing was done: it may be sent again, whatever it is.
    const challenge = response.headers.get('www-authenticate') ?? ''
    response.body.discard()
    const rejected = { challenge }
    const renewed = authorization.headers({ method, url, rejected }, identity)
    const again = await send(renewed && (await unlessAborted(renewed, signal)))
    sending.replied?.()
    return again
  }

  async function send(request: Outgoing): Promise<Reply> {
    const { url } = servers.locate(request.target)
    const what = attempted(request.method, url)
    const sent: Sent = { attempt: 1 }
    try {
      const { shown, secret } = callHeaders(request.headers ?? {}, secretNames)
      const outgoing = {
        method: request.method,
        url,
        headers: shown,
        body: request.body,
        signal: request.signal,
        idempotent: request.idempotent,
      }
      const { onSend, observed } = request
      const { until = Number.POSITIVE_INFINITY, stays = false, replied, paused } = request
      const sending = { secret, sent, onSend, observed, until, stays, replied, paused }
      const response = await (observed === undefined
        ? exchange(outgoing, sending)
        : observed.within(outgoing.method, url, () => exchange(outgoing, sending)))
      const { status } = response
      const { attempt } = sent
      if (status >= 200 && status < 300) return { response, attempted: what, attempt }
      throw serverError({
        status,
        headers: response.headers,
        attempted: what,
        queryId: request.queryId,
        body: await errorBody(response.body, request),
      })
    } catch (error) {
      const { signal, queryId } = request
      const gaveUp = signal?.aborted === true && error === signal.reason
      throw told(gaveUp ? abortError(signal, what) : error, { queryId, attempt: sent.attempt })
    }
  }

  function link(signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
    assertOpen()
    const linked = linkedSignal(signals)
    underWay.add(linked)
    return {
      ...linked,
      release() {
        underWay.delete(linked)
        linked.release()
      },
    }
  }

  function cancel(query: CancelledQuery): Promise<CancelOutcome> {
    const path = `${query.endpoint}/${encodeURIComponent(query.queryId)}`
    const target = at(query.sentTo, path)
    const opening = observe('cancel', query.queryId)
    const outcome =
      opening === undefined
        ? cancelQuery(query, send, target)
        : observedCancel(query, target, opening)
    cancelling.add(outcome)
    return outcome.finally(() => cancelling.delete(outcome))
  }

  async function observedCancel(
    query: CancelledQuery,
    target: string | URL,
    opening: Promise<Observation | undefined>,
  ): Promise<CancelOutcome> {
    const observed = await opening
    const outcome = await cancelQuery(query, (request) => send({ ...request, observed }), target)
    observed?.end('done', undefined, outcome)
    return outcome
  }

  function at(sentTo: URL | undefined, path: string): string | URL {
    return sentTo === undefined ? path : servers.beside(sentTo, path)
  }

  return {
    base: servers.first,
    timeouts: setup.timeouts,
    parts: setup.parts,
    observe,
    link,
    send,
    cancel,
    queries,
    at,
    assertOpen,
    admit: servers.admit,
    async close() {
      closed = true
      const reason = closedError()
      for (const call of underWay) call.abort(reason)
      while (cancelling.size > 0) await Promise.all(cancelling)
      await transport.close()
    },
  }
}

/** Nothing here keeps a session, and what a server hands out for one is not for others to see. */
export function withoutCookies(headers: Headers): Headers {
  if (!headers.has('set-cookie')) return headers
  const others = new Headers(headers)
  others.delete('set-cookie')
  return others
}

function closedError(): DruidError<'CLOSED'> {
  return ending(new DruidError('CLOSED', 'this connection is closed; call connect() for another'))
}

/** What came of an error's body, up to a limit. A cut body must not hide the status. */
async function errorBody(body: TransportBody, { clock, signal }: Outgoing): Promise<string> {
  const utf8 = new TextDecoder()
  let content = ''
  try {
    clock?.waiting()
    for await (const chunk of body) {
      content += utf8.decode(chunk, { stream: true })
      if (content.length > MAX_ERROR_BODY) break
      clock?.waiting()
    }
  } catch (error) {
    if (signal?.aborted) throw error
    // The status says enough.
  } finally {
    clock?.came()
  }
  return content
}

/** The error, with what only the connection knows of it. */
export function told(
  error: unknown,
  { queryId, attempt }: { readonly queryId: string | undefined; readonly attempt: number },
): unknown {
  if (!isDruidError(error)) return error
  if (queryId !== undefined && error.queryId === undefined) Object.assign(error, { queryId })
  if (attempt > 1) Object.assign(error, { attempt })
  return error
}
