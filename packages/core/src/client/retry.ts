import { DruidError, isDruidError } from '../error/error.ts'
import { retryAfter } from '../error/server.ts'
import type { TransportRequest, TransportResponse } from '../transport/transport.ts'
import { sleep } from './abort.ts'
import type { Servers } from './servers.ts'

/**
 * What is tried again: a request that reached no server (its name unknown, the connection refused or
 * too slow) at the next URL of the connection, after a pause; and where it may be sent twice, one that
 * Druid put off (429, 503), not before its `Retry-After`. Nothing is once a row was handed out.
 */
export interface Retry {
  /** How often it is sent at most, the first time included. Default 3. */
  readonly attempts?: number | undefined
  /** Milliseconds from the first attempt in which another may begin. Default 30,000. */
  readonly within?: number | undefined
}

export type RetryPolicy = { readonly [K in keyof Retry]-?: number }

/** Before the second attempt, in milliseconds; it doubles, up to {@link LONGEST}. */
const FIRST = 100
const LONGEST = 5_000

/** Throws `CONFIG` for what is none. */
export function retryPolicy(given: Retry | false | undefined): RetryPolicy {
  const { attempts = 3, within = 30_000 } = given === false ? { attempts: 1 } : (given ?? {})
  const isCount = Number.isInteger(attempts) && attempts >= 1
  if (isCount && typeof within === 'number' && within >= 0) return { attempts, within }
  throw new DruidError(
    'CONFIG',
    'connect: retry is false, or { attempts: a whole number of at least 1, within: milliseconds }',
    { option: 'retry' },
  )
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

export interface Attempts {
  readonly policy: RetryPolicy
  readonly servers: Servers
  /** Sends it once. */
  readonly send: (request: TransportRequest) => Promise<TransportResponse>
  /** Told of every attempt but the last. */
  readonly failed?: ((failed: FailedAttempt, request: TransportRequest) => void) | undefined
  /** Counts them. */
  readonly count: { attempt: number }
}

/** Sends a request as often as its policy allows and its kind permits. */
export async function retried(
  first: TransportRequest,
  { policy, servers, send, failed, count }: Attempts,
): Promise<TransportResponse> {
  const start = performance.now()
  let request = first
  while (true) {
    let response: TransportResponse | undefined
    let error: unknown
    try {
      response = await send(request)
    } catch (thrown) {
      error = thrown
    }
    const wanted =
      response === undefined
        ? afterError(error, servers.isGiven(request.url))
        : afterReply(request, response)
    if (wanted === undefined) {
      if (response !== undefined) return response
      throw error
    }
    if (response === undefined) servers.failed(request.url)
    const next = servers.elsewhere(request.url)
    // Another server need not be spared.
    const isMoved = next.origin !== request.url.origin
    const pause = Math.max(wanted, isMoved ? 0 : backOff(count.attempt))
    const isOver =
      count.attempt >= policy.attempts ||
      performance.now() - start + pause > policy.within ||
      request.signal?.aborted === true
    if (isOver) {
      if (response !== undefined) return response
      throw error
    }
    failed?.(
      {
        attempt: count.attempt,
        pause,
        ...(response === undefined ? { error } : { status: response.status }),
      },
      request,
    )
    response?.body.discard()
    if (pause > 0) await sleep(pause, request.signal, `${request.method} ${request.url.origin}`)
    count.attempt += 1
    if (isMoved) request = { ...request, url: next }
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
