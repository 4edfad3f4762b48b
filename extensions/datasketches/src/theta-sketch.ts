import { checkStdDevs, type StdDevs } from './bounds.ts'
import { base64Of } from './bytes.ts'
import { thetaBounds, thetaEstimate } from './theta-bounds.ts'
import { readTheta, type ThetaImage } from './theta-image.ts'

/**
 * A Theta sketch: about how many distinct values there were, and the means to unite, intersect and
 * subtract such sets. Druid's `DS_THETA`.
 */
export class ThetaSketch {
  /** As Druid sent them. */
  readonly bytes: Uint8Array
  /** Hashes that it holds. */
  readonly retained: number
  /** The share of all possible hashes that it holds, from 0 to 1: 1 as long as it is exact. */
  readonly theta: number
  /** Whether nothing was ever put in. An intersection can be 0 and not be empty. */
  readonly isEmpty: boolean
  readonly #image: ThetaImage

  /**
   * @param bytes in a form of Apache DataSketches, as Druid sends it; not copied.
   * @throws DruidError `DECODE` for what is no such sketch, or only a part of one.
   */
  constructor(bytes: Uint8Array) {
    const image = readTheta(bytes)
    this.bytes = bytes
    this.retained = image.retained
    this.theta = image.theta
    this.isEmpty = image.isEmpty
    this.#image = image
  }

  /** As `THETA_SKETCH_ESTIMATE` gives it: not rounded. */
  get estimate(): number {
    return thetaEstimate(this.#image)
  }

  /** As `THETA_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS` gives it. Throws `CONFIG` for other `stdDevs`. */
  lowerBound(stdDevs: StdDevs): number {
    checkStdDevs(stdDevs, 'ThetaSketch.lowerBound')
    return thetaBounds(this.#image, stdDevs).lower
  }

  /** As {@link ThetaSketch.lowerBound}. */
  upperBound(stdDevs: StdDevs): number {
    checkStdDevs(stdDevs, 'ThetaSketch.upperBound')
    return thetaBounds(this.#image, stdDevs).upper
  }

  /** The bytes in base64, as `DECODE_BASE64_COMPLEX('thetaSketch', …)` takes them. */
  toBase64(): string {
    return base64Of(this.bytes)
  }

  /** For people: the estimate, and its bounds at 2 standard deviations. */
  toJSON(): { estimate: number; lowerBound: number; upperBound: number } {
    const { lower, upper } = thetaBounds(this.#image, 2)
    return { estimate: this.estimate, lowerBound: lower, upperBound: upper }
  }
}
