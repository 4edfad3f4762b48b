import { DruidError, isDruidError } from './error.ts'

/** Errors that calls are ended with here: what else a signal's reason is, is the caller's own. */
const endings = new WeakSet<object>()

/** Makes it what a call ends with whose signal is aborted with it. */
export function ending<E extends DruidError>(error: E): E {
  endings.add(error)
  return error
}

/**
 * The error for a signal that fired: `TIMEOUT` if that is what its reason says, else `CANCELLED`.
 * `doing`: what was given up, e.g. `POST http://host/path`.
 */
export function abortError(signal: AbortSignal, doing: string): DruidError {
  const reason: unknown = signal.reason
  // A copy, as each call adds to its own.
  if (isDruidError(reason, 'CANCELLED')) {
    return new DruidError('CANCELLED', reason.message, { cause: reason.cause })
  }
  if (isDruidError(reason) && endings.has(reason)) {
    // What ran out of time is known here only.
    const message = reason.code === 'TIMEOUT' ? `${doing}: ${reason.message}` : reason.message
    return new DruidError(reason.code as 'CLOSED', message, {
      ...reason,
      cause: reason.cause,
    })
  }
  if (isTimeout(reason)) {
    return new DruidError('TIMEOUT', `${doing}: the signal's time ran out`, {
      phase: 'total',
      cause: reason,
    })
  }
  return new DruidError('CANCELLED', `${doing}: cancelled by the caller`, { cause: reason })
}

/** The reason is the caller's own, and may be a proxy that throws. */
function isTimeout(reason: unknown): boolean {
  try {
    return reason instanceof Error && reason.name === 'TimeoutError'
  } catch {
    return false
  }
}
