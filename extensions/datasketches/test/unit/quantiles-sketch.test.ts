import { QuantilesSketch } from '@druid/datasketches'
import { describe, expect, it } from 'vitest'
import { bytesIn, fixtures } from '../fixtures/sketches.ts'
import { allNear, near } from '../near.ts'

const all = fixtures('quantiles')
const named = (name: string) => {
  const found = all.find((one) => one.name === name)
  return new QuantilesSketch(bytesIn(found?.base64 ?? ''))
}

describe('QuantilesSketch', () => {
  it.each(all)('reads $name', (expected) => {
    const sketch = new QuantilesSketch(bytesIn(expected.base64))
    expect(sketch).toMatchObject({ k: expected.k, n: expected.n, isEmpty: expected.n === 0 })
    expect(sketch.rankError).toSatisfy(near(expected.rankError))
    expect(sketch.min).toBe(Number(expected.min ?? Number.NaN))
    expect(sketch.max).toBe(Number(expected.max ?? Number.NaN))
    const { fractions = [], values = [], splits = [] } = expected
    expect(fractions.map((fraction) => sketch.quantile(fraction))).toEqual(
      (expected.quantiles ?? []).map(Number),
    )
    const ranks = values.map((value) => sketch.rank(Number(value)))
    expect(ranks).toSatisfy(allNear(expected.ranks ?? []))
    if (splits.length > 0) {
      expect(sketch.cdf(splits)).toSatisfy(allNear(expected.cdf))
      expect(sketch.pmf(splits)).toSatisfy(allNear(expected.pmf))
    }
    expect(sketch.toBase64()).toBe(expected.base64)
  })

  it('is NaN throughout without values, as in Druid', () => {
    const sketch = named('k 16, 0 values')
    expect([sketch.quantile(0.5), sketch.rank(1), ...sketch.cdf([1]), ...sketch.pmf([1])]).toEqual(
      Array(6).fill(Number.NaN),
    )
    expect(JSON.stringify(sketch)).toBe(
      '{"n":0,"min":null,"quartiles":[null,null,null],"max":null}',
    )
  })

  it('is exact for few values', () => {
    const sketch = named('few distinct values')
    expect([sketch.quantile(0), sketch.quantile(0.5), sketch.quantile(1)]).toEqual([0, 1, 2])
    expect(sketch.toJSON()).toEqual({ n: 1000, min: 0, quartiles: [0, 1, 2], max: 2 })
  })

  it('refuses fractions and split points that mean nothing', () => {
    const sketch = named('k 16, 1000 values')
    for (const wrong of [-0.1, 1.1, Number.NaN, 95]) {
      expect(() => sketch.quantile(wrong)).toThrow(/fraction is from 0 to 1/)
    }
    expect(() => sketch.rank(Number.NaN)).toThrow(/a number, not NaN/)
    expect(() => sketch.cdf([Number.NaN])).toThrow(/a number, not NaN/)
    expect(() => sketch.cdf([2, 1])).toThrow(/must rise/)
    expect(() => sketch.pmf([1, 1])).toThrow(/must rise/)
    expect(() => sketch.pmf([1, Number.NaN])).toThrow(/must rise/)
  })
})
