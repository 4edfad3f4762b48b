import { DruidError, messageOf } from '../error/error.ts'
import { pageText, snippet } from '../error/server.ts'
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

  function truncated(reason: string | undefined, cause?: unknown): DruidError<'TRUNCATED'> {
    const said = reason ?? (cause === undefined ? undefined : messageOf(cause))
    const how = bytes === 0 ? 'the reply is empty' : `the result broke off after ${bytes} bytes`
    return new DruidError(
      'TRUNCATED',
      `${what}: ${how}${said ? `: ${snippet(said)}` : ''}. Druid answered 200 and failed later, or something between cut it off; the bytes before it are not the whole result`,
      { queryId, rows: 0, reason, cause },
    )
  }

  return {
    columns: [],
    rows: 0,
    get ended() {
      return ended
    },
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
      const reason = trailers?.get('x-error-message') ?? undefined
      const failed = trailers?.get('x-druid-response-complete') === 'false'
      if (isWhole() && !failed) {
        ended = true
        return
      }
      if (format !== 'csv' && /^\s*</.test(start)) {
        throw new DruidError(
          'DECODE',
          `${what}: the reply has status 200 but is no Druid result (an HTML page: ${pageText(start)}). Does a proxy answer in Druid's place?`,
          { queryId, line: 1, snippet: snippet(start) },
        )
      }
      throw truncated(reason)
    },
    broken: (cause) => truncated(undefined, cause),
  }
}
