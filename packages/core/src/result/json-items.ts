import { joined } from './joined.ts'
import { Pending } from './pending.ts'

/** Takes what an {@link ItemScanner} finds. What it throws ends the reading. */
export interface ItemHandler {
  /** JSON texts with commas between them. `some`: at least one, or it is no JSON. */
  items(bytes: Uint8Array, some: boolean): void
  /** Of nested items: the JSON text of what holds them, up to and with the bracket that opens them. */
  open(head: Uint8Array): void
  /** What holds them is over: its JSON text without the items. */
  close(whole: Uint8Array): void
  /** Throws the error for bytes that are not what they must be. */
  wrong(why: string, bytes: Uint8Array): never
  /** Throws the error for an item that is longer than allowed. */
  tooLong(): never
}

/** Finds the items of a JSON array in chunks of any size, without looking at a byte twice. */
export interface ItemScanner {
  push(chunk: Uint8Array): void
  /** Whether the array has begun, and whether it is closed. */
  begun(): boolean
  closed(): boolean
}

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN = 91
const BACKSLASH = 92
const CLOSE = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/** Bytes that mean something outside strings. */
const MEANING = new Uint8Array(256)
for (const byte of [QUOTE, COMMA, COLON, OPEN, CLOSE, OPEN_OBJECT, CLOSE_OBJECT]) MEANING[byte] = 1

/** Larger pieces take longer per byte: their strings are beyond what V8 makes quickly. */
const UNIT = 48 * 1024

/** Where a byte is: between elements, in one but not in its items, or in items. */
type Region = 'outside' | 'element' | 'items'

export interface ItemScannerOptions {
  /**
   * Items are the elements of the outer array; or, with `within`, those of the array that each element
   * has by this key.
   */
  readonly within?: string | undefined
  /** Bytes that an item may take. */
  readonly maxItemBytes: number
}

export function itemScanner(
  { within, maxItemBytes }: ItemScannerOptions,
  handler: ItemHandler,
): ItemScanner {
  const itemDepth = within === undefined ? 1 : 3
  const key = new TextEncoder().encode(within)
  let region: Region = 'outside'
  let depth = 0
  let inString = false
  let escaped = false
  let begun = false
  let closed = false
  /** Of an array: whether an element must follow, and whether there is one since. */
  let afterComma = false
  let afterElement = false
  /** How much of the key a string at its place has matched, -1: it is another. */
  let matched = -1
  let atKey = false
  let head: Uint8Array | undefined
  const pending = new Pending()

  function push(chunk: Uint8Array): void {
    /** Where the bytes begin that are not handed on yet, and behind the last whole item of them. */
    let mark = 0
    let end = -1

    function handOn(to: number, from: number): Uint8Array {
      const part = chunk.subarray(mark, to)
      mark = from
      end = -1
      if (pending.length === 0) return part
      pending.add(part)
      return pending.take()
    }

    for (let i = 0; i < chunk.length; i += 1) {
      if (inString) {
        i = withinString(chunk, i)
        continue
      }
      const byte = chunk[i] as number
      if (MEANING[byte] === 0) {
        if (region === 'outside' && !isBlank(byte)) wrongAt(chunk, i)
      } else if (region === 'outside') {
        mark = outside(chunk, i, byte)
      } else if (byte === QUOTE) {
        inString = true
        matched = depth === 2 && region === 'element' ? 0 : -1
      } else if (byte === OPEN || byte === OPEN_OBJECT) {
        if (byte === OPEN && atKey && depth === 2) {
          // A copy, which does not keep the chunk.
          head = handOn(i + 1, i + 1).slice()
          handler.open(head)
          region = 'items'
          afterComma = false
          atKey = false
        }
        depth += 1
      } else if (byte === COMMA) {
        if (region === 'items' && depth === itemDepth) {
          if (pending.length > 0 || i - mark >= UNIT) give(handOn(i, i + 1), true)
          else end = i
          afterComma = true
        } else if (depth === 2) atKey = false
      } else if (byte === COLON) {
        if (depth === 2 && region === 'element') atKey = matched > key.length && head === undefined
      } else {
        if (region === 'items' && depth === itemDepth) {
          if (byte !== CLOSE) {
            if (end >= 0) give(handOn(end, end + 1), true)
            wrongAt(chunk, i)
          }
          give(handOn(i, within === undefined ? i + 1 : i), afterComma)
          if (within === undefined) {
            region = 'outside'
            closed = true
          } else region = 'element'
        } else if (region === 'element' && depth === 2) {
          const rest = handOn(i + 1, i + 1)
          handler.close(head === undefined ? rest : joined([head, rest]))
          region = 'outside'
          afterElement = true
        }
        depth -= 1
      }
    }

    if (region === 'items' && end >= 0) give(handOn(end, end + 1), true)
    if (region !== 'outside' && mark < chunk.length) keep(chunk.subarray(mark))
  }

  /** Before, between and after elements. Answers where the bytes begin that are to be handed on. */
  function outside(chunk: Uint8Array, at: number, byte: number): number {
    if (byte === OPEN && !begun) {
      begun = true
      if (within === undefined) region = 'items'
      depth = 1
    } else if (byte === OPEN_OBJECT && depth === 1 && !afterElement) {
      region = 'element'
      head = undefined
      atKey = false
      depth = 2
      return at
    } else if (byte === COMMA && depth === 1 && afterElement) {
      afterElement = false
      afterComma = true
    } else if (byte === CLOSE && depth === 1 && (afterElement || !afterComma)) {
      closed = true
      depth = 0
    } else wrongAt(chunk, at)
    return at + 1
  }

  /** Where the string ends that a byte is in, or the chunk. */
  function withinString(chunk: Uint8Array, start: number): number {
    let i = start
    for (; i < chunk.length; i += 1) {
      const byte = chunk[i]
      if (escaped) escaped = false
      else if (byte === BACKSLASH) escaped = true
      else if (byte === QUOTE) {
        inString = false
        matched = matched === key.length ? matched + 1 : -1
        return i
      }
      if (matched >= 0) matched = byte === key[matched] ? matched + 1 : -1
    }
    return i
  }

  function keep(part: Uint8Array): void {
    pending.add(part)
    if (pending.length > maxItemBytes) handler.tooLong()
  }

  /** Whole items. One of them may be too long: those before it are good. */
  function give(bytes: Uint8Array, some: boolean): void {
    if (bytes.length > maxItemBytes) {
      let start = 0
      for (const { length } of singleItems(bytes)) {
        if (length > maxItemBytes) {
          if (start > 0) handler.items(bytes.subarray(0, start - 1), true)
          handler.tooLong()
        }
        start += length + 1
      }
    }
    handler.items(bytes, some)
  }

  function wrongAt(chunk: Uint8Array, at: number): never {
    const why = closed ? 'there is more after the end of the result' : 'it is not a JSON array'
    return handler.wrong(why, chunk.subarray(at))
  }

  return {
    push,
    begun: () => begun,
    closed: () => closed,
  }
}

/** The single ones of JSON texts with commas between them. */
export function* singleItems(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  let depth = 0
  let start = 0
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i]
    if (byte === QUOTE) i = endOfString(bytes, i)
    else if (byte === OPEN || byte === OPEN_OBJECT) depth += 1
    else if (byte === CLOSE || byte === CLOSE_OBJECT) depth -= 1
    else if (byte === COMMA && depth === 0) {
      yield bytes.subarray(start, i)
      start = i + 1
    }
  }
  yield bytes.subarray(start)
}

function endOfString(bytes: Uint8Array, start: number): number {
  for (let i = start + 1; i < bytes.length; i += 1) {
    if (bytes[i] === BACKSLASH) i += 1
    else if (bytes[i] === QUOTE) return i
  }
  return bytes.length
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9
}
