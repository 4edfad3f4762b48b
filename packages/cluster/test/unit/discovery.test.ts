import { cluster } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { defineExtension, type ServiceHost } from '@druid/core/extension'
import {
  type FakeDruid,
  type FakeGate,
  fakeDruid,
  forbidden,
  legacyError,
  type RouteAnswer,
  reply,
  type ServerInput,
  unauthorized,
} from '@druid/testing'
import { describe, expect, it, vi } from 'vitest'

const SERVERS: readonly ServerInput[] = [
  { role: 'router' },
  { role: 'broker' },
  { role: 'coordinator', host: 'first' },
  { role: 'coordinator', host: 'second', leader: true },
  { role: 'overlord', host: 'second', port: 8081, leader: true },
  { role: 'historical', host: 'store', tlsPort: 8283 },
]
/** As druid-api.md §3.2 has it: null ports are dropped, roles in camel case. */
const CLUSTER = {
  coordinator: [
    { host: 'first', service: 'druid/coordinator', plaintextPort: 8081 },
    { host: 'second', service: 'druid/coordinator', plaintextPort: 8081 },
  ],
  overlord: [{ host: 'second', service: 'druid/coordinator', plaintextPort: 8081 }],
  historical: [{ host: 'store', service: 'druid/historical', plaintextPort: 8083, tlsPort: 8283 }],
  middleManager: [{ host: 'worker', service: 'druid/middleManager', tlsPort: 8291 }],
}
const SERVERS_SIMPLE = [
  { host: 'store:8283', tier: 'hot', type: 'historical', priority: 0, currSize: 1, maxSize: 2 },
]
const LIST = '/druid/coordinator/v1/cluster'

const opened = ({ url, transport }: FakeDruid, options = {}): DruidClient<typeof cluster> =>
  connect(url, { transport, retry: false, extensions: [cluster.with(options)] })
/** SQL is answered so; and the Coordinator's list. */
const without = (sql: ReturnType<FakeGate>, list: RouteAnswer = CLUSTER): FakeDruid =>
  fakeDruid({
    servers: SERVERS,
    gate: ({ path }) => (path === '/druid/v2/sql' ? sql : undefined),
    routes: { [`GET ${LIST}`]: list, 'GET /druid/coordinator/v1/servers': SERVERS_SIMPLE },
  })
const sent = ({ requests }: FakeDruid, path: string): number =>
  requests.filter((request) => request.path === path).length

describe('the list of services', () => {
  it.each([
    ['forbidden', forbidden()],
    ['not there', reply({ status: 404 })],
    ['failing', legacyError({ error: 'Unknown exception', errorMessage: 'no broker' })],
  ])(
    'is that of the Coordinator where SQL is %s, with leaders, tiers and TLS ports',
    async (_, sql) => {
      const services = await opened(without(sql)).cluster().services()
      const list = services.map(({ role, server, leader, tier, url, source }) => [
        role,
        server,
        leader,
        tier,
        url?.origin,
        source,
      ])
      expect(list).toEqual([
        ['coordinator', 'first:8081', false, undefined, 'http://first:8081', 'coordinator'],
        ['coordinator', 'second:8081', true, undefined, 'http://second:8081', 'coordinator'],
        ['historical', 'store:8283', undefined, 'hot', 'http://store:8083', 'coordinator'],
        [
          'middle_manager',
          'worker:8291',
          undefined,
          undefined,
          'https://worker:8291',
          'coordinator',
        ],
        ['overlord', 'second:8081', true, undefined, 'http://second:8081', 'coordinator'],
      ])
    },
  )

  it('knows no leader where nobody tells', async () => {
    const druid = fakeDruid({
      servers: SERVERS,
      gate: ({ path }) =>
        path === '/druid/v2/sql' || path.endsWith('/leader') ? forbidden() : undefined,
      routes: { [`GET ${LIST}`]: CLUSTER, 'GET /druid/coordinator/v1/servers': forbidden() },
    })
    const services = await opened(druid).cluster().services()
    expect(services.map(({ leader }) => leader)).toEqual(Array(5).fill(undefined))
    expect(services.map(({ tier }) => tier)).toEqual(Array(5).fill(undefined))
  })

  it('is that of the option where this user may ask neither; without one, it is an error', async () => {
    const druid = without(forbidden(), forbidden())
    const services = [{ role: 'broker', url: 'http://druid.test:8082' }]
    const client = opened(druid, { services }).cluster()
    expect(await client.services()).toMatchObject([
      { role: 'broker', server: 'druid.test:8082', source: 'option' },
    ])
    expect((await client.brokerClient().status()).version).toBe('33.0.0')
    await expect(opened(druid).cluster().services()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it("is not taken to be that of the option for a moment's failure; named services are reached all the same", async () => {
    const failure = legacyError({ error: 'Unknown exception', errorMessage: 'oops' })
    const services = [{ role: 'broker', url: 'http://druid.test:8082' }]
    const client = opened(without(failure, failure), { services }).cluster()
    await expect(client.services()).rejects.toMatchObject({ code: 'SERVER' })
    expect(await client.brokerClient().health()).toBe(true)
  })

  it('is not asked of others by who may not come in at all', async () => {
    const druid = without(unauthorized())
    await expect(opened(druid).cluster().services()).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    expect(sent(druid, LIST)).toBe(0)
  })

  it('is as old as refreshInterval at most, stays as it is while it cannot be asked for, and is left alone by who closes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const broken = { now: false }
      const druid = fakeDruid({
        servers: SERVERS,
        gate: () => (broken.now ? reply({ status: 500 }) : undefined),
      })
      const client = opened(druid, { refreshInterval: 1_000 })
      expect(vi.getTimerCount()).toBe(0)
      expect(await client.cluster().services()).toHaveLength(6)
      expect(vi.getTimerCount()).toBe(1)
      druid.setServers(SERVERS.slice(0, 2))
      await vi.advanceTimersByTimeAsync(1_000)
      await vi.waitFor(async () => expect(await client.cluster().services()).toHaveLength(2))
      broken.now = true
      await vi.advanceTimersByTimeAsync(3_000)
      expect(await client.cluster().services()).toHaveLength(2)
      await client.close()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('keeps no process alive by its interval', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((it) => it === 'Timeout').length
    const client = opened(fakeDruid(), { refreshInterval: 60_000 })
    const before = timers()
    await client.cluster().services()
    expect(timers()).toBe(before)
    await client.close()
  })

  it.each([
    ['refreshInterval', 0, /a number of milliseconds/],
    ['refreshInterval', '1s', /a number of milliseconds/],
    ['refreshInterval', 3e9, /a number of milliseconds/],
    ['through', 'proxy', /'auto', 'direct' or 'router'/],
  ])('refuses %s: %j', (name, value, why) => {
    const [report] = connect('http://router:8888', {
      extensions: [cluster.with({ [name]: value } as never)],
      onExtensionError: 'silent',
    }).extensions()
    expect(report?.error?.message).toMatch(why)
  })
})

describe('a role that Druid does not list', () => {
  class Talaria {
    readonly #service: ServiceHost
    constructor(service: ServiceHost) {
      this.#service = service
    }
    url(): string | undefined {
      return this.#service.url?.origin
    }
    tasks(): Promise<string[]> {
      return this.#service.request('GET', '/tasks')
    }
  }
  const talaria = defineExtension({ name: 'talaria-role', roles: { talaria: Talaria } })
  const ROLE = `${LIST}/talaria`
  const both = ({ url, transport }: FakeDruid, options = {}) =>
    connect(url, {
      transport,
      retry: false,
      extensions: [cluster.with(options), talaria],
    }).cluster()
  const workers = (ports: readonly number[]): ServerInput[] => [
    ...SERVERS,
    ...ports.map((port) => ({ role: 'talaria', host: 'extra', port })),
  ]
  const nodes = (ports: readonly number[]): object[] =>
    ports.map((plaintextPort) => ({ host: 'extra', service: 'talaria', plaintextPort }))

  it('84 Clients for other roles: come from the Coordinator, by the name of the role, as its servers come and go', async () => {
    const ports = { now: [1, 2] }
    const druid = fakeDruid({
      servers: workers([1, 2, 3]),
      routes: { [`GET ${ROLE}`]: () => nodes(ports.now), 'GET /tasks': ['a'] },
    })
    const client = both(druid)
    expect(await client.talariaClient().tasks()).toEqual(['a'])
    const before = await client.talariaClients()
    expect(before.map((one) => one.url())).toEqual(['http://extra:1', 'http://extra:2'])
    ports.now = [2, 3]
    await client.refresh()
    const after = await client.talariaClients()
    expect(after.map((one) => one.url())).toEqual(['http://extra:2', 'http://extra:3'])
    expect(after[0]).toBe(before[1])
    ports.now = []
    await client.refresh()
    expect(await client.talariaClients()).toEqual([])
    await expect(client.talariaClient().tasks()).rejects.toMatchObject({
      code: 'NO_SERVICE',
      role: 'talaria',
      message: expect.stringContaining("services: [{ role: 'talaria', url }]"),
    })
    ports.now = [1]
    await client.refresh()
    expect(await client.talariaClients()).toHaveLength(1)
    // Once it was asked for, it is on the list.
    expect((await client.services()).filter(({ role }) => role === 'talaria')).toHaveLength(1)
  })

  it('is asked of the leading Coordinator where the own server passes nothing on', async () => {
    const druid = fakeDruid({
      servers: workers([1]),
      gate: ({ server, path }) =>
        server === 'druid.test:8888' && path === ROLE ? reply({ status: 404 }) : undefined,
      routes: { [`GET ${ROLE}`]: nodes([1]), 'GET /tasks': [] },
    })
    expect(await both(druid).talariaClient().tasks()).toEqual([])
    expect(druid.requests.filter(({ path }) => path === ROLE).map(({ server }) => server)).toEqual([
      'druid.test:8888',
      'second:8081',
    ])
  })

  it('is not asked for where the option names its services', async () => {
    const druid = fakeDruid({ servers: workers([1]), routes: { 'GET /tasks': ['named'] } })
    const services = [{ role: 'talaria', url: 'http://extra:1' }]
    const client = both(druid, { services })
    expect(await client.talariaClient().tasks()).toEqual(['named'])
    expect(await client.talariaClients()).toHaveLength(1)
    expect(sent(druid, ROLE)).toBe(0)
  })
})

describe('a server that is gone', () => {
  const two = ['one', 'two'].map((host) => ({ role: 'historical', host }))

  it('is passed over: another of its role is asked, also by what must not be sent twice', async () => {
    const druid = fakeDruid({ servers: [...SERVERS.slice(0, 2), ...two] })
    const client = opened(druid).cluster()
    expect(await client.historicalClient().health()).toBe(true)
    // Druid still lists it.
    druid.setServers([
      ...SERVERS.slice(0, 2),
      { role: 'historical', host: 'one', url: 'http://elsewhere:1' },
      { role: 'historical', host: 'two' },
    ])
    const posted = client.serviceHost('historical').request('POST', '/status/health')
    await expect(posted).rejects.toMatchObject({ code: 'SERVER', status: 405 })
    expect(druid.requests.at(-1)?.server).toBe('two:8083')
    const before = druid.queries.length
    expect(await client.historicalClient().health()).toBe(true)
    expect(druid.queries.length).toBe(before)
  })

  it.each([undefined, 60_000])(
    'is passed over also while the list cannot be asked for (refreshInterval: %s)',
    async (refreshInterval) => {
      const broken = { now: false }
      const druid = fakeDruid({
        servers: [...SERVERS.slice(0, 2), ...two],
        gate: ({ path }) =>
          broken.now && path === '/druid/v2/sql' ? reply({ status: 500 }) : undefined,
      })
      const client = opened(druid, { refreshInterval }).cluster()
      expect(await client.historicalClient().health()).toBe(true)
      broken.now = true
      druid.setServers([...SERVERS.slice(0, 2), { role: 'historical', host: 'two' }])
      expect(await client.historicalClient().health()).toBe(true)
      expect(druid.requests.at(-1)?.server).toBe('two:8083')
      if (refreshInterval !== undefined) expect(await client.services()).toHaveLength(4)
      else await expect(client.refresh()).rejects.toMatchObject({ code: 'SERVER' })
    },
  )

  it('and was the only one: its own error comes after the list was asked for once more', async () => {
    const druid = fakeDruid({ servers: [...SERVERS.slice(0, 2), ...two.slice(0, 1)] })
    const client = opened(druid).cluster()
    expect(await client.historicalClient().health()).toBe(true)
    druid.setServers([
      ...SERVERS.slice(0, 2),
      { role: 'historical', host: 'one', url: 'http://elsewhere:1' },
    ])
    await expect(client.historicalClient().health()).rejects.toMatchObject({ code: 'CONNECT' })
    expect(druid.queries).toHaveLength(2)
  })
})

describe('whatIs()', () => {
  it('tells the roles of an endpoint, by its address here or in Druid; co-located ones share it', async () => {
    const mapUrl = ({ role }: { role: string }) =>
      role === 'historical' ? new URL('https://outside/store') : undefined
    const client = opened(fakeDruid({ servers: SERVERS }), { mapUrl }).cluster()
    expect(await client.whatIs('https://outside/store/')).toEqual(['historical'])
    expect(await client.whatIs('store:8283')).toEqual(['historical'])
    expect(await client.whatIs(new URL('http://store:8083'))).toEqual(['historical'])
    expect(await client.whatIs('http://second:8081')).toEqual(['coordinator', 'overlord'])
    expect(await client.whatIs('http://druid.test:8888')).toEqual(['router'])
    expect(await client.whatIs('https://outside/')).toEqual([])
    expect(await client.whatIs('nowhere')).toEqual([])
  })

  it("asks the connection's own server, where nobody lists its address", async () => {
    const druid = fakeDruid({
      servers: [{ role: 'router', url: 'https://gate/druid' }, ...SERVERS.slice(1)],
    })
    const client = opened(druid).cluster()
    expect(await client.whatIs('https://gate/druid')).toEqual(['router'])
    expect(await client.whatIs('https://gate')).toEqual([])
  })

  it('refuses what is no endpoint, without repeating it', async () => {
    const asked = opened(fakeDruid()).cluster().whatIs('http://me:s3cret@x:y')
    await expect(asked).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.not.stringContaining('s3cret'),
    })
  })
})
