import { isDruidError, messageOf } from '../error/error.ts'
import type { ObservedError } from './events.ts'

/** Codes of errors whose messages are ours alone. */
const OURS: ReadonlySet<string> = new Set(['CONNECT', 'TLS', 'TIMEOUT', 'CLOSED'])

/** What is told of an error. `text`: its message, too, whatever that quotes. */
export function described(error: unknown, text: boolean): ObservedError {
  if (!isDruidError(error)) {
    return Object.freeze({
      code: 'OTHER',
      retryable: false,
      ...(text && { message: messageOf(error) }),
    })
  }
  const { code, retryable, message } = error
  const { status } = error as { status?: unknown }
  return Object.freeze({
    code,
    retryable,
    ...(typeof status === 'number' && { status }),
    // Of other codes it is the server's.
    ...((isDruidError(error, 'CONNECT') || isDruidError(error, 'TLS')) && { reason: error.reason }),
    ...(isDruidError(error, 'TIMEOUT') && { phase: error.phase }),
    ...((text || OURS.has(code)) && { message }),
  })
}
