import { DruidError, messageOf } from '../error/error.ts'
import { snippet } from '../error/server.ts'
import { type Asked, notDruid, truncated, verdictIn } from './broken.ts'
import {
  type Column,
  columnsOf,
  isHeaderRow,
  isTextRow,
  type KeyStyle,
  type TextRow,
} from './column.ts'
import { Pending } from './pending.ts'

/**
 * Decodes one `arrayLines` result, with its three header rows, from chunks of any size. Methods, where
 * properties would read better: each object literal with a getter has a hidden class of its own, which
 * for small results took a third of the time.
 */
export interface Decoder<B> {
  /** Empty until the header rows have come. */
  columns(): readonly Column[]
  /** How many rows were decoded so far. */
  rows(): number
  /** Whether {@link Decoder.end} found the result whole. */
  ended(): boolean
  /** Reads a chunk. Throws `DECODE`, `INEXACT` and `LIMIT`. */
  push(chunk: Uint8Array): void
  /** What has been read since the last time; also the rows before an error. */
  take(): B | undefined
  /** At an error: rows that were kept back, for what would have come, are rows. Absent where none are. */
  giveUp?(): void
  /**
   * The bytes are over. Throws `TRUNCATED` unless the result is whole: all header rows, and the
   * blank line that Druid writes last.
   */
  end(trailers: Headers | undefined): void
  /** The error for bytes that ended by a broken connection. */
  broken(cause: unknown): DruidError<'TRUNCATED'>
}

/** What becomes of the rows: objects, or columns. */
export interface Body<B> {
  /** How many rows were read so far. */
  rows(): number
  /** Whether the empty line was read that ends the result. */
  complete(): boolean
  /** Reads whole lines from there, an empty one as the last. Answers where it came to. */
  read(unit: Uint8Array, from: number): number
  take(): B | undefined
}

/** The errors of a result, which name the query, and the line where there is one. */
export interface Failures {
  /** For a line that is not as Druid writes it. */
  wrong(why: string, line: string, cause?: unknown): DruidError<'DECODE'>
  /** For a value of the row after `rows` that what is asked for cannot hold. */
  inexact(column: Column, value: string): DruidError<'INEXACT'>
}

export interface DecoderOptions<B> extends Asked {
  /** Bytes that one row may take. */
  readonly maxRowBytes: number
  readonly keys: KeyStyle
  readonly body: (columns: readonly Column[], failures: Failures) => Body<B>
}

const LINE_FEED = 10
const HEADER_ROWS = 3

/** Decoding larger pieces takes longer per byte: their strings are beyond what V8 makes quickly. */
const UNIT = 48 * 1024

/**
 * Follows `SqlResource` and its `ResultFormat.ARRAYLINES`: a JSON array a line, then an empty line.
 * A 200 that fails later just ends, so only that empty line says that the result is complete.
 */
export function decoder<B>(options: DecoderOptions<B>): Decoder<B> {
  const { what, queryId, maxRowBytes, keys, body } = options
  const headerRows: TextRow[] = []
  let columns: readonly Column[] = []
  let made: Body<B> | undefined
  /** An empty line where there must be a header row. */
  let blank = false
  const pending = new Pending()
  let ended = false

  function push(chunk: Uint8Array): void {
    const last = chunk.lastIndexOf(LINE_FEED)
    let start = 0
    if (last >= 0 && pending.length > 0) {
      start = chunk.indexOf(LINE_FEED) + 1
      pending.add(chunk.subarray(0, start))
      unit(pending.take())
    }
    while (start <= last) {
      const end = unitEnd(chunk, start, last + 1)
      unit(chunk.subarray(start, end))
      start = end
    }
    if (start === chunk.length) return
    pending.add(chunk.subarray(start))
    if (pending.length > maxRowBytes) throw tooLong()
  }

  function tooLong(): DruidError<'LIMIT'> {
    return new DruidError(
      'LIMIT',
      `${what}: line ${lines() + 1} of the result is longer than ${maxRowBytes} bytes; allow more by maxRowBytes`,
      { queryId, limit: maxRowBytes },
    )
  }

  /** Whole lines. */
  function unit(bytes: Uint8Array): void {
    if (bytes.length > maxRowBytes) checkLines(bytes)
    read(bytes)
  }

  /** One of the lines may be too long: those before it are good. */
  function checkLines(bytes: Uint8Array): void {
    let start = 0
    while (start < bytes.length) {
      const end = bytes.indexOf(LINE_FEED, start)
      if (end - start > maxRowBytes) {
        if (start > 0) read(bytes.subarray(0, start))
        throw tooLong()
      }
      start = end + 1
    }
  }

  function read(bytes: Uint8Array): void {
    let offset = 0
    while (made === undefined && offset < bytes.length) {
      const end = bytes.indexOf(LINE_FEED, offset)
      header(decodeText(bytes.subarray(offset, end)), bytes)
      offset = end + 1
    }
    if (made !== undefined && !made.complete()) offset = made.read(bytes, offset)
    if (offset < bytes.length) throw tooMuch(bytes.subarray(offset))
  }

  function header(line: string, bytes: Uint8Array): void {
    if (blank && line !== '') throw tooMuch(bytes)
    if (line === '') {
      blank = true
      return
    }
    if (headerRows.length === 0 && !line.startsWith('[')) throw notDruid(options, lenient(bytes))
    const row = parseLine(line, failures)
    if (!isTextRow(row) || !isHeaderRow([...headerRows, row])) {
      throw failures.wrong('the first three rows are not names, native types and SQL types', line)
    }
    headerRows.push(row)
    if (headerRows.length < HEADER_ROWS) return
    columns = columnsOf(headerRows, keys)
    made = body(columns, failures)
  }

  function end(trailers: Headers | undefined): void {
    const { failed, reason } = verdictIn(trailers)
    if (made?.complete() && pending.length === 0 && !failed) {
      ended = true
      return
    }
    const rest = pending.bytes()
    if (made?.complete() && pending.length > 0) throw tooMuch(rest)
    // It may end within a character, so that it is not decoded strictly.
    const text = lenient(rest)
    if (lines() === 0 && text !== '' && !text.startsWith('[')) throw notDruid(options, text)
    throw brokenOff(reason)
  }

  /** Lines that were read so far. */
  function lines(): number {
    return headerRows.length + (made?.rows() ?? 0) + Number(blank || made?.complete() === true)
  }

  function brokenOff(reason: string | undefined, cause?: unknown): DruidError<'TRUNCATED'> {
    const empty = lines() === 0 && pending.length === 0
    return truncated(options, { empty, rows: made?.rows() ?? 0, reason, cause })
  }

  function tooMuch(bytes: Uint8Array): DruidError<'DECODE'> {
    return failures.wrong('there is more after the end of the result', lenient(bytes))
  }

  const failures: Failures = {
    wrong(why, line, cause) {
      const number = lines() + 1
      return new DruidError('DECODE', `${what}: line ${number} of the result: ${why}`, {
        queryId,
        line: number,
        snippet: snippet(line),
        cause,
      })
    },
    inexact(column, value) {
      const { name, sqlType } = column
      const row = (made?.rows() ?? 0) + 1
      const why =
        sqlType === 'TIMESTAMP' || sqlType === 'DATE'
          ? `${snippet(value)} is no time that a Date holds; ask for { values: { timestamp: 'string' } }`
          : `${value} is beyond the integers that a JavaScript number holds exactly (±(2^53 − 1)); ask for { values: { bigint: 'auto' } }, or write CAST("${name}" AS VARCHAR) to get its digits as a string`
      return new DruidError('INEXACT', `${what}: column "${name}", row ${row}: ${why}`, {
        queryId,
        column: name,
        value,
      })
    },
  }

  function decodeText(bytes: Uint8Array): string {
    return decodedLine(bytes, failures)
  }

  return {
    columns: () => columns,
    rows: () => made?.rows() ?? 0,
    ended: () => ended,
    push,
    take: () => made?.take(),
    end,
    broken: (cause) => brokenOff(undefined, cause),
  }
}

/** Behind the last whole line within a unit; a longer line is a unit by itself. */
function unitEnd(chunk: Uint8Array, start: number, end: number): number {
  if (end - start <= UNIT) return end
  const within = chunk.lastIndexOf(LINE_FEED, start + UNIT - 1) + 1
  return within > start ? within : chunk.indexOf(LINE_FEED, start) + 1
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of one line. Throws `DECODE` where it is not UTF-8. */
export function decodedLine(bytes: Uint8Array, failures: Failures): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw failures.wrong('it is not UTF-8', messageOf(cause), cause)
  }
}

/** A line as a row of values. Throws `DECODE`. */
export function parseLine(line: string, failures: Failures): unknown[] {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch (cause) {
    throw failures.wrong('a row is not JSON', line, cause)
  }
  if (!Array.isArray(row)) throw failures.wrong('a row is not an array', line)
  return row
}

function lenient(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
