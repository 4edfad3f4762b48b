import { DruidError, type RequestOptions } from '@druid/core/extension'
import { POLL_TIMEOUT, poll } from './poll.ts'

/** How long something is waited for. */
export interface WaitLimit extends Omit<RequestOptions, 'timeout'> {
  /** Milliseconds. */
  readonly timeout?: number | undefined
}

/**
 * As {@link poll}, with a limit to the whole; `late` says, after `what`, how far it is then.
 * @throws DruidError `TIMEOUT` after `timeout`.
 */
export async function pollWithin<T>(
  what: string,
  { timeout, ...given }: WaitLimit,
  ask: (request: RequestOptions) => Promise<T | undefined>,
  late: () => string,
): Promise<T> {
  const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout)
  const signal = limit && given.signal ? AbortSignal.any([limit, given.signal]) : limit
  const request = { ...given, signal: signal ?? given.signal, timeout: POLL_TIMEOUT }
  try {
    return await poll(what, () => ask(request), request.signal)
  } catch (error) {
    if (!limit?.aborted || given.signal?.aborted) throw error
    throw new DruidError('TIMEOUT', `${what} ${late()} after ${timeout} ms`, {
      phase: 'total',
      cause: error,
    })
  }
}
