import {
  type Column,
  connect,
  type DruidValue,
  type Row,
  type Rows,
  type Statement,
  sql,
} from '@druid/core'
import { connect as connectAuto } from '@druid/core/auto'
import { discover } from '@druid/core/discover'
import { fetchTransport } from '@druid/core/fetch'
import { expectTypeOf, test } from 'vitest'

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
  expectTypeOf(druid.query('SELECT 1')).resolves.toEqualTypeOf<Rows<Row>>()
  expectTypeOf(druid.query(sql`SELECT 1`)).resolves.toEqualTypeOf<Rows<Row>>()
  expectTypeOf<Rows<Row>[number]['x']>().toEqualTypeOf<DruidValue>()
  expectTypeOf<DruidValue>().not.toBeAny()
  expectTypeOf(druid.value('SELECT 1')).resolves.toEqualTypeOf<DruidValue>()
  expectTypeOf(druid.value(edits)).resolves.toEqualTypeOf<DruidValue>()
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
  for await (const row of druid.stream('SELECT 1')) expectTypeOf(row).toEqualTypeOf<Row>()
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
  druid.query('SELECT 1', { signal: AbortSignal.timeout(1), queryId: 'x', context: { a: 1 } })
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
  expectTypeOf(druid.with({ context: { a: 1 } })).toEqualTypeOf<typeof druid>()
})

test('nothing of a client is any', () => {
  type Returned = {
    [K in keyof typeof druid]: (typeof druid)[K] extends (...args: never) => infer R ? R : never
  }
  type AnyIn<T> = { [K in keyof T]: 0 extends 1 & T[K] ? K : never }[keyof T]
  expectTypeOf<AnyIn<typeof druid>>().toBeNever()
  expectTypeOf<AnyIn<Returned>>().toBeNever()
  expectTypeOf(druid.extension('x')).toBeUnknown()
  expectTypeOf(discover).returns.resolves.not.toBeAny()
  expectTypeOf(connectAuto('http://druid')).resolves.not.toBeAny()
})
