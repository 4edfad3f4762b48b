import { connect, sql } from '@druid/core'
import {
  datasketches,
  HllSketch,
  hll,
  QuantilesSketch,
  quantiles,
  ThetaSketch,
  theta,
} from '@druid/datasketches'
import { type LocalDruid, startDruid } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const home = process.env.DRUID_HOME || undefined

/** A server whose default query context finalises sketches. */
describe('a server that finalises sketches by default', () => {
  let druid: LocalDruid
  beforeAll(async () => {
    const properties = { 'druid.query.default.context.sqlFinalizeOuterSketches': 'true' }
    druid = await startDruid({ home, extensions: ['druid-datasketches'], properties })
  })
  afterAll(() => druid?.stop())

  const statement = sql<{ h: unknown; t: unknown; q: unknown }>`
    SELECT ${hll('a')} AS h, ${theta('a')} AS t, ${quantiles('b')} AS q
    FROM (VALUES ('x', 1), ('y', 2)) AS rows_(a, b)`

  it('sends numbers to a client without the extension', async () => {
    await using client = connect(druid.routerUrl)
    expect(await client.one(statement)).toEqual({ h: '2', t: '2.0', q: '2' })
  })

  it('sends sketches to a client with it', async () => {
    await using client = connect(druid.routerUrl, { extensions: [datasketches] })
    const row = await client.one(statement)
    expect(row.h).toBeInstanceOf(HllSketch)
    expect(row.t).toBeInstanceOf(ThetaSketch)
    expect(row.q).toBeInstanceOf(QuantilesSketch)
    expect(row).toMatchObject({ h: { lgK: 12 }, t: { estimate: 2 }, q: { n: 2 } })
  })

  it('sends numbers to a client with it that asks for them', async () => {
    await using client = connect(druid.routerUrl, { extensions: [datasketches] })
    const context = { sqlFinalizeOuterSketches: true }
    expect(await client.one(statement, { context })).toEqual({ h: 2, t: 2, q: 2 })
  })
})
