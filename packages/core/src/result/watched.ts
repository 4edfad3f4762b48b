/** An iterable that remembers how it ended, for code of others that may hide an error. */
export interface Watched<T> extends AsyncIterable<T> {
  /** Throws the error that reading ended with, if it did. */
  rethrow(): void
}

/** Leaving it early ends the source, too. */
export function watched<T>(source: AsyncIterable<T>): Watched<T> {
  let failed = false
  let failure: unknown
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* source
      } catch (error) {
        failed = true
        failure = error
        throw error
      }
    },
    rethrow() {
      if (failed) throw failure
    },
  }
}
