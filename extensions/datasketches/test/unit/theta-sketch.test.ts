import { type StdDevs, ThetaSketch } from '@druid/datasketches'
import { describe, expect, it } from 'vitest'
import { bytesIn, fixtures } from '../fixtures/sketches.ts'
import { near } from '../near.ts'

const ALL: StdDevs[] = [1, 2, 3]

describe('ThetaSketch', () => {
  it.each(fixtures('theta'))('reads $name', (expected) => {
    const sketch = new ThetaSketch(bytesIn(expected.base64))
    const { retained, theta, isEmpty } = expected
    expect(sketch).toMatchObject({ retained, theta, isEmpty })
    expect(sketch.estimate).toSatisfy(near(expected.estimate))
    for (const stdDevs of ALL) {
      expect(sketch.lowerBound(stdDevs)).toSatisfy(near(expected.lower[stdDevs - 1]))
      expect(sketch.upperBound(stdDevs)).toSatisfy(near(expected.upper[stdDevs - 1]))
    }
    expect(sketch.toBase64()).toBe(expected.base64)
  })

  it('has the bounds of any number of hashes and any theta', () => {
    const counts = fixtures('thetaCounts')
    expect(counts.length).toBeGreaterThan(800)
    for (const expected of counts) {
      const { retained, theta } = expected
      const sketch = new ThetaSketch(image(retained, BigInt(expected.thetaLong)))
      expect(sketch).toMatchObject({ retained, theta })
      expect(sketch.estimate).toSatisfy(near(expected.estimate))
      for (const stdDevs of ALL) {
        expect(sketch.lowerBound(stdDevs)).toSatisfy(near(expected.lower[stdDevs - 1]))
        expect(sketch.upperBound(stdDevs)).toSatisfy(near(expected.upper[stdDevs - 1]))
      }
    }
  })

  it('tells an intersection that is 0 from an empty sketch', () => {
    const found = fixtures('theta').find(({ name }) => name === 'intersection of strangers')
    const sketch = new ThetaSketch(bytesIn(found?.base64 ?? ''))
    expect(sketch).toMatchObject({ estimate: 0, isEmpty: false })
    expect(sketch.upperBound(2)).toBeGreaterThan(0)
  })

  it('is shown as its estimate and bounds', () => {
    const found = fixtures('theta').find(({ name }) => name === 'size 16, 2 updates, ordered')
    const sketch = new ThetaSketch(bytesIn(found?.base64 ?? ''))
    expect(JSON.stringify([sketch])).toBe('[{"estimate":2,"lowerBound":2,"upperBound":2}]')
  })

  it('refuses other numbers of standard deviations', () => {
    const sketch = new ThetaSketch(bytesIn(fixtures('theta')[0]?.base64 ?? ''))
    for (const wrong of [0, 4, 1.5, Number.NaN, '1', undefined]) {
      expect(() => sketch.lowerBound(wrong as 1)).toThrow(/stdDevs is 1, 2 or 3/)
      expect(() => sketch.upperBound(wrong as 1)).toThrow(/stdDevs is 1, 2 or 3/)
    }
  })
})

/** A compact sketch of hashes 1, 2, 3 …: as `countImage` of Sketches.java. */
function image(retained: number, theta: bigint): Uint8Array {
  const bytes = new Uint8Array(24 + 8 * retained)
  const view = new DataView(bytes.buffer)
  bytes.set([3, 3, 3, 0, 0, 2 | 8 | 16])
  view.setUint32(8, retained, true)
  view.setBigUint64(16, theta, true)
  for (let i = 1; i <= retained; i += 1) view.setBigUint64(16 + 8 * i, BigInt(i), true)
  return bytes
}
