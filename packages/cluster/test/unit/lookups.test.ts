import { cluster, type Lookups } from '@druid/cluster'
import { connect } from '@druid/core'
import { type FakeDruid, fakeDruid, type Routes, reply } from '@druid/testing'
import { describe, expect, it } from 'vitest'
import { nextVersion } from '../../src/lookup/version.ts'

/** Replies as druid-api.md §3.8 has them. */

const PATH = '/druid/coordinator/v1/lookups'

function lookupsOf(routes: Routes): [Lookups, FakeDruid] {
  const druid = fakeDruid({ routes })
  const client = connect(druid.url, { transport: druid.transport, extensions: [cluster] })
  return [client.cluster().lookups(), druid]
}

const isPut = ({ method, path }: FakeDruid['requests'][number]): boolean =>
  method === 'POST' && path.startsWith(PATH)

describe('a version', () => {
  const now = new Date('2026-01-02T03:04:05.678Z')
  it.each([
    [undefined, '2026-01-02T03:04:05.678Z'],
    ['2025-01-01T00:00:00.000Z', '2026-01-02T03:04:05.678Z'],
    ['', '2026-01-02T03:04:05.678Z'],
    ['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678Z.1'],
    ['v0', 'v1'],
    ['v08', 'v09'],
    ['v9', 'v9.1'],
    ['v9.9', 'v9.9.1'],
    ['version', 'version.1'],
    ['v9007199254740993', 'v9007199254740994'],
    ['東', '東.1'],
  ])('%j is replaced by %j', (present, next) => {
    expect(nextVersion(present, now)).toBe(next)
    expect(next > (present ?? '')).toBe(true)
  })
})

describe('lookups that were never initialised', () => {
  const none = reply({ status: 404 })

  it('are none', async () => {
    const [lookups] = lookupsOf({
      [`GET ${PATH}/config/all`]: none,
      [`GET ${PATH}/status`]: reply({ status: 404, body: { error: 'No lookups found' } }),
      [`GET ${PATH}/config`]: none,
      [`GET ${PATH}/nodeStatus`]: {
        __default: { 'broker:8082': { current: {}, toLoad: {}, toDrop: [] } },
      },
    })
    expect(await lookups.list()).toEqual([])
    expect(await lookups.tiers()).toEqual([
      { name: '__default', configured: false, nodes: ['broker:8082'] },
    ])
  })

  it('are initialised by the first that is put', async () => {
    let initialised = false
    const [lookups, { requests }] = lookupsOf({
      [`GET ${PATH}/config/all`]: () => (initialised ? {} : none),
      [`POST ${PATH}/config`]: ({ body }) => {
        initialised = true
        return reply({ status: 202, body })
      },
      [`GET ${PATH}/config/{tier}/{lookup}`]: none,
      [`POST ${PATH}/config/{tier}/{lookup}`]: () => reply({ status: initialised ? 202 : 500 }),
    })
    await lookups.put('a/b', { type: 'map', map: { a: 'A' } }, { wait: false, version: 'v1' })
    const [last] = requests.slice(-1)
    expect(last?.path).toBe(`${PATH}/config/__default/a%2Fb`)
    expect(last?.body).toEqual({
      version: 'v1',
      lookupExtractorFactory: { type: 'map', map: { a: 'A' } },
    })
    expect(requests.find(({ path }) => path === `${PATH}/config`)?.body).toEqual({})
  })
})

describe('a lookup that does not load', () => {
  const spec = { version: 'v1', lookupExtractorFactory: { type: 'map', map: {} } }
  const nodes = { 'broker:8082': { current: { a: spec }, toLoad: {}, toDrop: [] } }

  it('is left where somebody else has written meanwhile', async () => {
    let present = 'v1'
    const [lookups, { requests }] = lookupsOf({
      [`GET ${PATH}/config/all`]: {},
      [`GET ${PATH}/nodeStatus/{tier}`]: nodes,
      [`GET ${PATH}/config/{tier}/{lookup}`]: () => ({ ...spec, version: present }),
      [`POST ${PATH}/config/{tier}/{lookup}`]: () => {
        present = 'v3'
        return reply({ status: 202 })
      },
    })
    const put = lookups.put('a', { type: 'map', map: {} }, { version: 'v2', timeout: 300 })
    await expect(put).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/is not loaded by broker:8082 .*somebody else has changed it/),
    })
    expect(requests.filter(isPut)).toHaveLength(1)
  })
})
