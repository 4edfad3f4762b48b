import { type ClusterOptions, cluster, dockerPorts, urlTemplate } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { DruidError, defineExtension } from '@druid/core/extension'
import { describe, expect, inject, it } from 'vitest'

const routerUrl = inject('druidUrl')
const { origin: router } = new URL(routerUrl)
const { origin: broker } = new URL(inject('brokerUrl'))
const ROLES = ['broker', 'coordinator', 'historical', 'indexer', 'overlord', 'router']

type Druid = DruidClient<typeof cluster>
const opened = (url = routerUrl, options: ClusterOptions = {}): Druid =>
  connect(url, { extensions: [cluster.with(options)] })

/** Refuses requests to these paths, as a gateway would that lets only some by. */
const refusing = (...paths: readonly string[]) =>
  defineExtension({
    name: 'gateway',
    setup: (context) =>
      context.use((request, next) => {
        if (!paths.includes(request.url.pathname)) return next(request)
        throw new DruidError('FORBIDDEN', 'not by this gateway', { status: 403 })
      }),
  })

describe.each([
  ['Router', routerUrl],
  ['Broker', inject('brokerUrl')],
])('81 Service discovery: from the URL of the %s', (_, url) => {
  it('lists the services with role, address and leader', async () => {
    await using druid = opened(url)
    const services = await druid.cluster().services()
    expect(services.map(({ role }) => role)).toEqual(ROLES)
    const leaders = services.filter(({ leader }) => leader).map(({ role }) => role)
    expect(leaders).toEqual(['coordinator', 'overlord'])
    const found = services.find(({ role }) => role === 'router')
    expect(found).toMatchObject({ leader: undefined, source: 'sys.servers' })
    expect(found?.url?.origin).toBe(router)
  })

  it('reaches Coordinator and Overlord, and knows their leaders', async () => {
    await using druid = opened(url)
    const services = await druid.cluster().services()
    const leader = services.find(({ role }) => role === 'coordinator')?.url?.origin
    expect(await druid.cluster().coordinatorClient().leader()).toBe(leader)
    expect(await druid.cluster().overlordClient().leader()).toBe(leader)
    const status = await druid.cluster().coordinatorClient().status()
    expect(status.version).toBe(inject('druidVersion'))
  })

  it('goes to them through the Router where that is wished', async () => {
    await using druid = opened(url, { through: 'router' })
    expect((await druid.cluster().overlordClient().status()).version).toBe(inject('druidVersion'))
    expect((await druid.cluster().coordinatorClient().loadStatus()).flights).toBe(100)
  })

  it('explains the mapping', async () => {
    await using druid = opened(url)
    const explained = await druid.cluster().explainMapping()
    expect(explained.map(({ role }) => role)).toEqual(ROLES)
    for (const one of explained) {
      expect(one).toMatchObject({ mapper: 'identity', reachable: true, through: 'direct' })
      expect(one.why).toBeUndefined()
      expect(one.url?.host).toBe(one.server)
    }
  })

  it('tells what an endpoint is', async () => {
    await using druid = opened(url)
    expect(await druid.cluster().whatIs(router)).toEqual(['router'])
    expect(await druid.cluster().whatIs(broker)).toEqual(['broker'])
    const leader = await druid.cluster().coordinatorClient().leader()
    expect(await druid.cluster().whatIs(leader)).toEqual(['coordinator', 'overlord'])
    expect(await druid.cluster().whatIs('localhost:1')).toEqual([])
    // The same server by another name, which nobody lists.
    const named = new URL(url)
    named.hostname = 'localhost'
    await using other = opened(named.href)
    const own = new URL(url).origin === router ? 'router' : 'broker'
    expect(await other.cluster().whatIs(named.origin)).toEqual([own])
  })

  it('86 Wait until cluster ready: is ready when all is there, and says what is not', async () => {
    await using druid = opened(url)
    const ready = await druid.cluster().untilReady({ roles: { historical: 1, indexer: 1 } })
    expect(ready.map(({ role }) => role)).toEqual(ROLES)
    await expect(
      druid.cluster().untilReady({ roles: { historical: 2, peon: 1 }, timeout: 5_000 }),
    ).rejects.toThrow(
      /lacks the role historical: there are 1 of 2; the role peon: there are 0 of 1/,
    )
  })
})

describe('81 Service discovery: what the Coordinator tells where SQL is not allowed', () => {
  it('is what SQL tells', async () => {
    await using druid = opened()
    await using other = connect(routerUrl, { extensions: [cluster, refusing('/druid/v2/sql')] })
    const [bySql, byList] = await Promise.all([
      druid.cluster().services(),
      other.cluster().services(),
    ])
    const told = byList.map((service) => ({ ...service, source: 'sys.servers' }))
    // The tier of an Indexer is not among the servers that the Coordinator tells of.
    const comparable = bySql.map((it) => (it.role === 'indexer' ? { ...it, tier: undefined } : it))
    expect(told.map((it) => (it.role === 'indexer' ? { ...it, tier: undefined } : it))).toEqual(
      comparable,
    )
    expect(byList.every(({ source }) => source === 'coordinator')).toBe(true)
    expect(await other.cluster().historicalClient().health()).toBe(true)
  })

  it('is not needed where services are named', async () => {
    await using known = opened()
    const listed = await known.cluster().services()
    const services = listed.flatMap(({ role, url }) => (url ? [{ role, url }] : []))
    const gateway = refusing('/druid/v2/sql', '/druid/coordinator/v1/cluster')
    await using druid = connect(routerUrl, { extensions: [cluster.with({ services }), gateway] })
    const named = await druid.cluster().services()
    expect(named.map(({ role }) => role)).toEqual(ROLES)
    expect(named.every(({ source }) => source === 'option')).toBe(true)
    expect(await druid.cluster().historicalClient().health()).toBe(true)
    expect((await druid.cluster().coordinatorClient().loadStatus()).flights).toBe(100)
    await using none = connect(routerUrl, { extensions: [cluster, gateway] })
    await expect(none.cluster().services()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    // Of the Router's own knowing who leads.
    expect((await none.cluster().coordinatorClient().loadStatus()).flights).toBe(100)
  })

  it.skipIf(inject('readerUrl') === '')('is refused to a user who may only read', async () => {
    await using reader = opened(inject('readerUrl'))
    await expect(reader.cluster().services()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    // What that user may ask is answered, through the Router.
    expect(await reader.cluster().coordinatorClient().dataSources()).toEqual(['flights'])
  })
})

describe('84 Clients for historical / MM / indexer', () => {
  it('are one per role, and one per live server as long as it lives', async () => {
    await using druid = opened()
    const { cluster: open } = druid
    expect(open().brokerClient()).toBe(open().brokerClient())
    for (const clients of [open().historicalClients, open().indexerClients]) {
      const [first, ...others] = await clients()
      expect(others).toEqual([])
      expect(await first?.health()).toBe(true)
      await open().refresh()
      expect((await clients())[0]).toBe(first)
    }
  })

  it('say which role has no server', async () => {
    await using druid = opened()
    await expect(druid.cluster().middleManagerClient().health()).rejects.toMatchObject({
      code: 'NO_SERVICE',
      role: 'middle_manager',
    })
    expect(await druid.cluster().middleManagerClients()).toEqual([])
  })

  it('of a role that nobody has heard of, say so after the Coordinator was asked', async () => {
    await using druid = opened()
    const host = druid.cluster().serviceHost('talaria')
    await expect(host.request('GET', '/status')).rejects.toMatchObject({
      code: 'NO_SERVICE',
      message: expect.stringContaining('no server has the role "talaria"'),
    })
  })
})

describe('the way through the Router', () => {
  it.each(['a b', '100%', '50%25', 'é', 'a/b', '東京', 'a+b&c=d?'])(
    'keeps the name %j as it is',
    async (name) => {
      const path = `/druid/coordinator/v1/rules/${encodeURIComponent(name)}`
      const rules = [{ type: 'dropForever' }]
      await using direct = opened(routerUrl, { through: 'direct' })
      await using routed = opened(routerUrl, { through: 'router' })
      const ask = (druid: Druid, method: string, body?: unknown): Promise<unknown> =>
        druid
          .cluster()
          .serviceHost('coordinator')
          .request(method, path, body)
          .catch((error: { status?: number }) => `refused: ${error.status}`)
      const own = await ask(direct, 'GET')
      expect(await ask(routed, 'GET')).toEqual(own)
      if (typeof own === 'string') return
      try {
        await ask(routed, 'POST', rules)
        await expect.poll(() => ask(direct, 'GET'), { timeout: 30_000 }).toEqual(rules)
        expect(await ask(routed, 'GET')).toEqual(rules)
      } finally {
        await ask(direct, 'POST', [])
      }
    },
  )

  it('leads to all paths of both: /status, /druid-ext, what takes a body', async () => {
    await using druid = opened(routerUrl, { through: 'router' })
    const { cluster: open } = druid
    const properties = await open()
      .serviceHost('overlord')
      .request<Record<string, string>>('GET', '/status/properties')
    expect(properties['druid.service']).toBe('druid/coordinator')
    const unknown = open().serviceHost('coordinator').request('GET', '/druid-ext/no-such/path')
    await expect(unknown).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await open().overlordClient().taskStatuses(['no such task'])).toEqual({})
  })
})

describe('83 Internal → external address mapping: a mapper that is wrong', () => {
  it('is found out: why, and which way calls take then', async () => {
    const mapUrl = dockerPorts({ [new URL(broker).port]: 1 }, { host: '127.0.0.1' })
    await using druid = opened(routerUrl, { mapUrl })
    const explained = await druid.cluster().explainMapping()
    const wrong = explained.filter(({ reachable }) => !reachable)
    expect(wrong).toMatchObject([{ role: 'broker', mapper: 'dockerPorts', through: undefined }])
    expect(wrong[0]?.why).toMatch(/refused|ECONNREFUSED/)
    await expect(druid.cluster().brokerClient().health()).rejects.toThrow(
      /by the mapper dockerPorts/,
    )
  })

  it('does no harm where the Router passes requests on', async () => {
    const mapUrl = urlTemplate('http://127.0.0.1:1')
    await using druid = opened(routerUrl, { mapUrl })
    expect((await druid.cluster().coordinatorClient().loadStatus()).flights).toBe(100)
  })
})
