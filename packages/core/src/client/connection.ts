import { abortError } from '../error/abort.ts'
import { type CancelOutcome, DruidError, isDruidError } from '../error/error.ts'
import { serverError } from '../error/server.ts'
import type { Parts } from '../extension/parts.ts'
import {
  attempted,
  type Transport,
  type TransportBody,
  type TransportRequest,
  type TransportResponse,
} from '../transport/transport.ts'
import { type LinkedSignal, linkedSignal, sleep, unlessAborted } from './abort.ts'
import { resolvePath, withoutUserinfo } from './address.ts'
import type { Authorization } from './authorization.ts'
import { callHeaders, headersFrom, secretNamesOf, withSecrets } from './headers.ts'
import { intercepted } from './middleware.ts'

/** One request to a server of this connection. */
export interface Outgoing {
  readonly method: string
  /** A path below the connection's base URL, or the URL of an admitted server. */
  readonly target: string | URL
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly idempotent: boolean
  readonly queryId?: string | undefined
  /** Called when it leaves: until then Druid cannot know of it. */
  readonly onSend?: (() => void) | undefined
}

/** A reply with a status of success. Its headers are not to be handed out as they are: {@link withoutCookies}. */
export interface Reply {
  readonly response: TransportResponse
  /** For messages: method and URL without query. */
  readonly attempted: string
}

/** Where a query is posted, and below which its id is deleted: SQL, or native. */
export type QueryEndpoint = '/druid/v2/sql' | '/druid/v2'

/** A query that Druid must stop. */
export interface CancelledQuery {
  readonly endpoint: QueryEndpoint
  readonly queryId: string
  /** Its own headers: a gate may want them. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether Druid has begun to answer. */
  readonly planned: boolean
}

/**
 * What the clients of one `connect` share: the servers it may speak to, the credentials, and the
 * requests under way. It knows no SQL.
 */
export interface Connection {
  readonly base: URL
  /** What extensions take part in. */
  readonly parts: Parts
  /** A signal for one call: the caller's signals, and the closing of the connection. Release it. */
  link(signals: readonly (AbortSignal | undefined)[]): LinkedSignal
  /** Rejects with the error for any reply that is not a success. */
  send(request: Outgoing): Promise<Reply>
  /** Sends its DELETE. Never rejects; {@link Connection.close} waits for it. */
  cancel(query: CancelledQuery): Promise<CancelOutcome>
  /** Makes an address one of this connection's servers. */
  admit(url: URL, options: { readonly credentials: boolean }): void
  /** Throws `CLOSED` once the connection is closed. */
  assertOpen(): void
  /** Ends what is under way with `CLOSED`, and the idle sockets. */
  close(): Promise<void>
}

/** So long cancelling may take in all: closing the connection waits for it. */
const CANCEL_LIMIT = 5_000
/** More of an error page than this is not read. */
const MAX_ERROR_BODY = 64 * 1024

/**
 * Milliseconds before each further DELETE while Druid may not know the query. It knows one only once
 * it is planned: an earlier DELETE finds nothing, and the query would run to its end.
 */
const ASK_AGAIN = [250, 750, 2_000]

/** The same of a native query: there is less to plan, and the answer is 202 whether it is known or not. */
const SEND_AGAIN = [250, 750]

export function openConnection(setup: {
  readonly base: URL
  readonly transport: Transport
  readonly authorization: Authorization
  readonly headers: Readonly<Record<string, string>>
  /** Of the extensions; filled before the first request. */
  readonly parts: Parts
}): Connection {
  const { base, transport, authorization } = setup
  const servers = new Map([[base.origin, { credentials: true }]])
  const underWay = new Set<LinkedSignal>()
  const cancelling = new Set<Promise<CancelOutcome>>()
  const secretNames = secretNamesOf(setup.headers)
  let closed = false

  function assertOpen(): void {
    if (closed) throw closedError()
  }

  function locate(target: string | URL): { url: URL; credentials: boolean } {
    const url =
      typeof target === 'string' && target.startsWith('/')
        ? resolvePath(base, target)
        : absolute(target)
    const server = servers.get(url.origin)
    if (server === undefined) {
      throw new DruidError(
        'CONFIG',
        `request: ${url.origin} is not a server of this connection (${base.origin}); use a path, or a server that client.cluster() knows`,
        { option: 'path' },
      )
    }
    return { url, credentials: server.credentials }
  }

  /** Through all middleware; what it may not see is added below it. */
  function exchange(
    request: TransportRequest,
    secret: Readonly<Record<string, string>>,
    onSend?: () => void,
  ): Promise<TransportResponse> {
    const { early, late } = setup.parts
    const send = (changed: TransportRequest): Promise<TransportResponse> =>
      wire({ ...changed, headers: withSecrets(changed.headers, secret) }, onSend)
    const check = ({ url, headers }: TransportRequest): void => {
      locate(url)
      headersFrom(headers)
    }
    if (early.length + late.length === 0) return send(request)
    const shown = async (changed: TransportRequest): Promise<TransportResponse> => {
      const { status, headers, body } = await send(changed)
      return { status, headers: withoutCookies(headers), body }
    }
    return intercepted([...early, ...late], shown, check)(request)
  }

  async function wire(request: TransportRequest, onSend?: () => void): Promise<TransportResponse> {
    // Where it goes may be another place than it was.
    const { url, credentials } = locate(request.url)
    const { method, body, signal } = request
    const headers: Record<string, string> = { accept: 'application/json' }
    // Bare: with a charset the Router of Druid 34 and later refuses it.
    if (body !== undefined) headers['content-type'] = 'application/json'
    // Those of the connection may hold a key or a cookie.
    if (credentials) Object.assign(headers, headersFrom(setup.headers))
    Object.assign(headers, headersFrom(request.headers))
    const identity = credentials ? authorization({ method, url }) : undefined
    if (identity !== undefined) {
      Object.assign(headers, headersFrom(await unlessAborted(identity, signal)))
    }
    onSend?.()
    return transport.request({ ...request, url, headers })
  }

  async function send(request: Outgoing): Promise<Reply> {
    const { url } = locate(request.target)
    const what = attempted(request.method, url)
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
      const response = await exchange(outgoing, secret, request.onSend)
      const { status } = response
      if (status >= 200 && status < 300) return { response, attempted: what }
      throw serverError({
        status,
        headers: response.headers,
        attempted: what,
        queryId: request.queryId,
        body: await errorBody(response.body),
      })
    } catch (error) {
      const { signal, queryId } = request
      const gaveUp = signal?.aborted === true && error === signal.reason
      throw withQueryId(gaveUp ? abortError(signal, what) : error, queryId)
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
    const outcome = cancelUntilKnown(query)
    cancelling.add(outcome)
    return outcome.finally(() => cancelling.delete(outcome))
  }

  async function cancelUntilKnown(query: CancelledQuery): Promise<CancelOutcome> {
    const signal = AbortSignal.timeout(CANCEL_LIMIT)
    const isSql = query.endpoint === '/druid/v2/sql'
    const inDoubt = isSql ? 'unknown' : 'accepted'
    let outcome = await cancelOnce(query, signal)
    for (const pause of query.planned ? [] : isSql ? ASK_AGAIN : SEND_AGAIN) {
      if (outcome !== inDoubt) break
      await sleep(pause)
      outcome = await cancelOnce(query, signal)
    }
    return outcome
  }

  async function cancelOnce(
    { endpoint, queryId, headers }: CancelledQuery,
    signal: AbortSignal,
  ): Promise<CancelOutcome> {
    try {
      const target = `${endpoint}/${encodeURIComponent(queryId)}`
      const reply = await send({ method: 'DELETE', target, headers, signal, idempotent: true })
      reply.response.body.discard()
      return 'accepted'
    } catch (error) {
      return isDruidError(error, 'NOT_FOUND') ? 'unknown' : 'failed'
    }
  }

  return {
    base,
    parts: setup.parts,
    link,
    send,
    cancel,
    assertOpen,
    admit(url, options) {
      if (!servers.has(url.origin)) servers.set(url.origin, options)
    },
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
  return new DruidError('CLOSED', 'this connection is closed; call connect() for another')
}

function absolute(target: string | URL): URL {
  const url = URL.canParse(String(target)) ? new URL(target) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new DruidError(
      'CONFIG',
      'request: the path must begin with "/", or be the URL of a server of this connection',
      { option: 'path' },
    )
  }
  return withoutUserinfo(url)
}

/** What came of an error's body, up to a limit. A cut body must not hide the status. */
async function errorBody(body: TransportBody): Promise<string> {
  const utf8 = new TextDecoder()
  let content = ''
  try {
    for await (const chunk of body) {
      content += utf8.decode(chunk, { stream: true })
      if (content.length > MAX_ERROR_BODY) break
    }
  } catch {
    // The status says enough.
  }
  return content
}

function withQueryId(error: unknown, queryId: string | undefined): unknown {
  if (queryId !== undefined && isDruidError(error) && error.queryId === undefined) {
    Object.assign(error, { queryId })
  }
  return error
}
