import { DruidError, messageOf } from '../error/error.ts'
import { pageText, snippet } from '../error/server.ts'
import { type Column, columnsOf, isTextRow, type TextRow } from './column.ts'
import { parseExact } from './json.ts'
import { rowMaker } from './shape.ts'

/** Decodes one `arrayLines` result, with its three header rows, from chunks of any size. */
export interface RowDecoder {
  /** Empty until the header rows have come. */
  readonly columns: readonly Column[]
  /** Rows decoded so far. */
  readonly rows: number
  /** Whether {@link RowDecoder.end} found the result whole. */
  readonly ended: boolean
  /** The rows that this chunk completes. Throws `DECODE` and `INEXACT`. */
  push(chunk: Uint8Array): Record<string, unknown>[]
  /**
   * The bytes are over. Throws `TRUNCATED` unless the result is whole: all header rows, and the
   * blank line that Druid writes last.
   */
  end(trailers: Headers | undefined): void
  /** The error for bytes that ended by a broken connection. */
  broken(cause: unknown): DruidError<'TRUNCATED'>
}

/** By native type: what becomes of values that are not null. Must not throw. */
export type Decoders = ReadonlyMap<string, (value: unknown, column: Column) => unknown>

const LINE_FEED = 10
const HEADER_ROWS = 3

/**
 * `what`: for messages, e.g. `query 0815…`. Follows `SqlResource` and its `ResultFormat.ARRAYLINES`: a JSON array a line, then an empty line.
 * A 200 that fails later just ends, so only that empty line says that the result is complete.
 */
export function rowDecoder(what: string, queryId?: string, decoders?: Decoders): RowDecoder {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  const headerRows: TextRow[] = []
  let columns: readonly Column[] = []
  let read: ((values: unknown[], line: string) => Record<string, unknown>) | undefined
  let pending: Uint8Array[] = []
  let lines = 0
  let rows = 0
  let complete = false
  let ended = false

  function push(chunk: Uint8Array): Record<string, unknown>[] {
    const last = chunk.lastIndexOf(LINE_FEED)
    if (last < 0) {
      if (chunk.length > 0) pending.push(chunk)
      return []
    }
    const text = decodeText([...pending, chunk.subarray(0, last)])
    pending = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : []
    const batch: Record<string, unknown>[] = []
    for (const line of text.split('\n')) {
      lines += 1
      if (line === '') complete = true
      else if (complete) throw decodeError('there is more after the end of the result', line)
      else if (read === undefined) header(line, text)
      else {
        batch.push(read(parseRow(line), line))
        rows += 1
      }
    }
    return batch
  }

  function header(line: string, text: string): void {
    if (lines === 1 && !line.startsWith('[')) throw notDruid(text)
    const row = parseRow(line)
    if (!isTextRow(row) || row.length !== (headerRows[0] ?? row).length) {
      throw decodeError('the first three rows are not names, native types and SQL types', line)
    }
    headerRows.push(row)
    if (headerRows.length < HEADER_ROWS) return
    const known = columnsOf(headerRows)
    columns = known
    read = rowReader(known)
  }

  function parseRow(line: string): unknown[] {
    let row: unknown
    try {
      row = JSON.parse(line)
    } catch (cause) {
      throw decodeError('a row is not JSON', line, cause)
    }
    if (!Array.isArray(row)) throw decodeError('a row is not an array', line)
    if (read !== undefined && row.length !== columns.length) {
      throw decodeError(`a row has ${row.length} values for ${columns.length} columns`, line)
    }
    return row
  }

  function rowReader(known: readonly Column[]): typeof read {
    const make = rowMaker(known.map((column) => column.key))
    const integers = indexesOf(known, isInteger)
    const nested = indexesOf(known, isNested)
    const opaque = indexesOf(known, isOpaque)
    const decoded = known.flatMap((column, i) => {
      const decode = decoders?.get(column.nativeType ?? '')
      return decode ? [{ i, column, decode }] : []
    })
    return (values, line) => {
      for (const i of integers) {
        const value = values[i]
        if (typeof value === 'number' && !Number.isSafeInteger(value)) {
          throw inexact(known[i] as Column, digitsAt(line, i) ?? String(value))
        }
      }
      for (const i of nested) {
        const value = values[i]
        const column = known[i] as Column
        if (typeof value === 'string') values[i] = parseNested(value, column, line)
        // With `sqlStringifyArrays: false` Druid sends arrays as arrays.
        else if (column.nativeType === 'ARRAY<LONG>') checkLongs(value, column, line, i)
      }
      for (const i of opaque) values[i] = unquoted(values[i])
      for (const { i, column, decode } of decoded) {
        if (values[i] !== null) values[i] = decode(values[i], column)
      }
      return make(values)
    }
  }

  function parseNested(json: string, column: Column, line: string): unknown {
    return guarded(
      () =>
        parseExact(json, (digits) => {
          throw inexact(column, digits)
        }),
      (cause) => decodeError(`column "${column.name}" does not hold JSON`, line, cause),
    )
  }

  function checkLongs(value: unknown, column: Column, line: string, index: number): void {
    if (!Array.isArray(value)) return
    const unsafe = value.findIndex((v) => typeof v === 'number' && !Number.isSafeInteger(v))
    if (unsafe >= 0) throw inexact(column, digitsAt(line, index, unsafe) ?? String(value[unsafe]))
  }

  function inexact(column: Column, digits: string): DruidError<'INEXACT'> {
    return new DruidError(
      'INEXACT',
      `column "${column.name}", row ${rows + 1}: ${digits} is beyond the integers that a JavaScript number holds exactly (±(2^53 − 1)); write CAST("${column.name}" AS VARCHAR) to get its digits as a string`,
      { queryId, column: column.name, value: digits },
    )
  }

  function end(trailers: Headers | undefined): void {
    const reason = trailers?.get('x-error-message') ?? undefined
    const failed = trailers?.get('x-druid-response-complete') === 'false'
    if (complete && read !== undefined && pending.length === 0 && !failed) {
      ended = true
      return
    }
    // It may end within a character, so that it is not decoded strictly.
    const rest = new TextDecoder().decode(joined(pending))
    if (lines === 0 && rest !== '' && !rest.startsWith('[')) throw notDruid(rest)
    if (complete && rest !== '') {
      lines += 1
      throw decodeError('there is more after the end of the result', rest)
    }
    throw truncated(reason)
  }

  function truncated(
    reason: string | undefined,
    cause?: unknown,
    said = reason,
  ): DruidError<'TRUNCATED'> {
    const nothing = lines === 0 && pending.length === 0
    const how = nothing
      ? 'the reply is empty'
      : `the result broke off after ${rows} row${rows === 1 ? '' : 's'}`
    const why = said ? `: ${snippet(said)}` : ''
    return new DruidError(
      'TRUNCATED',
      `${what}: ${how}${why}. Druid answered 200 and failed later, or something between cut it off; the rows before it are not the whole result`,
      { queryId, rows, reason, cause },
    )
  }

  function notDruid(text: string): DruidError<'DECODE'> {
    const html = text.trimStart().startsWith('<')
    const said = html ? `an HTML page: ${pageText(text)}` : snippet(text)
    return new DruidError(
      'DECODE',
      `${what}: the reply has status 200 but is no Druid result (${said}). Is the URL that of a Druid Router or Broker, and does a proxy answer in its place?`,
      { queryId, line: 1, snippet: snippet(text) },
    )
  }

  function decodeError(why: string, line: string, cause?: unknown): DruidError<'DECODE'> {
    return new DruidError('DECODE', `${what}: line ${lines} of the result: ${why}`, {
      queryId,
      line: lines,
      snippet: snippet(line),
      cause,
    })
  }

  function decodeText(parts: readonly Uint8Array[]): string {
    try {
      return utf8.decode(parts.length === 1 ? parts[0] : joined(parts))
    } catch (cause) {
      throw decodeError('it is not UTF-8', messageOf(cause), cause)
    }
  }

  return {
    get columns() {
      return columns
    },
    get rows() {
      return rows
    },
    get ended() {
      return ended
    },
    push,
    end,
    broken: (cause) => truncated(undefined, cause, messageOf(cause)),
  }
}

function isInteger(column: Column): boolean {
  return column.sqlType === 'BIGINT' || (column.sqlType === null && column.nativeType === 'LONG')
}

function isNested(column: Column): boolean {
  return column.sqlType === 'ARRAY' || column.nativeType === 'COMPLEX<json>'
}

/** A sketch or another type of an extension: Druid sends its bytes in base64. */
function isOpaque(column: Column): boolean {
  return column.nativeType?.startsWith('COMPLEX<') === true && !isNested(column)
}

/** Druid writes it as JSON, and that as a string: quotes within quotes. */
function unquoted(value: unknown): unknown {
  return typeof value === 'string' && /^"[^"\\]*"$/.test(value) ? value.slice(1, -1) : value
}

function indexesOf(columns: readonly Column[], test: (column: Column) => boolean): number[] {
  return [...columns.keys()].filter((i) => test(columns[i] as Column))
}

/** The digits of a number of a row, or of an array in it, which JSON.parse rounded. */
function digitsAt(line: string, ...path: readonly number[]): string | undefined {
  let value = parseExact(line, (digits) => digits)
  for (const index of path) value = Array.isArray(value) ? value[index] : undefined
  return typeof value === 'string' ? value : undefined
}

function guarded<T>(run: () => T, wrap: (cause: unknown) => DruidError): T {
  try {
    return run()
  } catch (error) {
    throw error instanceof DruidError ? error : wrap(error)
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}
