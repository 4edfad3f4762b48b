import { once } from 'node:events'
import { request as httpsRequest } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { connect, isDruidError } from '@druid/core'
import {
  bandwidth,
  cutAfter,
  drip,
  type Fault,
  type Faults,
  failedTrailers,
  faultProxy,
  faultServer,
  gzipped,
  hugeRow,
  invalidUtf8,
  latency,
  redirect,
  reply,
  split,
  staleSocket,
  stallAfter,
  unauthorized,
  withoutHeaderRows,
  wrongHeaders,
} from '@druid/testing'
import { describe, expect, it } from 'vitest'

const ROUTE = 'GET /status/health'
const SQL = 'POST /druid/v2/sql'

/** What comes back on a TCP connection, until the server ends it or nothing comes for a while. */
async function overTcp(url: string, send: string, quiet = 150): Promise<[string, string]> {
  const socket = connectTcp(Number(new URL(url).port), '127.0.0.1')
  let got = ''
  let end = 'quiet'
  socket.setTimeout(quiet, () => socket.destroy())
  socket.on('data', (chunk) => {
    got += chunk.toString('latin1')
  })
  socket.on('end', () => {
    end = 'FIN'
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end = error.code === 'ECONNRESET' ? 'RST' : String(error.code)
  })
  socket.write(send)
  await new Promise((resolve) => socket.on('close', resolve))
  return [got, end]
}

const GET = 'GET /status/health HTTP/1.1\r\nHost: druid\r\n\r\n'

async function afterFault(fault: Fault | Fault[], quiet?: number): Promise<[string, string]> {
  await using faults = await faultServer({
    routes: { [ROUTE]: reply({ body: 'one "two" three' }) },
  })
  faults.next(fault)
  return await overTcp(faults.url, GET, quiet)
}

describe('on the wire, a reply', () => {
  it('is whole and the connection kept when nothing is said', async () => {
    const [got, end] = await afterFault(latency(0))
    expect(got).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nf\r\none "two" three\r\n0\r\n\r\n$/s)
    expect(end).toBe('quiet')
  })

  it.each([
    ['end', /\r\n\r\n7\r\none "tw\r\n0\r\n\r\n$/s, 'quiet'],
    ['close', /\r\n\r\n7\r\none "tw\r\n$/s, 'FIN'],
    ['reset', /\r\n\r\n7\r\none "tw\r\n$/s, 'RST'],
    ['garbage', /\r\n\r\n7\r\none "tw\r\n\0\?\r\nno HTTP\r\n$/s, 'FIN'],
  ] as const)('is cut after bytes of its body by %s', async (by, bytes, how) => {
    const [got, end] = await afterFault(cutAfter(7, { by }))
    expect(got).toMatch(bytes)
    expect(end).toBe(how)
  })

  it('is cut anywhere on the wire', async () => {
    expect(await afterFault(cutAfter(9, { in: 'reply', by: 'close' }))).toEqual([
      'HTTP/1.1 ',
      'FIN',
    ])
    expect(await afterFault(cutAfter(0, { in: 'reply' }))).toEqual(['', 'RST'])
    expect(await afterFault(cutAfter(0, { in: 'request', by: 'close' }))).toEqual(['', 'FIN'])
  })

  it('is cut also where its body is empty', async () => {
    const [got, end] = await afterFault([reply(), cutAfter(0)])
    expect(got).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(end).toBe('RST')
  })

  it('stays whole where it is shorter than that', async () => {
    expect((await afterFault(cutAfter(1_000)))[0]).toMatch(/three\r\n0\r\n\r\n$/)
  })

  it('stalls on the wire, and in the body', async () => {
    expect(await afterFault(stallAfter(12, { in: 'reply' }))).toEqual(['HTTP/1.1 200', 'quiet'])
    expect((await afterFault(stallAfter(3)))[0]).toMatch(/\r\n\r\n3\r\none\r\n$/)
    const [got] = await afterFault(stallAfter(3, { lasting: 20 }))
    expect(got).toMatch(/3\r\none\r\nc\r\n "two" three\r\n0\r\n\r\n$/)
  })

  it('has a chunk for every byte', async () => {
    const [got] = await afterFault(split())
    expect(got.match(/1\r\n[a-z" ]\r\n/g)).toHaveLength(15)
    expect((await afterFault(split(10)))[0]).toMatch(/a\r\none "two" \r\n5\r\nthree\r\n0\r\n\r\n$/)
  })

  it('has wrong headers, and others not', async () => {
    const [got] = await afterFault(
      wrongHeaders({ 'Content-Type': null, 'x-mine': 'a', 'content-length': '3' }),
    )
    const head = got.slice(0, got.indexOf('\r\n\r\n'))
    expect(head).not.toMatch(/content-type|transfer-encoding/i)
    expect(head).toMatch(/x-mine: a/)
    expect(got).toMatch(/content-length: 3.*\r\n\r\none "two" three$/s)
  })

  it('has something in its first text from a place on', async () => {
    expect((await afterFault(invalidUtf8()))[0]).toMatch(/5\r\none "\r\n1\r\n\u00ff\r\na\r\n/)
    expect((await afterFault([hugeRow(5), split(100)]))[0]).toContain('xxxxx')
    expect((await afterFault(invalidUtf8(5)))[0]).toMatch(/two"\r\n1\r\n\u00ff\r\n/)
  })

  it('comes at a pace', async () => {
    const start = performance.now()
    const [whole] = await afterFault(bandwidth(1_000), 500)
    // Some 250 bytes of head and body.
    expect(performance.now() - start).toBeGreaterThan(200)
    expect(whole).toMatch(/three\r\n0\r\n\r\n$/)
    const [slow] = await afterFault(drip({ bytes: 3, every: 100 }), 50)
    expect(slow).toBe('HTT')
  })
})

it('compresses what is true', async () => {
  await using faults = await faultServer({ routes: { [ROUTE]: { a: 1 } } })
  faults.always(gzipped())
  const got = await fetch(`${faults.url}/status/health`)
  expect(await got.json()).toEqual({ a: 1 })
  faults.always(wrongHeaders({ 'content-encoding': null }))
  const raw = await fetch(`${faults.url}/status/health`)
  expect(gunzipSync(await raw.arrayBuffer()).toString()).toBe('{"a":1}')
})

it('sends trailers in the place of those of Druid', async () => {
  await using faults = await faultServer({ roles: ['broker'], sql: [['a', [{ a: 1 }]]] })
  const druid = connect(faults.url)
  faults.next(failedTrailers('the disk is full'))
  await expect(druid.query('a')).rejects.toMatchObject({
    code: 'TRUNCATED',
    reason: 'the disk is full',
  })
  expect([...(await druid.query('a'))]).toEqual([{ a: 1 }])
})

describe('which requests a fault is for', () => {
  const open = () => faultServer({ sql: [[/./, [{ a: 1 }]]], routes: { [ROUTE]: true } })

  async function codes(faults: Faults, calls: number): Promise<string[]> {
    const druid = connect(faults.url)
    const got: string[] = []
    for (let i = 0; i < calls; i += 1) {
      const code = await druid.query('SELECT 1').then(
        () => 'whole',
        (error: unknown) => (isDruidError(error) ? error.code : 'other'),
      )
      got.push(code)
    }
    return got
  }

  it('the next one', async () => {
    await using faults = await open()
    faults.next(unauthorized())
    expect(await codes(faults, 2)).toEqual(['UNAUTHENTICATED', 'whole'])
  })

  it('the next ones, in turn', async () => {
    await using faults = await open()
    faults.next(reply({ status: 404 }), { times: 2 })
    faults.next(reply({ status: 403 }))
    expect(await codes(faults, 4)).toEqual(['NOT_FOUND', 'NOT_FOUND', 'FORBIDDEN', 'whole'])
  })

  it('those of a method and a path', async () => {
    await using faults = await open()
    faults.next(reply({ status: 404 }), { on: ROUTE })
    faults.always(reply({ status: 403 }), { on: 'DELETE /druid/v2/*' })
    expect(await codes(faults, 1)).toEqual(['whole'])
    const druid = connect(faults.url)
    await expect(druid.request('GET', '/status/health?x=1')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await druid.cancel('an-id').catch((error: Error) => error)).toMatchObject({
      code: 'FORBIDDEN',
    })
    faults.always(reply({ status: 409 }), { on: '* /druid/v2/sql' })
    expect(await codes(faults, 1)).toEqual(['CONFLICT'])
  })

  it('all, until they are cleared; next ones come on top', async () => {
    await using faults = await open()
    faults.always(latency(1))
    faults.next(reply({ status: 404 }))
    expect(await codes(faults, 2)).toEqual(['NOT_FOUND', 'whole'])
    expect(faults.requests.map((request) => request.faults.length)).toEqual([2, 1])
    faults.clear()
    await codes(faults, 1)
    expect(faults.requests.at(-1)?.faults).toEqual([])
  })

  it('several of one exchange', async () => {
    await using faults = await open()
    faults.next([wrongHeaders({ 'x-druid-sql-query-id': null }), cutAfter(3)])
    expect(await codes(faults, 1)).toEqual(['TRUNCATED'])
  })
})

describe('what arrived', () => {
  it('is noted down', async () => {
    await using faults = await faultServer({ sql: [['SELECT 1', [{ a: 1 }]]] })
    const druid = connect(faults.url, { headers: { 'x-mine': 'yes' } })
    await druid.query('SELECT 1')
    await druid.query('SELECT 1')
    await druid.request('GET', '/status/health?full=1')
    expect(faults.count()).toBe(3)
    expect(faults.count(SQL)).toBe(2)
    expect(faults.count('* /druid/*')).toBe(2)
    const [first, second, third] = faults.requests
    expect(first).toMatchObject({ method: 'POST', path: '/druid/v2/sql', status: 200 })
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json', 'x-mine': 'yes' })
    expect(JSON.parse(first?.body ?? '')).toMatchObject({ query: 'SELECT 1' })
    expect(second?.connection).toBe(first?.connection)
    expect(third?.query.get('full')).toBe('1')
    expect(faults.fake.queries.map(({ sql }) => sql)).toEqual(['SELECT 1', 'SELECT 1'])
  })

  it('says what became of it', async () => {
    await using faults = await faultServer({ sql: [[/./, [{ a: 1 }]]] })
    faults.next(latency(0), { on: SQL })
    faults.next(cutAfter(5), { on: SQL })
    faults.next(cutAfter(0, { in: 'reply' }), { on: SQL })
    faults.next(cutAfter(0, { in: 'request' }), { on: SQL })
    faults.next(stallAfter(0, { in: 'reply' }), { on: SQL })
    const call = { signal: AbortSignal.timeout(300) }
    // Each on a connection of its own: a query that gets no reply on a used one is sent again.
    for (const _ of [1, 2, 3, 4, 5])
      await connect(faults.url)
        .query('a', call)
        .catch(() => {})
    const posts = (): string[] => {
      return faults.requests.filter(({ method }) => method === 'POST').map(({ state }) => state)
    }
    await expect.poll(posts).toEqual(['answered', 'cut', 'cut', 'cut', 'left'])
  })

  it('of a request that was cut is what came of it', async () => {
    await using faults = await faultServer()
    faults.next(cutAfter(4, { in: 'request' }))
    const [, end] = await overTcp(
      faults.url,
      'POST /druid/indexer/v1/task HTTP/1.1\r\nHost: druid\r\nContent-Length: 10\r\n\r\n{"ab',
    )
    expect(end).toBe('RST')
    expect(faults.requests[0]).toMatchObject({ path: '/druid/indexer/v1/task', state: 'cut' })
  })
})

it('replaces a kept connection that the server closed', async () => {
  await using faults = await faultServer({ sql: [[/./, [{ a: 1 }]]] })
  const druid = connect(faults.url)
  faults.next(staleSocket())
  await druid.query('a')
  expect(faults.requests[0]?.faults).toEqual([])
  await druid.query('a')
  const [, second, third] = faults.requests
  expect([second?.state, third?.state]).toEqual(['cut', 'answered'])
  expect(second?.connection).not.toBe(third?.connection)
})

it('is down, and up again at the same address', async () => {
  await using faults = await faultServer({ sql: [[/./, [{ a: 1 }]]] })
  const druid = connect(faults.url)
  await druid.query('a')
  await faults.down()
  await expect(druid.query('a')).rejects.toMatchObject({ code: 'CONNECT', reason: 'refused' })
  await faults.up()
  expect([...(await druid.query('a'))]).toEqual([{ a: 1 }])
})

it('serves those who trust it and are trusted', async () => {
  await using faults = await faultServer({ tls: 'clientCertificate', routes: { [ROUTE]: true } })
  const { ca, cert, key } = faults.tls ?? {}
  const outgoing = httpsRequest(`${faults.url}/status/health`, { ca, cert, key, agent: false })
  const answered = once(outgoing.end(), 'response')
  const [message] = await answered
  expect(await text(message)).toBe('true')
})

it('outlives a request that makes no sense', async () => {
  await using faults = await faultServer()
  for (const target of ['http://[', '//', '*', '/%']) {
    await overTcp(faults.url, `GET ${target} HTTP/1.1\r\nHost: druid\r\n\r\n`, 50)
  }
  expect(faults.requests.map(({ path }) => path)).toEqual(['http://[', '//', '*', '/%'])
})

describe('a proxy', () => {
  const answers = { roles: ['broker'], sql: [[/./, [{ page: 'Ærø', added: 1 }]]] as const }

  it('passes on what it does not touch', async () => {
    await using druid = await faultServer({ ...answers, roles: ['broker'], sql: [...answers.sql] })
    await using proxy = await faultProxy(druid.url)
    const body = { query: 'SELECT 1', resultFormat: 'csv', header: true }
    const send = `POST /druid/v2/sql?x=%20 HTTP/1.1\r\nHost: druid\r\nX-Mine: 1\r\nContent-Type: application/json\r\nContent-Length: ${JSON.stringify(body).length}\r\n\r\n${JSON.stringify(body)}`
    const [direct] = await overTcp(druid.url, send)
    const [through] = await overTcp(proxy.url, send)
    const changing = /^(x-druid(-sql)?-query-id|date): .*$/gim
    expect(through.replace(changing, '')).toBe(direct.replace(changing, ''))
    expect(through).toMatch(/x-druid-response-complete: true/i)
    const [first, second] = druid.requests
    expect(second).toMatchObject({ path: '/druid/v2/sql', body: first?.body })
    expect(second?.headers).toMatchObject({ 'x-mine': '1', host: new URL(druid.url).host })
    expect(String(second?.query)).toBe(String(first?.query))
  })

  it('is at the same path, with the same user', async () => {
    await using druid = await faultServer()
    const url = new URL('/below/', druid.url.replace('://', '://me:pass@'))
    await using proxy = await faultProxy(url)
    expect(proxy.url).toMatch(/^http:\/\/me:pass@127\.0\.0\.1:\d+\/below$/)
    await connect(proxy.url)
      .request('GET', '/status')
      .catch(() => {})
    expect(druid.requests[0]).toMatchObject({ path: '/below/status' })
    expect(druid.requests[0]?.headers.authorization).toBe(`Basic ${btoa('me:pass')}`)
  })

  it('answers in the place of Druid, and cuts before and behind it', async () => {
    await using druid = await faultServer({ sql: [...answers.sql] })
    await using proxy = await faultProxy(druid.url)
    proxy.next(cutAfter(0, { in: 'request' }), { on: SQL })
    proxy.next(reply({ status: 403 }), { on: SQL })
    proxy.next(cutAfter(0, { in: 'reply' }), { on: SQL })
    const query = () => connect(proxy.url).query('a')
    await expect(query()).rejects.toMatchObject({ code: 'CONNECT' })
    await expect(query()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(druid.count(SQL)).toBe(0)
    await expect(query()).rejects.toMatchObject({ code: 'CONNECT' })
    expect(druid.count(SQL)).toBe(1)
  })

  it('reaches a Druid that speaks TLS', async () => {
    await using druid = await faultServer({ tls: 'clientCertificate', routes: { [ROUTE]: 7 } })
    await using proxy = await faultProxy(druid.url, { target: druid.tls })
    expect(await connect(proxy.url).request('GET', '/status/health')).toBe(7)
    await using stranger = await faultProxy(druid.url)
    await expect(connect(stranger.url).request('GET', '/status/health')).rejects.toMatchObject({
      code: 'CONNECT',
    })
  })

  it('sees what it changes uncompressed', async () => {
    await using druid = await faultServer({ routes: { [ROUTE]: 'true' } })
    await using proxy = await faultProxy(druid.url)
    proxy.next(invalidUtf8())
    await fetch(`${proxy.url}/status/health`)
    await fetch(`${proxy.url}/status/health`)
    const [changed, left] = druid.requests
    expect(changed?.headers['accept-encoding']).toBeUndefined()
    expect(left?.headers['accept-encoding']).toContain('gzip')
  })
})

it.each<[string, () => unknown]>([
  ['cutAfter', () => cutAfter(-1)],
  ['cutAfter: in', () => cutAfter(1, { in: 'head' as 'body' })],
  ['proper end', () => cutAfter(1, { in: 'reply', by: 'end' })],
  ['did you mean "lasting"', () => stallAfter(1, { lastin: 5 } as object)],
  ['bandwidth', () => bandwidth(0)],
  ['withoutHeaderRows', () => withoutHeaderRows(3)],
  ['redirect: status', () => redirect('/', 200)],
  ['wrongHeaders', () => wrongHeaders({ a: 1 as unknown as string })],
  ['cannot be sent', () => wrongHeaders({ 'a b': 'c' })],
  ['faultServer', () => faultServer({ sqll: [] } as object)],
  ['version', () => faultServer({ version: '' })],
  ['tls is one of', () => faultServer({ tls: 'nope' as 'expired' })],
  ['URL', () => faultProxy('localhost')],
])('refuses what it does not know: %s', async (why, call) => {
  await expect((async () => call())()).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining(why),
  })
})

it('refuses faults and requests that are none', async () => {
  await using faults = await faultServer()
  expect(() => faults.next({ fault: 'nothing' } as unknown as Fault)).toThrow('that is no fault')
  expect(() => faults.next([])).toThrow('a fault is missing')
  expect(() => faults.always(latency(1), { on: '/druid' })).toThrow('on: "/druid" is none')
  expect(() => faults.count('POST')).toThrow('on: "POST" is none')
})
