import { isDruidError } from '@druid/core'
import { HllSketch, QuantilesSketch, ThetaSketch } from '@druid/datasketches'
import { describe, expect, it } from 'vitest'
import { bytesIn, fixtures } from '../fixtures/sketches.ts'

type Kind = 'hll' | 'theta' | 'quantiles'

const READ = {
  hll: (bytes: Uint8Array) => new HllSketch(bytes),
  theta: (bytes: Uint8Array) => new ThetaSketch(bytes),
  quantiles: (bytes: Uint8Array) => new QuantilesSketch(bytes),
}
const KINDS = Object.keys(READ) as Kind[]
const images = (kind: Kind): Uint8Array[] =>
  fixtures(kind).map(({ base64 }: { readonly base64: string }) => bytesIn(base64))

/** Reads everything there is to read. Whether it was a sketch; throws what is no DruidError. */
function isRead(kind: Kind, bytes: Uint8Array): boolean {
  try {
    const sketch = READ[kind](bytes)
    JSON.stringify(sketch)
    if (sketch instanceof QuantilesSketch) sketch.pmf([0])
    else for (const stdDevs of [1, 2, 3] as const) sketch.upperBound(stdDevs)
    return true
  } catch (error) {
    if (isDruidError(error, 'DECODE')) return false
    throw error
  }
}

describe.each(KINDS)('a broken sketch: %s', (kind) => {
  it('is no sketch when it is cut off anywhere, or goes on', () => {
    for (const bytes of images(kind)) {
      const steps = Math.ceil(bytes.length / 300)
      for (let end = 0; end < bytes.length; end += end < 64 ? 1 : steps) {
        expect(isRead(kind, bytes.subarray(0, end))).toBe(false)
      }
      expect(isRead(kind, bytes.subarray(0, -1))).toBe(false)
      expect(isRead(kind, new Uint8Array([...bytes, 0]))).toBe(false)
      expect(isRead(kind, new Uint8Array([...bytes, ...bytes]))).toBe(false)
    }
  })

  it('ends in an error or a number with any bit changed, soon', () => {
    const start = performance.now()
    let refused = 0
    let tried = 0
    for (const bytes of images(kind)) {
      const copy = bytes.slice()
      const bits = 8 * bytes.length
      for (let bit = 0; bit < bits; bit += bit < 320 ? 1 : Math.ceil(bits / 50)) {
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        tried += 1
        if (!isRead(kind, copy)) refused += 1
        copy[bit >> 3] = bytes[bit >> 3] ?? 0
      }
    }
    expect(tried).toBeGreaterThan(5000)
    expect(refused / tried).toBeGreaterThan(0.2)
    expect(performance.now() - start).toBeLessThan(20_000)
  })

  it('is refused with noise behind a good head, where that could matter', () => {
    let random = 1
    const noise = (): number => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff
      return random >>> 16
    }
    let refused = 0
    for (const bytes of images(kind).filter(({ length }) => length > 64)) {
      const broken = bytes.map((byte, i) => (i < 40 ? byte : noise()))
      if (!isRead(kind, broken)) refused += 1
      // Which values were counted is not known, only how many.
      else expect(JSON.stringify(READ[kind](broken))).toBe(JSON.stringify(READ[kind](bytes)))
    }
    expect(refused).toBeGreaterThan(15)
  })

  it('says what is wrong, and that it is no sketch', () => {
    for (const wrong of [[], [1], [0, 0, 0, 0, 0, 0, 0, 0], Array(100).fill(255)]) {
      expect(() => READ[kind](new Uint8Array(wrong))).toThrow(
        /^(HLL|Theta|Quantiles) sketch: .*\. The value is broken or cut off/,
      )
    }
  })

  it('is not read as one of another kind', () => {
    for (const other of KINDS.filter((one) => one !== kind)) {
      for (const bytes of images(other)) expect(isRead(kind, bytes)).toBe(false)
    }
  })
})

it('a form that Druid does not send is refused', () => {
  const updatable = fixtures('updatable')
  expect(updatable.length).toBe(8)
  for (const { of, base64 } of updatable) {
    expect(() => READ[of](bytesIn(base64))).toThrow(/updatable form/)
  }
})
