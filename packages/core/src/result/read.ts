import { DruidError, isDruidError } from '../error/error.ts'
import type { TransportBody } from '../transport/transport.ts'
import type { Decoder } from './decode.ts'
import type { ResultStats } from './rows.ts'

/** What a result may be at most. */
export interface Limits {
  /** Rows. Default: any number. */
  readonly maxRows?: number | undefined
  /** Bytes of the body, as they come. Default: any number. */
  readonly maxBytes?: number | undefined
  /** Bytes of one row. Default: 64 MiB. */
  readonly maxRowBytes?: number | undefined
}

/** A result being read. */
export interface Reading<B> {
  /** The rows, in the portions they come in. At its end it was proved whole. */
  readonly batches: AsyncGenerator<B, void, undefined>
  /** What reading took so far. */
  stats(): ResultStats
}

export interface ReadOptions {
  /** When the request was sent (`performance.now()`). */
  readonly start: number
  /** For messages. */
  readonly queryId?: string | undefined
  readonly limits?: Limits | undefined
}

/** Reads the rows of a body. */
export function readBody<B>(
  body: TransportBody,
  decoder: Decoder<B>,
  { start, queryId, limits = {} }: ReadOptions,
): Reading<B> {
  const { maxRows = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = limits
  const timeToFirstByte = performance.now() - start
  let bytes = 0
  let decodeTime = 0

  function decode(chunk: Uint8Array): B | undefined {
    const before = performance.now()
    bytes += chunk.length
    if (bytes > maxBytes) throw beyond('bytes', maxBytes, 'maxBytes')
    decoder.push(chunk)
    const batch = decoder.take()
    decodeTime += performance.now() - before
    return batch
  }

  function beyond(what: string, limit: number, option: string): DruidError<'LIMIT'> {
    const why = `the result has more than ${limit} ${what}; allow more by ${option}, or add a LIMIT`
    return new DruidError('LIMIT', `query ${queryId}: ${why}`, { queryId, limit })
  }

  async function* batches(): AsyncGenerator<B, void, undefined> {
    try {
      for await (const chunk of body) {
        const batch = decode(chunk)
        const over = decoder.rows - maxRows
        if (over > 0) {
          // Rows up to the limit are good; columns cannot be cut.
          if (Array.isArray(batch)) yield batch.slice(0, -over) as B
          throw beyond('rows', maxRows, 'maxRows')
        }
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
