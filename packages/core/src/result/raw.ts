import type { DruidError } from '../error/error.ts'
import { notDruid, truncated, verdictIn } from './broken.ts'
import type { Decoder } from './decode.ts'

/** How Druid can write a result; see `POST /druid/v2/sql`, `resultFormat`. */
export type ResultFormat = 'object' | 'array' | 'objectLines' | 'arrayLines' | 'csv'

export const RESULT_FORMATS: readonly ResultFormat[] = [
  'object',
  'array',
  'objectLines',
  'arrayLines',
  'csv',
]

const LINE_FEED = 10
const QUOTE = 34
const CLOSE = 93

/**
 * Passes the bytes of a result on, and proves at the end that it was whole: `object` and `array` end
 * with `]` and a line feed, which stands nowhere else in them; the others with an empty line. In CSV
 * that line must not be within quotes.
 */
export function rawDecoder(
  what: string,
  queryId: string,
  format: ResultFormat,
): Decoder<Uint8Array> {
  let chunk: Uint8Array | undefined
  let start = ''
  let bytes = 0
  let quotes = 0
  let last = 0
  let beforeLast = 0
  let ended = false

  function isWhole(): boolean {
    if (last !== LINE_FEED) return false
    if (format === 'object' || format === 'array') return beforeLast === CLOSE
    if (format === 'csv') return quotes % 2 === 0 && (beforeLast === LINE_FEED || bytes === 1)
    return beforeLast === LINE_FEED
  }

  function brokenOff(reason: string | undefined, cause?: unknown): DruidError<'TRUNCATED'> {
    return truncated({ what, queryId }, { empty: bytes === 0, rows: 0, bytes, reason, cause })
  }

  return {
    columns: () => [],
    rows: () => 0,
    ended: () => ended,
    push(pushed) {
      if (pushed.length === 0) return
      if (start.length < 200) start += new TextDecoder().decode(pushed.subarray(0, 200))
      if (format === 'csv') for (const byte of pushed) quotes += Number(byte === QUOTE)
      bytes += pushed.length
      beforeLast = pushed.length > 1 ? (pushed.at(-2) as number) : last
      last = pushed.at(-1) as number
      chunk = pushed
    },
    take() {
      const taken = chunk
      chunk = undefined
      return taken
    },
    end(trailers) {
      const { failed, reason } = verdictIn(trailers)
      if (isWhole() && !failed) {
        ended = true
        return
      }
      if (format !== 'csv' && /^\s*</.test(start)) throw notDruid({ what, queryId }, start)
      throw brokenOff(reason)
    },
    broken: (cause) => brokenOff(undefined, cause),
  }
}
