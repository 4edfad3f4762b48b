import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import type { Owned } from '../extension/parts.ts'
import type { Middleware } from '../extension/points.ts'
import {
  attempted,
  type TransportBody,
  type TransportRequest,
  type TransportResponse,
} from '../transport/transport.ts'
import { unlessAborted, untilAborted } from './abort.ts'
import { type AheadBody, aheadBody } from './read-ahead.ts'

/** Sends one request, whatever the way. */
export type Exchange = (request: TransportRequest) => Promise<TransportResponse>

/**
 * The exchange with all middleware around it, the first outermost. `check` throws for a request that
 * must not be sent.
 */
export function intercepted(
  middleware: readonly Owned<Middleware>[],
  wire: Exchange,
  check: (request: TransportRequest) => unknown,
): Exchange {
  return middleware.reduceRight<Exchange>(
    (next, one) => (request) => pass(one, request, next, check),
    wire,
  )
}

type Failed = (why: string, cause?: unknown) => DruidError

/**
 * One middleware around one request. It may never call `next`, or never end: an abort is stronger.
 * What it did not take of the replies it asked for is given up.
 */
async function pass(
  { extension, part }: Owned<Middleware>,
  request: TransportRequest,
  next: Exchange,
  check: (request: TransportRequest) => unknown,
): Promise<TransportResponse> {
  const what = attempted(request.method, request.url)
  const failed: Failed = (why, cause) => {
    const message = `extension "${extension}": its middleware ${why} (${what})`
    return new DruidError('EXTENSION', message, { extension, cause })
  }
  const replies: (TransportResponse & { readonly body: AheadBody })[] = []
  const ofNext = new WeakSet<object>()
  let calls = 0
  let underWay = 0
  let over = false

  async function send(changed: TransportRequest): Promise<TransportResponse> {
    calls += 1
    if (over) throw failed('called next() after it had ended')
    if (calls > 1 && !request.idempotent) {
      throw failed('called next() again for a request that must not be sent twice')
    }
    const outgoing = checkedRequest(changed, request, failed)
    try {
      check(outgoing)
    } catch (cause) {
      throw failed(`passed on what cannot be sent: ${messageOf(cause)}`, cause)
    }
    // Each may hold the place of another, where connections are few.
    for (const { body } of replies) body.readAhead()
    underWay += 1
    const { status, headers, body } = await next(outgoing)
      .catch((error: unknown) => {
        if (typeof error === 'object' && error !== null) ofNext.add(error)
        throw error
      })
      .finally(() => {
        underWay -= 1
      })
    const reply = { status, headers, body: aheadBody(body) }
    if (over) reply.body.discard()
    else replies.push(reply)
    if (underWay > 0) reply.body.readAhead()
    return reply
  }

  function guarded(changed: TransportRequest): Promise<TransportResponse> {
    const reply = send(changed)
    // It may not wait for it: its failure must not end the process.
    reply.catch(() => {})
    return reply
  }

  try {
    const run = async (): Promise<TransportResponse> => part(frozen(request), guarded)
    const given = checkedReply(await unlessAborted(run(), request.signal), failed)
    const isOfNext = replies.some(({ body }) => body === given.body)
    const answer = isOfNext ? given : { ...given, body: ownBody(given.body, request, what, failed) }
    const others = replies.filter(({ body }) => body !== answer.body)
    if (others.length < replies.length) for (const { body } of others) body.discard()
    // Its answer may read from any of them.
    else if (others.length > 0) return readsFrom(answer, others)
    return answer
  } catch (error) {
    for (const reply of replies) reply.body.discard()
    const gaveUp = request.signal?.aborted === true && error === request.signal.reason
    if (gaveUp) throw error
    // Once there was a reply, an error of another request of its own says nothing of this one.
    if (isDruidError(error) && (replies.length === 0 || ofNext.has(error))) throw error
    throw failed(`failed: ${messageOf(error)}`, error)
  } finally {
    over = true
  }
}

function frozen(request: TransportRequest): TransportRequest {
  const { url, headers } = request
  return Object.freeze({ ...request, url: new URL(url), headers: Object.freeze({ ...headers }) })
}

/** It cannot make a request repeatable, nor detach it from its signal. */
function checkedRequest(
  changed: TransportRequest,
  original: TransportRequest,
  failed: Failed,
): TransportRequest {
  if (typeof changed !== 'object' || changed === null)
    throw failed('called next() without a request')
  const { method, url, headers, body, signal } = changed
  const isText = body === undefined || typeof body === 'string'
  const isMethod = typeof method === 'string' && /^[A-Z]+$/.test(method)
  const isWhole = isMethod && typeof headers === 'object' && headers !== null
  const isSignal = signal === undefined || signal instanceof AbortSignal
  if (!isText || !isWhole || !isSignal || !URL.canParse(String(url))) {
    throw failed('passed on what is no request; pass on a copy: next({ ...request, headers })')
  }
  const idempotent = changed.idempotent === true && original.idempotent
  return {
    method,
    url: new URL(url),
    headers: { ...headers },
    body,
    signal: both(original.signal, signal),
    idempotent,
  }
}

function both(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  return a === undefined || b === undefined || a === b ? (a ?? b) : AbortSignal.any([a, b])
}

function checkedReply(reply: TransportResponse | undefined, failed: Failed): TransportResponse {
  const { status, headers, body } = reply ?? {}
  if (
    !Number.isInteger(status) ||
    typeof (headers as Partial<Headers> | undefined)?.get !== 'function' ||
    typeof body?.[Symbol.asyncIterator] !== 'function'
  ) {
    throw failed('answered with what is no reply: { status, headers: Headers, body }')
  }
  const given = reply as TransportResponse
  if (given.headers instanceof Headers) return given
  // Those of another implementation of fetch are others.
  return { status: given.status, headers: new Headers(given.headers), body: given.body }
}

/** A body of its own, which needs nothing but its bytes; they may be none, fail, or never come. */
function ownBody(
  body: AsyncIterable<Uint8Array> & Partial<TransportBody>,
  { signal }: TransportRequest,
  what: string,
  failed: Failed,
): TransportBody {
  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of signal ? untilAborted(body, signal, what) : body) {
        if (!(chunk instanceof Uint8Array)) throw failed('answered with a body that is no bytes')
        yield chunk
      }
    } catch (error) {
      // Also what the body of a reply ended with that it reads from.
      if (isDruidError(error)) throw error
      throw failed(`answered with a body that failed: ${messageOf(error)}`, error)
    }
  }
  return {
    [Symbol.asyncIterator]: read,
    discard() {
      try {
        body.discard?.()
      } catch {
        // Nobody wants it any more.
      }
    },
    trailers() {
      try {
        const trailers: unknown = body.trailers?.()
        return trailers instanceof Headers ? trailers : undefined
      } catch (error) {
        throw failed(`answered with a body whose trailers failed: ${messageOf(error)}`, error)
      }
    },
  }
}

/** The reply; with the end of its body also those end that it may have been made from. */
function readsFrom(
  { status, headers, body }: TransportResponse,
  replies: readonly TransportResponse[],
): TransportResponse {
  const release = (): void => {
    for (const reply of replies) reply.body.discard()
  }
  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* body
    } finally {
      release()
    }
  }
  function discard(): void {
    body.discard()
    release()
  }
  const trailers = (): Headers | undefined => body.trailers()
  return { status, headers, body: { [Symbol.asyncIterator]: read, discard, trailers } }
}
