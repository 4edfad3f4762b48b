import {
  type Column,
  connect,
  custom,
  type DefaultPolicy,
  type DruidClient,
  type DruidValue,
  type PolicyOf,
  type PolicyRow,
  type Row,
  type Rows,
  type Statement,
  sql,
  type TableRow,
  type ValueOf,
} from '@druid/core'
import { connect as connectAuto } from '@druid/core/auto'
import { discover } from '@druid/core/discover'
import { fetchTransport } from '@druid/core/fetch'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

interface Edit {
  page: string
  added: number
}
const druid = connect('http://druid:8888')
const edits = sql<Edit>`SELECT page, added FROM wikipedia WHERE channel = ${'#en'}`

test('rows have the type of the statement', () => {
  expectTypeOf(edits).toEqualTypeOf<Statement<Edit>>()
  expectTypeOf(druid.query(edits)).resolves.toEqualTypeOf<Rows<Edit>>()
  expectTypeOf(druid.one(edits)).resolves.toEqualTypeOf<Edit>()
  expectTypeOf(druid.maybeOne(edits)).resolves.toEqualTypeOf<Edit | undefined>()
  expectTypeOf<Rows<Edit>[number]>().toEqualTypeOf<Edit>()
})

test('a type argument is the claim for a string', () => {
  expectTypeOf(druid.query<Edit>('SELECT 1')).resolves.toEqualTypeOf<Rows<Edit>>()
  expectTypeOf(druid.one<Edit>('SELECT 1')).resolves.toEqualTypeOf<Edit>()
  expectTypeOf(druid.value<number>('SELECT 1')).resolves.toEqualTypeOf<number>()
  // @ts-expect-error a row is an object
  druid.query<number>('SELECT 1')
  // @ts-expect-error the statement says otherwise
  druid.query<{ page: number }>(edits)
})

test('without a claim a row is what Druid can send, never any', () => {
  expectTypeOf(druid.query('SELECT 1')).resolves.toEqualTypeOf<Rows<PolicyRow<DefaultPolicy>>>()
  expectTypeOf(druid.query(sql`SELECT 1`)).resolves.toEqualTypeOf<Rows<PolicyRow<DefaultPolicy>>>()
  type Value = ValueOf<DefaultPolicy>
  expectTypeOf<PolicyRow<DefaultPolicy>['x']>().toEqualTypeOf<Value>()
  expectTypeOf<Value>().not.toBeAny()
  expectTypeOf<bigint>().not.toExtend<Value>()
  expectTypeOf<Value>().toExtend<DruidValue>()
  expectTypeOf(druid.value('SELECT 1')).resolves.toEqualTypeOf<Value>()
  expectTypeOf(druid.value(edits)).resolves.toEqualTypeOf<Value>()
  expectTypeOf(druid.request('GET', '/status')).resolves.toBeUnknown()
  expectTypeOf(druid.request<{ version: string }>('GET', '/status')).resolves.toEqualTypeOf<{
    version: string
  }>()
  expectTypeOf(druid.version()).resolves.toBeString()
})

test('rows know more than an array', () => {
  expectTypeOf<Rows<Edit>>().toExtend<Edit[]>()
  expectTypeOf<Rows<Edit>['columns']>().toEqualTypeOf<readonly Column[]>()
  expectTypeOf<Rows<Edit>['queryId']>().toBeString()
  expectTypeOf<Rows<Edit>['stats']['bytes']>().toBeNumber()
})

test('a stream has the same rows', async () => {
  const stream = druid.stream(edits)
  for await (const row of stream) expectTypeOf(row).toEqualTypeOf<Edit>()
  for await (const batch of stream.batches()) expectTypeOf(batch).toEqualTypeOf<Edit[]>()
  for await (const row of druid.stream('SELECT 1')) {
    expectTypeOf(row).toEqualTypeOf<PolicyRow<DefaultPolicy>>()
  }
  for await (const { data } of druid.stream(edits).columns()) {
    expectTypeOf(data.page.values).toEqualTypeOf<readonly string[]>()
  }
})

test('only what Druid takes is a parameter', () => {
  sql`${'a'} ${1} ${1n} ${true} ${null} ${new Date()} ${sql.id('a')} ${edits} ${sql.empty}`
  // @ts-expect-error write null where NULL is meant
  sql`${undefined}`
  // @ts-expect-error a list is written sql.list
  sql`${['a']}`
  // @ts-expect-error no objects
  sql`${{ a: 1 }}`
  // @ts-expect-error at least one name
  sql.id()
  sql.list(new Set([1, 2]))
  // @ts-expect-error values, not statements
  sql.list([sql`a`])
  // @ts-expect-error statements, not values
  sql.join(['a'])
  // @ts-expect-error a template tag
  sql('SELECT 1')
  expectTypeOf(sql.raw<Edit>('SELECT 1')).toEqualTypeOf<Statement<Edit>>()
})

test('options are known by name', () => {
  druid.query('SELECT 1', {
    signal: AbortSignal.timeout(1),
    queryId: 'x',
    context: { priority: 1 },
  })
  // @ts-expect-error misspelt
  druid.query('SELECT 1', { contxt: {} })
  // @ts-expect-error misspelt
  druid.request('GET', '/', undefined, { expekt: 'text' })
  // @ts-expect-error no such form
  druid.request('GET', '/', undefined, { expect: 'csv' })
  // @ts-expect-error misspelt
  druid.with({ header: {} })
  // @ts-expect-error a query id is one of queries
  druid.version({ queryId: 'x' })
  connect('http://druid', { transport: fetchTransport(), headers: { a: 'b' } })
  connect(new URL('http://druid'), { auth: { token: async () => 'a' } })
  // @ts-expect-error misspelt
  connect('http://druid', { timeOut: 1 })
  // @ts-expect-error a password is missing
  connect('http://druid', { auth: { user: 'a' } })
  // @ts-expect-error a URL is missing
  connect()
})

test('a derived client has the type of its parent', () => {
  expectTypeOf(druid.with({ context: { priority: 1 } })).toEqualTypeOf<typeof druid>()
})

test('the policy for values is in the types of rows that claim nothing', () => {
  const dated = connect('http://druid', { values: { bigint: 'bigint', timestamp: 'date' } })
  type Dated = PolicyOf<{ readonly bigint: 'bigint'; readonly timestamp: 'date' }>
  expectTypeOf(dated.query('SELECT 1')).resolves.toEqualTypeOf<Rows<PolicyRow<Dated>>>()
  expectTypeOf<Date | bigint>().toExtend<ValueOf<Dated>>()
  expectTypeOf(dated.query<Edit>('SELECT 1')).resolves.toEqualTypeOf<Rows<Edit>>()
  const derived = dated.with({ values: { timestamp: 'ms' } })
  const value = derived.value('SELECT 1')
  expectTypeOf<Date>().not.toExtend<Awaited<typeof value>>()
  // A call of its own policy may give any value.
  expectTypeOf(druid.query('SELECT 1', { values: { bigint: 'auto' } })).resolves.toEqualTypeOf<
    Rows<Row>
  >()
  // @ts-expect-error a function that expects the usual values
  const usual: DruidClient = dated
  expectTypeOf(usual).not.toBeAny()
  // @ts-expect-error no such choice
  connect('http://druid', { values: { bigint: 'big' } })
})

test('a row of a generated table follows the policy', () => {
  interface Flights {
    readonly __time: 'TIMESTAMP'
    readonly flight_count: 'BIGINT?'
    readonly tags: 'ARRAY<STRING>'
    readonly doc: 'COMPLEX<json>?'
    readonly sketch: 'COMPLEX<HLLSketch>'
  }
  expectTypeOf<TableRow<Flights, typeof druid>['__time']>().toEqualTypeOf<string>()
  expectTypeOf<TableRow<Flights, typeof druid>['flight_count']>().toEqualTypeOf<number | null>()
  expectTypeOf<TableRow<Flights, typeof druid>['tags']>().toEqualTypeOf<
    readonly (string | null)[]
  >()
  const camel = connect('http://druid', {
    values: { keys: 'camelCase', bigint: 'bigint', timestamp: 'date' },
  })
  expectTypeOf<keyof TableRow<Flights, typeof camel>>().toEqualTypeOf<
    '__time' | 'flightCount' | 'tags' | 'doc' | 'sketch'
  >()
  expectTypeOf<TableRow<Flights, typeof camel>['flightCount']>().toEqualTypeOf<bigint | null>()
  expectTypeOf<TableRow<Flights, typeof camel>['__time']>().toEqualTypeOf<Date>()
})

test('columns of what nobody claims may be of any kind, with marks for null', async () => {
  const { data } = await druid.columns('SELECT 1')
  const { nulls, values } = data.delay as NonNullable<typeof data.delay>
  expectTypeOf(nulls).toEqualTypeOf<Uint8Array | undefined>()
  expectTypeOf<Float64Array>().toExtend<typeof values>()
  expectTypeOf<BigInt64Array>().toExtend<typeof values>()
  for await (const part of druid.stream('SELECT 1').columns()) {
    expectTypeOf(part.data.delay?.nulls).toEqualTypeOf<Uint8Array | undefined>()
  }
})

test('what a typed parameter and SET take', () => {
  sql.typed('DATE', '2000-01-01')
  sql.typed('BIGINT', null)
  // @ts-expect-error a text is no double
  sql.typed('DOUBLE', 'x')
  // @ts-expect-error no times in an array
  sql.array([new Date()])
  sql.set({ sqlTimeZone: 'Asia/Tokyo', ...custom({ ours: 1 }) }, 'SELECT 1')
  // @ts-expect-error a key that nobody knows
  sql.set({ sqlTimezone: 'Asia/Tokyo' }, 'SELECT 1')
  // @ts-expect-error one that is no text, number or boolean
  sql.set({ excludedSegmentsCount: [] }, 'SELECT 1')
})

test('columns are typed by what a row claims', async () => {
  interface Stats {
    n: number
    big: bigint
    either: number | bigint
    name: string | null
  }
  const { data, length, columns } = await druid.columns<Stats>('SELECT 1')
  expectTypeOf(length).toBeNumber()
  expectTypeOf(columns).toEqualTypeOf<readonly Column[]>()
  expectTypeOf(data.n.values).toEqualTypeOf<Float64Array>()
  expectTypeOf(data.big.values).toEqualTypeOf<BigInt64Array>()
  expectTypeOf(data.either.values).toEqualTypeOf<Float64Array | BigInt64Array>()
  expectTypeOf(data.name.values).toEqualTypeOf<readonly (string | null)[]>()
})

test('nothing of a client is any', () => {
  type Returned = {
    [K in Exclude<keyof typeof druid, '~values'>]: (typeof druid)[K] extends (
      ...args: never
    ) => infer R
      ? R
      : never
  }
  type AnyIn<T> = { [K in keyof T]-?: 0 extends 1 & T[K] ? K : never }[keyof T]
  expectTypeOf<AnyIn<typeof druid>>().toBeNever()
  expectTypeOf<AnyIn<Returned>>().toBeNever()
  expectTypeOf(druid.extension('x')).toBeUnknown()
  expectTypeOf(discover).returns.resolves.not.toBeAny()
  expectTypeOf(connectAuto('http://druid')).resolves.not.toBeAny()
})

test('a schema says what rows are', () => {
  const schema = z.object({ page: z.string(), added: z.number().transform(String) })
  expectTypeOf(druid.query('SELECT 1', { schema })).resolves.toEqualTypeOf<
    Rows<{ page: string; added: number }>
  >()
  expectTypeOf(druid.one('SELECT 1', { schema, validate: 'rows' })).resolves.toEqualTypeOf<{
    page: string
    added: string
  }>()
  // @ts-expect-error no such use
  druid.query('SELECT 1', { schema, validate: 'all' })
})
