import type { Bounds, StdDevs } from './bounds.ts'
import { equivalent } from './theta-equivalents.ts'
import type { ThetaImage } from './theta-image.ts'

export function thetaEstimate({ retained, theta }: ThetaImage): number {
  return retained * (1 / theta)
}

/** Bounds of the binomial distribution, as Apache DataSketches computes them. */
export function thetaBounds(image: ThetaImage, stdDevs: StdDevs): Bounds {
  const { retained, theta, isEmpty } = image
  if (isEmpty || theta === 1) return { lower: retained, upper: retained }
  const estimate = retained / theta
  return {
    lower: Math.min(estimate, Math.max(retained, lower(retained, theta, stdDevs))),
    upper: Math.max(estimate, upper(retained, theta, stdDevs)),
  }
}

/** Of the normal distribution, beyond 0 to 3 standard deviations. */
const TAILS = [0.5, 0.15865531915860265, 0.02275026189041357, 0.0013498126861731796]

/** From so many samples on the normal distribution is good enough. */
const MANY = 120

function lower(samples: number, theta: number, stdDevs: StdDevs): number {
  const tail = TAILS[stdDevs] ?? 0
  if (samples === 0) return 0
  if (samples === 1) return Math.floor(Math.log(1 - tail) / Math.log(1 - theta))
  if (samples > MANY) return normal(samples - 0.5, theta, -stdDevs) - 0.5
  if (theta > 1 - 1e-5) return samples
  if (theta < samples / 360) {
    return normal(samples - 0.5, theta, -equivalent('lower', samples, stdDevs)) - 0.5
  }
  return reached(samples, theta, (total) => total > tail) - 1
}

function upper(samples: number, theta: number, stdDevs: StdDevs): number {
  const tail = TAILS[stdDevs] ?? 0
  if (samples === 0) return Math.ceil(Math.log(tail) / Math.log(1 - theta))
  if (samples > MANY) return normal(samples + 0.5, theta, stdDevs) + 0.5
  if (theta > 1 - 1e-5) return samples + 1
  if (theta < samples / 360) {
    return normal(samples + 0.5, theta, equivalent('upper', samples, stdDevs)) + 0.5
  }
  return reached(samples + 1, theta, (total) => total >= 1 - tail)
}

/** The bound by the normal distribution; `stdDevs` is negative for the lower one. */
function normal(samples: number, theta: number, stdDevs: number): number {
  const estimate = samples / theta
  const width = stdDevs * Math.sqrt((1 - theta) / theta)
  const half = 0.5 * width * Math.sqrt(width * width + 4 * estimate)
  return estimate + 0.5 * width * width + half
}

/**
 * The exact bound, for few samples of a large share: adds up how likely `samples`, `samples` + 1 …
 * values are until it is enough. The estimate is below 500, so it ends soon.
 */
function reached(samples: number, theta: number, isEnough: (total: number) => boolean): number {
  let term = theta ** samples
  let total = term
  let values = samples
  while (!isEnough(total)) {
    term = (term * (1 - theta) * values) / (values + 1 - samples)
    total += term
    values += 1
  }
  return values
}
