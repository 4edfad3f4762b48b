/** Whether it is a promise of whatever kind. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/**
 * The answer of an extension where none is waited for. A promise is refused; if it rejects later,
 * that must not end the process as an unhandled rejection.
 */
export function synchronous<T>(answer: T): T {
  if (!isPromise(answer)) return answer
  answer.then(undefined, () => {})
  throw new TypeError('it answered with a promise, and nothing waits for it there')
}
