const stale = new WeakSet<object>()

/**
 * Notes of an error that a kept-alive socket had died before the request went out on it: no byte of a
 * reply came, and a new socket serves.
 */
export function markStale<E extends object>(error: E): E {
  stale.add(error)
  return error
}

export function isStale(error: unknown): boolean {
  return typeof error === 'object' && error !== null && stale.has(error)
}
