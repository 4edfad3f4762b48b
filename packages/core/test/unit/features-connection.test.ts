import { connect, type DruidClient } from '@druid/core'
import { pathSegment } from '@druid/core/extension'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import type { Transport } from '../../src/transport/transport.ts'
import { arrayLines } from './reply.ts'
import { serve, type TestServer } from './server.ts'

const ONE = arrayLines([['n', 'LONG', 'BIGINT']], '[1]')

const answering = (): Promise<TestServer> =>
  serve((request, response) => {
    if (request.path.endsWith('/druid/v2/sql')) response.end(ONE)
    else response.end(JSON.stringify({ path: request.path, body: request.body }))
  })

const BOTH: [name: string, make: () => Transport | undefined][] = [
  ['node', () => undefined],
  ['fetch', () => fetchTransport()],
]

describe.each(BOTH)('by the %s transport', (_, make) => {
  it('1 One-URL connect', async () => {
    await using server = await answering()
    const options = { transport: make() }
    for (const url of [server.url, `${server.url}/`, new URL(server.url), `${server.url}/proxy`]) {
      await using druid = connect(url, options)
      expect(await druid.value('SELECT 1')).toBe(1)
    }
    expect(server.arrived.map(({ path }) => path)).toEqual([
      '/druid/v2/sql',
      '/druid/v2/sql',
      '/druid/v2/sql',
      '/proxy/druid/v2/sql',
    ])
  })

  it('1 One-URL connect: an IPv6 address', async () => {
    const { createServer } = await import('node:http')
    const server = createServer((_request, response) => response.end(ONE))
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve))
    const { port } = server.address() as { port: number }
    await using druid = connect(`http://[::1]:${port}`, { transport: make() })
    expect(await druid.value('SELECT 1')).toBe(1)
    server.closeAllConnections()
    server.close()
  })

  it('2 HTTP Basic', async () => {
    await using server = await answering()
    const { host } = new URL(server.url)
    const transport = make()
    const text = `us@er:pä"ss:wörd€`
    const expected = `Basic ${Buffer.from(text, 'utf8').toString('base64')}`
    const [user = '', ...rest] = text.split(':')
    const password = rest.join(':')
    const inUrl = `http://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}`
    for (const druid of [
      connect(server.url, { transport, auth: { user, password } }),
      connect(inUrl, { transport }),
    ]) {
      await druid.query('SELECT 1')
      await druid.request('GET', '/status')
      expect(JSON.stringify(druid)).not.toContain('ss:w')
    }
    expect(server.arrived.map(({ headers }) => headers.authorization)).toEqual(
      Array.from({ length: 4 }, () => expected),
    )
  })

  it('3 Bearer / JWT', async () => {
    await using server = await answering()
    await using druid = connect(server.url, { transport: make(), auth: { token: 'a.b-c_d.e' } })
    await druid.query('SELECT 1')
    expect(server.arrived[0]?.headers.authorization).toBe('Bearer a.b-c_d.e')
  })

  it('6 Client-wide custom headers, 7 Per-request headers', async () => {
    await using server = await answering()
    const headers = { 'x-tenant': 'a', 'X-Trace': '1' }
    await using druid = connect(server.url, { transport: make(), headers })
    await druid.query('SELECT 1', { headers: { 'x-trace': '2', 'x-own': 'ä' } })
    await druid.with({ headers: { 'x-tenant': 'b' } }).request('GET', '/status')
    const seen = server.arrived.map((one) =>
      ['x-tenant', 'x-trace', 'x-own'].map((name) => one.headers[name]),
    )
    expect(seen).toEqual([
      ['a', '2', 'ä'],
      ['b', '1', undefined],
    ])
  })

  it('17 Raw REST escape hatch', async () => {
    await using server = await answering()
    await using druid = connect(server.url, { transport: make() })
    const [got, text] = await Promise.all([
      druid.request<{ path: string; body: string }>('POST', '/druid/v2/sql/task?x=1', {
        big: 9007199254740993n,
      }),
      druid.request<string>('GET', '/x', undefined, { expect: 'text' }),
    ])
    expect(got).toEqual({ path: '/druid/v2/sql/task?x=1', body: '{"big":9007199254740993}' })
    expect(text).toBe('{"path":"/x","body":""}')
  })

  it("18 Ids with '/' encoded safely", async () => {
    await using server = await answering()
    await using druid = connect(server.url, { transport: make() })
    const id = 'a/b c%2F?#../ä'
    await druid.cancel(id)
    await druid.request('GET', `/druid/indexer/v1/task/${pathSegment(id)}/status`)
    expect(server.arrived.map(({ path }) => path)).toEqual([
      `/druid/v2/sql/${encodeURIComponent(id)}`,
      `/druid/indexer/v1/task/${encodeURIComponent(id)}/status`,
    ])
    expect(() => pathSegment('..')).toThrow('path')
  })
})

it('13 Own transport / middleware', async () => {
  const sent: string[] = []
  const inner = fetchTransport()
  const transport: Transport = {
    name: 'counting',
    async request(request) {
      sent.push(`${request.method} ${request.url.pathname}`)
      return inner.request(request)
    },
    close: () => inner.close(),
  }
  await using server = await answering()
  await using druid = connect(server.url, { transport })
  expect(await druid.value('SELECT 1')).toBe(1)
  expect(sent).toEqual(['POST /druid/v2/sql'])
})

it('15 Keep-alive reuse', async () => {
  await using server = await answering()
  await using druid = connect(server.url)
  for (let i = 0; i < 20; i += 1) await druid.query('SELECT 1')
  expect(await server.connections()).toBe(1)
})

it('16 close() ends what is under way, refuses what comes later, and leaves no socket', async () => {
  await using server = await serve((request, response) => {
    if (request.method === 'DELETE') response.writeHead(202).end()
  })
  const druid: DruidClient = connect(server.url)
  const calls = [
    druid.query('SELECT 1'),
    druid.request('GET', '/status'),
    druid.stream('SELECT 1')[Symbol.asyncIterator]().next(),
  ]
  const outcomes = Promise.allSettled(calls)
  await expect.poll(() => server.arrived.length).toBe(3)
  await druid.close()
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } })
  }
  await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'CLOSED' })
  await expect.poll(() => server.connections()).toBe(0)
  expect(server.by('DELETE').length).toBeGreaterThanOrEqual(2)
})
