import { isDruidError, sleep } from '@druid/core/extension'

const FIRST_PAUSE = 200
const LONGEST_PAUSE = 2_000

/** Of a request whose reply is awaited while the cluster may be going away, unless the caller says another. */
export const POLL_TIMEOUT = { firstByte: 30_000 }

/** A cluster that is away for longer than this is not waited for any more. */
const OUTAGE = 60_000

/**
 * Asks again and again, ever less often, until there is an answer. An outage of up to a minute – a
 * leader that changes, a node that restarts – is waited through; any other error ends it.
 */
export async function poll<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  signal: AbortSignal | undefined,
): Promise<T> {
  let pause = FIRST_PAUSE
  let outageSince: number | undefined
  while (true) {
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
      outageSince = undefined
    } catch (error) {
      outageSince ??= performance.now()
      if (signal?.aborted || !isOutage(error) || performance.now() - outageSince > OUTAGE) {
        throw error
      }
    }
    await sleep(pause, signal, what)
    pause = Math.min(LONGEST_PAUSE, pause * 1.3)
  }
}

/** Nobody answers, not in time, or only that somebody else should: 503 without a leader, 502, 504. */
function isOutage(error: unknown): boolean {
  if (isDruidError(error, 'CONNECT') || isDruidError(error, 'NO_SERVICE')) return true
  if (isDruidError(error, 'SERVER')) return [307, 502, 503].includes(error.status)
  return ['SERVER_TIMEOUT', 'CAPACITY', 'TIMEOUT'].includes(isDruidError(error) ? error.code : '')
}
