import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { fakeDruid } from '@druid/testing'
import { expect, it } from 'vitest'
import { load } from '../../load.ts'

const signal = AbortSignal.timeout(10_000)

/** A Druid after a restart: its segments are loaded one by one, and the Broker hears of them last. */
function restarted(segmentsToLoad: number[], rows: number[]) {
  return fakeDruid({
    sql: [
      [/INFORMATION_SCHEMA/, () => [{ TABLE_NAME: 'flights' }]],
      [/COUNT\(\*\)/, () => [{ n: rows.length > 1 ? (rows.shift() ?? 0) : (rows[0] ?? 0) }]],
    ],
    routes: {
      'GET /druid/coordinator/v1/datasources/{dataSource}/loadstatus': ({ params }) => ({
        [String(params.dataSource)]: segmentsToLoad.shift() ?? 0,
      }),
    },
  })
}

it('what is stored is not loaded again while its segments still are', async () => {
  const fake = restarted([3, 1, 0, 0], [12_000, 20_000])
  await using druid = connect(fake.url, { transport: fake.transport, extensions: [cluster] })
  const told: string[] = []
  const loaded = await load(
    druid,
    'flights',
    20_000,
    () => Promise.reject(new Error('it was loaded again')),
    { signal, onProgress: (message) => told.push(message) },
  )
  expect(loaded).toMatchObject({ task: 'already there', rows: 20_000 })
  expect(told).toEqual(['flights: waiting for its segments to be loaded'])
})

it('what is not stored is loaded', async () => {
  const fake = fakeDruid({
    routes: { 'GET /druid/coordinator/v1/datasources/{dataSource}/loadstatus': {} },
  })
  await using druid = connect(fake.url, { transport: fake.transport, extensions: [cluster] })
  const wanted = load(druid, 'flights', 1, () => Promise.reject(new Error('loading')), {
    signal,
    onProgress() {},
  })
  await expect(wanted).rejects.toThrow('loading')
})
