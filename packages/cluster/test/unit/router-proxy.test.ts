import { cluster } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import {
  connectionReset,
  type FakeDruid,
  type FakeGate,
  fakeDruid,
  forbidden,
  noAnswer,
  reply,
  type ServerInput,
} from '@druid/testing'
import { describe, expect, it } from 'vitest'

const LOAD_STATUS = '/druid/coordinator/v1/loadstatus'
const TASK = '/druid/indexer/v1/task'
/** As Druid has them, nobody can resolve their hosts from here. */
const HIDDEN: readonly ServerInput[] = [
  { role: 'router' },
  { role: 'broker' },
  { role: 'coordinator', host: 'coordinator.internal', url: 'http://outside:1' },
  { role: 'overlord', host: 'overlord.internal', url: 'http://outside:2' },
  { role: 'historical', host: 'historical.internal', url: 'http://outside:3' },
]
const NEAR: readonly ServerInput[] = [
  { role: 'router' },
  { role: 'broker' },
  { role: 'coordinator', host: 'near' },
  { role: 'overlord', host: 'near' },
]
const ROUTES = {
  [`GET ${LOAD_STATUS}`]: { flights: 100 },
  [`POST ${TASK}`]: { task: 'x' },
  'GET /druid-ext/basic-security/authentication/db/basic/users': ['admin'],
}

const cluster_ = (servers: readonly ServerInput[], gate?: FakeGate): FakeDruid =>
  fakeDruid({ servers, routes: ROUTES, gate })
const opened = ({ url, transport }: FakeDruid, options = {}): DruidClient<typeof cluster> =>
  connect(url, { transport, retry: false, extensions: [cluster.with(options)] })
/** Method, server and path of what was sent, without the lists. */
const sent = ({ requests }: FakeDruid): string[] =>
  requests
    .filter(({ path }) => path !== '/druid/v2/sql')
    .map(({ method, server, path }) => `${method} ${server.replace('druid.test:', ':')} ${path}`)
const OFF: FakeGate = ({ path, server }) =>
  path === '/proxy/enabled' && server === 'druid.test:8888' ? reply({ status: 404 }) : undefined

describe('Coordinator and Overlord, where they cannot be reached', () => {
  it('are reached through the Router, by the paths that it passes on, and that is remembered', async () => {
    const druid = cluster_(HIDDEN)
    const client = opened(druid).cluster()
    expect(await client.coordinatorClient().loadStatus()).toEqual({ flights: 100 })
    expect((await client.overlordClient().status()).version).toBe('33.0.0')
    const users = '/druid-ext/basic-security/authentication/db/basic/users'
    expect(await client.serviceHost('coordinator').request('GET', users)).toEqual(['admin'])
    await client.coordinatorClient().loadStatus()
    expect(sent(druid)).toEqual([
      'GET :8888 /proxy/enabled',
      `GET :8888 ${LOAD_STATUS}`,
      'GET :8888 /proxy/overlord/status',
      `GET :8888 /proxy/coordinator${users}`,
      `GET :8888 ${LOAD_STATUS}`,
    ])
  })

  it('get what must not be sent twice once', async () => {
    const druid = cluster_(HIDDEN)
    expect(await opened(druid).cluster().overlordClient().submit({ type: 'noop' })).toBe('x')
    expect(sent(druid)).toEqual(['GET :8888 /proxy/enabled', `POST :8888 ${TASK}`])
  })

  it('are asked for by one, however many want them at once', async () => {
    const druid = cluster_(HIDDEN)
    const client = opened(druid).cluster()
    await Promise.all(Array.from({ length: 50 }, () => client.coordinatorClient().loadStatus()))
    expect(sent(druid).filter((it) => it.endsWith('/proxy/enabled'))).toHaveLength(1)
    expect(sent(druid)).toHaveLength(51)
  })

  it('are reached so, too, where their list cannot be had', async () => {
    const druid = cluster_(HIDDEN, ({ path }) =>
      path === '/druid/v2/sql' || path.endsWith('/cluster') ? forbidden() : undefined,
    )
    expect(await opened(druid).cluster().coordinatorClient().loadStatus()).toEqual({ flights: 100 })
  })

  it('that hang are given up after 3 s, for the Router', async () => {
    const druid = cluster_(NEAR, ({ server }) =>
      server.startsWith('near') ? noAnswer() : undefined,
    )
    expect(await opened(druid).cluster().overlordClient().submit({ type: 'noop' })).toBe('x')
    expect(sent(druid)).toEqual([
      'GET :8888 /proxy/enabled',
      'GET near:8090 /status/health',
      `POST :8888 ${TASK}`,
    ])
  })

  it('say which mapping is missing, where no Router passes anything on', async () => {
    const client = opened(cluster_(HIDDEN, OFF)).cluster()
    await expect(client.overlordClient().submit({ type: 'noop' })).rejects.toMatchObject({
      code: 'NO_SERVICE',
      role: 'overlord',
      retryable: true,
      message: expect.stringMatching(
        /^the overlord overlord\.internal:8090 cannot be reached from here: .*mapUrl: firstOf\(urlTemplate\(\{ overlord: 'http:\/\/host:port' \}\), identity\)/,
      ),
    })
  })

  it('name the mapper that answered wrongly', async () => {
    const mapUrl = () => new URL('http://wrong:9')
    const client = opened(cluster_(HIDDEN), { mapUrl, through: 'direct' }).cluster()
    await expect(client.coordinatorClient().loadStatus()).rejects.toThrow(
      /^the coordinator coordinator\.internal:8081 \(by the mapper mapUrl: http:\/\/wrong:9\/\) cannot/,
    )
  })

  it('are reached through another Router, where the own server passes nothing on', async () => {
    const servers = [...HIDDEN, { role: 'router', host: 'other' }]
    const druid = cluster_(servers, OFF)
    expect(await opened(druid).cluster().coordinatorClient().loadStatus()).toEqual({ flights: 100 })
    expect(sent(druid)).toEqual([
      'GET :8888 /proxy/enabled',
      'GET :8888 /proxy/enabled',
      'GET other:8888 /proxy/enabled',
      `GET other:8888 ${LOAD_STATUS}`,
    ])
  })
})

describe('Coordinator and Overlord, where they can be reached', () => {
  it('are asked once whether they are there, and then directly', async () => {
    const druid = cluster_(NEAR)
    const client = opened(druid).cluster()
    for (let i = 0; i < 3; i += 1) await client.coordinatorClient().loadStatus()
    expect(sent(druid)).toEqual([
      'GET :8888 /proxy/enabled',
      'GET near:8081 /status/health',
      ...Array(3).fill(`GET near:8081 ${LOAD_STATUS}`),
    ])
  })

  it("are asked through the Router all the same by through: 'router'; directly, where it passes nothing on", async () => {
    const druid = cluster_(NEAR)
    await opened(druid, { through: 'router' }).cluster().overlordClient().submit({ type: 'noop' })
    // No list is needed for it.
    expect(druid.requests).toHaveLength(2)
    expect(sent(druid)).toEqual(['GET :8888 /proxy/enabled', `POST :8888 ${TASK}`])
    const off = cluster_(NEAR, OFF)
    await opened(off, { through: 'router' }).cluster().overlordClient().submit({ type: 'noop' })
    expect(sent(off).at(-1)).toBe(`POST near:8090 ${TASK}`)
  })

  it("are asked directly, and nothing else is, by through: 'direct'", async () => {
    const druid = cluster_(NEAR)
    await opened(druid, { through: 'direct' }).cluster().overlordClient().submit({ type: 'noop' })
    expect(sent(druid)).toEqual([`POST near:8090 ${TASK}`])
  })

  it('and go away get what must not be sent twice through the Router, once', async () => {
    const druid = cluster_(NEAR)
    const client = opened(druid).cluster()
    await client.overlordClient().status()
    // Listed as before, and not there.
    druid.setServers([
      ...NEAR.slice(0, 3),
      { role: 'overlord', host: 'near', url: 'http://outside:2' },
    ])
    druid.requests.length = 0
    expect(await client.overlordClient().submit({ type: 'noop' })).toBe('x')
    expect(await client.overlordClient().submit({ type: 'noop' })).toBe('x')
    expect(sent(druid)).toEqual([`POST :8888 ${TASK}`, `POST :8888 ${TASK}`])
  })

  it('and break off in the middle do not get it again: they may have got it', async () => {
    const druid = cluster_(NEAR, ({ method, server }) =>
      method === 'POST' && server === 'near:8090' ? connectionReset() : undefined,
    )
    const submitted = opened(druid).cluster().overlordClient().submit({ type: 'noop' })
    await expect(submitted).rejects.toMatchObject({ code: 'CONNECT', reason: 'reset' })
    expect(sent(druid).filter((it) => it.startsWith('POST'))).toHaveLength(1)
  })
})
