import { HllSketch, type StdDevs } from '@druid/datasketches'
import { describe, expect, it } from 'vitest'
import { bytesIn, fixtures } from '../fixtures/sketches.ts'
import { near } from '../near.ts'

const ALL: StdDevs[] = [1, 2, 3]

describe('HllSketch', () => {
  it.each(fixtures('hll'))('reads $name', (expected) => {
    const sketch = new HllSketch(bytesIn(expected.base64))
    expect(sketch).toMatchObject({
      lgK: expected.lgK,
      tgtHllType: expected.type,
      isEmpty: expected.isEmpty,
    })
    expect(sketch.estimate).toSatisfy(near(expected.estimate))
    for (const stdDevs of ALL) {
      expect(sketch.lowerBound(stdDevs)).toSatisfy(near(expected.lower[stdDevs - 1]))
      expect(sketch.upperBound(stdDevs)).toSatisfy(near(expected.upper[stdDevs - 1]))
    }
    expect(sketch.toBase64()).toBe(expected.base64)
  })

  it.each(fixtures('hllRegisters'))('reads merged registers: lgK $lgK, $shift', (expected) => {
    const sketch = new HllSketch(registers(expected.lgK, expected.shift))
    expect(sketch.estimate).toSatisfy(near(expected.estimate))
    for (const stdDevs of ALL) {
      expect(sketch.lowerBound(stdDevs)).toSatisfy(near(expected.lower[stdDevs - 1]))
      expect(sketch.upperBound(stdDevs)).toSatisfy(near(expected.upper[stdDevs - 1]))
    }
  })

  it('is near the true number', () => {
    const large = fixtures('hll').filter(({ name }) => name.endsWith(' 100000 updates'))
    expect(large.length).toBe(12)
    for (const { base64, lgK } of large) {
      const { estimate } = new HllSketch(bytesIn(base64))
      expect(Math.abs(estimate / 100_000 - 1)).toBeLessThan(3 / Math.sqrt(2 ** lgK))
    }
  })

  it('takes bytes from anywhere, aligned or not', () => {
    const { base64, estimate } = fixtures('hll')[9] ?? { base64: '', estimate: 0 }
    const bytes = bytesIn(base64)
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    expect(new HllSketch(shifted.subarray(3)).estimate).toSatisfy(near(estimate))
  })

  it('is shown as its estimate and bounds', () => {
    const [, one] = fixtures('hll')
    const sketch = new HllSketch(bytesIn(one?.base64 ?? ''))
    expect(JSON.stringify({ sketch })).toBe(
      '{"sketch":{"estimate":1,"lowerBound":1,"upperBound":1.0000998634873453}}',
    )
  })

  it('refuses other numbers of standard deviations', () => {
    const sketch = new HllSketch(bytesIn(fixtures('hll')[0]?.base64 ?? ''))
    for (const wrong of [0, 4, 1.5, Number.NaN, '1', undefined]) {
      expect(() => sketch.lowerBound(wrong as 1)).toThrow(/stdDevs is 1, 2 or 3/)
      expect(() => sketch.upperBound(wrong as 1)).toThrow(/stdDevs is 1, 2 or 3/)
    }
  })
})

/** As `registers` of Sketches.java. */
function registers(lgK: number, shift: number): Uint8Array {
  const image = new Uint8Array(40 + 2 ** lgK)
  image.set([10, 1, 7, lgK, 0, 8 | 16 | 32, 0, 10])
  let random = 0x9e3779b9 ^ lgK
  for (let i = 0; i < 2 ** lgK; i += 1) {
    random ^= random << 13
    random ^= random >>> 17
    random ^= random << 5
    image[40 + i] = Math.max(0, Math.min(Math.clz32(random), 25) - 4 + shift)
  }
  return image
}
