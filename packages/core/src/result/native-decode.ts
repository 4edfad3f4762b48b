import { DruidError, isDruidError } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import { snippet } from '../error/server.ts'
import type { NativeQuery } from '../native/query.ts'
import { type Asked, notDruid, truncated, verdictIn } from './broken.ts'
import type { Decoder } from './decode.ts'
import { parseExact } from './json.ts'
import { type ItemHandler, itemScanner, singleItems } from './json-items.ts'
import type { AnyPolicy } from './policy.ts'

export interface NativeOptions extends Asked {
  readonly queryId: string
  /** As it was sent. */
  readonly query: NativeQuery
  readonly bigint: AnyPolicy['bigint']
  /** Whether Druid was asked to write a late failure as a last element. Default: false. */
  readonly failureAsElement?: boolean | undefined
  /** Bytes that one item may take. Default 64 MiB. */
  readonly maxRowBytes?: number | undefined
}

/** What becomes of the items that are found. It throws a DruidError `DECODE` for what it cannot read. */
export interface NativeBody<T> {
  /** As in {@link itemScanner}. */
  readonly within?: string | undefined
  /** Items, parsed. `text`: theirs. Answers what they become. */
  items(values: unknown[], text: string): readonly T[]
  /** What holds items, parsed, before and after them. */
  open?(head: Record<string, unknown>): void
  close?(whole: Record<string, unknown>): readonly T[]
  /** The name of a value by its place among the items, e.g. `['3', 'event', 'n']`. */
  readonly nameOf?: ((path: readonly string[]) => string | undefined) | undefined
  /** What is kept back, for an end before its time. */
  rest?(): readonly T[]
}

const MAX_ITEM_BYTES = 64 * 1024 * 1024
const LARGEST = Number.MAX_SAFE_INTEGER
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Stands for an integer that a number cannot hold, until it is known in which column. */
class Inexact {
  readonly digits: string
  constructor(digits: string) {
    this.digits = digits
  }
}

/**
 * Decodes the JSON array that `POST /druid/v2` answers with, from chunks of any size. That it is
 * closed is the only sign that it is whole; Druid 27 to 30 close it after a failure, too.
 */
export function nativeDecoder<T>(options: NativeOptions, body: NativeBody<T>): Decoder<T[]> {
  const { what, queryId, bigint, failureAsElement = false, maxRowBytes = MAX_ITEM_BYTES } = options
  const { within } = body
  let batch: T[] = []
  let rows = 0
  let ended = false
  /** Whether the last text has one. */
  let found = false

  function add(make: () => readonly T[]): void {
    let made: readonly T[]
    try {
      made = make()
    } catch (error) {
      if (!isDruidError(error, 'DECODE')) throw error
      throw new DruidError('DECODE', `${what}: ${error.message}`, { queryId, cause: error })
    }
    for (const one of made) batch.push(one)
    rows += made.length
  }

  function addItems(values: unknown[], text: string): void {
    try {
      add(() => body.items(values, text))
    } catch (error) {
      // Those before the one that is wrong are good.
      if (values.length < 2) throw error
      for (const value of values) add(() => body.items([value], text))
    }
  }

  function parse(text: string): unknown {
    found = false
    const value: unknown = JSON.parse(text)
    // A walk over the values is much quicker than a look at all digits.
    if (bigint === 'number' || !hasLarge(value)) return value
    return parseExact(text, (digits) => {
      if (bigint === 'safe') {
        found = true
        return new Inexact(digits)
      }
      return bigint === 'string' ? digits : BigInt(digits)
    })
  }

  /** Those before a failure, which then ends it. */
  function succeededOnly(values: unknown[], text: string): void {
    const at = failureAsElement && within === undefined ? values.findIndex(isFailure) : -1
    exactOnly(at < 0 ? values : values.slice(0, at), text)
    if (at >= 0) throw failed(values[at] as Failure)
  }

  function failed({ error, errorMessage }: Failure): DruidError<'TRUNCATED'> {
    const reason = typeof errorMessage === 'string' ? errorMessage : error
    return truncated(options, { empty: false, rows, reason })
  }

  function exactOnly(values: unknown[], text: string): void {
    const at = found ? values.findIndex((value) => inexactIn(value) !== undefined) : -1
    addItems(at < 0 ? values : values.slice(0, at), text)
    if (at >= 0) throw inexact(inexactIn(values[at]) as Place)
  }

  function oneByOne(bytes: Uint8Array): void {
    for (const item of singleItems(bytes)) {
      let text: string
      let value: unknown
      try {
        text = utf8.decode(item)
        value = parse(text)
      } catch (cause) {
        throw wrong('it is not JSON', item, cause)
      }
      succeededOnly([value], text)
    }
  }

  const handler: ItemHandler = {
    items(bytes, some) {
      let text: string
      let values: unknown[]
      try {
        text = utf8.decode(bytes)
        values = parse(`[${text}]`) as unknown[]
        if (some && values.length === 0) throw new SyntaxError('an element is missing')
      } catch {
        oneByOne(bytes)
        return
      }
      succeededOnly(values, text)
    },
    open(head) {
      const opened = record(head, ']}')
      add(() => {
        body.open?.(opened)
        return []
      })
    },
    close(whole) {
      const closed = record(whole, '')
      if (failureAsElement && isFailure(closed)) {
        add(() => body.rest?.() ?? [])
        throw failed(closed)
      }
      add(() => body.close?.(closed) ?? [])
    },
    wrong(why, bytes) {
      if (!scanner.begun()) throw notDruid(options, new TextDecoder().decode(bytes))
      throw wrong(why, bytes)
    },
    tooLong() {
      const why = `an item of the result is longer than ${maxRowBytes} bytes; allow more by maxRowBytes`
      throw new DruidError('LIMIT', `${what}: ${why}`, { queryId, limit: maxRowBytes })
    },
  }
  const scanner = itemScanner({ within, maxItemBytes: maxRowBytes }, handler)

  function record(bytes: Uint8Array, end: string): Record<string, unknown> {
    let value: unknown
    try {
      value = JSON.parse(utf8.decode(bytes) + end)
    } catch (cause) {
      throw wrong('it is not JSON', bytes, cause)
    }
    if (isRecord(value)) return value
    throw wrong('an element is no object', bytes)
  }

  function wrong(why: string, bytes: Uint8Array, cause?: unknown): DruidError<'DECODE'> {
    const found = snippet(new TextDecoder().decode(bytes.subarray(0, 400)))
    return new DruidError('DECODE', `${what}: after ${rows} rows of the result: ${why}`, {
      queryId,
      snippet: found,
      cause,
    })
  }

  function inexact({ path, digits }: Place): DruidError<'INEXACT'> {
    const column = body.nameOf?.(path) ?? path.findLast((key) => !/^\d+$/.test(key)) ?? ''
    return new DruidError(
      'INEXACT',
      `${what}: "${column}", row ${rows + 1}: ${digits} is beyond the integers that a JavaScript number holds exactly (±(2^53 − 1)); ask for { values: { bigint: 'auto' } }`,
      { queryId, column, value: digits },
    )
  }

  function giveUp(): void {
    add(() => body.rest?.() ?? [])
  }

  return {
    columns: () => [],
    rows: () => rows,
    ended: () => ended,
    push: scanner.push,
    take() {
      const taken = batch
      batch = []
      return taken.length > 0 ? taken : undefined
    },
    end(trailers) {
      const { failed, reason } = verdictIn(trailers)
      if (scanner.closed() && !failed) {
        ended = true
        return
      }
      giveUp()
      throw truncated(options, { empty: !scanner.begun(), rows, reason })
    },
    giveUp,
    broken: (cause) => truncated(options, { empty: !scanner.begun(), rows, cause }),
  }
}

/** An error of Druid's, in either of its envelopes. */
interface Failure {
  readonly error: string
  readonly errorMessage?: unknown
}

function isFailure(value: unknown): value is Failure {
  if (!isRecord(value) || typeof value.error !== 'string') return false
  return 'errorCode' in value || 'errorMessage' in value
}

/** Whether there is a number that may be an integer beyond those that a number holds. */
function hasLarge(value: unknown): boolean {
  if (typeof value === 'number') return value > LARGEST || value < -LARGEST
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) {
    for (const inner of value) if (hasLarge(inner)) return true
    return false
  }
  for (const key in value) if (hasLarge((value as Record<string, unknown>)[key])) return true
  return false
}

interface Place {
  readonly path: readonly string[]
  readonly digits: string
}

/** The first within a value, and the way to it. */
function inexactIn(value: unknown): Place | undefined {
  if (value instanceof Inexact) return { path: [], digits: value.digits }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const found = inexactIn(inner)
    if (found) return { path: [key, ...found.path], digits: found.digits }
  }
  return undefined
}
