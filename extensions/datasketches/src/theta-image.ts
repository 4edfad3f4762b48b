import { checkLength, corrupt, viewOf } from './bytes.ts'

/** What of a Theta sketch its estimate and bounds depend on. */
export interface ThetaImage {
  /** Hashes that it holds. */
  readonly retained: number
  /** The share of all hashes that it holds, from 0 to 1. */
  readonly theta: number
  readonly isEmpty: boolean
}

const SKETCH = 'Theta sketch'
const QUICK_SELECT = 2
const COMPACT_FAMILY = 3

const BIG_ENDIAN = 1
const READ_ONLY = 2
const EMPTY = 4
const COMPACT = 8
const ORDERED = 16
const SINGLE = 32

/** Hashes are of 63 bits: theta 1 is this. */
const ALL = 2n ** 63n - 1n

/**
 * Reads the forms of Apache DataSketches, compact of serial version 3 and 4 and updatable of 3, and
 * checks that they agree with themselves. Throws `DECODE`.
 */
export function readTheta(bytes: Uint8Array): ThetaImage {
  if (bytes.length < 8) throw corrupt(SKETCH, `${bytes.length} bytes are too few`)
  const [first = 0, version, family, , , flags = 0] = bytes
  const preamble = first & 63
  if ((flags & BIG_ENDIAN) !== 0) throw corrupt(SKETCH, 'it is big-endian')
  if (version === 3 && family === QUICK_SELECT) return updatable(bytes, preamble, flags)
  if (family !== COMPACT_FAMILY || (version !== 3 && version !== 4)) {
    throw corrupt(SKETCH, 'it does not begin as one')
  }
  if ((flags & COMPACT) === 0 || (flags & READ_ONLY) === 0) {
    throw corrupt(SKETCH, 'it is not compact, and says that it is')
  }
  return version === 4 ? compressed(bytes, preamble, flags) : compact(bytes, preamble, flags)
}

function compact(bytes: Uint8Array, preamble: number, flags: number): ThetaImage {
  const view = viewOf(bytes)
  if ((flags & EMPTY) !== 0) {
    if (preamble !== 1) throw corrupt(SKETCH, 'it is empty, and its head is not')
    checkLength(bytes, 8, SKETCH)
    return { retained: 0, theta: 1, isEmpty: true }
  }
  if (preamble === 1) {
    // Early versions did not write the flag of a single hash, nor anything else without it.
    const usual = READ_ONLY | COMPACT | ORDERED
    if ((flags & ~SINGLE) !== usual) throw corrupt(SKETCH, 'its head is cut')
    checkLength(bytes, 16, SKETCH)
    checkHashes(view, 8, { ordered: true, theta: ALL })
    return { retained: 1, theta: 1, isEmpty: false }
  }
  const { retained, theta } = head(view, preamble, flags, [2, 3])
  checkLength(bytes, 8 * (preamble + retained), SKETCH)
  checkHashes(view, 8 * preamble, { ordered: (flags & ORDERED) !== 0, theta })
  return { retained, theta: shareOf(theta), isEmpty: false }
}

/** A hash table: what is 0 is free, what is not below theta is out of date. */
function updatable(bytes: Uint8Array, preamble: number, flags: number): ThetaImage {
  const view = viewOf(bytes)
  const { retained, theta } = head(view, preamble, flags, [3])
  const lgSlots = bytes[4] ?? 0
  if ((flags & COMPACT) !== 0 || lgSlots > 27) throw corrupt(SKETCH, 'its head is cut')
  checkLength(bytes, 24 + 8 * 2 ** lgSlots, SKETCH)
  let found = 0
  for (let at = 24; at < bytes.length; at += 8) {
    const hash = view.getBigUint64(at, true)
    if (hash > 0n && hash < theta) found += 1
  }
  const isEmpty = (flags & EMPTY) !== 0
  if (found !== retained || (isEmpty && retained > 0)) {
    throw corrupt(SKETCH, `it holds ${found} hashes, and says otherwise`)
  }
  return { retained, theta: isEmpty ? 1 : shareOf(theta), isEmpty }
}

function head(
  view: DataView,
  preamble: number,
  flags: number,
  preambles: readonly number[],
): { readonly retained: number; readonly theta: bigint } {
  if (!preambles.includes(preamble) || view.byteLength < 8 * preamble || (flags & SINGLE) !== 0) {
    throw corrupt(SKETCH, 'its head is cut')
  }
  const theta = preamble > 2 ? view.getBigUint64(16, true) : ALL
  if (theta === 0n || theta > ALL) throw corrupt(SKETCH, 'its theta is not from 0 to 1')
  return { retained: view.getUint32(8, true), theta }
}

/** Ordered hashes as differences of as many bits as the largest takes, one after the other. */
function compressed(bytes: Uint8Array, preamble: number, flags: number): ThetaImage {
  const view = viewOf(bytes)
  const [, , , bits = 0, countBytes = 0] = bytes
  const start = 8 * preamble + countBytes
  if (preamble < 1 || preamble > 2 || countBytes < 1 || countBytes > 4 || bytes.length < start) {
    throw corrupt(SKETCH, 'its head is cut')
  }
  if ((flags & EMPTY) !== 0 || bits < 1 || bits > 63) throw corrupt(SKETCH, 'its head is wrong')
  const theta = preamble === 2 ? view.getBigUint64(8, true) : ALL
  if (theta === 0n || theta > ALL) throw corrupt(SKETCH, 'its theta is not from 0 to 1')
  const count = bytes.subarray(start - countBytes, start)
  const retained = count.reduceRight((total, byte) => total * 256 + byte, 0)
  checkLength(bytes, start + Math.ceil((retained * bits) / 8), SKETCH)
  checkPacked(bytes, start, bits, { retained, theta })
  return { retained, theta: shareOf(theta), isEmpty: false }
}

function checkPacked(
  bytes: Uint8Array,
  start: number,
  bits: number,
  { retained, theta }: { readonly retained: number; readonly theta: bigint },
): void {
  let at = start
  let pending = 0n
  let available = 0
  let hash = 0n
  for (let i = 0; i < retained; i += 1) {
    while (available < bits) {
      pending = (pending << 8n) | BigInt(bytes[at] ?? 0)
      at += 1
      available += 8
    }
    available -= bits
    const rest = BigInt(available)
    const difference = pending >> rest
    if (difference === 0n) throw corrupt(SKETCH, 'its hashes are not in order')
    hash += difference
    pending &= (1n << rest) - 1n
  }
  if (hash >= theta) throw corrupt(SKETCH, 'a hash is beyond its theta')
}

/** All hashes from there on. Halves of 32 bits: there can be very many, and bigints are slow. */
function checkHashes(
  view: DataView,
  start: number,
  { ordered, theta }: { readonly ordered: boolean; readonly theta: bigint },
): void {
  const thetaHigh = Number(theta >> 32n)
  const thetaLow = Number(theta & 0xffffffffn)
  let highBefore = 0
  let lowBefore = 0
  for (let at = start; at < view.byteLength; at += 8) {
    const low = view.getUint32(at, true)
    const high = view.getUint32(at + 4, true)
    const isWithin = high < thetaHigh || (high === thetaHigh && low < thetaLow)
    if (!isWithin || (high === 0 && low === 0)) throw corrupt(SKETCH, 'a hash is beyond its theta')
    if (ordered) {
      const rises = high > highBefore || (high === highBefore && low > lowBefore)
      if (!rises) throw corrupt(SKETCH, 'its hashes are not in order')
      highBefore = high
      lowBefore = low
    }
  }
}

function shareOf(theta: bigint): number {
  return Number(theta) / 2 ** 63
}
