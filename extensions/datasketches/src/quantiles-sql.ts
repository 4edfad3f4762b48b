import { checkNames, type Statement } from '@druid/core/extension'
import {
  call,
  expression,
  fractionText,
  integerText,
  numberText,
  numberTexts,
  type SqlExpression,
} from './expression.ts'

/** How a Quantiles sketch is built: arguments of `DS_QUANTILES_SKETCH`. */
export interface QuantilesOptions {
  /**
   * What decides accuracy and size: a power of 2, from 2 to 32768. Ranks are exact to about
   * 1.6 / k. Default 128.
   */
  readonly k?: number | undefined
}

/** `DS_QUANTILES_SKETCH(column, k)`: a sketch of the numbers, or of the sketches, of a column. */
function build(column: SqlExpression, options: QuantilesOptions = {}): Statement<never> {
  return call('DS_QUANTILES_SKETCH', expression(column), kText(options, 'quantiles'))
}

/** `APPROX_QUANTILE_DS`: only the value at a fraction, which is a `DOUBLE`. */
function approxQuantile(
  column: SqlExpression,
  fraction: number,
  options: QuantilesOptions = {},
): Statement<never> {
  const what = 'quantiles.approxQuantile'
  const text = fractionText(fraction, what, 'fraction')
  return call('APPROX_QUANTILE_DS', expression(column), text, kText(options, what))
}

/**
 * `DS_GET_QUANTILE` of an aggregate: the value at a fraction, a `DOUBLE`. Druid rounds the fraction
 * to a float of 24 bits, which {@link quantiles.quantiles} is free of.
 */
function quantile(sketch: SqlExpression, fraction: number): Statement<never> {
  const text = fractionText(fraction, 'quantiles.quantile', 'fraction')
  return call('DS_GET_QUANTILE', expression(sketch), text)
}

/** `DS_GET_QUANTILES` of an aggregate: the values at some fractions. Decoded they are numbers. */
function quantileList(sketch: SqlExpression, fractions: readonly number[]): Statement<never> {
  const what = 'quantiles.quantiles'
  for (const fraction of fractions) fractionText(fraction, what, 'fractions')
  const texts = numberTexts(fractions, what, 'fractions')
  return call('DS_GET_QUANTILES', expression(sketch), texts)
}

/**
 * `DS_RANK` of an aggregate: the fraction of the values that are not above this one, a `DOUBLE`.
 * Druid rounds `value` to a float of 24 bits, which {@link quantiles.cdf} is free of.
 */
function rank(sketch: SqlExpression, value: number): Statement<never> {
  return call('DS_RANK', expression(sketch), numberText(value, 'quantiles.rank', 'value'))
}

/** `DS_CDF` of an aggregate: the ranks of some values, and 1 for all. Decoded they are numbers. */
function cdf(sketch: SqlExpression, splitPoints: readonly number[]): Statement<never> {
  const texts = numberTexts(splitPoints, 'quantiles.cdf', 'splitPoints')
  return call('DS_CDF', expression(sketch), texts)
}

/** `DS_HISTOGRAM` of an aggregate: how many values are in each interval. Decoded they are numbers. */
function histogram(sketch: SqlExpression, splitPoints: readonly number[]): Statement<never> {
  const texts = numberTexts(splitPoints, 'quantiles.histogram', 'splitPoints')
  return call('DS_HISTOGRAM', expression(sketch), texts)
}

/** `DS_QUANTILE_SUMMARY` of an aggregate: a summary for people. */
function summary(sketch: SqlExpression): Statement<never> {
  return call('DS_QUANTILE_SUMMARY', expression(sketch))
}

/**
 * Druid's SQL functions of Quantiles sketches, as parts of a statement. A string is the name of a
 * column.
 *
 * @example sql`SELECT ${quantiles.quantiles(quantiles('latency'), [0.5, 0.99])} FROM requests`
 * @throws DruidError `CONFIG` for options and numbers that Druid does not take.
 */
export const quantiles: typeof build & {
  readonly approxQuantile: typeof approxQuantile
  readonly quantile: typeof quantile
  readonly quantiles: typeof quantileList
  readonly rank: typeof rank
  readonly cdf: typeof cdf
  readonly histogram: typeof histogram
  readonly summary: typeof summary
} = Object.assign(build, {
  approxQuantile,
  quantile,
  quantiles: quantileList,
  rank,
  cdf,
  histogram,
  summary,
})

function kText(options: QuantilesOptions, what: string): Statement<object> | undefined {
  checkNames(options, ['k'], what)
  return integerText(options.k, { from: 2, to: 2 ** 15, powerOf2: true }, what, 'k')
}
