import { cluster } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { type FakeDruid, fakeDruid, type Routes, reply, type ServerInput } from '@druid/testing'
import { describe, expect, it } from 'vitest'

const V1 = '/druid/coordinator/v1'
const JSON_TYPE = { 'content-type': 'application/json' }

function opened(
  routes: Routes,
  { version, servers }: { version?: string; servers?: readonly ServerInput[] } = {},
): { druid: FakeDruid; cluster: ReturnType<DruidClient<typeof cluster>['cluster']> } {
  const druid = fakeDruid({ routes, version, servers })
  const client = connect(druid.url, {
    transport: druid.transport,
    extensions: [cluster],
    retry: false,
  })
  return { druid, cluster: client.cluster() }
}

const last = ({ requests }: FakeDruid): string => {
  const { method, url } = requests.at(-1) ?? {}
  return `${method} ${url?.pathname}${url?.search}`
}

describe('what says yes or no by its status', () => {
  it('is not asked again after its no', async () => {
    const no = reply({ status: 503 })
    const { druid, cluster } = opened({
      'GET /status/selfDiscovered': no,
      'GET /druid/broker/v1/readiness': no,
      'GET /druid/historical/v1/readiness': no,
    })
    expect(await cluster.routerClient().selfDiscoveredCode()).toBe(false)
    expect(await cluster.brokerClient().readiness()).toBe(false)
    expect(await cluster.historicalClient().readiness()).toBe(false)
    expect(druid.requests.filter(({ status }) => status === 503)).toHaveLength(3)
  })

  it('is UNSUPPORTED where the service has no such path', async () => {
    const { cluster } = opened({ 'GET /status/ready': reply({ status: 404 }) })
    await expect(cluster.brokerClient().ready()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('is ready by 200, not by 503', async () => {
    let ready = false
    const { cluster } = opened({
      'GET /status/ready': () => reply({ status: ready ? 200 : 503, body: String(ready) }),
    })
    expect(await cluster.brokerClient().ready()).toBe(false)
    ready = true
    expect(await cluster.brokerClient().ready()).toBe(true)
  })

  it('has the Router without its proxy by 404', async () => {
    const druid = fakeDruid({
      gate: ({ path }) =>
        path === '/proxy/enabled' ? reply({ status: 404, body: '<html>' }) : undefined,
    })
    const client = connect(druid.url, { transport: druid.transport, extensions: [cluster] })
    expect(await client.cluster().routerClient().proxyEnabled()).toBe(false)
  })

  it('has the proxy of a Router of Druid 27 by what that makes of the question', async () => {
    const body = { error: 'Unsupported proxy destination [/proxy/enabled]' }
    const druid = fakeDruid({
      gate: ({ path }) =>
        path === '/proxy/enabled' ? reply({ status: 400, body, headers: JSON_TYPE }) : undefined,
      routes: { [`GET ${V1}/loadstatus`]: { flights: 100 } },
    })
    const through = cluster.with({ through: 'router' })
    const client = connect(druid.url, { transport: druid.transport, extensions: [through] })
    expect(await client.cluster().routerClient().proxyEnabled()).toBe(true)
    expect(await client.cluster().coordinatorClient().loadStatus()).toEqual({ flights: 100 })
    expect(druid.requests.at(-1)?.url.origin).toBe(druid.url)
  })

  it('has a Coordinator that does not lead by 404', async () => {
    const body = { leader: false }
    const { cluster } = opened({ [`GET ${V1}/isLeader`]: reply({ status: 404, body }) })
    expect(await cluster.coordinatorClient().isLeader()).toBe(false)
  })
})

describe('names and intervals in paths', () => {
  it.each(['100% sure', 'a b', 'größe', 'a.b?c#d&e', '%2F'])('%s', async (name) => {
    const { druid, cluster } = opened({
      [`GET ${V1}/datasources/{dataSource}/intervals/{interval}`]: ({ params }) => [
        params.dataSource ?? '',
        params.interval ?? '',
      ],
    })
    const answer = await cluster.coordinatorClient().segmentsWithin(name, '2024-01-01/P1D')
    expect(answer).toEqual([name, '2024-01-01_P1D'])
    expect(druid.unanswered).toEqual([])
  })
})

describe('flags that Druid only looks for', () => {
  it('are sent when they are true, and not at all when they are false', async () => {
    const { druid, cluster } = opened({ [`GET ${V1}/loadstatus`]: {} })
    const coordinator = cluster.coordinatorClient()
    await coordinator.loadStatusByTier({ computeUsingClusterView: true })
    expect(last(druid)).toBe(`GET ${V1}/loadstatus?full&computeUsingClusterView`)
    await coordinator.loadStatusByTier({ computeUsingClusterView: false })
    expect(last(druid)).toBe(`GET ${V1}/loadstatus?full`)
  })
})

describe('a data source that nobody serves (204)', () => {
  const unknown = reply({ status: 204 })
  const DS = `${V1}/datasources/{dataSource}`

  it('is undefined, or an empty list', async () => {
    const { cluster } = opened({
      [`GET ${DS}`]: unknown,
      [`GET ${DS}/intervals`]: unknown,
      [`GET ${DS}/segments`]: unknown,
      [`GET ${DS}/segments/{id}`]: unknown,
      [`GET ${DS}/loadstatus`]: unknown,
      [`POST ${DS}/markUnused`]: unknown,
    })
    const coordinator = cluster.coordinatorClient()
    expect(await coordinator.dataSource('x')).toBeUndefined()
    expect(await coordinator.dataSourceDetail('x')).toBeUndefined()
    expect(await coordinator.dataSourceIntervals('x')).toEqual([])
    expect(await coordinator.dataSourceIntervalDetails('x')).toEqual({})
    expect(await coordinator.segments('x')).toEqual([])
    expect(await coordinator.segment('x', 'y')).toBeUndefined()
    expect(await coordinator.percentLoaded('x')).toBeUndefined()
    expect(await coordinator.underReplicated('x')).toEqual({})
    expect(await coordinator.markUnused('x', { interval: '2024/2025' })).toBe(0)
  })
})

describe('marking one segment', () => {
  it.each([
    ['27.0.0', { segmentStateChanged: true }],
    ['37.0.0', { numChangedSegments: 1 }],
  ])('tells in Druid %s, too, whether it changed', async (version, body) => {
    const path = `DELETE ${V1}/datasources/{dataSource}/segments/{id}`
    const { cluster } = opened({ [path]: body }, { version })
    expect(await cluster.coordinatorClient().markSegmentUnused('x', 'y')).toBe(true)
  })
})

describe('87 Version / capability detection: what a version lacks', () => {
  it.each<[string, (it: ReturnType<DruidClient<typeof cluster>['cluster']>) => Promise<unknown>]>([
    ['duties', (it) => it.coordinatorClient().duties()],
    ['sql/engines', (it) => it.brokerClient().sqlEngines()],
    ['sql/queries', (it) => it.brokerClient().sqlQueries()],
    ['report', (it) => it.brokerClient().sqlReport('x')],
    [
      'versions',
      (it) => it.coordinatorClient().markUsed('x', { interval: '2024/2025', versions: ['1'] }),
    ],
  ])('is UNSUPPORTED before it is sent: %s', async (what, call) => {
    const { druid, cluster } = opened({}, { version: '27.0.0' })
    await expect(call(cluster)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(what),
    })
    expect(druid.unanswered).toEqual([])
  })

  it('is asked of later ones', async () => {
    const { cluster } = opened(
      {
        'GET /druid/v2/sql/engines': { engines: [{ name: 'native' }, { name: 'msq-dart' }] },
        'GET /druid/v2/sql/queries': { queries: [] },
      },
      { version: '36.0.0' },
    )
    expect(await cluster.brokerClient().sqlEngines()).toEqual(['native', 'msq-dart'])
    expect(await cluster.brokerClient().sqlQueries()).toEqual([])
  })
})

describe('84 Clients for historical / MM / indexer', () => {
  it('reach a MiddleManager', async () => {
    const { druid, cluster } = opened({
      'GET /druid/worker/v1/enabled': { 'druid.test:8091': true },
      'POST /druid/worker/v1/disable': { 'druid.test:8091': 'disabled' },
      'GET /druid/worker/v1/task/{id}/log': ({ params, query }) =>
        `${params.id} from ${query.get('offset')}`,
    })
    const worker = cluster.middleManagerClient()
    expect(await worker.isEnabled()).toBe(true)
    expect(await worker.disable()).toBeUndefined()
    const log = await worker.taskLog('task 1', { offset: -10 })
    expect(new TextDecoder().decode(log)).toBe('task 1 from -10')
    expect(druid.requests.at(-1)?.server).toBe('druid.test:8091')
  })

  const STATUS = 'GET /druid/indexer/v1/task/{id}/status'
  const running = (location: object): object => ({
    task: 'one',
    status: { id: 'one', statusCode: 'RUNNING', location },
  })

  it('reach a Peon where its task runs, and say for which task they ask', async () => {
    const peon = { role: 'peon', host: 'druid.test', port: 8101 }
    const { druid, cluster } = opened(
      {
        [STATUS]: running({ host: 'druid.test', port: 8101, tlsPort: -1 }),
        'GET /druid/worker/v1/chat/{id}/mode': 'sequential',
      },
      { servers: [{ role: 'router' }, { role: 'overlord' }, peon] },
    )
    expect(await cluster.peonClient('one').mode()).toBe('sequential')
    expect(druid.requests.at(-1)).toMatchObject({
      server: 'druid.test:8101',
      headers: { 'x-druid-task-id': 'one' },
    })
  })

  it('know a Peon by the address mapper', async () => {
    const peon = { role: 'peon', host: 'inside', port: 8100, url: 'http://outside:18100' }
    const druid = fakeDruid({
      servers: [{ role: 'router' }, { role: 'overlord' }, peon],
      routes: {
        [STATUS]: running({ host: 'inside', port: 8100, tlsPort: -1 }),
        'GET /druid/worker/v1/chat/{id}/progress': { running: 1 },
      },
    })
    const mapUrl = ({ role, host }: { role: string; host: string }): URL | undefined =>
      new URL(role === 'peon' ? 'http://outside:18100' : `http://${host}:8090`)
    const client = connect(druid.url, {
      transport: druid.transport,
      extensions: [cluster.with({ mapUrl })],
    })
    expect(await client.cluster().peonClient('one').progress()).toEqual({ running: 1 })
    expect(druid.requests.at(-1)?.url.origin).toBe('http://outside:18100')
  })

  it('say that a task runs nowhere', async () => {
    const ended = { task: 'one', status: { id: 'one', statusCode: 'SUCCESS', location: null } }
    const { cluster } = opened({ [STATUS]: ended })
    await expect(cluster.peonClient('one').phase()).rejects.toMatchObject({
      code: 'NO_SERVICE',
      message: expect.stringContaining('SUCCESS'),
    })
  })

  it('tell that a task of a stream has not paused yet', async () => {
    const { cluster } = opened({
      [STATUS]: running({ host: 'druid.test', port: 8091, tlsPort: -1 }),
      'POST /druid/worker/v1/chat/{id}/pause': reply({
        status: 202,
        headers: { 'content-type': 'text/plain' },
        body: 'Request accepted but task has not yet paused',
      }),
    })
    expect(await cluster.peonClient('one').pause()).toBeUndefined()
  })
})

describe('lookups on a server', () => {
  it('come as a list also from versions that write no JSON', async () => {
    const PATH = 'GET /druid/v1/lookups/introspect/{lookup}'
    const { cluster } = opened({
      [`${PATH}/keys`]: reply({ body: '[a, b]' }),
      [`${PATH}/values`]: reply({ body: '["x","y"]' }),
    })
    const { lookups } = cluster.brokerClient()
    expect(await lookups.keys('names')).toEqual(['a', 'b'])
    expect(await lookups.values('names')).toEqual(['x', 'y'])
  })
})
