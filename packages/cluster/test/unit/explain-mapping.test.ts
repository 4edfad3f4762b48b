import {
  type ClusterOptions,
  cluster,
  dockerPorts,
  firstOf,
  identity,
  urlTemplate,
} from '@druid/cluster'
import { connect } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
import {
  type FakeGate,
  fakeDruid,
  htmlPage,
  noAnswer,
  reply,
  type ServerInput,
} from '@druid/testing'
import { describe, expect, it } from 'vitest'

const SERVERS: readonly ServerInput[] = [
  { role: 'router' },
  { role: 'broker', host: 'near' },
  { role: 'coordinator', host: 'hidden', url: 'http://outside:1' },
  { role: 'overlord', host: 'hidden', port: 8081, url: 'http://outside:1' },
  { role: 'historical', host: 'store-1', url: 'http://outside:2' },
  { role: 'historical', host: 'store-2', url: 'http://outside:3' },
]
const explaining = (
  options: ClusterOptions,
  { servers = SERVERS, gate }: { servers?: readonly ServerInput[]; gate?: FakeGate } = {},
) => {
  const druid = fakeDruid({ servers, gate })
  const { url, transport } = druid
  const client = connect(url, { transport, retry: false, extensions: [cluster.with(options)] })
  return { druid, cluster: client.cluster() }
}

describe('83 Internal → external address mapping: explainMapping()', () => {
  it('tells of each service its address in Druid and here, by which mapper, and whether it is reached', async () => {
    const mapUrl = firstOf(
      urlTemplate({ historical: 'http://outside:2' }),
      ({ role }) => (role === 'coordinator' ? new URL('http://outside:1') : undefined),
      ({ role }) => (role === 'overlord' ? undefined : new URL('http://near:8082')),
    )
    const services = [{ role: 'talaria', url: 'http://nobody:1' }]
    const explained = await explaining({ mapUrl, services }).cluster.explainMapping()
    const told = explained.map((it) => [it.role, it.server, it.mapper, it.url?.href, it.reachable])
    expect(told).toEqual([
      ['broker', 'near:8082', 'mapUrl', 'http://near:8082/', true],
      ['coordinator', 'hidden:8081', 'mapUrl', 'http://outside:1/', true],
      ['historical', 'store-1:8083', 'urlTemplate', 'http://outside:2/', true],
      ['historical', 'store-2:8083', 'urlTemplate', 'http://outside:2/', true],
      ['overlord', 'hidden:8081', undefined, undefined, false],
      ['router', 'druid.test:8888', 'mapUrl', 'http://near:8082/', true],
      ['talaria', 'nobody:1', 'services', 'http://nobody:1/', false],
    ])
    expect(explained.map(({ through }) => through)).toEqual([
      ...Array(4).fill('direct'),
      'router',
      'direct',
      undefined,
    ])
    expect(explained.map(({ why }) => why)).toEqual([
      'it has the same URL as router druid.test:8888',
      undefined,
      'it has the same URL as historical store-2:8083',
      'it has the same URL as historical store-1:8083',
      'no mapper knows it',
      'it has the same URL as broker near:8082',
      expect.stringContaining('nobody'),
    ])
  })

  it('says what went wrong: a host that nobody knows, no answer, what is no Druid', async () => {
    const gate: FakeGate = ({ server, path }) => {
      if (path !== '/status/health') return undefined
      if (server === 'near:8082') return noAnswer()
      return server === 'store-1:8083' ? htmlPage(502) : reply({ body: '{}' })
    }
    const mapUrl = firstOf(
      urlTemplate({ historical: 'http://outside:{index}' }),
      dockerPorts({ 8888: 8888, 8082: 8082 }, { host: 'druid.test' }),
    )
    const servers: ServerInput[] = [
      { role: 'router' },
      { role: 'broker', host: 'near', url: 'http://druid.test:8082' },
      { role: 'coordinator', host: 'hidden' },
      { role: 'historical', host: 'store-1', url: 'http://outside:1' },
      { role: 'historical', host: 'store-2', url: 'http://outside:2' },
    ]
    const { cluster: open } = explaining({ mapUrl, through: 'direct' }, { servers, gate })
    const explained = await open.explainMapping({ timeout: 30 })
    expect(explained.map(({ role, why }) => [role, why])).toEqual([
      ['broker', expect.stringContaining('it was not over after 30 ms')],
      ['coordinator', expect.stringContaining('nothing answers there')],
      ['historical', expect.stringContaining('502')],
      ['historical', 'what answers there is no Druid'],
      ['router', 'what answers there is no Druid'],
    ])
    expect(explained.map(({ through }) => through)).toEqual(Array(5).fill(undefined))
  })

  it('names the extension that answered', async () => {
    const pods = defineExtension({
      name: 'pods',
      setup: (context) =>
        context.mapUrl(({ host }) => (host === 'near' ? 'http://near:8082' : undefined)),
    })
    const { url, transport } = fakeDruid({ servers: SERVERS })
    const client = connect(url, { transport, extensions: [cluster, pods] })
    const explained = await client.cluster().explainMapping()
    expect(explained.find(({ role }) => role === 'broker')?.mapper).toBe('byExtensions (pods)')
    expect(explained.find(({ role }) => role === 'router')?.mapper).toBe('identity')
  })

  it('asks eight at a time, each address once, and ends with its signal', async () => {
    const many: ServerInput[] = Array.from({ length: 40 }, (_, i) => ({
      role: 'historical',
      host: `h${i}`,
    }))
    let now = 0
    let most = 0
    const gate: FakeGate = async ({ path }) => {
      if (path !== '/status/health') return undefined
      now += 1
      most = Math.max(most, now)
      await new Promise((resolve) => setTimeout(resolve, 2))
      now -= 1
      return undefined
    }
    const servers = [...SERVERS, ...many]
    const { druid, cluster: open } = explaining({ mapUrl: identity }, { servers, gate })
    const explained = await open.explainMapping()
    expect(explained).toHaveLength(46)
    expect(most).toBe(8)
    expect(druid.requests.filter(({ path }) => path === '/status/health')).toHaveLength(42)
    const hung = explaining(
      {},
      { gate: ({ path }) => (path === '/status/health' ? noAnswer() : undefined) },
    )
    const signal = AbortSignal.timeout(30)
    await expect(hung.cluster.explainMapping({ signal })).rejects.toMatchObject({ code: 'TIMEOUT' })
  })
})
