import { connect } from '@druid/core'
import { datasketches, HllSketch, QuantilesSketch, ThetaSketch } from '@druid/datasketches'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { answering } from '../answering.ts'
import { fixtures } from '../fixtures/sketches.ts'

const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
afterEach(() => emitWarning.mockClear())

/** A value in a column of this type, as a client with the extension has it. */
async function decoded(nativeType: string, value: unknown): Promise<unknown> {
  const { url, transport } = answering({ value: nativeType }, [value])
  await using druid = connect(url, { extensions: [datasketches], transport })
  return (await druid.query<{ value: unknown }>('SELECT value FROM t'))[0]?.value
}

/** SQL results have sketches in base64, in quotes of their own. */
const quoted = (base64: string | undefined): string => `"${base64}"`
const HLL = fixtures('hll')[9]?.base64
const THETA = fixtures('theta')[5]?.base64
const QUANTILES = fixtures('quantiles')[7]?.base64

describe('columns of sketches', () => {
  it('hold objects, whichever version of Druid named their type', async () => {
    for (const type of ['HLLSketch', 'HLLSketchBuild', 'HLLSketchMerge']) {
      expect(await decoded(`COMPLEX<${type}>`, quoted(HLL))).toBeInstanceOf(HllSketch)
    }
    for (const type of ['thetaSketch', 'thetaSketchBuild', 'thetaSketchMerge']) {
      expect(await decoded(`COMPLEX<${type}>`, quoted(THETA))).toBeInstanceOf(ThetaSketch)
    }
    for (const type of ['quantilesDoublesSketch', 'quantilesDoublesSketchMerge']) {
      expect(await decoded(`COMPLEX<${type}>`, quoted(QUANTILES))).toBeInstanceOf(QuantilesSketch)
    }
    expect(emitWarning).not.toHaveBeenCalled()
  })

  it('keep the bytes as they came', async () => {
    const sketch = (await decoded('COMPLEX<HLLSketch>', quoted(HLL))) as HllSketch
    expect(Buffer.from(sketch.bytes).toString('base64')).toBe(HLL)
  })

  it('hold null where there is none', async () => {
    expect(await decoded('COMPLEX<HLLSketch>', null)).toBeNull()
  })

  it('hold numbers where the caller asked Druid to finalise them', async () => {
    expect(await decoded('COMPLEX<HLLSketch>', '220')).toBe(220)
    expect(await decoded('COMPLEX<thetaSketch>', '220.0')).toBe(220)
    expect(await decoded('COMPLEX<thetaSketch>', '1.0000000000000001E-5')).toBe(1e-5)
    expect(await decoded('COMPLEX<quantilesDoublesSketch>', '20000000')).toBe(20_000_000)
    expect(emitWarning).not.toHaveBeenCalled()
  })

  it('hold what they came with, with one warning, where that is no sketch', async () => {
    const cut = quoted(HLL?.slice(0, 20))
    const rows = [[cut], ['HllSketchHolder{…}'], [null]]
    const { url, transport } = answering({ h: 'COMPLEX<HLLSketch>' }, ...rows)
    await using druid = connect(url, { extensions: [datasketches], transport })
    expect(await druid.query('SELECT h FROM t')).toEqual([
      { h: HLL?.slice(0, 20) },
      { h: 'HllSketchHolder{…}' },
      { h: null },
    ])
    expect(emitWarning).toHaveBeenCalledOnce()
    expect(emitWarning.mock.calls[0]?.[0]).toMatch(
      /extension "datasketches": its codec for COMPLEX<HLLSketch> failed on column "h": HLL sketch: 15 bytes are too few/,
    )
  })
})

describe('what Druid makes of sketches', () => {
  it('an estimate with bounds of a Theta sketch is an object', async () => {
    const text = '{"estimate":251.98,"highBound":408.0,"lowBound":145.0,"numStdDev":2}'
    expect(await decoded('COMPLEX<thetaSketch>', text)).toEqual({
      estimate: 251.98,
      highBound: 408,
      lowBound: 145,
      numStdDev: 2,
    })
  })

  it('quantiles, ranks and histograms are numbers', async () => {
    expect(await decoded('COMPLEX', '[313.0,564.0,984.0]')).toEqual([313, 564, 984])
    expect(await decoded('COMPLEX', '["NaN","Infinity","-Infinity",1.0]')).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1,
    ])
  })

  it('a union of HLL sketches is one', async () => {
    expect(await decoded('COMPLEX', quoted(HLL))).toBeInstanceOf(HllSketch)
  })

  it('values of other extensions are left alone', async () => {
    const others = ['"text"', '"abc!"', '{"a":1}', '[{"a":1}]', '["a"]', '', '7', 8, true, [1]]
    for (const other of [...others, quoted(THETA), quoted(QUANTILES)]) {
      expect(await decoded('COMPLEX', other)).toEqual(other)
    }
    expect(emitWarning).not.toHaveBeenCalled()
  })
})
