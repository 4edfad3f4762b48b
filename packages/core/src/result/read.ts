import { isDruidError } from '../error/error.ts'
import type { TransportBody } from '../transport/transport.ts'
import type { Decoder } from './decode.ts'
import type { ResultStats } from './rows.ts'

/** A result being read. */
export interface Reading<B> {
  /** The rows, in the portions they come in. At its end it was proved whole. */
  readonly batches: AsyncGenerator<B, void, undefined>
  /** What reading took so far. */
  stats(): ResultStats
}

/** Reads the rows of a body. `start`: when the request was sent (`performance.now()`). */
export function readBody<B>(body: TransportBody, decoder: Decoder<B>, start: number): Reading<B> {
  const timeToFirstByte = performance.now() - start
  let bytes = 0
  let decodeTime = 0

  function decode(chunk: Uint8Array): B | undefined {
    const before = performance.now()
    bytes += chunk.length
    decoder.push(chunk)
    const batch = decoder.take()
    decodeTime += performance.now() - before
    return batch
  }

  async function* batches(): AsyncGenerator<B, void, undefined> {
    try {
      for await (const chunk of body) {
        const batch = decode(chunk)
        if (batch !== undefined) yield batch
      }
      decoder.end(body.trailers())
    } catch (error) {
      // The rows before it are good, and may be all that somebody wants.
      const rest = decoder.take()
      if (rest !== undefined) yield rest
      // A connection that breaks in the middle of a result leaves it truncated.
      throw isDruidError(error, 'CONNECT') ? decoder.broken(error) : error
    }
  }

  return {
    batches: batches(),
    stats: () => ({
      rows: decoder.rows,
      bytes,
      timeToFirstByte,
      duration: performance.now() - start,
      decodeTime,
    }),
  }
}
