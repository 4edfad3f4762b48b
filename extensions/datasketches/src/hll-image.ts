import { checkLength, corrupt, viewOf } from './bytes.ts'

const TYPES = ['HLL_4', 'HLL_6', 'HLL_8'] as const

/** Bits per register: how large the sketch is, not what it estimates. */
export type TgtHllType = (typeof TYPES)[number]

/** A small sketch: the hashes themselves, 26 + 6 bits each. */
export interface HllCoupons {
  readonly kind: 'coupons'
  readonly lgK: number
  readonly tgtHllType: TgtHllType
  readonly count: number
}

/** A large one: what its 2^lgK registers come to. */
export interface HllRegisters {
  readonly kind: 'registers'
  readonly lgK: number
  readonly tgtHllType: TgtHllType
  /** The running estimate, which is lost when sketches are merged: then `undefined`. */
  readonly hip: number | undefined
  /** Σ 2^-register. */
  readonly kxq: number
  /** Registers that are 0. */
  readonly zeros: number
}

const SKETCH = 'HLL sketch'
export const HLL_FAMILY = 7
const MODES = ['LIST', 'SET', 'HLL'] as const
/** By mode, in 4 bytes. */
const PREAMBLES = [2, 3, 10]

const EMPTY = 4
const COMPACT = 8
const OUT_OF_ORDER = 16
/** The sums in the head are stale: a union in the middle of its work. */
const REBUILD = 32

const REGISTERS_AT = 40
/** A register of HLL_4 that is too large for it, and stands at the end. */
const ELSEWHERE = 15

/**
 * Reads the compact form of Apache DataSketches, serial version 1, and checks that it agrees with
 * itself. Throws `DECODE`.
 */
export function readHll(bytes: Uint8Array): HllCoupons | HllRegisters {
  if (bytes.length < 8) throw corrupt(SKETCH, `${bytes.length} bytes are too few`)
  const [preamble = 0, version, family, lgK = 0, , flags = 0, , modes = 0] = bytes
  if (version !== 1 || family !== HLL_FAMILY) throw corrupt(SKETCH, 'it does not begin as one')
  const mode = MODES[modes & 3]
  const tgtHllType = TYPES[(modes >> 2) & 3]
  if (mode === undefined || tgtHllType === undefined || modes > 15) {
    throw corrupt(SKETCH, `its mode ${modes} is unknown`)
  }
  if (preamble !== PREAMBLES[modes & 3]) throw corrupt(SKETCH, 'its head is of another mode')
  if (lgK < 4 || lgK > 21) throw corrupt(SKETCH, `lgK is from 4 to 21, not ${lgK}`)
  if ((flags & COMPACT) === 0 && (mode !== 'HLL' || tgtHllType === 'HLL_4')) {
    throw corrupt(SKETCH, 'it is in its updatable form')
  }
  if (mode === 'HLL') return registers(bytes, lgK, tgtHllType, flags)
  const count = coupons(bytes, mode, lgK)
  if ((count === 0) !== ((flags & EMPTY) !== 0)) {
    throw corrupt(SKETCH, `it holds ${count} values, and says otherwise`)
  }
  return { kind: 'coupons', lgK, tgtHllType, count }
}

function coupons(bytes: Uint8Array, mode: 'LIST' | 'SET', lgK: number): number {
  const start = mode === 'LIST' ? 8 : 12
  if (bytes.length < start) throw corrupt(SKETCH, `${bytes.length} bytes are too few`)
  const view = viewOf(bytes)
  const count = mode === 'LIST' ? (bytes[6] ?? 0) : view.getUint32(8, true)
  const most = mode === 'LIST' ? 8 : lgK < 8 ? 0 : 3 * 2 ** (lgK - 5)
  if (count > most) throw corrupt(SKETCH, `a ${mode} does not hold ${count} values`)
  checkLength(bytes, start + 4 * count, SKETCH)
  const seen = new Set<number>()
  for (let at = start; at < bytes.length; at += 4) {
    const coupon = view.getUint32(at, true)
    if (coupon >>> 26 === 0) throw corrupt(SKETCH, 'one of its values is empty')
    seen.add(coupon)
  }
  if (seen.size !== count) throw corrupt(SKETCH, 'it holds a value twice')
  return count
}

function registers(
  bytes: Uint8Array,
  lgK: number,
  tgtHllType: TgtHllType,
  flags: number,
): HllRegisters {
  if (bytes.length < REGISTERS_AT) throw corrupt(SKETCH, `${bytes.length} bytes are too few`)
  const view = viewOf(bytes)
  const counts = countsOf(bytes, lgK, tgtHllType)
  const zeros = counts[0] ?? 0
  const sum = counts.reduce((total, count, value) => total + count * 2 ** -value, 0)
  if ((flags & REBUILD) !== 0) {
    if (tgtHllType !== 'HLL_8') throw corrupt(SKETCH, 'only an HLL_8 can be a union at work')
    return { kind: 'registers', lgK, tgtHllType, hip: hipOf(view, flags), kxq: sum, zeros }
  }
  const kxq = view.getFloat64(16, true) + view.getFloat64(24, true)
  // The two halves are exact, but what adds them up may have lost the smallest of many.
  if (!(Math.abs(kxq - sum) <= 1e-9 * sum + 2 ** (lgK - 50))) {
    throw corrupt(SKETCH, 'its registers do not agree with the sum in its head')
  }
  const curMin = bytes[6] ?? 0
  if (zeros !== (curMin === 0 ? view.getUint32(32, true) : 0)) {
    throw corrupt(SKETCH, 'its registers do not agree with the count in its head')
  }
  const hip = hipOf(view, flags)
  // Each register that is not zero has added 1 at least.
  if (hip !== undefined && !(hip >= (2 ** lgK - zeros) * (1 - 1e-9) && hip < Infinity)) {
    throw corrupt(SKETCH, 'its registers do not agree with the estimate in its head')
  }
  return { kind: 'registers', lgK, tgtHllType, hip, kxq, zeros }
}

function hipOf(view: DataView, flags: number): number | undefined {
  return (flags & OUT_OF_ORDER) === 0 ? view.getFloat64(8, true) : undefined
}

/** How many registers have each value, which is from 0 to 63. */
function countsOf(bytes: Uint8Array, lgK: number, tgtHllType: TgtHllType): Uint32Array {
  if (tgtHllType === 'HLL_4') return countsOf4(bytes, lgK)
  const slots = 2 ** lgK
  const counts = new Uint32Array(64)
  if (tgtHllType === 'HLL_8') {
    checkLength(bytes, REGISTERS_AT + slots, SKETCH)
    for (let slot = 0; slot < slots; slot += 1) add(counts, bytes[REGISTERS_AT + slot] ?? 0)
    return counts
  }
  checkLength(bytes, REGISTERS_AT + (slots * 3) / 4 + 1, SKETCH)
  for (let slot = 0, at = REGISTERS_AT; slot < slots; slot += 4, at += 3) {
    const four = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
    for (let shift = 0; shift < 24; shift += 6) add(counts, (four >> shift) & 63)
  }
  return counts
}

/** Half a byte each, counted from `curMin`; what is too large stands at the end, with its slot. */
function countsOf4(bytes: Uint8Array, lgK: number): Uint32Array {
  const slots = 2 ** lgK
  const end = REGISTERS_AT + slots / 2
  const view = viewOf(bytes)
  const curMin = bytes[6] ?? 0
  const large = view.getUint32(36, true)
  checkLength(bytes, end + 4 * large, SKETCH)
  const { counts, elsewhere } = countsOfNibbles(bytes.subarray(REGISTERS_AT, end), curMin)
  const nibble = (slot: number): number =>
    ((bytes[REGISTERS_AT + (slot >> 1)] ?? 0) >> (4 * (slot & 1))) & 15
  const seen = new Set<number>()
  for (let at = end; at < bytes.length; at += 4) {
    const pair = view.getUint32(at, true)
    const slot = pair & (slots - 1)
    const value = pair >>> 26
    if (nibble(slot) !== ELSEWHERE || value < curMin + ELSEWHERE) {
      throw corrupt(SKETCH, 'a large register is not where it should be')
    }
    seen.add(slot)
    add(counts, value)
  }
  if (seen.size !== elsewhere || seen.size !== large) {
    throw corrupt(SKETCH, 'it has not as many large registers as it should')
  }
  return counts
}

/** By byte first: there are only 256 of them. */
function countsOfNibbles(
  registers: Uint8Array,
  curMin: number,
): { readonly counts: Uint32Array; readonly elsewhere: number } {
  const counts = new Uint32Array(64)
  let elsewhere = 0
  const ofBytes = new Uint32Array(256)
  for (const byte of registers) ofBytes[byte] = (ofBytes[byte] ?? 0) + 1
  for (const [byte, times] of ofBytes.entries()) {
    for (const value of times === 0 ? [] : [byte & 15, byte >> 4]) {
      if (value === ELSEWHERE) elsewhere += times
      else add(counts, curMin + value, times)
    }
  }
  return { counts, elsewhere }
}

function add(counts: Uint32Array, value: number, times = 1): void {
  if (value > 63) throw corrupt(SKETCH, `a register is ${value}`)
  counts[value] = (counts[value] ?? 0) + times
}
