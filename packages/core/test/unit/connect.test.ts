import { connect, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { arrayLines, beginResult } from './reply.ts'
import { type Arrived, serve, type TestServer } from './server.ts'

const config = (text: string | RegExp, option?: string): object =>
  expect.objectContaining({
    code: 'CONFIG',
    message: expect.stringMatching(text),
    ...(option !== undefined && { option }),
  })

/** Answers queries with one row, anything else with JSON that says what was asked. */
function echo(): Promise<TestServer> {
  return serve((request, response) => {
    if (request.path.endsWith('/druid/v2/sql')) {
      beginResult(response)
      response.end(arrayLines([['n', 'LONG', 'BIGINT']], '[1]'))
    } else {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ method: request.method, path: request.path }))
    }
  })
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const last = (server: TestServer): Arrived => server.arrived.at(-1) as Arrived

describe('the options of connect', () => {
  it.each([
    ['extension', 'extensions'],
    ['Auth', 'auth'],
    ['onExtensionErrors', 'onExtensionError'],
    ['transprot', 'transport'],
  ])('"%s" is unknown, and the nearest is named', (wrong, right) => {
    expect(() => connect('http://druid:8888', { [wrong]: 1 })).toThrow(
      config(`there is no option "${wrong}"; did you mean "${right}"?`, wrong),
    )
  })

  it('one that resembles none lists what there is', () => {
    expect(() => connect('http://druid:8888', { xyz: 1 } as object)).toThrow(
      config(/no option "xyz"; there are auth, context, /, 'xyz'),
    )
  })

  it('those of calls are checked too', async () => {
    const druid = connect('http://druid:8888')
    await expect(druid.query('SELECT 1', { contxt: {} } as object)).rejects.toThrow(
      config('did you mean "context"'),
    )
    expect(() => druid.stream('SELECT 1', { queryID: 'x' } as object)).toThrow(
      config('did you mean "queryId"'),
    )
    await expect(
      druid.request('GET', '/', undefined, { expekt: 'text' } as object),
    ).rejects.toThrow(config('did you mean "expect"'))
    expect(() => druid.with({ header: {} } as object)).toThrow(config('did you mean "headers"'))
  })

  it.each<[string, RegExp]>([
    ['druid:8888', /begins with druid:, not http/],
    ['/druid', /not valid.*http:\/\/localhost:8888/],
    ['', /not valid/],
    ['http://', /not valid/],
    ['ftp://druid', /ftp:/],
    ['http://druid/?a=1', /no query/],
    ['http://druid/#a', /no fragment/],
  ])('the URL %j is refused', (url, why) => {
    expect(() => connect(url)).toThrow(config(why, 'url'))
  })

  it('sends nothing by itself', async () => {
    await using server = await echo()
    const druid = connect(server.url)
    expect(druid.extensions()).toEqual([])
    await druid.close()
    expect(server.arrived).toEqual([])
  })
})

describe('the URL', () => {
  it.each([
    ['', '/status'],
    ['/', '/status'],
    ['/druid-gate', '/druid-gate/status'],
    ['/a/b/', '/a/b/status'],
  ])('with the path %j asks for %s', async (path, expected) => {
    await using server = await echo()
    await connect(`${server.url}${path}`).request('GET', '/status')
    await connect(new URL(`${server.url}${path}`)).request('GET', '/status')
    expect(server.arrived.map((one) => one.path)).toEqual([expected, expected])
  })

  it.each([
    ['admin:secret@', 'admin:secret'],
    ['us%40er:p%C3%A4ss%3A%2Fword%25@', 'us@er:päss:/word%'],
    ['admin:100%@', 'admin:100%'],
    ['admin@', 'admin:'],
  ])('may hold the credentials %s', async (userinfo, text) => {
    await using server = await echo()
    await connect(server.url.replace('//', `//${userinfo}`)).query('SELECT 1')
    expect(last(server).headers.authorization).toBe(basic(text))
  })

  it('holds credentials that the option auth comes over', async () => {
    await using server = await echo()
    const auth = { user: 'other', password: 'x' }
    await connect(server.url.replace('//', '//admin:secret@'), { auth }).query('SELECT 1')
    expect(last(server).headers.authorization).toBe(basic('other:x'))
  })

  it('is not changed', () => {
    const url = new URL('http://admin:secret@druid:8888/')
    connect(url)
    expect(url.href).toBe('http://admin:secret@druid:8888/')
  })
})

describe('auth', () => {
  it('is a token, or what gets one before every request', async () => {
    await using server = await echo()
    await connect(server.url, { auth: { token: 'a' } }).query('SELECT 1')
    let count = 0
    const druid = connect(server.url, { auth: { token: async () => `t${++count}` } })
    await druid.query('SELECT 1')
    await druid.request('GET', '/status')
    expect(server.arrived.map((one) => one.headers.authorization)).toEqual([
      'Bearer a',
      'Bearer t1',
      'Bearer t2',
    ])
  })

  it('comes over a header of that name', async () => {
    await using server = await echo()
    const druid = connect(server.url, {
      auth: { token: 'a' },
      headers: { Authorization: 'Bearer b' },
    })
    await druid.query('SELECT 1')
    expect(last(server).headers.authorization).toBe('Bearer a')
  })

  it('refuses a user name that cannot be sent', () => {
    expect(() => connect('http://druid', { auth: { user: 'a:b', password: 'c' } })).toThrow(
      config(/colon/, 'auth'),
    )
  })
})

describe('a derived client', () => {
  it('adds context and headers to those of its parent', async () => {
    await using server = await echo()
    const druid = connect(server.url, {
      context: { priority: 1, vectorSize: 1, timeout: 1 },
      headers: { 'x-a': '1', 'X-B': '1' },
    })
    const derived = druid
      .with({ context: { vectorSize: 2 }, headers: { 'x-b': '2' } })
      .with({ context: { sqlOuterLimit: 2 }, headers: { 'X-C': '2' } })
    await derived.query('SELECT 1', { context: { timeout: 3 }, headers: { 'x-d': '3' } })
    expect(JSON.parse(last(server).body).context).toMatchObject({
      priority: 1,
      vectorSize: 2,
      timeout: 3,
      sqlOuterLimit: 2,
    })
    expect(last(server).headers).toMatchObject({ 'x-a': '1', 'x-b': '2', 'x-c': '2', 'x-d': '3' })
    await derived.request('GET', '/status')
    expect(last(server).headers).toMatchObject({ 'x-a': '1', 'x-b': '2', 'x-c': '2' })
    await druid.query('SELECT 1')
    expect(JSON.parse(last(server).body).context).toMatchObject({
      priority: 1,
      vectorSize: 1,
      timeout: 1,
    })
    expect(last(server).headers['x-c']).toBeUndefined()
  })

  it('lets a header of another case come over its own', async () => {
    await using server = await echo()
    const druid = connect(server.url).with({ headers: { 'X-Tenant': 'a' } })
    await druid.query('SELECT 1', { headers: { 'x-tenant': 'b' } })
    expect(last(server).headers['x-tenant']).toBe('b')
  })

  it('closes nothing', async () => {
    await using server = await echo()
    const druid = connect(server.url)
    await druid.with({}).close()
    {
      await using derived = druid.with({ context: { priority: 1 } })
      await derived.query('SELECT 1')
    }
    await druid.query('SELECT 1')
    await druid.close()
    await druid.close()
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('request() over %s', (_, transport) => {
  it.each(['GET', 'POST', 'PUT', 'DELETE'])('sends %s, with or without a body', async (method) => {
    await using server = await echo()
    const druid = connect(server.url, { transport })
    const reply = await druid.request(method, '/druid/x?full&a=%2F', undefined)
    expect(reply).toEqual({ method, path: '/druid/x?full&a=%2F' })
    expect(last(server)).toMatchObject({ method, body: '' })
    expect(last(server).headers['content-type']).toBeUndefined()
    if (method === 'GET') return
    await druid.request(
      method,
      '/druid/x',
      { n: 2n ** 63n, s: 'ä' },
      { headers: { Accept: 'a/b' } },
    )
    expect(last(server).body).toBe('{"n":9223372036854775808,"s":"ä"}')
    expect(last(server).headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'a/b',
    })
  })

  it('reads JSON with exact integers, text, and nothing', async () => {
    const bodies: Record<string, string> = {
      '/json': '{"a":9007199254740993,"b":[1,1.5]}',
      '/string': '"x"',
      '/false': 'false',
      '/text': 'plain\ntext ä',
      '/html': '<html><title>Sign in</title></html>',
      '/empty': '',
    }
    await using server = await serve((request, response) =>
      response.writeHead(request.path === '/empty' ? 204 : 200).end(bodies[request.path]),
    )
    const druid = connect(server.url, { transport })
    expect(await druid.request('GET', '/json')).toEqual({ a: 9007199254740993n, b: [1, 1.5] })
    expect(await druid.request('GET', '/string')).toBe('x')
    expect(await druid.request('GET', '/false')).toBe(false)
    expect(await druid.request('GET', '/text', undefined, { expect: 'text' })).toBe(bodies['/text'])
    const bytes = await druid.request('GET', '/text', undefined, { expect: 'bytes' })
    expect(bytes).toEqual(new TextEncoder().encode(bodies['/text']))
    const none = await druid.request('GET', '/empty', undefined, { expect: 'bytes' })
    expect(none).toEqual(new Uint8Array())
    expect(await druid.request('GET', '/empty')).toBeUndefined()
    expect(await druid.request('GET', '/empty', undefined, { expect: 'text' })).toBe('')
    const text = druid.request('GET', '/text')
    await expect(text).rejects.toMatchObject({
      code: 'DECODE',
      snippet: 'plain text ä',
      message: expect.stringContaining("{ expect: 'text' }"),
    })
    await expect(druid.request('GET', '/html')).rejects.toThrow(/HTML page: Sign in/)
  })

  it('reads the rows of a query that it was given', async () => {
    await using server = await echo()
    const druid = connect(server.url, { transport })
    const rows = await druid.request<{ n: number }[] & { queryId: string }>(
      'POST',
      '/druid/v2/sql',
      {},
      { expect: 'rows' },
    )
    expect([...rows]).toEqual([{ n: 1 }])
    expect(rows.queryId).toBe('an-id')
    await expect(
      druid.request('GET', '/status', undefined, { expect: 'rows' }),
    ).rejects.toMatchObject({ code: 'DECODE' })
  })

  it('is an error for a body that is cut off or no UTF-8', async () => {
    await using server = await serve((request, response) => {
      if (request.path === '/bytes') return response.end(new Uint8Array([0x22, 0xff, 0x22]))
      response.writeHead(200, { 'content-length': 100 })
      response.write('{"a":', () => setTimeout(() => response.socket?.destroy(), 5))
    })
    const druid = connect(server.url, { transport })
    await expect(druid.request('GET', '/bytes')).rejects.toMatchObject({ code: 'DECODE' })
    await expect(druid.request('GET', '/cut')).rejects.toMatchObject({ code: 'CONNECT' })
  })

  it('refuses a body that is no JSON', async () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    const druid = connect('http://druid:8888', { transport })
    await expect(druid.request('POST', '/x', circle)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  it('takes a URL of its own server', async () => {
    await using server = await echo()
    const druid = connect(`${server.url}/gate`, { transport, auth: { token: 'a' } })
    await druid.request('GET', `${server.url}/other?x`)
    await druid.request('GET', new URL(`${server.url.replace('//', '//me:my@')}/other?x`))
    expect(server.arrived.map((one) => [one.path, one.headers.authorization])).toEqual([
      ['/other?x', 'Bearer a'],
      ['/other?x', 'Bearer a'],
    ])
  })

  it.each([
    'http://evil:8888/status',
    'HTTP://EVIL/',
    'https://127.0.0.1/status',
    'http://evil@evil/',
    'http:evil',
    'evil',
    '',
    '\\\\evil\\status',
    'file:///etc/passwd',
    'javascript:alert(1)',
    ' http://evil',
    '.evil/x',
    '@evil/x',
    ':80@evil/x',
    '/\\evil/x',
    '/../../x',
    '/a/./x',
    '/a/%2e%2e/%2e%2e/%2e%2e/x',
    '/a/.%2E',
    '/a#fragment',
    '/\ud800',
    '/\t/evil',
    '/a/.\t./b',
    '/a\nb',
    '/a\u0000',
    '/a ',
  ])('refuses %j, and sends nothing', async (target) => {
    await using server = await echo()
    const druid = connect(server.url, { transport, auth: { token: 'a' } })
    const error: unknown = await druid.request('GET', target).catch((it: unknown) => it)
    expect(isDruidError(error, 'CONFIG') && error.option).toBe('path')
    expect(server.arrived).toEqual([])
  })

  it.each(['//evil/x', '/@evil/x', '/a b', '/a/...?b=../c'])(
    'stays on its server for %j',
    async (path) => {
      await using server = await echo()
      await connect(`${server.url}/gate`, { transport }).request('GET', path)
      expect(server.arrived).toHaveLength(1)
    },
  )

  it('knows the version', async () => {
    await using server = await serve((request, response) =>
      response.end(request.path === '/status' ? '{"version":"33.0.0"}' : '{}'),
    )
    expect(await connect(server.url, { transport }).version()).toBe('33.0.0')
    await expect(connect(`${server.url}/no`, { transport }).version()).rejects.toMatchObject({
      code: 'DECODE',
    })
  })
})

describe('a kept-alive socket that the server has closed', () => {
  /** Answers the first request of each socket, and closes it at the second. */
  function impatient(): Promise<TestServer> {
    const used = new WeakSet<object>()
    return serve((request, response) => {
      const socket = response.socket as object
      if (used.has(socket)) return response.socket?.destroy()
      used.add(socket)
      if (request.path === '/druid/v2/sql') {
        beginResult(response)
        return response.end(arrayLines([['n', 'LONG', 'BIGINT']], '[1]'))
      }
      return response.end('{}')
    })
  }

  it('is replaced for a query and for what may be sent twice', async () => {
    await using server = await impatient()
    const druid = connect(server.url)
    await druid.request('GET', '/status')
    expect(await druid.value('SELECT 1')).toBe(1)
    await druid.request('GET', '/status')
    await druid.request('PUT', '/x', {})
    await druid.request('DELETE', '/x')
    await druid.request('POST', '/x', {}, { idempotent: true })
    // Every second one was sent twice: over the old socket, and over a new one that is not kept.
    expect(server.arrived).toHaveLength(9)
  })

  it('is never met by what may not be sent twice: that gets a socket of its own', async () => {
    await using server = await impatient()
    const druid = connect(server.url)
    await druid.request('GET', '/status')
    expect(await druid.request('POST', '/task', { type: 'index' })).toEqual({})
    await druid.request('PUT', '/x', {}, { idempotent: false })
    await druid.request('PUT', '/x', {}, { idempotent: false })
    expect(server.arrived).toHaveLength(4)
    expect(server.by('POST')[0]?.headers.connection).toBe('close')
  })

  it('is replaced once only', async () => {
    await using server = await serve((request, response) => {
      if (request.path === '/status') response.end('{}')
      else response.socket?.destroy()
    })
    const druid = connect(server.url)
    await druid.request('GET', '/status')
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'CONNECT' })
    expect(server.by('POST')).toHaveLength(2)
  })
})
