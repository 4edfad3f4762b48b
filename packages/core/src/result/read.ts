import { isDruidError } from '../error/error.ts'
import type { TransportBody } from '../transport/transport.ts'
import type { RowDecoder } from './decode.ts'
import type { ResultStats } from './rows.ts'

/** A result being read. */
export interface Reading {
  /** The rows, in the portions they come in. At its end it was proved whole. */
  readonly batches: AsyncGenerator<Record<string, unknown>[], void, undefined>
  /** What reading took so far. */
  stats(): ResultStats
}

/** Reads the rows of a body. `start`: when the request was sent (`performance.now()`). */
export function readRows(body: TransportBody, decoder: RowDecoder, start: number): Reading {
  const timeToFirstByte = performance.now() - start
  let bytes = 0
  let decodeTime = 0

  async function* batches(): AsyncGenerator<Record<string, unknown>[], void, undefined> {
    try {
      for await (const chunk of body) {
        bytes += chunk.length
        const before = performance.now()
        const batch = decoder.push(chunk)
        decodeTime += performance.now() - before
        if (batch.length > 0) yield batch
      }
    } catch (error) {
      // A connection that breaks in the middle of a result leaves it truncated.
      throw isDruidError(error, 'CONNECT') ? decoder.broken(error) : error
    }
    decoder.end(body.trailers())
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
