import { checkStdDevs, type StdDevs } from './bounds.ts'
import { base64Of } from './bytes.ts'
import { hllBounds, hllEstimate } from './hll-estimate.ts'
import { type HllCoupons, type HllRegisters, readHll, type TgtHllType } from './hll-image.ts'

/** A HyperLogLog sketch: about how many distinct values there were. Druid's `DS_HLL`. */
export class HllSketch {
  /** As Druid sent them. */
  readonly bytes: Uint8Array
  /** It has at most 2^lgK registers, from 4 to 21. */
  readonly lgK: number
  readonly tgtHllType: TgtHllType
  readonly isEmpty: boolean
  readonly #image: HllCoupons | HllRegisters
  #estimate: number | undefined

  /**
   * @param bytes in the compact form of Apache DataSketches, as Druid sends it; not copied.
   * @throws DruidError `DECODE` for what is no such sketch, or only a part of one.
   */
  constructor(bytes: Uint8Array) {
    const image = readHll(bytes)
    this.bytes = bytes
    this.lgK = image.lgK
    this.tgtHllType = image.tgtHllType
    this.isEmpty = image.kind === 'coupons' && image.count === 0
    this.#image = image
  }

  /** As `HLL_SKETCH_ESTIMATE` gives it: not rounded. */
  get estimate(): number {
    this.#estimate ??= hllEstimate(this.#image)
    return this.#estimate
  }

  /** As `HLL_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS` gives it. Throws `CONFIG` for other `stdDevs`. */
  lowerBound(stdDevs: StdDevs): number {
    checkStdDevs(stdDevs, 'HllSketch.lowerBound')
    return hllBounds(this.#image, stdDevs).lower
  }

  /** As {@link HllSketch.lowerBound}. */
  upperBound(stdDevs: StdDevs): number {
    checkStdDevs(stdDevs, 'HllSketch.upperBound')
    return hllBounds(this.#image, stdDevs).upper
  }

  /** The bytes in base64, as `DECODE_BASE64_COMPLEX('HLLSketch', …)` takes them. */
  toBase64(): string {
    return base64Of(this.bytes)
  }

  /** For people: the estimate, and its bounds at 2 standard deviations. */
  toJSON(): { estimate: number; lowerBound: number; upperBound: number } {
    const { lower, upper } = hllBounds(this.#image, 2)
    return { estimate: this.estimate, lowerBound: lower, upperBound: upper }
  }
}
