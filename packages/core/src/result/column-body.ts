import type { Column } from './column.ts'
import { builderOf, columnDataOf } from './column-builders.ts'
import type { ColumnData } from './columns.ts'
import { type Convert, converter, type Decoders, kindOf, type Place } from './convert.ts'
import { type Body, decodedLine, type Failures, parseLine } from './decode.ts'
import type { AnyPolicy } from './policy.ts'
import { ListBuilder, NumberBuilder, type VectorBuilder } from './vector.ts'

export interface ColumnBodyOptions {
  readonly policy: AnyPolicy
  readonly decoders: Decoders | undefined
}

type Scan = 'integer' | 'double' | 'string' | 'value'

/** One column being filled. */
interface Filling {
  readonly column: Column
  /** How most of its values look. */
  readonly scan: Scan
  readonly builder: VectorBuilder
  /** The same, where it is of the usual kind for numbers, or for all else. */
  readonly numbers: NumberBuilder | undefined
  readonly list: ListBuilder | undefined
  readonly convert: Convert | undefined
  readonly place: Place
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const latin1 = new TextDecoder('latin1')

/** A string in which a character is a byte, in that ASCII is right. By Buffer, where it is one: Node's TextDecoder takes six times as long. */
function bytesAsText(bytes: Uint8Array & { latin1Slice?(): string }): string {
  return bytes.latin1Slice?.() ?? latin1.decode(bytes)
}

const TAB = 9
const LINE_FEED = 10
const RETURN = 13
const SPACE = 32
const QUOTE = 34
const COMMA = 44
const MINUS = 45
const DOT = 46
const ZERO = 48
const OPEN = 91
const BACKSLASH = 92
const CLOSE = 93
const SMALL_N = 110
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** So many digits a double holds, whatever they are. */
const EXACT_DIGITS = 15
/** Powers of ten that a double holds. */
const POWERS: readonly number[] = Array.from({ length: 23 }, (_, i) => 10 ** i)

/** The value there is not as plain as most: it is read as JSON. */
const NOT_PLAIN = -1

/**
 * The columns of a result, read from the bytes: knowing the types, this is quicker than JSON.parse,
 * and makes no rows. A value that is not as plain as most is read as that of a row is.
 */
export function columnBody(
  columns: readonly Column[],
  { policy, decoders }: ColumnBodyOptions,
  failures: Failures,
): Body<ColumnData> {
  const dataOf = columnDataOf(columns)
  let rows = 0
  let taken = 0
  let complete = false
  let bytes: Uint8Array = new Uint8Array()
  /** The unit as a string in which a character is a byte. */
  let text = ''
  let isAscii = true
  let rowStart = 0
  let element = ''

  const fillings = columns.map((column): Filling => {
    const isDecoded = decoders?.has(column.nativeType ?? '') === true
    const builder = isDecoded ? new ListBuilder() : builderOf(column, policy)
    const scan = isDecoded ? 'value' : scanOf(column, builder)
    const place: Place = {
      text: () => element,
      inexact: (value) => failures.inexact(column, value),
      wrong: (why, cause) =>
        failures.wrong(`column "${column.name}": ${why}`, currentLine(), cause),
    }
    const convert = converter(column, policy, decoders)
    return {
      column,
      scan,
      builder,
      numbers: builder instanceof NumberBuilder ? builder : undefined,
      list: builder instanceof ListBuilder ? builder : undefined,
      convert,
      place,
    }
  })

  /** Reads the row that begins there. Answers where the next one does. */
  function row(start: number): number {
    rowStart = start
    let at = bytes[start] === OPEN ? start : afterSpaces(start)
    for (let i = 0; i < fillings.length; i += 1) {
      if (bytes[at] !== (i === 0 ? OPEN : COMMA)) throw malformed()
      at = value(fillings[i] as Filling, at + 1)
    }
    if (fillings.length === 0) at += 1
    if (bytes[at] !== CLOSE) throw malformed()
    const end = bytes[at + 1] === LINE_FEED ? at + 1 : afterSpaces(at + 1)
    if (bytes[end] !== LINE_FEED) throw malformed()
    rows += 1
    return end + 1
  }

  /** Those that JSON may have around a row: Druid writes none. */
  function afterSpaces(start: number): number {
    let at = start
    while (bytes[at] === SPACE || bytes[at] === TAB || bytes[at] === RETURN) at += 1
    return at
  }

  function value(filling: Filling, at: number): number {
    const { scan, builder, numbers, list } = filling
    let end = NOT_PLAIN
    if (bytes[at] === SMALL_N && text.startsWith('null', at)) {
      builder.addNull()
      return at + 4
    }
    if (list !== undefined && scan === 'string') end = plainString(filling, list, at)
    else if (numbers !== undefined && scan === 'string') end = plainString(filling, numbers, at)
    else if (numbers !== undefined && scan === 'double') end = plainDouble(numbers, at)
    else if (scan === 'integer') end = plainInteger(numbers ?? builder, at)
    return end === NOT_PLAIN ? anyValue(filling, at) : end
  }

  function plainInteger(builder: VectorBuilder, start: number): number {
    const unit = bytes
    const first = unit[start] === MINUS ? start + 1 : start
    let at = first
    let value = 0
    for (let digit = digitOf(unit[at]); digit >= 0; digit = digitOf(unit[at])) {
      value = value * 10 + digit
      at += 1
    }
    const digits = at - first
    if (digits === 0 || digits > EXACT_DIGITS || !isEnd(unit[at])) return NOT_PLAIN
    if (digits > 1 && unit[first] === ZERO) return NOT_PLAIN
    builder.add(first === start ? value : -value)
    return at
  }

  function plainDouble(builder: NumberBuilder, start: number): number {
    const unit = bytes
    const first = unit[start] === MINUS ? start + 1 : start
    let at = first
    let mantissa = 0
    for (let digit = digitOf(unit[at]); digit >= 0; digit = digitOf(unit[at])) {
      mantissa = mantissa * 10 + digit
      at += 1
    }
    const whole = at - first
    let decimals = 0
    if (unit[at] === DOT) {
      const point = at
      at += 1
      for (let digit = digitOf(unit[at]); digit >= 0; digit = digitOf(unit[at])) {
        mantissa = mantissa * 10 + digit
        at += 1
      }
      decimals = at - point - 1
      if (decimals === 0) return NOT_PLAIN
    }
    if (whole === 0 || !isEnd(unit[at]) || (whole > 1 && unit[first] === ZERO)) return NOT_PLAIN
    if (whole + decimals > EXACT_DIGITS) builder.add(Number(text.slice(start, at)))
    else {
      const magnitude = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] as number)
      builder.add(first === start ? magnitude : -magnitude)
    }
    return at
  }

  function plainString(
    { convert, place }: Filling,
    builder: ListBuilder | NumberBuilder,
    start: number,
  ): number {
    const unit = bytes
    if (unit[start] !== QUOTE) return NOT_PLAIN
    let end = start + 1
    let bits = 0
    for (let byte = unit[end] as number; byte !== QUOTE; byte = unit[end] as number) {
      // JSON has no control characters within a string.
      if (byte === BACKSLASH || !(byte >= SPACE)) return NOT_PLAIN
      bits |= byte
      end += 1
    }
    const isPlain = bits < 128
    const value = isPlain
      ? text.substring(start + 1, end)
      : utf8.decode(unit.subarray(start + 1, end))
    builder.add(convert === undefined ? value : convert(value, place))
    return end + 1
  }

  function anyValue({ column, builder, convert, place }: Filling, start: number): number {
    const end = elementEnd(start)
    element = isAscii ? text.slice(start, end) : utf8.decode(bytes.subarray(start, end))
    let value: unknown
    try {
      value = JSON.parse(element)
    } catch {
      throw malformed()
    }
    if (value === null) builder.addNull()
    else {
      const converted = convert === undefined ? value : convert(value, place)
      if (!builder.accepts(converted)) {
        throw place.wrong(
          `it is ${column.sqlType ?? column.nativeType}, and this value is no number`,
        )
      }
      builder.add(converted)
    }
    return end
  }

  /** Behind the JSON value that begins there: the comma or bracket that follows it. */
  function elementEnd(start: number): number {
    let depth = 0
    for (let at = start; at < bytes.length; at += 1) {
      const byte = bytes[at]
      if (byte === QUOTE) at = closingQuote(at)
      else if (byte === OPEN || byte === OPEN_BRACE) depth += 1
      else if (byte === LINE_FEED || (depth === 0 && isEnd(byte))) return at
      else if (byte === CLOSE || byte === CLOSE_BRACE) depth -= 1
    }
    return bytes.length
  }

  function closingQuote(start: number): number {
    let at = start + 1
    while (at < bytes.length && bytes[at] !== QUOTE && bytes[at] !== LINE_FEED) {
      at += bytes[at] === BACKSLASH ? 2 : 1
    }
    return bytes[at] === LINE_FEED ? at - 1 : at
  }

  function currentLine(): string {
    return decodedLine(bytes.subarray(rowStart, bytes.indexOf(LINE_FEED, rowStart)), failures)
  }

  /** The error that reading the line as that of a row ends with. */
  function malformed(): Error {
    const line = currentLine()
    const { length } = parseLine(line, failures)
    const why =
      length === columns.length
        ? 'a row is not written as Druid does'
        : `a row has ${length} values for ${columns.length} columns`
    return failures.wrong(why, line)
  }

  /** Makes the unit the current one. Throws `DECODE` at a line that is no text, the rows before it read. */
  function open(unit: Uint8Array): void {
    bytes = unit
    text = utf8.decode(unit)
    isAscii = text.length === unit.length
    if (!isAscii) text = bytesAsText(unit)
  }

  function read(unit: Uint8Array, from: number): number {
    try {
      open(unit)
    } catch {
      return lineByLine(unit, from)
    }
    let at = from
    while (at < unit.length) {
      if (unit[at] === LINE_FEED) {
        complete = true
        return at + 1
      }
      at = row(at)
    }
    return at
  }

  /** Some line is not as it must be: those before it are good. */
  function lineByLine(unit: Uint8Array, from: number): number {
    let start = from
    while (start < unit.length && !complete) {
      const end = unit.indexOf(LINE_FEED, start) + 1
      const line = unit.subarray(start, end)
      parseLine(decodedLine(line.subarray(0, -1), failures) || '[]', failures)
      open(line)
      if (line.length === 1) complete = true
      else row(0)
      start = end
    }
    return start
  }

  return {
    rows: () => rows,
    complete: () => complete,
    read,
    take() {
      const length = rows - taken
      taken = rows
      if (length === 0) return undefined
      return dataOf(
        length,
        fillings.map(({ builder }) => builder.take(length)),
      )
    },
  }
}

function scanOf(column: Column, { isList }: VectorBuilder): Scan {
  const kind = kindOf(column)
  if (kind === 'double') return 'double'
  if (kind === 'integer') return isList ? 'value' : 'integer'
  return kind === 'time' || kind === 'text' ? 'string' : 'value'
}

/** -1 where it is none. */
function digitOf(byte: number | undefined): number {
  const digit = (byte as number) - ZERO
  return digit >= 0 && digit <= 9 ? digit : -1
}

function isEnd(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE
}
