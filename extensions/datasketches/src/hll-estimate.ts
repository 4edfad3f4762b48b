import type { Bounds, StdDevs } from './bounds.ts'
import type { HllCoupons, HllRegisters } from './hll-image.ts'
import { rawEstimatesOf } from './hll-raw-estimates.ts'
import { relativeError } from './hll-relative-error.ts'
import { interpolate } from './interpolate.ts'

export function hllEstimate(image: HllCoupons | HllRegisters): number {
  if (image.kind === 'coupons') return Math.max(ofCoupons(image.count), image.count)
  return image.hip ?? composite(image)
}

export function hllBounds(image: HllCoupons | HllRegisters, stdDevs: StdDevs): Bounds {
  if (image.kind === 'coupons') {
    const { count } = image
    const estimate = ofCoupons(count)
    return {
      lower: Math.max(estimate / (1 + stdDevs * COUPON_ERROR), count),
      upper: Math.max(estimate / (1 - stdDevs * COUPON_ERROR), count),
    }
  }
  const { lgK, zeros } = image
  const estimate = hllEstimate(image)
  const error = relativeError(lgK, image.hip === undefined, stdDevs)
  return {
    lower: Math.max(estimate / (1 + error.lower), 2 ** lgK - zeros),
    upper: estimate / (1 - error.upper),
  }
}

const COUPON_ERROR = 0.409 / 2 ** 13

/** Numbers of coupons of 26 bits, and how many values make as many. */
const COUPONS = [0, 1, 20, 400, 8000, 160_000, ...multiples(300_000, 34)]
const VALUES = [
  0, 1, 20.00000094374026, 400.0003963713384, 8000.158929460209, 160063.60677637596,
  300223.70715976635, 600895.593385617, 902016.8065120955, 1203588.498319951, 1505611.8245524743,
  1808087.9449319066, 2111018.0231759353, 2414403.22701425, 2718244.728205189, 3022543.702552454,
  3327301.329921909, 3632518.794258454, 3938197.283602969, 4244337.990109356, 4550942.110061649,
  4858010.843891189, 5165545.396193897, 5473546.975747645, 5782016.7955296505, 6090956.072734016,
  6400366.028789296, 6710247.889376201, 7020602.884445314, 7331432.248234972, 7642737.219289148,
  7954519.0404754765, 8266778.959003342, 8579518.226442046, 8892738.098739047, 9206439.836238328,
  9520624.703698829, 9835293.97031292, 10150448.909725029, 10466090.800050326,
]

function multiples(step: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => step * (i + 1))
}

function ofCoupons(count: number): number {
  return interpolate(COUPONS, (i) => VALUES[i] ?? 0, count)
}

/** For sketches that were merged: from the registers alone. */
function composite({ lgK, kxq, zeros }: HllRegisters): number {
  const k = 2 ** lgK
  const raw = (bias(lgK) * k * k) / kxq
  const { estimates, step } = rawEstimatesOf(lgK)
  const last = estimates.length - 1
  const highest = estimates[last] ?? 0
  if (raw < (estimates[0] ?? 0)) return 0
  if (raw > highest) return raw * ((step * last) / highest)
  const adjusted = interpolate(estimates, (i) => step * i, raw)
  if (adjusted > 3 * k) return adjusted
  const linear = zeros === 0 ? k * Math.log(k / 0.5) : k * (harmonic(k) - harmonic(zeros))
  const threshold = lgK === 4 ? 0.718 : lgK === 5 ? 0.672 : 0.64
  return (adjusted + linear) / 2 > threshold * k ? adjusted : linear
}

/** Flajolet and others, 2007. */
function bias(lgK: number): number {
  if (lgK === 4) return 0.673
  if (lgK === 5) return 0.697
  if (lgK === 6) return 0.709
  return 0.7213 / (1 + 1.079 / 2 ** lgK)
}

const EULER_MASCHERONI = 0.5772156649015329

/** 1 + 1/2 + … + 1/n. */
function harmonic(n: number): number {
  if (n < 25) {
    let sum = 0
    for (let i = 1; i <= n; i += 1) sum += 1 / i
    return sum
  }
  const square = 1 / (n * n)
  const series = 1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240))
  return Math.log(n) + EULER_MASCHERONI + 1 / (2 * n) - square * series
}
