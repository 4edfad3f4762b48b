import { DruidError } from '@druid/core/extension'
import { base64Of } from './bytes.ts'
import { type QuantilesImage, readQuantiles } from './quantiles-image.ts'
import { quantileAt, type RankedValues, rankedValues, rankOf } from './quantiles-rank.ts'

/**
 * A Quantiles sketch of doubles: about how numbers are distributed. Druid's `DS_QUANTILES_SKETCH`.
 * All of it is inclusive, as in Druid: the rank of a value is the share of those not above it. Of
 * an empty sketch everything is `NaN`.
 */
export class QuantilesSketch {
  /** As Druid sent them. */
  readonly bytes: Uint8Array
  /** What decides its accuracy and size: a power of 2, from 2 to 32768. */
  readonly k: number
  /** How many values went in. */
  readonly n: number
  readonly min: number
  readonly max: number
  readonly #image: QuantilesImage
  #ranked: RankedValues | undefined

  /**
   * @param bytes in the compact form of Apache DataSketches, as Druid sends it; not copied.
   * @throws DruidError `DECODE` for what is no such sketch, or only a part of one.
   */
  constructor(bytes: Uint8Array) {
    const image = readQuantiles(bytes)
    this.bytes = bytes
    this.k = image.k
    this.n = image.n
    this.min = image.min
    this.max = image.max
    this.#image = image
  }

  get isEmpty(): boolean {
    return this.n === 0
  }

  /** By how much a rank may be wrong, in 99 of 100 cases: 0.0138 for Druid's default k of 128. */
  get rankError(): number {
    return 1.576 / this.k ** 0.9726
  }

  /**
   * The value below or at which this fraction of the values is, as `DS_GET_QUANTILES` gives it:
   * `quantile(0.5)` is the median. Throws `CONFIG` unless it is from 0 to 1.
   */
  quantile(fraction: number): number {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw config('quantile', 'fraction', `is from 0 to 1, not ${fraction}`)
    }
    return this.isEmpty ? Number.NaN : quantileAt(this.#values(), fraction)
  }

  /** The fraction of the values that are not above this one, as `DS_RANK` gives it. */
  rank(value: number): number {
    if (Number.isNaN(value)) throw config('rank', 'value', 'is a number, not NaN')
    return this.isEmpty ? Number.NaN : rankOf(this.#values(), value)
  }

  /**
   * The ranks of these values, and 1 for all: one more than there are split points, as `DS_CDF`
   * gives them. Throws `CONFIG` unless they rise.
   */
  cdf(splitPoints: readonly number[]): number[] {
    checkRising(splitPoints, 'cdf')
    const ranks = splitPoints.map((value) => this.rank(value))
    return [...ranks, this.isEmpty ? Number.NaN : 1]
  }

  /**
   * The fraction of the values in each of the intervals that the split points make. Times `n` it is
   * what `DS_HISTOGRAM` gives. Throws as {@link QuantilesSketch.cdf}.
   */
  pmf(splitPoints: readonly number[]): number[] {
    const cdf = this.cdf(splitPoints)
    return cdf.map((rank, i) => rank - (cdf[i - 1] ?? 0))
  }

  /** The bytes in base64, as `DECODE_BASE64_COMPLEX('quantilesDoublesSketch', …)` takes them. */
  toBase64(): string {
    return base64Of(this.bytes)
  }

  /** For people: how many, the least, the quartiles, the largest. */
  toJSON(): { n: number; min: number; quartiles: number[]; max: number } {
    const quartiles = [0.25, 0.5, 0.75].map((fraction) => this.quantile(fraction))
    return { n: this.n, min: this.min, quartiles, max: this.max }
  }

  #values(): RankedValues {
    this.#ranked ??= rankedValues(this.#image)
    return this.#ranked
  }
}

function checkRising(splitPoints: readonly number[], method: string): void {
  const rise = splitPoints.every((value, i) => i === 0 || value > (splitPoints[i - 1] ?? 0))
  if (!rise) throw config(method, 'splitPoints', 'must rise')
}

function config(method: string, option: string, why: string): DruidError<'CONFIG'> {
  return new DruidError('CONFIG', `QuantilesSketch.${method}: ${option} ${why}`, { option })
}
