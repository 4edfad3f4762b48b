import type { TransportBody } from '../transport/transport.ts'

const COMMA = 44
const LINE_FEED = 10
const OPEN = 91
const CLOSE = 93
const QUOTE = 34
const BACKSLASH = 92

type Rewrite = (chunk: Uint8Array) => Uint8Array

/**
 * A result of the format `array` (`[[…],[…]]` and a line feed), as if it had come as `arrayLines`:
 * some servers write it whatever they are asked for. Any other body stays as it is.
 */
export function asArrayLines(body: TransportBody): TransportBody {
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    let rewrite: Rewrite | undefined
    let first = new Uint8Array()
    for await (const chunk of body) {
      if (rewrite === undefined) {
        const start = [...first, ...chunk.subarray(0, 2)]
        if (start.length < 2) {
          first = Uint8Array.from(start)
          continue
        }
        // A line of `arrayLines` begins with no array: its first ones are header rows.
        rewrite = start[0] === OPEN && start[1] === OPEN ? rewriter() : same
        yield rewrite(first)
      }
      yield rewrite(chunk)
    }
    if (rewrite === undefined) yield first
  }
  return {
    [Symbol.asyncIterator]: chunks,
    discard: () => body.discard(),
    trailers: () => body.trailers(),
  }
}

const same: Rewrite = (chunk) => chunk

/** A line for each element of the outer array, and an empty one for its end. */
function rewriter(): Rewrite {
  let depth = 0
  let quoted = false
  let escaped = false
  let ended = false

  return (chunk) => {
    // No byte becomes more than two.
    const lines = new Uint8Array(chunk.length * 2)
    let length = 0
    const put = (byte: number): void => {
      lines[length] = byte
      length += 1
    }
    for (const byte of chunk) {
      if (quoted) {
        put(byte)
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) quoted = false
      } else if (byte === OPEN && !ended) {
        if (depth > 0) put(byte)
        depth += 1
      } else if (byte === CLOSE && !ended) {
        depth -= 1
        if (depth > 0) put(byte)
        if (depth < 2) put(LINE_FEED)
        ended = depth === 0
      } else if (depth > 1) {
        put(byte)
        quoted = byte === QUOTE
      } else if (byte !== (ended ? LINE_FEED : COMMA)) {
        put(byte)
      }
    }
    return lines.subarray(0, length)
  }
}
