import { cluster } from '@druid/cluster'
import { connect, sql } from '@druid/core'
import { flightsTask } from '@druid/data'
import {
  datasketches,
  type HllSketch,
  hll,
  QuantilesSketch,
  quantiles,
  type StdDevs,
  type TgtHllType,
  type ThetaSketch,
  theta,
} from '@druid/datasketches'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { fixtures } from '../fixtures/sketches.ts'
import { allNear, near } from '../near.ts'

const druid = connect(inject('druidUrl'), { extensions: [cluster, datasketches] })
afterAll(() => druid.close())

const ALL: StdDevs[] = [1, 2, 3]
/** Nearly every flight has its own. */
const manyValues = sql`CONCAT(origin, destination, delay, MOD(distance, 7))`
const month = sql`EXTRACT(MONTH FROM __time)`
/** From 1 flight a group to all in one. Druid has no memory for many groups of large sketches. */
const groupings = (isLarge: boolean) => [month, sql`'all'`, ...(isLarge ? [] : [sql`origin`])]

describe('HLL sketches', () => {
  const kinds: [number, TgtHllType][] = [
    [4, 'HLL_4'],
    [7, 'HLL_6'],
    [8, 'HLL_8'],
    [10, 'HLL_4'],
    [12, 'HLL_4'],
    [12, 'HLL_6'],
    [14, 'HLL_8'],
    [16, 'HLL_4'],
  ]

  it.each(kinds)('estimate and bounds are those of the server: lgK %i, %s', async (lgK, type) => {
    const sketch = hll(manyValues, { lgK, tgtHllType: type })
    for (const group of groupings(lgK > 10)) {
      const rows = await druid.query<{
        sketch: HllSketch
        estimate: number
        b1: number[]
        b2: number[]
        b3: number[]
      }>(
        sql`SELECT ${group} AS part, ${sketch} AS sketch, ${hll.estimate(sketch)} AS estimate,
              ${hll.estimateWithBounds(sketch, 1)} AS b1,
              ${hll.estimateWithBounds(sketch, 2)} AS b2,
              ${hll.estimateWithBounds(sketch, 3)} AS b3
            FROM flights GROUP BY 1`,
      )
      expect(rows.length).toBeGreaterThan(0)
      for (const { sketch: read, estimate, b1, b2, b3 } of rows) {
        // Where Druid merges, it writes HLL_4.
        expect([type, 'HLL_4']).toContain(read.tgtHllType)
        expect(read).toMatchObject({ lgK, isEmpty: false })
        expect(read.estimate).toSatisfy(near(estimate))
        for (const stdDevs of ALL) {
          const bounds = [read.estimate, read.lowerBound(stdDevs), read.upperBound(stdDevs)]
          expect(bounds).toSatisfy(allNear([b1, b2, b3][stdDevs - 1]))
        }
      }
    }
  })

  it('unions are read as well, though their column has no type', async () => {
    const [a, b] = [hll('origin', { lgK: 11 }), hll(manyValues, { tgtHllType: 'HLL_8' })]
    const row = await druid.one<{ sketch: HllSketch; estimate: number; bounds: number[] }>(
      sql`SELECT ${hll.union([a, b])} AS sketch, ${hll.estimate(hll.union([a, b]))} AS estimate,
            ${hll.estimateWithBounds(hll.union([a, b]), 2)} AS bounds
          FROM flights`,
    )
    expect(row.sketch.estimate).toSatisfy(near(row.estimate))
    expect([row.sketch.estimate, row.sketch.lowerBound(2), row.sketch.upperBound(2)]).toSatisfy(
      allNear(row.bounds),
    )
  })

  it('can be sent back', async () => {
    const { sketch } = await druid.one<{ sketch: HllSketch }>(
      sql`SELECT ${hll('origin')} AS sketch FROM flights`,
    )
    const back = await druid.one<{ estimate: number; common: number }>(
      sql`SELECT ${hll.estimate(sketch)} AS estimate,
            ${hll.estimate(hll.union([hll('origin'), sketch]))} AS common FROM flights`,
    )
    expect(back.estimate).toSatisfy(near(sketch.estimate))
    expect(back.common).toSatisfy(near(sketch.estimate))
  })

  it('the server reads those of all kinds as they are read here', async () => {
    for (const some of chunks(fixtures('hll'), 20)) {
      const calls = some.map(
        ({ base64 }, i) =>
          sql`HLL_SKETCH_ESTIMATE(DECODE_BASE64_COMPLEX('HLLSketch', ${base64})) AS ${sql.id(`c${i}`)}`,
      )
      const row = await druid.one<Record<string, number>>(sql`SELECT ${sql.join(calls)}`)
      for (const [i, { name, estimate }] of some.entries()) {
        expect(row[`c${i}`], name).toSatisfy(near(estimate))
      }
    }
  })
})

describe('Theta sketches', () => {
  it.each([16, 64, 1024, 16384])(
    'estimate and bounds are those of the server: size %i',
    async (size) => {
      const sketch = theta(manyValues, { size })
      for (const group of groupings(size > 1024)) {
        const rows = await druid.query<{ sketch: ThetaSketch; estimate: number }>(
          sql`SELECT ${group} AS part, ${sketch} AS sketch, ${theta.estimate(sketch)} AS estimate,
              ${theta.estimateWithBounds(sketch, 1)} AS b1,
              ${theta.estimateWithBounds(sketch, 2)} AS b2,
              ${theta.estimateWithBounds(sketch, 3)} AS b3
            FROM flights GROUP BY 1`,
        )
        expect(rows.length).toBeGreaterThan(0)
        for (const row of rows) {
          expect(row.sketch.estimate).toSatisfy(near(row.estimate))
          for (const numStdDev of ALL) {
            expect((row as Record<string, unknown>)[`b${numStdDev}`]).toEqual({
              numStdDev,
              estimate: expect.toSatisfy(near(row.sketch.estimate)),
              lowBound: expect.toSatisfy(near(row.sketch.lowerBound(numStdDev))),
              highBound: expect.toSatisfy(near(row.sketch.upperBound(numStdDev))),
            })
          }
        }
      }
    },
  )

  it('unions, intersections and differences, of any size', async () => {
    const [a, b] = [theta('origin'), theta('destination')]
    for (const options of [{}, { size: 64 }]) {
      for (const combined of [
        theta.union([a, b], options),
        theta.intersect([a, b], options),
        theta.not([a, b], options),
        theta.not([theta(manyValues, { size: 256 }), a], options),
        theta.intersect([theta(manyValues, { size: 256 }), a], options),
      ]) {
        const row = await druid.one<{ sketch: ThetaSketch; estimate: number; bounds: object }>(
          sql`SELECT ${combined} AS sketch, ${theta.estimate(combined)} AS estimate,
                ${theta.estimateWithBounds(combined, 2)} AS bounds
              FROM flights`,
        )
        expect(row.sketch.estimate).toSatisfy(near(row.estimate))
        expect(row.bounds).toMatchObject({
          lowBound: expect.toSatisfy(near(row.sketch.lowerBound(2))),
          highBound: expect.toSatisfy(near(row.sketch.upperBound(2))),
        })
      }
    }
  })

  it('can be sent back, and intersected with what is there', async () => {
    const { sketch } = await druid.one<{ sketch: ThetaSketch }>(
      sql`SELECT ${theta('origin')} AS sketch FROM flights WHERE destination = 'SEA'`,
    )
    const { common, alone } = await druid.one<{ common: number; alone: number }>(
      sql`SELECT ${theta.estimate(theta.intersect([theta('destination'), sketch]))} AS common,
            ${theta.estimate(sketch)} AS alone
          FROM flights`,
    )
    expect(alone).toBe(sketch.estimate)
    expect(common).toBe(sketch.estimate)
  })

  it('the server reads and writes those of all kinds as they are read here', async () => {
    for (const some of chunks(fixtures('theta'), 20)) {
      const calls = some.flatMap(({ base64 }, i) => [
        sql`THETA_SKETCH_ESTIMATE(DECODE_BASE64_COMPLEX('thetaSketch', ${base64})) AS ${sql.id(`e${i}`)}`,
        sql`DECODE_BASE64_COMPLEX('thetaSketch', ${base64}) AS ${sql.id(`s${i}`)}`,
      ])
      const row = await druid.one<Record<string, number | ThetaSketch>>(
        sql`SELECT ${sql.join(calls)} FROM flights LIMIT 1`,
      )
      for (const [i, { name, estimate }] of some.entries()) {
        expect(row[`e${i}`], name).toSatisfy(near(estimate))
        expect((row[`s${i}`] as ThetaSketch).estimate, name).toSatisfy(near(estimate))
      }
    }
  })
})

describe('Quantiles sketches', () => {
  const fractions = [0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.999, 1]
  const splits = [0, 100.5, 500, 1000, 2500]

  it.each([2, 16, 128, 4096])(
    'quantiles, ranks and histograms are those of the server: k %i',
    async (k) => {
      const sketch = quantiles('distance', { k })
      for (const group of groupings(k > 128)) {
        const rows = await druid.query<{
          sketch: QuantilesSketch
          quantile: number
          list: number[]
          rank: number
          cdf: number[]
          histogram: number[]
          flights: number
        }>(
          sql`SELECT ${group} AS part, COUNT(*) AS flights, ${sketch} AS sketch,
              ${quantiles.quantile(sketch, 0.75)} AS quantile,
              ${quantiles.quantiles(sketch, fractions)} AS list,
              ${quantiles.rank(sketch, 500)} AS "rank",
              ${quantiles.cdf(sketch, splits)} AS cdf,
              ${quantiles.histogram(sketch, splits)} AS histogram
            FROM flights GROUP BY 1`,
        )
        expect(rows.length).toBeGreaterThan(0)
        for (const row of rows) {
          const { sketch: read } = row
          expect(read).toMatchObject({ k, n: row.flights })
          expect(read.quantile(0.75)).toBe(row.quantile)
          expect(fractions.map((fraction) => read.quantile(fraction))).toEqual(row.list)
          expect(read.rank(500)).toSatisfy(near(row.rank))
          expect(read.cdf(splits)).toSatisfy(allNear(row.cdf))
          expect(read.pmf(splits).map((share) => share * read.n)).toSatisfy(allNear(row.histogram))
        }
      }
    },
  )

  it('negative numbers and expressions', async () => {
    const sketch = quantiles(sql`delay * 1.5 - 20`)
    const row = await druid.one<{ sketch: QuantilesSketch; list: number[]; rank: number }>(
      sql`SELECT ${sketch} AS sketch, ${quantiles.quantiles(sketch, fractions)} AS list,
            ${quantiles.rank(sketch, -12.5)} AS "rank"
          FROM flights`,
    )
    expect(row.sketch.min).toBeLessThan(0)
    expect(fractions.map((fraction) => row.sketch.quantile(fraction))).toEqual(row.list)
    expect(row.sketch.rank(-12.5)).toSatisfy(near(row.rank))
  })

  it('without values everything is NaN', async () => {
    const sketch = quantiles('distance')
    const row = await druid.one<{ sketch: QuantilesSketch; list: number[]; quantile: number }>(
      sql`SELECT ${sketch} AS sketch, ${quantiles.quantiles(sketch, [0.5, 1])} AS list,
            ${quantiles.quantile(sketch, 0.5)} AS quantile
          FROM flights WHERE origin = 'nowhere'`,
    )
    expect(row.sketch.isEmpty).toBe(true)
    expect(row.list).toEqual([Number.NaN, Number.NaN])
    expect(row.sketch.quantile(0.5)).toBeNaN()
  })
})

describe('sketches without values', () => {
  it('are empty, with estimates of 0', async () => {
    const row = await druid.one<{ h: HllSketch; t: ThetaSketch }>(
      sql`SELECT ${hll('origin')} AS h, ${theta('origin')} AS t FROM flights WHERE origin = 'nowhere'`,
    )
    expect(row.h).toMatchObject({ isEmpty: true, estimate: 0 })
    expect(row.t).toMatchObject({ isEmpty: true, estimate: 0 })
  })
})

describe('columns of sketches, made when the data came in', () => {
  beforeAll(async () => {
    const task = await flightsTask('flight_sketches')
    const { dataSchema } = task.spec as { dataSchema: Record<string, unknown> }
    Object.assign(dataSchema, {
      dimensionsSpec: { dimensions: ['origin'] },
      granularitySpec: { segmentGranularity: 'MONTH', queryGranularity: 'MONTH', rollup: true },
      metricsSpec: [
        { type: 'HLLSketchBuild', name: 'h', fieldName: 'destination' },
        { type: 'HLLSketchBuild', name: 'h8', fieldName: 'delay', lgK: 8, tgtHllType: 'HLL_8' },
        { type: 'thetaSketch', name: 't', fieldName: 'destination', size: 64 },
        { type: 'quantilesDoublesSketch', name: 'q', fieldName: 'distance' },
      ],
    })
    await druid.cluster().ingest(task)
  })

  it('are read as they are', async () => {
    const rows = await druid.query<{
      h: HllSketch
      h8: HllSketch
      t: ThetaSketch
      q: QuantilesSketch
      he: number
      he8: number
      te: number
    }>(
      sql`SELECT h, h8, t, q, ${hll.estimate('h')} AS he, ${hll.estimate('h8')} AS he8,
            ${theta.estimate('t')} AS te
          FROM flight_sketches`,
    )
    expect(rows.columns.slice(0, 4).map(({ nativeType }) => nativeType)).toEqual([
      'COMPLEX<HLLSketch>',
      'COMPLEX<HLLSketch>',
      'COMPLEX<thetaSketch>',
      'COMPLEX<quantilesDoublesSketch>',
    ])
    expect(rows.length).toBeGreaterThan(400)
    expect(rows.every(({ h8 }) => h8.tgtHllType === 'HLL_8')).toBe(true)
    for (const { h, h8, t, q, he, he8, te } of rows) {
      expect(h.estimate).toSatisfy(near(he))
      expect(h8.estimate).toSatisfy(near(he8))
      expect(t.estimate).toSatisfy(near(te))
      expect(q).toBeInstanceOf(QuantilesSketch)
    }
  })

  it('are merged by the server, and agree with it then', async () => {
    const [h, t, q] = [hll('h', { lgK: 9 }), theta('t'), quantiles('q', { k: 64 })]
    const rows = await druid.query<{
      h: HllSketch
      t: ThetaSketch
      q: QuantilesSketch
      bounds: number[]
      te: number
      list: number[]
    }>(
      sql`SELECT ${month} AS part, ${h} AS h, ${t} AS t, ${q} AS q,
            ${hll.estimateWithBounds(h, 3)} AS bounds, ${theta.estimate(t)} AS te,
            ${quantiles.quantiles(q, [0.1, 0.5, 0.9])} AS list
          FROM flight_sketches GROUP BY 1`,
    )
    expect(rows).toHaveLength(3)
    for (const row of rows) {
      expect([row.h.estimate, row.h.lowerBound(3), row.h.upperBound(3)]).toSatisfy(
        allNear(row.bounds),
      )
      expect(row.t.estimate).toSatisfy(near(row.te))
      expect([0.1, 0.5, 0.9].map((fraction) => row.q.quantile(fraction))).toEqual(row.list)
    }
  })
})

describe('the other functions', () => {
  it('run on the server', async () => {
    const row = await druid.one<Record<string, unknown>>(
      sql`SELECT ${hll.countDistinct('origin')} AS a,
            ${hll.countDistinct('origin', { lgK: 10, tgtHllType: 'HLL_6' })} AS b,
            ${hll.estimate(hll('origin'), { round: true })} AS c,
            ${hll.summary(hll('origin'))} AS d,
            ${theta.countDistinct('origin', { size: 1024 })} AS e,
            ${quantiles.approxQuantile('distance', 0.5)} AS f,
            ${quantiles.approxQuantile('distance', 0.5, { k: 1024 })} AS g,
            ${quantiles.summary(quantiles('distance'))} AS h
          FROM flights`,
    )
    expect(row).toEqual({
      a: 220,
      b: expect.toSatisfy((count: number) => Math.abs(count - 220) < 20),
      c: 220,
      d: expect.stringContaining('HLL SKETCH SUMMARY'),
      e: 220,
      f: expect.toSatisfy((median: number) => Math.abs(median - 560) < 50),
      g: expect.toSatisfy((median: number) => Math.abs(median - 560) < 20),
      h: expect.stringContaining('Quantiles'),
    })
  })

  it('HLL_SKETCH_UNION takes no lgK on this server, so hll.union has none', async () => {
    const refused = sql`SELECT HLL_SKETCH_UNION(14, ${hll('origin')}, ${hll('destination')}) FROM flights`
    await expect(druid.query(refused)).rejects.toMatchObject({ code: 'SERVER', status: 500 })
  })

  it('numbers of any size are read by Druid as they are meant', async () => {
    const sketch = quantiles('distance')
    const points = [-1e300, -1e-7, 1e-7, 123456789012345, 2 ** 70, 1e300]
    const { cdf } = await druid.one<{ cdf: number[] }>(
      sql`SELECT ${quantiles.cdf(sketch, points)} AS cdf FROM flights`,
    )
    expect(cdf).toEqual([0, 0, 0, 1, 1, 1, 1])
  })
})

describe('sqlFinalizeOuterSketches', () => {
  const statement = sql`SELECT ${hll('origin')} AS h, ${theta('origin')} AS t,
    ${quantiles('distance')} AS q FROM flights`

  it('gives numbers to a caller who asks for them', async () => {
    const context = { sqlFinalizeOuterSketches: true }
    expect(await druid.one(statement, { context })).toEqual({ h: 220, t: 220, q: 20_000 })
  })
})

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  )
}
