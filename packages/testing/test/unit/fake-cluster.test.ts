import { cluster, dockerPorts } from '@druid/cluster'
import { connect } from '@druid/core'
import { type FakeDruidOptions, fakeDruid, htmlPage, reply } from '@druid/testing'
import { describe, expect, it } from 'vitest'

const open = (options: FakeDruidOptions = {}) => {
  const fake = fakeDruid(options)
  const druid = connect(fake.url, { transport: fake.transport, extensions: [cluster] })
  return { fake, druid }
}
const LOAD = 'GET /druid/coordinator/v1/loadstatus'

describe('the cluster of the fake', () => {
  it('is a small one by itself, which the cluster extension finds', async () => {
    const { druid, fake } = open()
    expect(fake.url).toBe('http://druid.test:8888')
    const services = await druid.cluster().services()
    expect(services.map(({ role, server, leader }) => `${role} ${server} ${leader}`)).toEqual([
      'broker druid.test:8082 undefined',
      'coordinator druid.test:8081 true',
      'historical druid.test:8083 undefined',
      'middle_manager druid.test:8091 undefined',
      'overlord druid.test:8090 true',
      'router druid.test:8888 undefined',
    ])
    expect(await druid.cluster().overlordClient().leader()).toBe('http://druid.test:8090')
    expect(await druid.cluster().historicalClient().health()).toBe(true)
    expect((await druid.cluster().brokerClient().status()).version).toBe('33.0.0')
  })

  it('is made of short forms and of rows', async () => {
    const { druid, fake } = open({
      servers: [
        { role: 'broker', host: 'b1', port: 8082 },
        { role: 'historical', host: 'h1', tier: 'hot' },
        { server_type: 'coordinator', host: 'c1', plaintext_port: 1, is_leader: 0 },
        {
          server_type: 'coordinator',
          host: 'c2',
          plaintext_port: -1,
          tls_port: 8281,
          is_leader: 1,
        },
      ],
    })
    expect(fake.url).toBe('http://b1:8082')
    const rows = await druid.query('SELECT server, tier, tls_port, is_leader FROM sys.servers')
    expect([...rows]).toEqual([
      { server: 'b1:8082', tier: null, tls_port: -1, is_leader: null },
      { server: 'h1:8083', tier: 'hot', tls_port: -1, is_leader: null },
      { server: 'c1:1', tier: null, tls_port: -1, is_leader: 0 },
      { server: 'c2:8281', tier: null, tls_port: 8281, is_leader: 1 },
    ])
    // As extensions write them around a statement.
    const commented = "/* for -- all */ SELECT server FROM sys.servers WHERE tier = 'hot' -- an app"
    expect(await druid.value(commented)).toBe('h1:8083')
    expect(await druid.value(commented.replace("'hot'", "'-- hot'")).catch((e) => e.code)).toBe(
      'NOT_FOUND',
    )
    expect(fake.urlOf('coordinator')).toBe('http://c1:1')
    expect(await druid.cluster().coordinatorClient().leader()).toBe('https://c2:8281')
    expect(fake.requests.at(-1)).toMatchObject({ server: 'c2:8281', roles: ['coordinator'] })
  })

  it('sends requests on from a server that does not lead, and finds a leader that moved', async () => {
    const servers = (leader: string) =>
      ['c1', 'c2'].map((host) => ({
        role: 'coordinator',
        host,
        port: 8081,
        leader: host === leader,
      }))
    const router = { role: 'router', port: 8888 }
    const { druid, fake } = open({
      servers: [router, ...servers('c1')],
      routes: { [LOAD]: ({ server }) => ({ [server]: 100 }) },
    })
    const client = druid.cluster().coordinatorClient()
    expect(await client.loadStatus()).toEqual({ 'c1:8081': 100 })
    fake.setServers([router, ...servers('c2')])
    expect(await client.loadStatus()).toEqual({ 'c2:8081': 100 })
    const path = '/druid/coordinator/v1/loadstatus'
    expect(
      fake.requests
        .filter((one) => one.path === path)
        .map(({ server, status }) => `${server} ${status}`),
    ).toEqual(['c1:8081 200', 'c1:8081 307', 'c2:8081 200'])
  })

  it('has no answer where no server is', async () => {
    const { druid, fake } = open({ routes: { [LOAD]: {} } })
    await druid.cluster().coordinatorClient().loadStatus()
    fake.setServers([{ role: 'router' }, { role: 'coordinator', host: 'c2' }])
    await druid.cluster().coordinatorClient().loadStatus()
    expect(fake.requests.at(-1)?.server).toBe('c2:8081')
    const gone = connect('http://druid.test:8081', { transport: fake.transport })
    await expect(gone.version()).rejects.toMatchObject({ code: 'CONNECT', reason: 'refused' })
    const elsewhere = connect('http://elsewhere:1', { transport: fake.transport })
    await expect(elsewhere.version()).rejects.toMatchObject({ code: 'CONNECT', reason: 'dns' })
  })

  it('is reached where the application maps it', async () => {
    const fake = fakeDruid({
      servers: [
        { role: 'router' },
        { role: 'historical', host: 'inside', port: 8083, url: 'http://localhost:18083' },
        { role: 'broker', host: 'inside', port: 8082, url: 'https://gate.test/broker' },
      ],
    })
    const mapUrl = dockerPorts({ 8083: 18083 })
    const druid = connect(fake.url, {
      transport: fake.transport,
      extensions: [
        cluster.with({
          mapUrl: (server) =>
            server.role === 'broker' ? new URL('https://gate.test/broker') : mapUrl(server),
        }),
      ],
    })
    expect(await druid.cluster().historicalClient().health()).toBe(true)
    expect(await druid.cluster().brokerClient().health()).toBe(true)
    expect(fake.requests.at(-1)).toMatchObject({ server: 'inside:8082', path: '/status/health' })
  })

  it('has servers that Druid does not list, and knows nothing of what they do', async () => {
    const { druid, fake } = open({
      servers: [{ role: 'router' }, { role: 'talaria', host: 'talaria', port: 9090 }],
      routes: { 'GET /talaria/v1/tasks': [{ id: 't1' }] },
    })
    expect(await druid.value('SELECT COUNT(*) FROM sys.servers')).toBe(1)
    const talaria = connect(fake.urlOf('talaria'), { transport: fake.transport })
    expect(await talaria.request('GET', '/talaria/v1/tasks')).toEqual([{ id: 't1' }])
    await expect(talaria.request('GET', '/talaria/v1/other')).rejects.toMatchObject({
      code: 'CONFIG',
    })
  })
})

describe('a route', () => {
  it('answers JSON, a reply, or what a function makes of the request', async () => {
    const { druid, fake } = open({
      routes: {
        'GET /druid-ext/a': { plain: true },
        'GET /druid-ext/text': reply({ body: 'as it is' }),
        'DELETE /druid-ext/a/{id}': reply({ status: 202 }),
        'POST /druid-ext/a/{id}/{part}': ({ params, query, body }) => ({
          ...params,
          body,
          full: query.get('full'),
        }),
        'GET /druid-ext/null': null,
        'GET /status': () => undefined,
        'GET /druid-ext/*': ({ path }) => ({ rest: path }),
      },
    })
    expect(await druid.request('GET', '/druid-ext/a')).toEqual({ plain: true })
    expect(await druid.request('GET', '/druid-ext/text', undefined, { expect: 'text' })).toBe(
      'as it is',
    )
    expect(await druid.request('DELETE', '/druid-ext/a/x')).toBeUndefined()
    expect(await druid.request('POST', '/druid-ext/a/a%2Fb/c?full=1', { n: 1 })).toEqual({
      id: 'a/b',
      part: 'c',
      body: { n: 1 },
      full: '1',
    })
    expect(await druid.request('GET', '/druid-ext/null')).toBeNull()
    expect(await druid.version()).toBe('33.0.0')
    expect(await druid.request('GET', '/druid-ext/x/y')).toEqual({ rest: '/druid-ext/x/y' })
    expect(fake.unanswered).toEqual([])
  })

  it('is answered by the servers that have such paths, and through the Router', async () => {
    const { druid, fake } = open({ routes: { [LOAD]: { flights: 100 } } })
    const path = '/druid/coordinator/v1/loadstatus'
    expect(await druid.request('GET', path)).toEqual({ flights: 100 })
    expect(await druid.request('GET', `/proxy/coordinator${path}`)).toEqual({ flights: 100 })
    const broker = connect(fake.urlOf('broker'), { transport: fake.transport })
    await expect(broker.request('GET', path)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    fake.setServers([{ role: 'router' }])
    await expect(druid.request('GET', path)).rejects.toMatchObject({ code: 'SERVER', status: 503 })
  })

  it('that is missing is an error that shows how to add it', async () => {
    const { druid, fake } = open()
    const why = /no answer for GET \/druid-ext\/x .*\n.*routes: \{ 'GET \/druid-ext\/x'/
    await expect(druid.request('GET', '/druid-ext/x?a=b')).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(why),
    })
    expect(fake.unanswered).toEqual([expect.stringMatching(why)])
  })

  it('that Druid does not have is its 404', async () => {
    const { druid } = open()
    await expect(druid.request('GET', '/nothing')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('Not Found'),
    })
  })
})

describe('a request is written down', () => {
  it('with all that was sent, and what became of it', async () => {
    const { druid, fake } = open({ sql: () => [{ a: 1 }], gate: () => undefined })
    await druid.query('SELECT 1')
    const [one] = fake.requests
    expect(one).toMatchObject({
      method: 'POST',
      path: '/druid/v2/sql',
      server: 'druid.test:8888',
      roles: ['router'],
      credentials: false,
      body: { query: 'SELECT 1', resultFormat: 'arrayLines' },
      status: 200,
      state: 'read',
    })
    expect(one?.headers['content-type']).toBe('application/json')
    fake.requests.length = 0
    await druid.version()
    expect(fake.requests).toHaveLength(1)
  })

  it('whose signal was aborted before is not sent', async () => {
    const { druid, fake } = open()
    await expect(druid.version({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    expect(fake.requests).toEqual([])
  })

  it('and its reply is read once', async () => {
    const { fake } = open()
    const { body } = await fake.transport.request({
      method: 'GET',
      url: new URL('/status/health', fake.url),
      headers: {},
      idempotent: true,
    })
    expect(body.trailers()).toBeUndefined()
    for await (const _ of body);
    expect(body.trailers()).toBeInstanceOf(Headers)
    expect(() => body[Symbol.asyncIterator]()).toThrow(/only once/)
  })
})

function circular(): object {
  const it: { own?: object } = {}
  it.own = it
  return it
}

describe('fakeDruid() refuses', () => {
  it.each<[string, object, RegExp]>([
    ['an option that nobody knows', { server: [] }, /did you mean "servers"/],
    ['a version that is none', { version: 33 }, /version is a text/],
    ['no servers', { servers: [] }, /at least one/],
    ['a server without a role', { servers: [{ host: 'x' }] }, /has a role/],
    [
      'a misspelt part of a server',
      { servers: [{ role: 'broker', prt: 1 }] },
      /did you mean "port"/,
    ],
    [
      'a misspelt column',
      { servers: [{ server_type: 'broker', is_leeder: 1 }] },
      /did you mean "is_leader"/,
    ],
    ['a port that is none', { servers: [{ role: 'broker', port: '1' }] }, /port of a broker/],
    ['a role without a usual port', { servers: [{ role: 'talaria' }] }, /no usual port/],
    ['a URL that is none', { servers: [{ role: 'broker', url: 'x' }] }, /url of a broker/],
    ['a server that is none', { servers: [null] }, /a server is/],
    ['sql that is neither', { sql: { a: 1 } }, /sql is a function, or a list/],
    ['a rule without an answer', { sql: [['SELECT 1']] }, /a rule is \[statement, answer\]/],
    ['a rule of rows', { sql: [{ a: 1 }] }, /a rule is/],
    ['routes in a list', { routes: [] }, /routes is an object/],
    ['a route without a method', { routes: { '/status': {} } }, /"\/status" is none/],
    ['a route in lower case', { routes: { 'get /status': {} } }, /write a method/],
    ['a route with a query', { routes: { 'GET /a?b': {} } }, /without a query/],
    ['a gate that is none', { gate: {} }, /gate is a function/],
  ])('%s', (_, options, why) => {
    expect(() => fakeDruid(options as FakeDruidOptions)).toThrow(
      expect.objectContaining({ code: 'CONFIG', message: expect.stringMatching(why) }),
    )
  })

  it('what a gate cannot answer', async () => {
    const { druid } = open({ gate: () => ({ status: 502 }) as never })
    await expect(druid.version()).rejects.toThrow(/gate answers a reply/)
    const page = open({ gate: () => htmlPage(502) }).druid
    await expect(page.version()).rejects.toMatchObject({ status: 502 })
  })

  it.each<[string, unknown]>([
    ['a bigint', 5n],
    ['what holds itself', circular()],
    ['what JSON does not know', Symbol('x')],
  ])('%s as the answer of a route', async (_, answer) => {
    const { druid, fake } = open({ routes: { 'GET /druid-ext/a': () => answer as object } })
    const why = expect.stringContaining('cannot be written as JSON')
    await expect(druid.request('GET', '/druid-ext/a')).rejects.toMatchObject({
      code: 'CONFIG',
      message: why,
    })
    expect(fake.unanswered).toEqual([why])
  })

  it('replies and errors that are none', () => {
    expect(() => reply({ headers: { x: 'a\nb' } })).toThrow(/headers that cannot be sent/)
    expect(() => reply({ status: 99 })).toThrow(/200 to 599/)
    expect(() => reply({ staus: 200 } as never)).toThrow(/did you mean "status"/)
    expect(() => fakeDruid().urlOf('brokr')).toThrow(/no server of the role "brokr"/)
  })
})
