import { DruidError, isDruidError } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import { retryAfter } from '../error/server.ts'
import { checkNames } from '../error/unknown-name.ts'
import { LONGEST_TIMER } from '../transport/settings.ts'
import { isStale } from '../transport/stale.ts'
import type { TransportRequest, TransportResponse } from '../transport/transport.ts'
import { sleep } from './abort.ts'
import type { Servers } from './servers.ts'

/**
 * What is tried again: a request that reached no server (its name unknown, the connection refused or
 * too slow), and where it may be sent twice, one that Druid put off (429, 503), not before its
 * `Retry-After`, and once, at once, one whose kept-alive socket the server had just closed. Of several URLs each is tried once before there is a pause, and counts as one attempt with
 * the others. Nothing is tried again once a row was handed out.
 */
export interface Retry {
  /** How often at most, the first time included. Default 3. */
  readonly attempts?: number | undefined
  /** Milliseconds from the first attempt in which another may begin. Default 30,000. */
  readonly within?: number | undefined
}

export type RetryPolicy = { readonly [K in keyof Retry]-?: number }

const ATTEMPTS = 3
const WITHIN = 30_000

/** Before the second attempt, in milliseconds; it doubles, up to {@link LONGEST}. */
const FIRST = 100
const LONGEST = 5_000

/** Throws `CONFIG` for what is none. */
export function retryPolicy(given: Retry | false | undefined): RetryPolicy {
  if (given === false) return { attempts: 1, within: WITHIN }
  if (given === undefined) return { attempts: ATTEMPTS, within: WITHIN }
  const wrong = new DruidError(
    'CONFIG',
    'connect: retry is false, or { attempts: a whole number of at least 1, within: milliseconds }',
    { option: 'retry' },
  )
  if (!isRecord(given)) throw wrong
  checkNames(given, ['attempts', 'within'], 'connect: retry')
  const { attempts = ATTEMPTS, within = WITHIN }: Retry = given
  const isCount = Number.isInteger(attempts) && attempts >= 1
  if (!isCount || typeof within !== 'number' || !(within >= 0)) throw wrong
  return { attempts, within }
}

/** An attempt that failed, and after which there will be another. */
export interface FailedAttempt {
  /** Counted from 1. */
  readonly attempt: number
  /** What it ended with: an error, or the status of a reply. */
  readonly error?: unknown
  readonly status?: number
  /** Milliseconds until the next. */
  readonly pause: number
}

/** How far the sending of a request is. */
export interface Sent {
  attempt: number
  /** Where it went last; another place than it was sent to where a redirect or a middleware says so. */
  at?: URL
}

export interface Attempts {
  readonly policy: RetryPolicy
  readonly servers: Servers
  /** Sends it once. */
  readonly send: (request: TransportRequest) => Promise<TransportResponse>
  /** Told of every attempt but the last. */
  readonly failed?: ((failed: FailedAttempt, request: TransportRequest) => void) | undefined
  /** Counts how often it was sent, and knows the server that it led to last. */
  readonly sent: Sent
  /** When the call must be over (`performance.now()`): an attempt after that is none. */
  readonly until: number
  /** Whether it is for this server only. */
  readonly stays: boolean
  /** Told before a pause. */
  readonly paused?: (() => void) | undefined
}

/** Sends a request as often as its policy allows and its kind permits. */
export async function retried(
  first: TransportRequest,
  { policy, servers, send, failed, sent, until, stays, paused }: Attempts,
): Promise<TransportResponse> {
  const over = Math.min(performance.now() + policy.within, until)
  let request = first
  let attempts = 1
  /** Keys of servers, since the last pause. */
  const tried = new Set<string>()
  while (true) {
    let response: TransportResponse | undefined
    let error: unknown
    try {
      response = await send(request)
    } catch (thrown) {
      error = thrown
    }
    const { url } = request
    const { at = url } = sent
    if (response !== undefined && response.status !== 503) servers.reached(at)
    if (isStale(error) && request.fresh !== true && attempts < policy.attempts) {
      if (request.signal?.aborted || performance.now() > over) throw error
      failed?.({ attempt: sent.attempt, pause: 0, error }, request)
      attempts += 1
      sent.attempt += 1
      request = { ...request, fresh: true }
      continue
    }
    const wanted =
      response === undefined
        ? afterError(error, servers.isGiven(url))
        : afterReply(request, response)
    if (wanted === undefined || request.signal?.aborted) {
      if (response !== undefined) return response
      throw error
    }
    tried.add(servers.keyOf(url))
    // One that is busy (429) is not spared by asking another of its cluster; one that is ending is.
    const isGone = response === undefined || response.status === 503
    if (isGone) servers.failed(at)
    // Where a redirect led to one that is gone, the server that sent it there is not.
    const isHere = servers.keyOf(at) === servers.keyOf(url)
    const other = isGone && isHere && !stays ? servers.elsewhere(url, tried) : undefined
    const pause = other === undefined ? Math.max(wanted, backOff(attempts)) : 0
    const isLast = other === undefined && attempts >= policy.attempts
    if (isLast || pause > LONGEST_TIMER || performance.now() + pause > over) {
      if (response !== undefined) return response
      throw error
    }
    const outcome = response === undefined ? { error } : { status: response.status }
    failed?.({ attempt: sent.attempt, pause, ...outcome }, request)
    response?.body.discard()
    if (other === undefined) {
      attempts += 1
      tried.clear()
      const what = `${request.method} ${url.origin}${url.pathname}`
      paused?.()
      await sleep(pause, request.signal, what)
    }
    sent.attempt += 1
    const next = other ?? (stays ? undefined : servers.elsewhere(url, tried))
    if (next !== undefined) request = { ...request, url: next }
  }
}

/**
 * Milliseconds to wait at least; `undefined`: it is not sent again. Where a service of the cluster is
 * gone, `client.cluster()` looks for the one in its place: there is nothing to wait for.
 */
function afterError(error: unknown, isGiven: boolean): number | undefined {
  if (!isGiven) return undefined
  const isUnreached = isDruidError(error, 'CONNECT')
    ? error.reason === 'refused' || error.reason === 'dns'
    : isDruidError(error, 'TIMEOUT') && error.phase === 'connect'
  return isUnreached ? 0 : undefined
}

/** Druid has not begun to work on it. */
const PUT_OFF: ReadonlySet<number> = new Set([429, 503])

function afterReply(
  request: TransportRequest,
  { status, headers }: TransportResponse,
): number | undefined {
  if (!request.idempotent || !PUT_OFF.has(status)) return undefined
  return retryAfter(headers) ?? 0
}

/** Half of it is chance, so that clients that failed together do not come again together. */
function backOff(attempt: number): number {
  const longest = Math.min(FIRST * 2 ** (attempt - 1), LONGEST)
  return longest / 2 + (Math.random() * longest) / 2
}
