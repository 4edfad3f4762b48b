/** Lets so many at a time pass for each key; the others wait their turn. */
export interface Slots {
  /** Resolves with what frees the slot again, to be called once; rejects when the signal is aborted. */
  take(key: string, signal: AbortSignal | undefined): Promise<() => void>
}

export function slots(limit: number): Slots {
  const taken = new Map<string, number>()
  const waiting = new Map<string, Set<() => void>>()

  function free(key: string): void {
    const queue = waiting.get(key)
    const [next] = queue ?? []
    // The slot goes on to whoever waits longest.
    if (next !== undefined) {
      next()
      return
    }
    const left = (taken.get(key) ?? 1) - 1
    if (left === 0) taken.delete(key)
    else taken.set(key, left)
  }

  return {
    async take(key, signal) {
      const count = taken.get(key) ?? 0
      if (count < limit) taken.set(key, count + 1)
      else await turn(key, signal)
      return () => free(key)
    },
  }

  function turn(key: string, signal: AbortSignal | undefined): Promise<void> {
    const queue = waiting.get(key) ?? new Set()
    waiting.set(key, queue)
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        queue.delete(go)
        if (queue.size === 0) waiting.delete(key)
        signal?.removeEventListener('abort', abort)
      }
      const go = (): void => {
        leave()
        resolve()
      }
      const abort = (): void => {
        leave()
        reject(signal?.reason)
      }
      if (signal?.aborted) return reject(signal.reason)
      signal?.addEventListener('abort', abort)
      queue.add(go)
    })
  }
}
