import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
import {
  type FakeDruid,
  fakeDruid,
  noAnswer,
  type RouteAnswer,
  type ServerInput,
} from '@druid/testing'
import { describe, expect, it } from 'vitest'

const LOAD_STATUS = '/druid/coordinator/v1/loadstatus'
const opened = ({ url, transport }: FakeDruid, options = {}) =>
  connect(url, { transport, extensions: [cluster.with(options)] })
/** A Router, and these; the Coordinators tell what is loaded. */
const listing = (servers: readonly ServerInput[], loadStatus: RouteAnswer = {}) =>
  fakeDruid({
    servers: [{ role: 'router' }, ...servers],
    routes: { [`GET ${LOAD_STATUS}`]: loadStatus },
  })
const last = ({ requests }: FakeDruid): string => {
  const { method = '', url } = requests.at(-1) ?? {}
  return `${method} ${url?.host}${url?.pathname}`
}

describe('cluster().services()', () => {
  it('gives copies: what the caller does to them the cluster does not see', async () => {
    const druid = listing([{ role: 'coordinator', host: 'inside' }])
    const client = opened(druid).cluster()
    const services = (await client.services()) as unknown as { url: URL; role: string }[]
    for (const service of services) {
      service.url.host = 'evil:1'
      service.role = 'router'
    }
    services.pop()
    await client.coordinatorClient().loadStatus()
    expect(last(druid)).toBe(`GET inside:8081${LOAD_STATUS}`)
  })

  it('gives copies of the addresses of its hosts, too', async () => {
    const druid = listing([{ role: 'historical', host: 'inside' }])
    const client = opened(druid).cluster()
    for (let i = 0; i < 2; i += 1) {
      const [host] = await client.serviceHosts('historical')
      if (host?.url) host.url.host = 'evil:1'
      await host?.request('GET', '/status')
    }
    expect(druid.requests.slice(1)).toMatchObject(
      Array(2).fill({ server: 'inside:8083', path: '/status' }),
    )
  })

  it('ends with its signal, and others go on waiting for the same answer', async () => {
    let answer = (): void => {}
    const asked = new Promise<undefined>((resolve) => {
      answer = () => resolve(undefined)
    })
    const druid = fakeDruid({ sql: () => asked })
    const client = opened(druid).cluster()
    const all = client.services()
    const { signal } = new AbortController()
    await expect(client.services({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    answer()
    expect(await all).toEqual(await client.services({ signal }))
    expect(druid.requests).toHaveLength(1)
  })

  it('keeps what it was given as options, not the objects', async () => {
    const url = new URL('http://bar:1')
    const services = [{ role: 'broker', url }]
    const druid = listing([{ role: 'talaria', port: 1, url: 'http://bar:1' }])
    const client = opened(druid, { services }).cluster()
    url.host = 'evil:1'
    services.length = 0
    await client.brokerClient().status()
    expect(last(druid)).toBe('GET bar:1/status')
  })

  it('leaves a server with an odd address out, and calls none at another place', async () => {
    const odd = [null, '', 'a b', 'evil/x', 'fe80::1%eth0'].map((host) => ({
      server_type: 'historical',
      host: host as string,
    }))
    const client = opened(listing([...odd, { role: 'historical', host: 'good' }])).cluster()
    const hosts = await client.historicalClients()
    expect(hosts).toHaveLength(1)
    expect((await client.services()).filter(({ url }) => url === undefined)).toHaveLength(5)
  })
})

describe('cluster.with() refuses', () => {
  it.each<[string, object, RegExp]>([
    ['an option that nobody knows', { mapUrls: () => undefined }, /did you mean "mapUrl"/],
    ['a mapper that is none', { mapUrl: 'http://x' }, /mapUrl is a function/],
    ['services that are no list', { services: {} }, /services is a list/],
    ['a service that is no URL', { services: [{ role: 'bar', url: 'bar:1/x y' }] }, /whole URL/],
    ['a service of another scheme', { services: [{ role: 'bar', url: 'ftp://bar' }] }, /http:/],
    ['a service that is null', { services: [null] }, /services are \{ role, url \}/],
  ])('%s', (_, options, why) => {
    const [report] = connect('http://router:8888', {
      extensions: [cluster.with(options as never)],
      onExtensionError: 'silent',
    }).extensions()
    expect(report?.status).toBe('failed')
    expect(report?.error?.message).toMatch(why)
  })

  it.each<[string, unknown]>([
    ['text that is no URL', 'nowhere'],
    ['another scheme', 'file:///etc'],
    ['credentials', 'http://me:s3cret@x'],
    ['an error', new Error('lost')],
    ['what cannot become a text', Object.create(null)],
  ])('a mapper that gives %s', async (_, answer) => {
    const mapUrl = (): never => {
      if (answer instanceof Error) throw answer
      return answer as never
    }
    const services = opened(listing([{ role: 'broker' }]), { mapUrl })
      .cluster()
      .services()
    await expect(services).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'mapUrl',
      message: expect.not.stringContaining('s3cret'),
    })
  })
})

describe("an extension's mapUrl", () => {
  const pods = defineExtension({
    name: 'pods',
    setup: (context) =>
      context.mapUrl(({ host }) => (host === 'pod' ? 'https://outside/gate' : undefined)),
  })

  const pod = { role: 'broker', host: 'pod', url: 'https://outside/gate' }

  it('says where a server is; others stay where Druid has them', async () => {
    const druid = listing([pod, { role: 'historical', host: 'plain' }])
    const client = connect(druid.url, { transport: druid.transport, extensions: [cluster, pods] })
    const urls = (await client.cluster().services()).map(({ role, url }) => `${role} ${url?.href}`)
    expect(urls).toEqual([
      'broker https://outside/gate',
      'historical http://plain:8083/',
      'router http://druid.test:8888/',
    ])
    await client.cluster().brokerClient().status()
    expect(last(druid)).toBe('GET outside/gate/status')
  })

  it("comes after the application's own", async () => {
    const { url, transport } = listing([pod])
    const own = cluster.with({ mapUrl: () => new URL('http://own:1') })
    const client = connect(url, { transport, extensions: [own, pods] })
    expect((await client.cluster().services())[0]?.url?.href).toBe('http://own:1/')
  })

  it.each([
    [true, 'Bearer secret'],
    [false, undefined],
  ])('where the application chose it: %s, credentials go there: %s', async (allowed, sent) => {
    const druid = listing([pod])
    const client = connect(druid.url, {
      auth: { token: 'secret' },
      extensions: [cluster],
      discovered: {
        root: '/',
        reports: [],
        extensions: [
          { extension: pods, allowed, ms: 0, package: { name: 'pods', version: '1', path: '/' } },
        ],
      },
      transport: druid.transport,
    })
    await client.cluster().brokerClient().status()
    const there = druid.requests.filter(({ server }) => server === 'pod:8082')
    expect(there.map(({ headers }) => headers.authorization)).toEqual([sent])
  })
})

describe('a call to a service', () => {
  it('ends with its signal while the cluster is still asked for its servers', async () => {
    const client = opened(fakeDruid({ sql: () => noAnswer() })).cluster()
    const signal = AbortSignal.timeout(20)
    await expect(client.coordinatorClient().loadStatus({ signal })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 5)
    await expect(
      client.overlordClient().leader({ signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('never repeats its path, which may be a URL with a password', async () => {
    const client = opened(fakeDruid({ sql: () => noAnswer() })).cluster()
    const host = client.serviceHost('overlord')
    const path = 'http://me:s3cret@overlord/'
    const request = host.request('GET', path, undefined, { signal: AbortSignal.timeout(10) })
    await expect(request).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.not.stringContaining('s3cret'),
    })
  })

  it('that is sent on to another leader asks for the servers once, however many do so at once', async () => {
    const led = (leader: string): ServerInput[] => [
      { role: 'router' },
      ...['first', 'second'].map((host) => ({
        role: 'coordinator',
        host,
        leader: host === leader,
      })),
    ]
    const druid = listing(led('first').slice(1))
    const client = opened(druid).cluster()
    await client.coordinatorClient().loadStatus()
    druid.setServers(led('second'))
    await Promise.all(Array.from({ length: 50 }, () => client.coordinatorClient().loadStatus()))
    expect(druid.queries).toHaveLength(2)
    expect(druid.requests.filter(({ status }) => status === 307)).toHaveLength(50)
  })

  it.each(['', '.', '..', 'a\ud800'])(
    'with the name %j is refused, not another path',
    async (name) => {
      const druid = listing([{ role: 'coordinator' }, { role: 'overlord' }])
      const client = opened(druid).cluster()
      const config = { code: 'CONFIG', option: 'path' }
      await expect(client.coordinatorClient().markAllUnused(name)).rejects.toMatchObject(config)
      await expect(client.coordinatorClient().segmentsToLoad(name)).rejects.toMatchObject(config)
      await expect(client.overlordClient().taskStatus(name)).rejects.toMatchObject(config)
      await expect(client.overlordClient().shutdown(name)).rejects.toMatchObject(config)
      expect(druid.requests).toHaveLength(druid.queries.length)
    },
  )
})
