import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { type Answer, type FakeDruid, fakeDruid, ROUTER, result, row } from './druid.ts'

const SQL = 'POST router:8888/druid/v2/sql'
const LOAD_STATUS = '/druid/coordinator/v1/loadstatus'
const ok: Answer = [200, '{}']
const opened = (druid: FakeDruid, options = {}) =>
  connect(ROUTER, { transport: druid.transport, extensions: [cluster.with(options)] })
/** Answers the list of servers, and everything else by the function. */
const listing = (
  rows: readonly object[],
  answer: (what: string) => Answer | undefined = () => ok,
) => fakeDruid((what) => (what === SQL ? [200, result(rows)] : answer(what)))

describe('cluster().services()', () => {
  it('gives copies: what the caller does to them the cluster does not see', async () => {
    const druid = listing([row('coordinator', 'inside', { is_leader: 1 })])
    const client = opened(druid).cluster()
    const services = (await client.services()) as unknown as { url: URL; role: string }[]
    for (const service of services) {
      service.url.host = 'evil:1'
      service.role = 'router'
    }
    services.pop()
    await client.coordinatorClient().loadStatus()
    expect(druid.asked.at(-1)).toBe(`GET inside:8081${LOAD_STATUS}`)
  })

  it('gives copies of the addresses of its hosts, too', async () => {
    const druid = listing([row('historical', 'inside')])
    const client = opened(druid).cluster()
    for (let i = 0; i < 2; i += 1) {
      const [host] = await client.serviceHosts('historical')
      if (host?.url) host.url.host = 'evil:1'
      await host?.request('GET', '/status')
    }
    expect(druid.asked.slice(1)).toEqual(Array(2).fill('GET inside:8081/status'))
  })

  it('ends with its signal, and others go on waiting for the same answer', async () => {
    let answer = (_: Answer): void => {}
    const druid = fakeDruid(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const client = opened(druid).cluster()
    const all = client.services()
    const { signal } = new AbortController()
    await expect(client.services({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    answer([200, result([row('broker', 'a')])])
    expect(await all).toEqual(await client.services({ signal }))
    expect(druid.asked).toHaveLength(1)
  })

  it('keeps what it was given as options, not the objects', async () => {
    const url = new URL('http://bar:1')
    const services = [{ role: 'broker', url }]
    const druid = listing([])
    const client = opened(druid, { services }).cluster()
    url.host = 'evil:1'
    services.length = 0
    await client.brokerClient().status()
    expect(druid.asked.at(-1)).toBe('GET bar:1/status')
  })

  it('leaves a server with an odd address out, and calls none at another place', async () => {
    const odd = [null, '', 'a b', 'evil/x', 'fe80::1%eth0'].map((host) =>
      row('historical', host as string),
    )
    const client = opened(listing([...odd, row('historical', 'good')])).cluster()
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
    const [report] = connect(ROUTER, {
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
    const services = opened(listing([row('broker', 'a')]), { mapUrl })
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

  it('says where a server is; others stay where Druid has them', async () => {
    const druid = listing([row('broker', 'pod'), row('historical', 'plain')])
    const client = connect(ROUTER, { transport: druid.transport, extensions: [cluster, pods] })
    const urls = (await client.cluster().services()).map(({ role, url }) => `${role} ${url?.href}`)
    expect(urls).toEqual(['broker https://outside/gate', 'historical http://plain:8081/'])
    await client.cluster().brokerClient().status()
    expect(druid.asked.at(-1)).toBe('GET outside/gate/status')
  })

  it("comes after the application's own", async () => {
    const druid = listing([row('broker', 'pod')])
    const own = cluster.with({ mapUrl: () => new URL('http://own:1') })
    const client = connect(ROUTER, { transport: druid.transport, extensions: [own, pods] })
    expect((await client.cluster().services())[0]?.url?.href).toBe('http://own:1/')
  })

  it.each([
    [true, 'Bearer secret'],
    [false, undefined],
  ])('where the application chose it: %s, credentials go there: %s', async (allowed, sent) => {
    const seen: (string | undefined)[] = []
    const { transport } = listing([row('broker', 'pod')])
    const client = connect(ROUTER, {
      auth: { token: 'secret' },
      extensions: [cluster],
      discovered: {
        root: '/',
        reports: [],
        extensions: [
          { extension: pods, allowed, ms: 0, package: { name: 'pods', version: '1', path: '/' } },
        ],
      },
      transport: {
        ...transport,
        request(request) {
          if (request.url.host === 'outside') seen.push(request.headers.authorization)
          return transport.request(request)
        },
      },
    })
    await client.cluster().brokerClient().status()
    expect(seen).toEqual([sent])
  })
})

describe('a call to a service', () => {
  it('ends with its signal while the cluster is still asked for its servers', async () => {
    const client = opened(fakeDruid(() => undefined)).cluster()
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
    const client = opened(fakeDruid(() => undefined)).cluster()
    const host = client.serviceHost('overlord')
    const path = 'http://me:s3cret@overlord/'
    const request = host.request('GET', path, undefined, { signal: AbortSignal.timeout(10) })
    await expect(request).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.not.stringContaining('s3cret'),
    })
  })

  it('that is sent on to another leader asks for the servers once, however many do so at once', async () => {
    let leader = 'first'
    const druid = fakeDruid((what) => {
      if (what !== SQL) return what.includes(leader) ? ok : [307, '']
      return [200, result([row('coordinator', leader, { is_leader: 1 })])]
    })
    const client = opened(druid).cluster()
    await client.coordinatorClient().loadStatus()
    leader = 'second'
    await Promise.all(Array.from({ length: 50 }, () => client.coordinatorClient().loadStatus()))
    expect(druid.asked.filter((what) => what === SQL)).toHaveLength(2)
  })

  it.each(['', '.', '..', 'a\ud800'])(
    'with the name %j is refused, not another path',
    async (name) => {
      const druid = listing([row('coordinator', 'c', { is_leader: 1 }), row('overlord', 'o')])
      const client = opened(druid).cluster()
      const config = { code: 'CONFIG', option: 'path' }
      await expect(client.coordinatorClient().markUnused(name)).rejects.toMatchObject(config)
      await expect(client.coordinatorClient().segmentsToLoad(name)).rejects.toMatchObject(config)
      await expect(client.overlordClient().taskStatus(name)).rejects.toMatchObject(config)
      await expect(client.overlordClient().shutdown(name)).rejects.toMatchObject(config)
      expect(druid.asked.filter((what) => what !== SQL)).toEqual([])
    },
  )
})
