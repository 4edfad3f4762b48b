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

export interface ReadOptions {
  /** When the request was sent (`performance.now()`). */
  readonly start: number
  /** For messages. */
  readonly queryId?: string | undefined
  readonly limits?: Limits | undefined
  /** Watches over the time that the next bytes take. */
  readonly clock?: ReadingClock | undefined
}

export interface ReadingClock {
  /** Bytes are waited for. */
  waiting(): void
  came(): void
}

/**
 * A result being read. A class, because a generator that is made anew for each result costs as much as
 * decoding a small one: V8 gives each a hidden class of its own.
 */
export class Reading<B> {
  /** The rows, in the portions they come in. At its end it was proved whole. */
  readonly batches: AsyncGenerator<B, void, undefined>
  readonly #decoder: Decoder<B>
  readonly #options: ReadOptions
  readonly #timeToFirstByte: number
  #bytes = 0
  #decodeTime = 0

  constructor(body: TransportBody, decoder: Decoder<B>, options: ReadOptions) {
    this.#decoder = decoder
    this.#options = options
    this.#timeToFirstByte = performance.now() - options.start
    this.batches = this.#read(body)
  }

  /** What reading took so far. */
  stats(): ResultStats {
    return {
      rows: this.#decoder.rows(),
      bytes: this.#bytes,
      timeToFirstByte: this.#timeToFirstByte,
      duration: performance.now() - this.#options.start,
      decodeTime: this.#decodeTime,
    }
  }

  async *#read(body: TransportBody): AsyncGenerator<B, void, undefined> {
    const decoder = this.#decoder
    const { limits = {}, clock } = this.#options
    const { maxRows = Number.POSITIVE_INFINITY } = limits
    try {
      clock?.waiting()
      for await (const chunk of body) {
        clock?.came()
        const batch = this.#decode(chunk)
        const over = decoder.rows() - maxRows
        if (over > 0) {
          // Rows up to the limit are good; columns cannot be cut.
          if (Array.isArray(batch)) yield batch.slice(0, -over) as B
          throw this.#beyond('rows', maxRows, 'maxRows')
        }
        if (batch !== undefined) yield batch
        clock?.waiting()
      }
      decoder.end(body.trailers())
    } catch (error) {
      // The rows before it are good, and may be all that somebody wants.
      decoder.giveUp?.()
      const rest = decoder.take()
      const over = decoder.rows() - maxRows
      if (rest !== undefined && over > 0) {
        if (Array.isArray(rest)) yield rest.slice(0, -over) as B
        throw this.#beyond('rows', maxRows, 'maxRows')
      }
      if (rest !== undefined) yield rest
      // A connection that breaks in the middle of a result leaves it truncated.
      throw isDruidError(error, 'CONNECT') ? decoder.broken(error) : error
    }
  }

  #decode(chunk: Uint8Array): B | undefined {
    const { maxBytes = Number.POSITIVE_INFINITY } = this.#options.limits ?? {}
    const before = performance.now()
    this.#bytes += chunk.length
    if (this.#bytes > maxBytes) throw this.#beyond('bytes', maxBytes, 'maxBytes')
    this.#decoder.push(chunk)
    const batch = this.#decoder.take()
    this.#decodeTime += performance.now() - before
    return batch
  }

  #beyond(what: string, limit: number, option: string): DruidError<'LIMIT'> {
    const { queryId } = this.#options
    const why = `the result has more than ${limit} ${what}; allow more by ${option}, or add a LIMIT`
    return new DruidError('LIMIT', `query ${queryId}: ${why}`, { queryId, limit })
  }
}
