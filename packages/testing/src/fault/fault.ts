import { checkNames, isRecord, messageOf } from '@druid/core/extension'
import { type FakeReply, isReply } from '../fake/reply.ts'
import { wrongFault } from './problem.ts'

/**
 * Something that goes wrong with one exchange, as plain data; made by {@link cutAfter} and the
 * functions after it. A reply ({@link reply}, `htmlPage`, `capacityExceeded` …) is one, too: it is sent
 * in the place of Druid's, which does not hear of the request.
 */
export type Fault =
  | CutFault
  | StallFault
  | LatencyFault
  | PaceFault
  | SplitFault
  | HeadersFault
  | HeaderRowsFault
  | TrailersFault
  | GzipFault
  | InsertFault
  | StaleFault
  | RedirectFault
  | FakeReply

/**
 * Where bytes are counted: in the `body` of the reply, without what HTTP frames it with; in the whole
 * `reply` as it is on the wire, from its status line on; in the body of the `request`.
 */
export type FaultPlace = 'body' | 'reply' | 'request'

/**
 * How a connection ends: `end`: properly, as if that were all; `close`: without the end that HTTP has
 * (FIN); `reset`: RST; `garbage`: by bytes that are no HTTP, then closed.
 */
export type CutBy = 'end' | 'close' | 'reset' | 'garbage'

export interface CutFault {
  readonly fault: 'cut'
  readonly after: number
  readonly in: FaultPlace
  readonly by: CutBy
}
export interface StallFault {
  readonly fault: 'stall'
  readonly after: number
  readonly in: 'body' | 'reply'
  /** Milliseconds; `undefined`: until somebody closes the connection. */
  readonly lasting: number | undefined
}
export interface LatencyFault {
  readonly fault: 'latency'
  readonly milliseconds: number
  readonly jitter: number
}
export interface PaceFault {
  readonly fault: 'pace'
  readonly bytes: number
  /** Milliseconds. */
  readonly every: number
}
export interface SplitFault {
  readonly fault: 'split'
  readonly size: number
}
export interface HeadersFault {
  readonly fault: 'headers'
  /** `null`: taken away. */
  readonly headers: Readonly<Record<string, string | null>>
}
export interface HeaderRowsFault {
  readonly fault: 'headerRows'
  readonly keep: number
}
export interface TrailersFault {
  readonly fault: 'trailers'
  readonly trailers: Readonly<Record<string, string>>
}
export interface GzipFault {
  readonly fault: 'gzip'
}
export interface InsertFault {
  readonly fault: 'insert'
  readonly from: number
  readonly byte: number
  readonly times: number
}
export interface StaleFault {
  readonly fault: 'stale'
  readonly by: 'close' | 'reset'
}
export interface RedirectFault {
  readonly fault: 'redirect'
  /** `undefined`: to where the request came from. */
  readonly to: string | undefined
  readonly status: number
}

/** Options of {@link cutAfter}. */
export interface CutOptions {
  /** Default `body`. */
  readonly in?: FaultPlace | undefined
  /** Default `reset`. */
  readonly by?: CutBy | undefined
}

/**
 * The connection ends after so many bytes; what is shorter stays whole. `cutAfter(0, { in: 'reply' })`:
 * Druid got the request, and nothing comes back; `in: 'request'`: Druid never got it.
 */
export function cutAfter(bytes: number, options: CutOptions = {}): Fault {
  checkNames(options, ['in', 'by'], 'cutAfter')
  const { in: place = 'body', by = 'reset' } = options
  oneOf(place, ['body', 'reply', 'request'], 'cutAfter: in')
  oneOf(by, ['end', 'close', 'reset', 'garbage'], 'cutAfter: by')
  if (place !== 'body' && by === 'end') {
    throw wrongFault(`cutAfter: a ${place} has no proper end there; by close or reset`, 'by')
  }
  if (place === 'request' && by === 'garbage') {
    throw wrongFault('cutAfter: a request is cut by close or reset', 'by')
  }
  return { fault: 'cut', after: count(bytes, 'cutAfter'), in: place, by }
}

/** Options of {@link stallAfter}. */
export interface StallOptions {
  /** Default `body`. */
  readonly in?: 'body' | 'reply' | undefined
  /** Milliseconds. Default: until the connection is closed. */
  readonly lasting?: number | undefined
}

/** After so many bytes nothing comes any more, and the connection stays open. */
export function stallAfter(bytes: number, options: StallOptions = {}): Fault {
  checkNames(options, ['in', 'lasting'], 'stallAfter')
  const { in: place = 'body', lasting } = options
  oneOf(place, ['body', 'reply'], 'stallAfter: in')
  if (lasting !== undefined) count(lasting, 'stallAfter: lasting')
  return { fault: 'stall', after: count(bytes, 'stallAfter'), in: place, lasting }
}

/** The reply begins so many milliseconds later, more or less up to `jitter`. */
export function latency(
  milliseconds: number,
  options: { readonly jitter?: number | undefined } = {},
): Fault {
  checkNames(options, ['jitter'], 'latency')
  const { jitter = 0 } = options
  return {
    fault: 'latency',
    milliseconds: count(milliseconds, 'latency'),
    jitter: count(jitter, 'latency: jitter'),
  }
}

/** The reply comes at so many bytes a second, its head too. */
export function bandwidth(bytesPerSecond: number): Fault {
  const rate = positive(bytesPerSecond, 'bandwidth')
  // Timers are not finer than some milliseconds.
  const every = Math.max(10, Math.ceil(1000 / rate))
  return { fault: 'pace', bytes: Math.max(1, Math.round((rate * every) / 1000)), every }
}

/** A slow loris: the reply comes `bytes` at a time (default 1), its head too, `every` so many milliseconds (default 10). */
export function drip(
  options: { readonly bytes?: number | undefined; readonly every?: number | undefined } = {},
): Fault {
  checkNames(options, ['bytes', 'every'], 'drip')
  const { bytes = 1, every = 10 } = options
  return {
    fault: 'pace',
    bytes: positive(bytes, 'drip: bytes'),
    every: count(every, 'drip: every'),
  }
}

/** The body comes in chunks of `size` bytes, 1 by default: a boundary at every byte. */
export function split(size = 1): Fault {
  return { fault: 'split', size: positive(size, 'split') }
}

/**
 * Headers of the reply that are wrong, or with `null` missing.
 *
 * @example wrongHeaders({ 'content-type': 'text/html', 'x-druid-sql-query-id': null })
 */
export function wrongHeaders(headers: Readonly<Record<string, string | null>>): Fault {
  if (!isRecord(headers)) throw wrongFault('wrongHeaders takes { name: value or null }', 'headers')
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' || value === null) continue
    throw wrongFault(`wrongHeaders: ${name} is a text, or null for none`, 'headers')
  }
  try {
    new Headers(Object.entries(headers).map(([name, value]) => [name, value ?? '']))
  } catch (error) {
    throw wrongFault(`wrongHeaders: they cannot be sent (${messageOf(error)})`, 'headers')
  }
  return { fault: 'headers', headers: { ...headers } }
}

/** Of the three header rows of a result in lines only the first `keep` come; default 0. */
export function withoutHeaderRows(keep = 0): Fault {
  oneOf(keep, [0, 1, 2], 'withoutHeaderRows: keep')
  return { fault: 'headerRows', keep }
}

/** Trailers that say that the result is not whole, as Druid's own do; together with {@link cutAfter} it is not. */
export function failedTrailers(reason = 'Query timed out!'): Fault {
  return {
    fault: 'trailers',
    trailers: { 'X-Druid-Response-Complete': 'false', 'X-Error-Message': reason },
  }
}

/** The body is compressed, asked for or not. Faults that count bytes then count compressed ones. */
export function gzipped(): Fault {
  return { fault: 'gzip' }
}

/** A byte that is no UTF-8, within the first text of the body that begins at or behind byte `from`. */
export function invalidUtf8(from = 0): Fault {
  return { fault: 'insert', from: count(from, 'invalidUtf8'), byte: 0xff, times: 1 }
}

/** A row that is so many bytes longer, in the first text of the body that begins at or behind byte `from`. */
export function hugeRow(bytes: number, from = 0): Fault {
  const times = positive(bytes, 'hugeRow')
  return { fault: 'insert', from: count(from, 'hugeRow: from'), byte: 'x'.charCodeAt(0), times }
}

/**
 * The keep-alive race: a request that comes on a connection that was used before finds it closed, as
 * when the server gave the idle connection up at that moment. One on a new connection is not touched.
 */
export function staleSocket(by: 'close' | 'reset' = 'close'): Fault {
  oneOf(by, ['close', 'reset'], 'staleSocket')
  return { fault: 'stale', by }
}

/** Sent elsewhere, as by a server that does not lead: 307. Default: to the same place, for ever. */
export function redirect(to?: string | URL, status = 307): Fault {
  oneOf(status, [301, 302, 303, 307, 308], 'redirect: status')
  return { fault: 'redirect', to: to === undefined ? undefined : String(to), status }
}

const KINDS: ReadonlySet<unknown> = new Set<Exclude<Fault, FakeReply>['fault']>([
  'cut',
  'stall',
  'latency',
  'pace',
  'split',
  'headers',
  'headerRows',
  'trailers',
  'gzip',
  'insert',
  'stale',
  'redirect',
])

/** The faults of a call: one, or several that come together. Throws `CONFIG` for what is none. */
export function faultsOf(given: Fault | readonly Fault[]): readonly Fault[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  for (const one of list) {
    if (isReply(one) || (isRecord(one) && KINDS.has(one.fault))) continue
    throw wrongFault(
      'that is no fault; there are cutAfter(1000), stallAfter(0), latency(50), reply({ status: 503 }) and others',
      'fault',
    )
  }
  if (list.length === 0) throw wrongFault('a fault is missing', 'fault')
  return list as readonly Fault[]
}

function count(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw wrongFault(`${what} takes a whole number, 0 or more`, 'fault')
}

function positive(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw wrongFault(`${what} takes a whole number, 1 or more`, 'fault')
}

function oneOf(value: unknown, known: readonly unknown[], what: string): void {
  if (!known.includes(value)) throw wrongFault(`${what} is one of ${known.join(', ')}`, 'fault')
}
