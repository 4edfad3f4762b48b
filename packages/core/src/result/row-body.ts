import type { Column } from './column.ts'
import { type Convert, converter, type Decoders, kindOf, type Place } from './convert.ts'
import {
  type Body,
  type Decoder,
  type DecoderOptions,
  decodedLine,
  decoder,
  type Failures,
  parseLine,
} from './decode.ts'
import { elementText } from './json.ts'
import type { AnyPolicy } from './policy.ts'
import { rowMaker } from './shape.ts'

/** A row as it is handed out: column key → value. */
export type RowObject = Record<string, unknown>

/** What becomes of one column's values. */
interface Converted {
  readonly i: number
  readonly convert: Convert
  readonly place: Place
}

export interface RowBodyOptions {
  readonly policy: AnyPolicy
  readonly decoders: Decoders | undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const LINE_FEED = 10

/** The rows of a result as objects of one shape. */
function rowBody(
  columns: readonly Column[],
  { policy, decoders }: RowBodyOptions,
  failures: Failures,
): Body<RowObject[]> {
  const make = rowMaker(columns.map((column) => column.key))
  let batch: RowObject[] = []
  let rows = 0
  let complete = false
  let line = ''

  // Of the usual policy the check is made in place: it is the whole work for most results.
  const isChecked = (column: Column): boolean =>
    policy.bigint === 'safe' && kindOf(column) === 'integer' && !isDecoded(column)
  const isDecoded = (column: Column): boolean => decoders?.has(column.nativeType ?? '') === true
  const checked: Converted[] = []
  const converted: Converted[] = []
  for (const [i, column] of columns.entries()) {
    const convert = converter(column, policy, decoders)
    if (convert === undefined) continue
    const list = isChecked(column) ? checked : converted
    list.push({ i, convert, place: placeOf(column, i) })
  }

  function placeOf(column: Column, i: number): Place {
    return {
      text: () => elementText(line, i) ?? '',
      inexact: (value) => failures.inexact(column, value),
      wrong: (why, cause) => failures.wrong(`column "${column.name}": ${why}`, line, cause),
    }
  }

  function add(text: string): void {
    line = text
    const values = parseLine(text, failures)
    if (values.length !== columns.length) {
      throw failures.wrong(`a row has ${values.length} values for ${columns.length} columns`, text)
    }
    for (let k = 0; k < checked.length; k += 1) {
      const { i, convert, place } = checked[k] as Converted
      const value = values[i]
      if (value !== null && !Number.isSafeInteger(value)) convert(value, place)
    }
    for (let k = 0; k < converted.length; k += 1) {
      const { i, convert, place } = converted[k] as Converted
      if (values[i] !== null) values[i] = convert(values[i], place)
    }
    batch.push(make(values))
    rows += 1
  }

  function read(unit: Uint8Array, from: number): number {
    let text: string
    try {
      text = utf8.decode(from === 0 ? unit : unit.subarray(from))
    } catch {
      return lineByLine(unit, from)
    }
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      if (end === start) {
        complete = true
        return from + (isAligned(text, unit, from) ? end + 1 : byteLength(text, end + 1))
      }
      add(text.slice(start, end))
      start = end + 1
    }
    return unit.length
  }

  /** Some of it is not UTF-8: the rows before that are good. */
  function lineByLine(unit: Uint8Array, from: number): number {
    let start = from
    while (start < unit.length) {
      const end = unit.indexOf(LINE_FEED, start)
      const text = decodedLine(unit.subarray(start, end), failures)
      if (text === '') complete = true
      else add(text)
      start = end + 1
      if (complete) break
    }
    return start
  }

  return {
    rows: () => rows,
    complete: () => complete,
    read,
    take() {
      const taken = batch
      batch = []
      return taken.length > 0 ? taken : undefined
    },
  }
}

function isAligned(text: string, unit: Uint8Array, from: number): boolean {
  return text.length === unit.length - from
}

function byteLength(text: string, end: number): number {
  return new TextEncoder().encode(text.slice(0, end)).length
}

export interface ResultOptions extends RowBodyOptions {
  /** For messages, e.g. `query 0815…`. */
  readonly what: string
  readonly queryId?: string | undefined
  /** Bytes that one row may take. Default 64 MiB. */
  readonly maxRowBytes?: number | undefined
}

const MAX_ROW_BYTES = 64 * 1024 * 1024

/** Decodes a result to what the body makes of its rows. */
export function resultDecoder<B>(
  options: ResultOptions,
  body: DecoderOptions<B>['body'],
): Decoder<B> {
  const { what, queryId, maxRowBytes = MAX_ROW_BYTES, policy } = options
  return decoder({ what, queryId, maxRowBytes, keys: policy.keys, body })
}

/** Decodes a result to row objects. */
export function rowDecoder(options: ResultOptions): Decoder<RowObject[]> {
  return resultDecoder(options, (columns, failures) => rowBody(columns, options, failures))
}
