import { checkNames, type Statement, sql } from '@druid/core/extension'
import { checkStdDevs, type StdDevs } from './bounds.ts'
import {
  call,
  config,
  expression,
  integerText,
  type SqlExpression,
  sketchExpression,
  sketchExpressions,
} from './expression.ts'
import type { TgtHllType } from './hll-image.ts'
import type { HllSketch } from './hll-sketch.ts'

/** How an HLL sketch is built: arguments of `DS_HLL`. */
export interface HllOptions {
  /** At most 2^lgK registers, from 4 to 21: the relative error is about 0.83 / √2^lgK. Default 12. */
  readonly lgK?: number | undefined
  /** Bits per register: how large it is. Default `HLL_4`. */
  readonly tgtHllType?: TgtHllType | undefined
}

/** Arguments of `HLL_SKETCH_ESTIMATE`. */
export interface HllEstimateOptions {
  /** To a whole number. Default false. */
  readonly round?: boolean | undefined
}

/** An HLL sketch: an aggregate, a column of sketches, or one that was read before. */
export type HllExpression = SqlExpression | HllSketch

const TYPES: readonly unknown[] = ['HLL_4', 'HLL_6', 'HLL_8']

/** `DS_HLL(column, lgK, tgtHllType)`: a sketch of the values, or of the sketches, of a column. */
function build(column: SqlExpression, options: HllOptions = {}): Statement<never> {
  return call('DS_HLL', expression(column), ...optionTexts(options, 'hll'))
}

/** `APPROX_COUNT_DISTINCT_DS_HLL`: only the estimate, as an integer. */
function countDistinct(column: SqlExpression, options: HllOptions = {}): Statement<never> {
  const texts = optionTexts(options, 'hll.countDistinct')
  return call('APPROX_COUNT_DISTINCT_DS_HLL', expression(column), ...texts)
}

/** `HLL_SKETCH_ESTIMATE`: a `DOUBLE`. */
function estimate(sketch: HllExpression, options: HllEstimateOptions = {}): Statement<never> {
  checkNames(options, ['round'], 'hll.estimate')
  const round = options.round === true ? sql.raw('TRUE') : undefined
  return call('HLL_SKETCH_ESTIMATE', sketchExpression(sketch, 'HLLSketch'), round)
}

/** `HLL_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS` of an aggregate: `[estimate, lower, upper]`. */
function estimateWithBounds(sketch: SqlExpression, stdDevs: StdDevs = 1): Statement<never> {
  checkStdDevs(stdDevs, 'hll.estimateWithBounds')
  const name = 'HLL_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS'
  return call(name, expression(sketch), sql.raw(String(stdDevs)))
}

/**
 * `HLL_SKETCH_UNION` of two or more, with an lgK of 12: Druid 33 answers 500 where it is given
 * another.
 */
function union(sketches: readonly HllExpression[]): Statement<never> {
  return call('HLL_SKETCH_UNION', sketchExpressions(sketches, 'HLLSketch', 'hll.union'))
}

/** `HLL_SKETCH_TO_STRING` of an aggregate: a summary for people. */
function summary(sketch: SqlExpression): Statement<never> {
  return call('HLL_SKETCH_TO_STRING', expression(sketch))
}

/**
 * Druid's SQL functions of HLL sketches, as parts of a statement. A string is the name of a column.
 *
 * @example sql`SELECT ${hll('user', { lgK: 14 })} AS users FROM visits`
 * @throws DruidError `CONFIG` for options that Druid does not take.
 */
export const hll: typeof build & {
  readonly countDistinct: typeof countDistinct
  readonly estimate: typeof estimate
  readonly estimateWithBounds: typeof estimateWithBounds
  readonly union: typeof union
  readonly summary: typeof summary
} = Object.assign(build, { countDistinct, estimate, estimateWithBounds, union, summary })

function optionTexts(options: HllOptions, what: string): (Statement<object> | undefined)[] {
  checkNames(options, ['lgK', 'tgtHllType'], what)
  const { lgK, tgtHllType } = options
  if (tgtHllType !== undefined && !TYPES.includes(tgtHllType)) {
    throw config(what, 'tgtHllType', `is one of ${TYPES.join(', ')}, not ${String(tgtHllType)}`)
  }
  // The second is read only behind the first.
  const first = lgK ?? (tgtHllType === undefined ? undefined : 12)
  return [
    integerText(first, { from: 4, to: 21 }, what, 'lgK'),
    tgtHllType && sql.raw(`'${tgtHllType}'`),
  ]
}
