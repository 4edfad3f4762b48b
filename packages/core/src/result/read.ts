import { isDruidError } from '../error/error.ts'
import type { TransportBody } from '../transport/transport.ts'
import type { RowDecoder } from './decode.ts'
import type { ResultStats } from './rows.ts'

/**
 * The rows of a body, in the portions it comes in; at its end the proof that it was whole, and what
 * reading took. `start`: when the request was sent (`performance.now()`).
 */
export async function* readRows(
  body: TransportBody,
  decoder: RowDecoder,
  start: number,
): AsyncGenerator<Record<string, unknown>[], ResultStats, undefined> {
  const timeToFirstByte = performance.now() - start
  let bytes = 0
  let decodeTime = 0
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
  const duration = performance.now() - start
  return { rows: decoder.rows, bytes, timeToFirstByte, duration, decodeTime }
}
