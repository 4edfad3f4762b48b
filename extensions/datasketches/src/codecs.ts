import type { Codec } from '@druid/core/extension'
import { bytesOf, corrupt } from './bytes.ts'
import { HLL_FAMILY } from './hll-image.ts'
import { HllSketch } from './hll-sketch.ts'
import { QuantilesSketch } from './quantiles-sketch.ts'
import { ThetaSketch } from './theta-sketch.ts'

/** What `THETA_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS` answers with, in Druid's words. */
export interface ThetaEstimate {
  readonly estimate: number
  readonly lowBound: number
  readonly highBound: number
  readonly numStdDev: number
}

/** Druid finalises a sketch to a number where the query context says so: as text, `220` or `220.0`. */
const FINALIZED = /^-?\d+(\.\d+)?(E-?\d+)?$/

const hll = codecOf('HLL sketch', (bytes) => new HllSketch(bytes))
const theta = codecOf('Theta sketch', (bytes) => new ThetaSketch(bytes))
const quantiles = codecOf('Quantiles sketch', (bytes) => new QuantilesSketch(bytes))

const thetaOrEstimate: Codec = {
  decode(value, column) {
    const isObject = typeof value === 'string' && value.startsWith('{')
    return isObject ? (JSON.parse(value) as ThetaEstimate) : theta.decode(value, column)
  },
}

/**
 * `HLL_SKETCH_UNION`, `DS_GET_QUANTILES`, `DS_CDF` and `DS_HISTOGRAM` answer with a type without a
 * name, which the functions of other extensions share: what is not theirs is left alone.
 */
const nameless: Codec = {
  decode(value) {
    if (typeof value !== 'string') return value
    if (value.startsWith('[')) return numbersIn(value) ?? value
    if (value.length % 4 !== 2 || !QUOTED_BASE64.test(value)) return value
    const bytes = bytesOf(value.slice(1, -1), 'HLL sketch')
    return bytes[2] === HLL_FAMILY ? new HllSketch(bytes) : value
  },
}

const QUOTED_BASE64 = /^"[A-Za-z0-9+/]+={0,2}"$/

/**
 * By native type. Druid 33 has the three, and the nameless one; the others are those of columns that
 * versions long before it wrote.
 */
export const codecs: Readonly<Record<string, Codec>> = {
  'COMPLEX<HLLSketch>': hll,
  'COMPLEX<HLLSketchBuild>': hll,
  'COMPLEX<HLLSketchMerge>': hll,
  'COMPLEX<thetaSketch>': thetaOrEstimate,
  'COMPLEX<thetaSketchBuild>': thetaOrEstimate,
  'COMPLEX<thetaSketchMerge>': thetaOrEstimate,
  'COMPLEX<quantilesDoublesSketch>': quantiles,
  'COMPLEX<quantilesDoublesSketchMerge>': quantiles,
  COMPLEX: nameless,
}

function codecOf<T>(name: string, make: (bytes: Uint8Array) => T): Codec<T | number> {
  return {
    decode(value) {
      if (typeof value === 'number') return value
      if (typeof value !== 'string') throw corrupt(name, `a value of type ${typeof value} is none`)
      return FINALIZED.test(value) ? Number(value) : make(bytesOf(value, name))
    },
  }
}

/** The numbers of a JSON array; `undefined` for any other. */
function numbersIn(json: string): number[] | undefined {
  const list: unknown = JSON.parse(json)
  if (!Array.isArray(list)) return undefined
  // What JSON has no number for is a string.
  const numbers = list.map((item) => (UNWRITABLE.has(item) ? Number(item) : item))
  return numbers.every((item) => typeof item === 'number') ? numbers : undefined
}

const UNWRITABLE: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])
