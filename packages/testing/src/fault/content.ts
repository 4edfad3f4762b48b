import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Fault } from './fault.ts'
import type { Bytes, Reply } from './reply.ts'

const HEADER_ROWS = 3
const LINE_FEED = 10
const QUOTE = 34
const PIECE = 64 * 1024

/** The header of a result that has header rows. */
const HAS_HEADER_ROWS = 'x-druid-sql-header-included'

/** The body as the faults make it. */
export function faulty({ headers, body }: Reply, faults: readonly Fault[]): Bytes {
  let made = body
  const hasRows = headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === HAS_HEADER_ROWS)
  for (const fault of faults) {
    if (!('fault' in fault)) continue
    if (fault.fault === 'headerRows' && hasRows) made = withoutLines(made, fault.keep)
    else if (fault.fault === 'insert') made = inserted(made, fault)
  }
  if (faults.some((one) => 'fault' in one && one.fault === 'gzip')) made = compressed(made)
  for (const fault of faults) {
    if ('fault' in fault && fault.fault === 'split') made = inPieces(made, fault.size)
  }
  return made
}

/** Whether they need to see the body as Druid wrote it. */
export function changesContent(faults: readonly Fault[]): boolean {
  const kinds = ['headerRows', 'insert', 'gzip']
  return faults.some((one) => 'fault' in one && kinds.includes(one.fault))
}

async function* withoutLines(body: Bytes, keep: number): Bytes {
  let line = 0
  for await (const chunk of body) {
    let from = 0
    while (from < chunk.length && line < HEADER_ROWS) {
      const end = chunk.indexOf(LINE_FEED, from)
      const to = end < 0 ? chunk.length : end + 1
      if (line < keep) yield chunk.subarray(from, to)
      if (end >= 0) line += 1
      from = to
    }
    if (from < chunk.length) yield chunk.subarray(from)
  }
}

async function* inserted(
  body: Bytes,
  { from, byte, times }: { readonly from: number; readonly byte: number; readonly times: number },
): Bytes {
  let passed = 0
  let done = false
  for await (const chunk of body) {
    const quote = done ? -1 : chunk.indexOf(QUOTE, Math.max(0, from - passed))
    passed += chunk.length
    if (quote < 0) {
      yield chunk
      continue
    }
    done = true
    yield chunk.subarray(0, quote + 1)
    for (let left = times; left > 0; left -= PIECE) {
      yield new Uint8Array(Math.min(left, PIECE)).fill(byte)
    }
    yield chunk.subarray(quote + 1)
  }
}

function compressed(body: Bytes): Bytes {
  // Its errors come to who reads it.
  return pipeline(Readable.from(body), createGzip(), () => {})
}

async function* inPieces(body: Bytes, size: number): Bytes {
  for await (const chunk of body) {
    for (let from = 0; from < chunk.length; from += size) yield chunk.subarray(from, from + size)
  }
}
