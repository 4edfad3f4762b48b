import { messageOf } from '../error/error.ts'
import { warn } from '../extension/failures.ts'

/** What the application gave must not break a call: what it throws is warned of, once. */
export function guarded(what: string, work: () => unknown): void {
  try {
    const answer = work()
    // Nobody waits for it.
    if (answer instanceof Promise) answer.catch((cause: unknown) => failed(what, cause))
  } catch (cause) {
    failed(what, cause)
  }
}

function failed(what: string, cause: unknown): void {
  warn(`${what} failed: ${messageOf(cause)}`, 'DruidObservingWarning')
}
