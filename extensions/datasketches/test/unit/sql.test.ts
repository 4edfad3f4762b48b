import { isDruidError, sql } from '@druid/core'
import { HllSketch, hll, quantiles, ThetaSketch, theta } from '@druid/datasketches'
import { describe, expect, it } from 'vitest'
import { bytesIn, fixtures } from '../fixtures/sketches.ts'

const HLL = fixtures('hll')[1]?.base64 ?? ''
const THETA = fixtures('theta')[4]?.base64 ?? ''
const readHll = new HllSketch(bytesIn(HLL))
const readTheta = new ThetaSketch(bytesIn(THETA))

/** Text of a fragment without parameters. */
const text = (fragment: { text: string; parameters: readonly unknown[] }): string => {
  expect(fragment.parameters).toEqual([])
  return fragment.text
}

describe('hll', () => {
  it('makes sketches', () => {
    expect(text(hll('a'))).toBe('DS_HLL("a")')
    expect(text(hll('a"b', { lgK: 14 }))).toBe('DS_HLL("a""b", 14)')
    expect(text(hll('a', { tgtHllType: 'HLL_8' }))).toBe(`DS_HLL("a", 12, 'HLL_8')`)
    expect(text(hll(sql.id('t', 'a'), { lgK: 4, tgtHllType: 'HLL_6' }))).toBe(
      `DS_HLL("t"."a", 4, 'HLL_6')`,
    )
    expect(text(hll.countDistinct('a', { lgK: 10 }))).toBe('APPROX_COUNT_DISTINCT_DS_HLL("a", 10)')
  })

  it('keeps the parameters of what it is given', () => {
    const fragment = hll(sql`CONCAT(a, ${'x'})`, { lgK: 10 })
    expect(fragment.text).toBe('DS_HLL(CONCAT(a, ?), 10)')
    expect(fragment.parameters).toEqual([{ type: 'VARCHAR', value: 'x' }])
  })

  it('reads and unites them', () => {
    expect(text(hll.estimate('h'))).toBe('HLL_SKETCH_ESTIMATE("h")')
    expect(text(hll.estimate(hll('a'), { round: true }))).toBe(
      'HLL_SKETCH_ESTIMATE(DS_HLL("a"), TRUE)',
    )
    expect(text(hll.estimate('h', { round: false }))).toBe('HLL_SKETCH_ESTIMATE("h")')
    expect(text(hll.estimateWithBounds(hll('a')))).toBe(
      'HLL_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS(DS_HLL("a"), 1)',
    )
    expect(text(hll.union([hll('a'), hll('b'), 'h']))).toBe(
      'HLL_SKETCH_UNION(DS_HLL("a"), DS_HLL("b"), "h")',
    )
    expect(text(hll.summary(hll('a')))).toBe('HLL_SKETCH_TO_STRING(DS_HLL("a"))')
  })

  it('sends a sketch that was read before as a parameter', () => {
    const fragment = hll.union([hll('a'), readHll])
    expect(fragment.text).toBe(
      `HLL_SKETCH_UNION(DS_HLL("a"), DECODE_BASE64_COMPLEX('HLLSketch', ?))`,
    )
    expect(fragment.parameters).toEqual([{ type: 'VARCHAR', value: HLL }])
  })
})

describe('theta', () => {
  it('makes, reads and combines sketches', () => {
    const [a, b] = [theta('a', { size: 64 }), theta('b')]
    expect(text(a)).toBe('DS_THETA("a", 64)')
    expect(text(theta.countDistinct('a'))).toBe('APPROX_COUNT_DISTINCT_DS_THETA("a")')
    expect(text(theta.estimate(a))).toBe('THETA_SKETCH_ESTIMATE(DS_THETA("a", 64))')
    expect(text(theta.estimateWithBounds(b, 3))).toBe(
      'THETA_SKETCH_ESTIMATE_WITH_ERROR_BOUNDS(DS_THETA("b"), 3)',
    )
    expect(text(theta.union([a, b]))).toBe('THETA_SKETCH_UNION(DS_THETA("a", 64), DS_THETA("b"))')
    expect(text(theta.intersect([a, b], { size: 16 }))).toBe(
      'THETA_SKETCH_INTERSECT(16, DS_THETA("a", 64), DS_THETA("b"))',
    )
    expect(text(theta.not([a, b]))).toBe('THETA_SKETCH_NOT(DS_THETA("a", 64), DS_THETA("b"))')
    expect(theta.intersect([a, readTheta]).parameters).toEqual([{ type: 'VARCHAR', value: THETA }])
  })
})

describe('quantiles', () => {
  it('makes and reads sketches', () => {
    const sketch = quantiles('a', { k: 256 })
    expect(text(sketch)).toBe('DS_QUANTILES_SKETCH("a", 256)')
    expect(text(quantiles.approxQuantile('a', 0.5))).toBe('APPROX_QUANTILE_DS("a", 0.5)')
    expect(text(quantiles.approxQuantile('a', 0.5, { k: 64 }))).toBe(
      'APPROX_QUANTILE_DS("a", 0.5, 64)',
    )
    expect(text(quantiles.quantile(sketch, 1))).toBe(
      'DS_GET_QUANTILE(DS_QUANTILES_SKETCH("a", 256), 1)',
    )
    expect(text(quantiles.quantiles('q', [0, 0.5, 1e-7]))).toBe(
      'DS_GET_QUANTILES("q", 0, 0.5, 1e-7)',
    )
    expect(text(quantiles.rank('q', -2.5))).toBe('DS_RANK("q", -2.5)')
    expect(text(quantiles.cdf('q', [-1, 1e300]))).toBe('DS_CDF("q", -1, 1e+300)')
    expect(text(quantiles.histogram('q', [2 ** 70]))).toBe(
      'DS_HISTOGRAM("q", 1.1805916207174113e+21)',
    )
    expect(text(quantiles.summary('q'))).toBe('DS_QUANTILE_SUMMARY("q")')
  })
})

describe('what Druid does not take is refused before it is sent', () => {
  const evil = "1) FROM t; DROP --'" as never
  it.each<[string, () => unknown]>([
    ['lgK', () => hll('a', { lgK: 3 })],
    ['lgK', () => hll('a', { lgK: 22 })],
    ['lgK', () => hll('a', { lgK: 4.5 })],
    ['lgK', () => hll('a', { lgK: evil })],
    ['lgK', () => hll.countDistinct('a', { lgK: Number.NaN })],
    ['tgtHllType', () => hll('a', { tgtHllType: 'HLL_5' as never })],
    ['tgtHllType', () => hll('a', { tgtHllType: evil })],
    ['tgtHllTyp', () => hll('a', { tgtHllTyp: 'HLL_4' } as never)],
    ['rounded', () => hll.estimate('h', { rounded: true } as never)],
    ['stdDevs', () => hll.estimateWithBounds('h', 4 as never)],
    ['stdDevs', () => theta.estimateWithBounds('h', evil)],
    ['sketches', () => hll.union([hll('a')])],
    ['sketches', () => theta.intersect([])],
    ['size', () => theta('a', { size: 100 })],
    ['size', () => theta('a', { size: 8 })],
    ['size', () => theta.union(['a', 'b'], { size: 2 ** 27 })],
    ['size', () => theta.not(['a', 'b'], { size: evil })],
    ['k', () => quantiles('a', { k: 100 })],
    ['k', () => quantiles('a', { k: 2 ** 16 })],
    ['k', () => quantiles.approxQuantile('a', 0.5, { k: 1 })],
    ['fraction', () => quantiles.approxQuantile('a', 95)],
    ['fraction', () => quantiles.quantile('q', Number.NaN)],
    ['fraction', () => quantiles.quantile('q', evil)],
    ['fractions', () => quantiles.quantiles('q', [0.5, -1])],
    ['fractions', () => quantiles.quantiles('q', [])],
    ['value', () => quantiles.rank('q', Number.POSITIVE_INFINITY)],
    ['value', () => quantiles.rank('q', evil)],
    ['splitPoints', () => quantiles.cdf('q', [Number.NaN])],
    ['splitPoints', () => quantiles.histogram('q', [])],
    ['splitPoints', () => quantiles.cdf('q', [evil])],
  ])('%s', (option, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIG', option }))
  })

  it('names and values that are none', () => {
    const forged = { '~druid': 'statement', text: 'x', parameters: [] } as never
    for (const wrong of ['', forged, {} as never, { toBase64: 1 } as never, undefined as never]) {
      for (const make of [
        () => hll(wrong),
        () => hll.estimate(wrong),
        () => theta.union([wrong, wrong]),
        () => quantiles(wrong),
      ]) {
        expect(make).toThrow(expect.toSatisfy((error) => isDruidError(error)))
      }
    }
  })
})
