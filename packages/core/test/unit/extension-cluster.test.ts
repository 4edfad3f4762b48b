import { connect } from '@druid/core'
import {
  type AnyExtension,
  defineExtension,
  type ExtensionHost,
  renamed,
  type ServiceHost,
} from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { FakeCluster, fakeCluster, fakeService } from './fake-cluster.ts'
import { serve } from './server.ts'

const URL_OF_DRUID = 'http://druid:8888'

class Talaria {
  readonly service: ServiceHost
  readonly client: ExtensionHost
  constructor(service: ServiceHost, client: ExtensionHost) {
    this.service = service
    this.client = client
  }
}
class Analyzer {
  readonly client: ExtensionHost
  constructor(client: ExtensionHost) {
    this.client = client
  }
}

const imply = defineExtension({
  name: 'imply',
  roles: { talaria: Talaria, 'query-worker': Talaria, middle_manager: Talaria },
  clusterMethods: { analyzer: Analyzer },
})

const connected = () => connect(URL_OF_DRUID, { extensions: [imply, fakeCluster] })
function errorsOf(...extensions: AnyExtension[]): (string | undefined)[] {
  return connect(URL_OF_DRUID, { extensions, onExtensionError: 'silent' })
    .extensions()
    .map((report) => report.error?.message)
}
const taken = (text: string): object => expect.stringContaining(text)

it('92 Add client methods / service roles: to this connection, not to a class', async () => {
  const both = defineExtension({
    name: 'both',
    client: Analyzer,
    roles: { talaria: Talaria },
    clusterMethods: { analyzer: Analyzer },
  })
  const druid = connect(URL_OF_DRUID, { extensions: [both, fakeCluster] })
  expect(druid.bothClient()).toBeInstanceOf(Analyzer)
  expect(druid.cluster().analyzer()).toBeInstanceOf(Analyzer)
  expect(druid.cluster().talariaClient()).toBeInstanceOf(Talaria)
  druid.cluster().servers.set('talaria', [fakeService('http://a'), fakeService('http://b')])
  const all = await druid.cluster().talariaClients()
  expect(all.map(({ service }) => service.url?.host)).toEqual(['a', 'b'])
  // The original patched its class: another client had the method, too.
  const other = connect(URL_OF_DRUID, { extensions: [fakeCluster] })
  expect('bothClient' in other).toBe(false)
  expect('talariaClient' in other.cluster()).toBe(false)
})

describe('client.cluster()', () => {
  it('is the one object that its extension made, given client and context', () => {
    const druid = connected()
    const cluster = druid.cluster()
    expect(cluster).toBeInstanceOf(FakeCluster)
    expect(druid.cluster()).toBe(cluster)
    expect(druid.with({}).cluster()).toBe(cluster)
    expect(cluster.context.url.href).toBe(`${URL_OF_DRUID}/`)
    expect(connected().cluster()).not.toBe(cluster)
    expect('cluster' in connect(URL_OF_DRUID, { extensions: [imply, fakeCluster] })).toBe(true)
  })

  it('has the roles and methods of all extensions, in any order of the list', () => {
    for (const druid of [
      connected(),
      connect(URL_OF_DRUID, { extensions: [fakeCluster, imply] }),
    ]) {
      const cluster = druid.cluster()
      expect(cluster.talariaClient()).toBeInstanceOf(Talaria)
      expect(cluster.queryWorkerClient()).toBeInstanceOf(Talaria)
      expect(cluster.middleManagerClient()).toBeInstanceOf(Talaria)
      expect(cluster.analyzer()).toBeInstanceOf(Analyzer)
      expect(cluster.analyzer()).toBe(cluster.analyzer())
      expect(Object.keys(cluster)).toEqual(['client', 'context', 'servers'])
      expect(druid.extensions().find(({ name }) => name === 'imply')).toMatchObject({
        status: 'active',
        roles: ['talaria', 'query-worker', 'middle_manager'],
        waiting: [],
        methods: expect.arrayContaining([
          'cluster().talariaClient',
          'cluster().talariaClients',
          'cluster().analyzer',
        ]),
      })
    }
  })

  it('gives a role class its service and the client', async () => {
    const druid = connected()
    const talaria = druid.cluster().talariaClient()
    expect(talaria.client).toBe(druid.cluster().analyzer().client)
    expect(talaria.client).not.toBe(druid.cluster().client)
    expect(druid.cluster().talariaClient()).toBe(talaria)
    expect(await talaria.service.request('GET', '/x')).toBe('GET http://talaria-leader/x')
  })

  it('keeps one role client for each live server', async () => {
    const cluster = connected().cluster()
    expect(await cluster.talariaClients()).toEqual([])
    const [a, b] = [fakeService('http://a'), fakeService('http://b')] as const
    cluster.servers.set('talaria', [a, b])
    const both = await cluster.talariaClients()
    expect(both.map((one) => one.service)).toEqual([a, b])
    cluster.servers.set('talaria', [b])
    const left = await cluster.talariaClients()
    expect(left).toHaveLength(1)
    expect(left[0]).toBe(both[1])
    expect(both[0]).not.toBe(cluster.talariaClient())
  })

  it('without a provider says which package to add; roles wait', () => {
    const druid = connect(URL_OF_DRUID, { extensions: [imply] })
    expect(() => (druid as unknown as { cluster(): unknown }).cluster()).toThrow(
      expect.objectContaining({
        code: 'EXTENSION',
        message: expect.stringMatching(/install @druid\/cluster and connect with.*\[cluster\]/),
      }),
    )
    expect(druid.extensions()[0]).toMatchObject({
      status: 'active',
      methods: [],
      waiting: ['talaria', 'query-worker', 'middle_manager', 'analyzer'],
    })
  })

  it('says why when its provider failed', () => {
    const broken = defineExtension({
      name: 'cluster',
      cluster: class extends FakeCluster {
        constructor(...given: ConstructorParameters<typeof FakeCluster>) {
          super(...given)
          throw new Error('no servers')
        }
      },
    })
    const druid = connect(URL_OF_DRUID, {
      extensions: [imply, broken],
      onExtensionError: 'silent',
    })
    expect(() => druid.cluster()).toThrow(/extension "cluster": is not active/)
    expect(druid.extensions().map(({ name, status }) => `${name} ${status}`)).toEqual([
      'imply active',
      'cluster failed',
    ])
    expect(druid.extensions()[1]?.error?.message).toContain('no servers')
  })

  it('wraps what the constructor of a role or method throws', async () => {
    class Broken {
      constructor() {
        throw new Error('out of order')
      }
    }
    const extension = defineExtension({
      name: 'broken',
      roles: { historical: Broken },
      clusterMethods: { breaker: Broken },
    })
    const cluster = connect(URL_OF_DRUID, { extensions: [fakeCluster, extension] }).cluster()
    cluster.servers.set('historical', [fakeService('http://a')])
    const wrapped = expect.objectContaining({
      code: 'EXTENSION',
      extension: 'broken',
      message: expect.stringContaining('out of order'),
    })
    expect(() => cluster.historicalClient()).toThrow(wrapped)
    expect(() => cluster.breaker()).toThrow(wrapped)
    await expect(cluster.historicalClients()).rejects.toThrow(wrapped)
  })
})

it('a cluster cannot use other extensions while it is made', () => {
  const eager = defineExtension({
    name: 'cluster',
    cluster: class extends FakeCluster {
      constructor(...given: ConstructorParameters<typeof FakeCluster>) {
        super(...given)
        given[0].extension('imply')
      }
    },
  })
  expect(errorsOf(imply, eager)[1]).toContain('connect() has not returned yet')
})

describe('a name on the cluster is taken', () => {
  const roles = (name: string, ...names: string[]): AnyExtension =>
    defineExtension({
      name: name as 'a',
      roles: Object.fromEntries(names.map((role) => [role, Talaria])),
    })
  const methods = (name: string, ...names: string[]): AnyExtension =>
    defineExtension({
      name: name as 'a',
      clusterMethods: Object.fromEntries(names.map((method) => [method, Analyzer])),
    })

  it('by an extension listed before', () => {
    expect(errorsOf(fakeCluster, roles('one', 'talaria'), roles('two', 'talaria'))).toEqual([
      undefined,
      undefined,
      taken('cluster.talariaClient() is already taken by the listed extension "one"'),
    ])
    // The whole of it fails, also what was free.
    const druid = connect(URL_OF_DRUID, {
      extensions: [fakeCluster, methods('one', 'a', 'b'), methods('two', 'c', 'b')],
      onExtensionError: 'silent',
    })
    expect(Object.getOwnPropertyNames(druid.cluster())).toEqual(expect.arrayContaining(['a', 'b']))
    // Its other methods say why they are not there.
    const { c } = druid.cluster() as unknown as Record<string, () => unknown>
    expect(() => c?.()).toThrow(/extension "two": is not active on this connection/)
  })

  it('by a method of the same name as a role client', () => {
    expect(errorsOf(fakeCluster, roles('one', 'x'), methods('two', 'xClients'))[2]).toContain(
      'cluster.xClients() is already taken',
    )
  })

  it('by a role of the same extension in another spelling', () => {
    expect(errorsOf(fakeCluster, roles('one', 'a-b', 'a_b'))[1]).toContain(
      'cluster.aBClient() is already taken by another role or method of its own',
    )
  })

  it('by the cluster itself, wherever that is listed', () => {
    expect(errorsOf(methods('one', 'services'), fakeCluster)).toEqual([
      undefined,
      taken('cluster.services() is already taken by the cluster itself'),
    ])
    expect(errorsOf(methods('one', 'servers'), fakeCluster)[1]).toContain('the cluster itself')
    expect(errorsOf(methods('one', 'refresh'), fakeCluster)[1]).toContain('the cluster itself')
  })

  it('by the roles of the provider, wherever that is listed', () => {
    const provider = defineExtension({
      name: 'cluster',
      cluster: FakeCluster,
      roles: { coordinator: Talaria },
    })
    expect(errorsOf(roles('one', 'coordinator'), provider)).toEqual([
      undefined,
      taken('cluster.coordinatorClient() is already taken by the listed extension "cluster"'),
    ])
  })

  it('by the cluster, before all that it does not require, wherever they are listed', () => {
    class Requiring extends FakeCluster {}
    const provider = defineExtension({
      name: 'cluster',
      cluster: Requiring,
      roles: { coordinator: Talaria },
      requires: { extensions: ['base'] },
    })
    const base = methods('base', 'licence')
    const druid = connect(URL_OF_DRUID, {
      extensions: [roles('one', 'coordinator'), base, provider] as AnyExtension[],
      onExtensionError: 'silent',
    })
    const reports = druid.extensions().map(({ name, status }) => `${name} ${status}`)
    expect(reports).toEqual(['base active', 'cluster active', 'one failed'])
    expect((druid as unknown as { cluster(): object }).cluster()).toHaveProperty('licence')
  })

  it('on the cluster by one that it requires: then the cluster fails', () => {
    const provider = defineExtension({
      name: 'cluster',
      cluster: FakeCluster,
      requires: { extensions: ['base'] },
    })
    expect(errorsOf(provider, methods('base', 'services'))).toEqual([
      undefined,
      taken('cluster.services() is already taken by the listed extension "base"'),
    ])
  })

  it('also while there is no cluster', () => {
    expect(errorsOf(roles('one', 'talaria'), roles('two', 'talaria'))[1]).toContain(
      'cluster.talariaClient() is already taken',
    )
  })

  it('by another cluster', () => {
    expect(errorsOf(fakeCluster, renamed(fakeCluster, 'two'))[1]).toContain(
      'client.cluster() is already taken by the listed extension "cluster"',
    )
  })
})

it('a cluster that takes only some of the methods of an extension keeps none of them', () => {
  class Picky extends FakeCluster {
    constructor(...given: ConstructorParameters<typeof FakeCluster>) {
      super(...given)
      // biome-ignore lint/correctness/noConstructorReturn: it is what an extension may do
      return new Proxy(this, {
        defineProperty(target, key, descriptor) {
          if (key === 'second') return false
          return Reflect.defineProperty(target, key, descriptor)
        },
      })
    }
  }
  const picky = defineExtension({ name: 'cluster', cluster: Picky })
  const both = defineExtension({
    name: 'both',
    client: Analyzer,
    clusterMethods: { first: Analyzer, second: Analyzer },
  })
  const druid = connect(URL_OF_DRUID, {
    extensions: [picky, both],
    onExtensionError: 'silent',
  })
  expect(druid.extensions()[1]).toMatchObject({
    name: 'both',
    status: 'failed',
    methods: [],
    error: { code: 'EXTENSION', message: expect.stringContaining('extension "both": ') },
  })
  expect(() => druid.cluster().first()).toThrow(/extension "both": is not active/)
  expect(() => druid.bothClient()).toThrow(/extension "both": is not active/)
})

describe('the context of the cluster', () => {
  it('sends requests to the servers it admits, with the credentials of the connection', async () => {
    await using server = await serve((request, response) =>
      response.end(JSON.stringify(request.path)),
    )
    const druid = connect(URL_OF_DRUID, { extensions: [fakeCluster], auth: { token: 'a' } })
    const base = new URL(`${server.url}/gate`)
    await expect(druid.request('GET', base)).rejects.toMatchObject({ code: 'CONFIG' })
    const service = druid.cluster().context.service(base)
    expect(service.url).toEqual(base)
    expect(await service.request('GET', '/status')).toBe('/gate/status')
    expect(server.arrived[0]?.headers.authorization).toBe('Bearer a')
    // From now on it is a server of this connection.
    expect(await druid.request('GET', base)).toBe('/gate')
    await expect(service.request('GET', 'http://evil/')).rejects.toMatchObject({ code: 'CONFIG' })
    await druid.close()
    await expect(service.request('GET', '/status')).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('sends credentials to a mapped address only by a mapper that the application chose', async () => {
    await using server = await serve((_, response) => response.end('{}'))
    const mapping = (name: string): AnyExtension =>
      defineExtension({
        name: name as 'mapping',
        setup: (context) => context.mapUrl(() => server.url),
      })
    const found = (allowed: boolean) => ({
      root: '/app',
      extensions: [
        {
          extension: mapping('found'),
          package: { name: 'f', version: '1', path: '/f' },
          allowed,
          ms: 0,
        },
      ],
      reports: [],
    })
    const ways: [object, boolean][] = [
      [{ extensions: [fakeCluster, mapping('listed')] }, true],
      [{ extensions: [fakeCluster], discovered: found(true) }, true],
      [{ extensions: [fakeCluster], discovered: found(false) }, false],
    ]
    for (const [options, expected] of ways) {
      server.arrived.length = 0
      const druid = connect(URL_OF_DRUID, { ...options, auth: { token: 'a' } }) as unknown as {
        cluster(): FakeCluster
      }
      const { context } = druid.cluster()
      const mapped = context.mapUrl({ host: 'inside' })
      expect(mapped).toMatchObject({ url: new URL(server.url) })
      await context.service(new URL(server.url), mapped).request('GET', '/status')
      expect('authorization' in (server.arrived[0]?.headers ?? {})).toBe(expected)
    }
    // What only looks like a mapper's answer is nobody's word.
    const druid = connect(URL_OF_DRUID, { extensions: [fakeCluster], auth: { token: 'a' } })
    const url = new URL(server.url)
    server.arrived.length = 0
    await druid.cluster().context.service(url, { url, extension: 'x' }).request('GET', '/status')
    expect(server.arrived[0]?.headers).not.toHaveProperty('authorization')
  })

  it('gives services whose address nobody can change', async () => {
    await using server = await serve((request, response) =>
      response.end(JSON.stringify(request.path)),
    )
    const druid = connect(URL_OF_DRUID, { extensions: [fakeCluster] })
    const address = new URL(server.url)
    const service = druid.cluster().context.service(address)
    address.host = 'elsewhere'
    if (service.url) service.url.pathname = '/other'
    expect(service.url?.href).toBe(`${server.url}/`)
    expect(await service.request('GET', '/status')).toBe('/status')
  })

  it('keeps the credentials from servers that an extension found which nobody chose', async () => {
    await using server = await serve((_, response) => response.end('{}'))
    const found = (allowed: boolean) => ({
      root: '/app',
      extensions: [
        {
          extension: fakeCluster,
          package: { name: 'c', version: '1', path: '/c' },
          allowed,
          ms: 0,
        },
      ],
      reports: [],
    })
    for (const allowed of [false, true]) {
      const druid = connect(URL_OF_DRUID, {
        discovered: found(allowed),
        auth: { token: 'a' },
        headers: { 'x-key': 'b' },
      })
      const cluster = (druid as unknown as { cluster(): FakeCluster }).cluster()
      await cluster.context.service(new URL(server.url)).request('GET', '/status')
    }
    expect(server.arrived.map((one) => one.headers.authorization)).toEqual([undefined, 'Bearer a'])
    expect(server.arrived.map((one) => one.headers['x-key'])).toEqual([undefined, 'b'])
  })
})
