import { connect, type DruidClient, type Statement, sql } from '@druid/core'
import {
  datasketches,
  HllSketch,
  hll,
  QuantilesSketch,
  quantiles,
  type StdDevs,
  type TgtHllType,
  ThetaSketch,
  theta,
} from '@druid/datasketches'
import registered, { registerClient } from '@druid/datasketches/register'
import { expectTypeOf, test } from 'vitest'

const druid = connect('http://localhost:8888', { extensions: [datasketches] })

test('the extension adds no method, and can be asked for', () => {
  expectTypeOf(registered).toEqualTypeOf<typeof datasketches>()
  expectTypeOf(registerClient).toBeFunction()
  expectTypeOf(datasketches.name).toEqualTypeOf<'datasketches'>()
  expectTypeOf(druid).toExtend<DruidClient<typeof datasketches>>()
  // @ts-expect-error it has no client class
  druid.datasketchesClient
})

test('rows hold what the statement says', async () => {
  const rows = await druid.query<{ users: HllSketch }>(sql`SELECT ${hll('user')} AS users FROM t`)
  for (const { users } of rows) expectTypeOf(users).toEqualTypeOf<HllSketch>()
})

test('sketches', () => {
  const bytes = new Uint8Array()
  const sketch = new HllSketch(bytes)
  expectTypeOf(sketch.tgtHllType).toEqualTypeOf<TgtHllType>()
  expectTypeOf(sketch.lowerBound).parameter(0).toEqualTypeOf<StdDevs>()
  expectTypeOf(new ThetaSketch(bytes).theta).toBeNumber()
  expectTypeOf(new QuantilesSketch(bytes).cdf([1])).toEqualTypeOf<number[]>()
  // @ts-expect-error 1, 2 or 3
  sketch.lowerBound(4)
  // @ts-expect-error read only
  sketch.lgK = 3
})

test('parts of statements', () => {
  expectTypeOf(hll('a', { lgK: 12 })).toEqualTypeOf<Statement<never>>()
  expectTypeOf(theta.estimate(theta.union([theta('a'), 'b']))).toEqualTypeOf<Statement<never>>()
  expectTypeOf(quantiles.quantile(quantiles('a'), 0.5)).toEqualTypeOf<Statement<never>>()
  // @ts-expect-error a misspelt option
  hll('a', { lgk: 12 })
  // @ts-expect-error not one of the types
  hll('a', { tgtHllType: 'HLL_5' })
  // @ts-expect-error sketches of another kind cannot be united
  hll.union([hll('a'), new ThetaSketch(new Uint8Array())])
  // @ts-expect-error nor an HLL sketch be intersected
  theta.intersect([theta('a'), new HllSketch(new Uint8Array())])
})
