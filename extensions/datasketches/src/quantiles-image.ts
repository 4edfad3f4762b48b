import { checkLength, corrupt, viewOf } from './bytes.ts'

/** A Quantiles sketch of doubles. */
export interface QuantilesImage {
  readonly k: number
  /** How many values went in. */
  readonly n: number
  /** `NaN` without values. */
  readonly min: number
  readonly max: number
  /** Values that stand for equally many, each block in order. */
  readonly blocks: readonly QuantilesBlock[]
}

export interface QuantilesBlock {
  readonly values: Float64Array
  readonly weight: number
}

const SKETCH = 'Quantiles sketch'
const FAMILY = 8
const EMPTY = 4
const COMPACT = 8
const VALUES_AT = 32

/**
 * Reads the compact form of Apache DataSketches, serial version 3, and checks that it agrees with
 * itself. Throws `DECODE`.
 */
export function readQuantiles(bytes: Uint8Array): QuantilesImage {
  if (bytes.length < 8) throw corrupt(SKETCH, `${bytes.length} bytes are too few`)
  const view = viewOf(bytes)
  const [preamble, version, family, flags = 0] = bytes
  if (version !== 3 || family !== FAMILY) throw corrupt(SKETCH, 'it does not begin as one')
  const k = view.getUint16(4, true)
  if (k < 2 || k > 2 ** 15 || !Number.isInteger(Math.log2(k))) {
    throw corrupt(SKETCH, `k is a power of 2, from 2 to 32768, not ${k}`)
  }
  if ((flags & COMPACT) === 0) throw corrupt(SKETCH, 'it is in its updatable form')
  if ((flags & EMPTY) !== 0) {
    checkLength(bytes, 8, SKETCH)
    return { k, n: 0, min: Number.NaN, max: Number.NaN, blocks: [] }
  }
  if (preamble !== 2 || bytes.length < VALUES_AT) throw corrupt(SKETCH, 'its head is cut')
  const n = Number(view.getBigUint64(8, true))
  if (n < 1 || !Number.isSafeInteger(n))
    throw corrupt(SKETCH, `it says that it has seen ${n} values`)
  const min = view.getFloat64(16, true)
  const max = view.getFloat64(24, true)
  const blocks = blocksOf(bytes, k, n)
  for (const { values } of blocks) checkOrder(values, min, max)
  const [first] = blocks
  if (n < 2 * k && !(first?.values[0] === min && first.values[n - 1] === max)) {
    throw corrupt(SKETCH, 'its minimum and maximum are not those of its values')
  }
  return { k, n, min, max, blocks }
}

/**
 * First those that stand for themselves alone, then, for each bit of n / 2k, k values that stand
 * for 2, 4, 8 … each.
 */
function blocksOf(bytes: Uint8Array, k: number, n: number): QuantilesBlock[] {
  const levels = levelsOf(Math.floor(n / (2 * k)))
  const alone = n % (2 * k)
  const sizes = [{ size: alone, weight: 1 }, ...levels.map((weight) => ({ size: k, weight }))]
  checkLength(bytes, VALUES_AT + 8 * (alone + k * levels.length), SKETCH)
  const view = viewOf(bytes)
  let at = VALUES_AT
  return sizes.map(({ size, weight }) => {
    const values = new Float64Array(size)
    for (let i = 0; i < size; i += 1, at += 8) values[i] = view.getFloat64(at, true)
    return { values, weight }
  })
}

function checkOrder(values: Float64Array, min: number, max: number): void {
  let before = min
  for (const value of values) {
    if (!(value >= before && value <= max)) {
      throw corrupt(SKETCH, 'its values are not in order, or not from its minimum to its maximum')
    }
    before = value
  }
}

/** 5 = 101 in binary → 2, 8. */
function levelsOf(pattern: number): number[] {
  const weights: number[] = []
  for (let rest = pattern, weight = 2; rest > 0; rest = Math.floor(rest / 2), weight *= 2) {
    if (rest % 2 === 1) weights.push(weight)
  }
  return weights
}
