import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import type { Owned } from '../extension/parts.ts'
import type { Middleware } from '../extension/points.ts'
import type { TransportBody, TransportRequest, TransportResponse } from '../transport/transport.ts'
import { unlessAborted } from './abort.ts'

/** Sends one request, whatever the way. */
export type Exchange = (request: TransportRequest) => Promise<TransportResponse>

/** The exchange with all middleware around it, the first outermost. */
export function intercepted(middleware: readonly Owned<Middleware>[], wire: Exchange): Exchange {
  return middleware.reduceRight<Exchange>(
    (next, one) => (request) => pass(one, request, next),
    wire,
  )
}

/**
 * One middleware around one request. It may never call `next`, or never end: an abort is stronger.
 * What it did not take of the replies it asked for is given up.
 */
async function pass(
  { extension, part }: Owned<Middleware>,
  request: TransportRequest,
  next: Exchange,
): Promise<TransportResponse> {
  const failed = (why: string, cause?: unknown): DruidError => {
    const what = `${request.method} ${request.url.origin}${request.url.pathname}`
    const message = `extension "${extension}": its middleware ${why} (${what})`
    return new DruidError('EXTENSION', message, { extension, cause })
  }
  const replies: TransportResponse[] = []
  let calls = 0
  let over = false
  const guarded = async (changed: TransportRequest): Promise<TransportResponse> => {
    calls += 1
    if (over) throw failed('called next() after it had ended')
    if (calls > 1 && !request.idempotent) {
      throw failed('called next() again for a request that must not be sent twice')
    }
    const reply = await next(checkedRequest(changed, request, failed))
    if (over) reply.body.discard()
    else replies.push(reply)
    return reply
  }
  try {
    const run = async (): Promise<TransportResponse> => part(frozen(request), guarded)
    const answer = checkedReply(await unlessAborted(run(), request.signal), failed)
    // The last one may be what its answer reads from.
    for (const reply of replies.slice(0, -1)) if (reply !== answer) reply.body.discard()
    return answer
  } catch (error) {
    for (const reply of replies) reply.body.discard()
    const gaveUp = request.signal?.aborted === true && error === request.signal.reason
    if (gaveUp || isDruidError(error)) throw error
    throw failed(`failed: ${messageOf(error)}`, error)
  } finally {
    over = true
  }
}

function frozen(request: TransportRequest): TransportRequest {
  const { url, headers } = request
  return Object.freeze({ ...request, url: new URL(url), headers: Object.freeze({ ...headers }) })
}

type Failed = (why: string) => DruidError

/** It cannot make a request repeatable, nor detach it from its signal. */
function checkedRequest(
  changed: TransportRequest,
  original: TransportRequest,
  failed: Failed,
): TransportRequest {
  if (typeof changed !== 'object' || changed === null)
    throw failed('called next() without a request')
  const { method, url, headers, body, signal = original.signal } = changed
  const isText = body === undefined || typeof body === 'string'
  const isWhole = typeof method === 'string' && typeof headers === 'object' && headers !== null
  if (!isText || !isWhole || !URL.canParse(String(url))) {
    throw failed('passed on what is no request; pass on a copy: next({ ...request, headers })')
  }
  const idempotent = changed.idempotent && original.idempotent
  return { method, url: new URL(url), headers: { ...headers }, body, signal, idempotent }
}

function checkedReply(reply: TransportResponse | undefined, failed: Failed): TransportResponse {
  const { status, headers, body } = reply ?? {}
  if (
    typeof status !== 'number' ||
    !(headers instanceof Headers) ||
    typeof body?.[Symbol.asyncIterator] !== 'function'
  ) {
    throw failed('answered with what is no reply: { status, headers: Headers, body }')
  }
  return isWholeBody(body) ? (reply as TransportResponse) : { status, headers, body: whole(body) }
}

function isWholeBody(body: Partial<TransportBody>): boolean {
  return typeof body.discard === 'function' && typeof body.trailers === 'function'
}

/** A body of its own needs nothing but its bytes. */
function whole(body: AsyncIterable<Uint8Array>): TransportBody {
  return {
    [Symbol.asyncIterator]: () => body[Symbol.asyncIterator](),
    discard() {},
    trailers: () => undefined,
  }
}
