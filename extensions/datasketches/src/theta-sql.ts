import { checkNames, type Statement, sql } from '@druid/core/extension'
import { checkStdDevs, type StdDevs } from './bounds.ts'
import {
  call,
  expression,
  integerText,
  type SqlExpression,
  sketchExpression,
  sketchExpressions,
} from './expression.ts'
import type { ThetaSketch } from './theta-sketch.ts'

/** How a Theta sketch is built: arguments of `DS_THETA`. */
export interface ThetaOptions {
  /**
   * Hashes that it holds at most, about: a power of 2, from 16 to 2^26. The relative error is about
   * 1 / √size. Default 16384.
   */
  readonly size?: number | undefined
}

/** A Theta sketch: an aggregate, a column of sketches, or one that was read before. */
export type ThetaExpression = SqlExpression | ThetaSketch

/** `DS_THETA(column, size)`: a sketch of the values, or of the sketches, of a column. */
function build(column: SqlExpression, options: ThetaOptions = {}): Statement<never> {
  return call('DS_THETA', expression(column), sizeText(options, 'theta'))
}

/** `APPROX_COUNT_DISTINCT_DS_THETA`: only the estimate, as an integer. */
function countDistinct(column: SqlExpression, options: ThetaOptions = {}): Statement<never> {
  const size = sizeText(options, 'theta.countDistinct')
  return call('APPROX_COUNT_DISTINCT_DS_THETA', expression(column), size)
}

/** `THETA_SKETCH_ESTIMATE`: a `DOUBLE`. */
function estimate(sketch: ThetaExpression): Statement<never> {
  return call('THETA_SKETCH_ESTIMATE', sketchExpression(sketch, 'thetaSketch'))
}

/** `THETA_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS` of an aggregate; decoded it is a `ThetaEstimate`. */
function estimateWithBounds(sketch: SqlExpression, stdDevs: StdDevs = 1): Statement<never> {
  checkStdDevs(stdDevs, 'theta.estimateWithBounds')
  const name = 'THETA_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS'
  return call(name, expression(sketch), sql.raw(String(stdDevs)))
}

/** `THETA_SKETCH_UNION`: what is in any of two or more. */
function union(sketches: readonly ThetaExpression[], options: ThetaOptions = {}): Statement<never> {
  return setOperation('UNION', sketches, options, 'theta.union')
}

/** `THETA_SKETCH_INTERSECT`: what is in all of two or more. */
function intersect(
  sketches: readonly ThetaExpression[],
  options: ThetaOptions = {},
): Statement<never> {
  return setOperation('INTERSECT', sketches, options, 'theta.intersect')
}

/** `THETA_SKETCH_NOT`: what is in the first, and in none of the others. */
function not(sketches: readonly ThetaExpression[], options: ThetaOptions = {}): Statement<never> {
  return setOperation('NOT', sketches, options, 'theta.not')
}

/**
 * Druid's SQL functions of Theta sketches, as parts of a statement. A string is the name of a column.
 *
 * @example sql`SELECT ${theta.estimate(theta.intersect([theta('a'), theta('b')]))} FROM visits`
 * @throws DruidError `CONFIG` for options that Druid does not take.
 */
export const theta: typeof build & {
  readonly countDistinct: typeof countDistinct
  readonly estimate: typeof estimate
  readonly estimateWithBounds: typeof estimateWithBounds
  readonly union: typeof union
  readonly intersect: typeof intersect
  readonly not: typeof not
} = Object.assign(build, { countDistinct, estimate, estimateWithBounds, union, intersect, not })

function setOperation(
  name: 'UNION' | 'INTERSECT' | 'NOT',
  sketches: readonly ThetaExpression[],
  options: ThetaOptions,
  what: string,
): Statement<never> {
  const size = sizeText(options, what)
  const inputs = sketchExpressions(sketches, 'thetaSketch', what)
  return size === undefined
    ? call(`THETA_SKETCH_${name}`, inputs)
    : call(`THETA_SKETCH_${name}`, size, inputs)
}

function sizeText(options: ThetaOptions, what: string): Statement<object> | undefined {
  checkNames(options, ['size'], what)
  return integerText(options.size, { from: 16, to: 2 ** 26, powerOf2: true }, what, 'size')
}
