import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { describeExtension, fakeDruid } from '@druid/testing'
import { describe, expect, it } from 'vitest'
import { FooClient, FooService, foo } from '../../src/index.ts'

// What holds for every extension: it registers, gets along with others, is made once for a
// connection, closes. Each of `calls` is also made where nothing answers, or nothing good.
describeExtension(foo, {
  describe,
  it,
  calls: { tables: (druid) => druid.fooClient().tables() },
})

describe('fooClient()', () => {
  it('lists the tables of a schema', async () => {
    const fake = fakeDruid({
      sql: [[/FROM INFORMATION_SCHEMA\.TABLES/, [{ name: 'airports' }, { name: 'flights' }]]],
    })
    const druid = connect(fake.url, { transport: fake.transport, extensions: [foo] })
    expect(await druid.fooClient().tables()).toEqual(['airports', 'flights'])
    expect(fake.queries[0]?.parameters).toEqual([{ type: 'VARCHAR', value: 'druid' }])
    await druid.close()
  })

  it('works with a client made by hand, too', async () => {
    const fake = fakeDruid({ sql: () => ({ columns: { name: 'VARCHAR' }, rows: [] }) })
    const druid = connect(fake.url, { transport: fake.transport })
    expect(await new FooClient(druid).tables('nothing')).toEqual([])
    await druid.close()
  })
})

describe('the role `foo`', () => {
  it('asks the service itself', async () => {
    const fake = fakeDruid({
      servers: [{ role: 'router' }, { role: 'broker' }, { role: 'foo', port: 9000 }],
    })
    const services = [{ role: 'foo', url: fake.urlOf('foo') }]
    const druid = connect(fake.url, {
      transport: fake.transport,
      extensions: [cluster.with({ services }), foo],
    })
    expect(druid.cluster().fooClient()).toBeInstanceOf(FooService)
    expect(await druid.cluster().fooClient().version()).toBe('33.0.0')
    expect(fake.requests.at(-1)).toMatchObject({ path: '/status', roles: ['foo'] })
    await druid.close()
  })
})
