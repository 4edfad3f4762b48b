import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { afterAll, expect, inject, it } from 'vitest'
import { foo } from '../../src/index.ts'

// The role is none of Druid's own, so the application says where its servers are. Here the Router is
// one of them; replace it by yours.
const services = [{ role: 'foo', url: inject('druidUrl') }]
const druid = connect(inject('druidUrl'), { extensions: [cluster.with({ services }), foo] })
afterAll(() => druid.close())

it('lists the tables of a real Druid', async () => {
  expect(await druid.fooClient().tables('sys')).toContain('servers')
})

it('asks a real service', async () => {
  expect(await druid.cluster().fooClient().version()).toBe(await druid.version())
})
