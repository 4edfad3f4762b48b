import { connect, custom, DruidError, sql } from '@druid/core'
import { abortError, isRecord, sleep, snippet } from '@druid/core/extension'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { arrayLines, canned } from './reply.ts'
import { serve } from './server.ts'

const config = (option: string, message = /./): object =>
  expect.objectContaining({ code: 'CONFIG', option, message: expect.stringMatching(message) })
const invalid = expect.objectContaining({
  code: 'INVALID_INPUT',
  message: expect.stringContaining('cannot be written as JSON'),
})
const circular: Record<string, unknown> = {}
circular.self = circular
const fail = (): never => {
  throw new Error('no')
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('over %s, nothing is sent for', (_, transport) => {
  type Client = ReturnType<typeof connect>
  it.each<[string, (druid: Client) => Promise<unknown>, object]>([
    [
      'a context that is no JSON',
      (d) => d.query('SELECT 1', { context: custom({ circular }) }),
      config('context'),
    ],
    [
      'a signal that is none',
      (d) => d.query('SELECT 1', { signal: {} as never }),
      config('signal'),
    ],
    [
      'a signal of a request that is none',
      (d) => d.request('GET', '/', undefined, { signal: 1 as never }),
      config('signal'),
    ],
    [
      'a query id that is no text',
      (d) => d.query('SELECT 1', { queryId: 1 as never }),
      config('queryId'),
    ],
    ['an empty query id', (d) => d.query('SELECT 1', { queryId: '' }), config('queryId')],
    [
      'a query id that is another path',
      (d) => d.query('SELECT 1', { queryId: '..' }),
      config('queryId'),
    ],
    [
      'half a character in a query id',
      (d) => d.query('SELECT 1', { queryId: 'a\ud800' }),
      config('queryId'),
    ],
    ['options that are null', (d) => d.query('SELECT 1', null as never), config('options')],
    [
      'request options that are null',
      (d) => d.request('GET', '/', undefined, null as never),
      config('options'),
    ],
    ['a method of two words', (d) => d.request('GET /', '/'), config('method')],
    ['a method in lower case', (d) => d.request('patch', '/'), config('method', /upper case/)],
    ['a GET with a body', (d) => d.request('GET', '/', {}), config('body')],
    [
      'an expectation that nobody knows',
      (d) => d.request('GET', '/', undefined, { expect: 'xml' as never }),
      config('expect'),
    ],
    ['a body that is nothing in JSON', (d) => d.request('POST', '/', () => 1), invalid],
    ['a body that JSON cannot write', (d) => d.request('POST', '/', circular), invalid],
    ...['Content-Length', 'transfer-encoding', 'expect', 'upgrade', 'connection', 'host'].map(
      (name): [string, (druid: Client) => Promise<unknown>, object] => [
        `the header ${name}`,
        (d) => d.request('GET', '/', undefined, { headers: { [name]: '1' } }),
        config('headers', /set by the transport/),
      ],
    ),
  ])('%s', async (_name, call, error) => {
    await using server = await serve((_request, response) => response.end('{}'))
    const druid = connect(server.url, { transport })
    await expect(call(druid)).rejects.toEqual(error)
    await druid.close()
    expect(server.arrived).toEqual([])
  })

  it.each<[string, () => unknown, RegExp]>([
    ['throws', () => Promise.reject(new Error('no net')), /the token provider failed: no net/],
    ['gives undefined', () => undefined, /gave a value of type undefined/],
    ['gives an empty text', async () => '', /gave an empty token/],
    ['gives a line feed', async () => 'abc\n', /must be one line of text/],
  ])('a token provider that %s', async (_name, token, message) => {
    await using server = await serve((_request, response) => response.end('{}'))
    const druid = connect(server.url, { transport, auth: { token: token as () => string } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(message),
    })
    await druid.close()
    expect(server.arrived).toEqual([])
  })
})

it.each<[string, object | null, string]>([
  ['options that are null', null, 'options'],
  ['a transport that is none', { transport: {} }, 'transport'],
  ['a discovery of nothing', { discovered: { extensions: [null], reports: [] } }, 'discovered'],
])('connect refuses %s', (_, options, option) => {
  expect(() => connect('http://druid:8888', options as never)).toThrow(config(option) as never)
})

it('a path that holds a URL is not repeated: it may hold a password', async () => {
  const druid = connect('http://druid:8888', { transport: canned({ body: '{}' }) })
  await expect(druid.request('GET', 'ftp://user:s3cret@x/')).rejects.toMatchObject({
    message: expect.not.stringContaining('s3cret'),
  })
})

describe('very large values', () => {
  it('200,000 of them go into one list', () => {
    const many = sql`SELECT 1 WHERE x IN (${sql.list(Array.from({ length: 200_000 }, (_, i) => i))})`
    expect(many.parameters).toHaveLength(200_000)
  })

  it('a password of a megabyte is one header', async () => {
    const druid = connect('http://druid:8888', {
      auth: { user: 'a', password: 'ä'.repeat(500_000) },
      transport: canned({ body: arrayLines([['a', 'LONG', 'BIGINT']], '[1]') }),
    })
    expect(await druid.value('SELECT 1')).toBe(1)
  })
})

describe('what a server says', () => {
  it.each(['constructor', 'toString', '__proto__'])('may be called %s', async (error) => {
    const body = JSON.stringify({ error, errorMessage: 'odd', category: error })
    const druid = connect('http://druid:8888', { transport: canned({ status: 500, body }) })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'SERVER',
      errorCode: error,
    })
  })

  it('shows a terminal the codes of its control characters, and keeps its lines', async () => {
    const body = JSON.stringify({ error: 'x', errorMessage: 'red \u001b[31m\nnext\tline' })
    const druid = connect('http://druid:8888', { transport: canned({ status: 500, body }) })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      message: expect.stringContaining('red \\u001b[31m\nnext\tline'),
    })
  })
})

describe('an error', () => {
  it('shows a terminal no control characters, whoever made it', () => {
    const { message } = new DruidError('TASK_FAILED', 'red \u001b[31m\u009b\nnext', { taskId: 'a' })
    expect(message).toBe('red \\u001b[31m\\u009b\nnext')
  })

  it.each<[string, unknown]>([
    ['a proxy that throws', new Proxy({}, { getPrototypeOf: () => fail() })],
    ['an error whose message throws', Object.defineProperty(new Error(), 'message', { get: fail })],
  ])('is written as JSON also when its cause is %s', (_, cause) => {
    const error = new DruidError('EXTENSION', 'failed', { extension: 'a', cause })
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ message: 'failed', extension: 'a' })
  })
})

describe('for authors of extensions', () => {
  it('sleep() ends with its signal', async () => {
    const start = performance.now()
    await sleep(5)
    await expect(sleep(10_000, AbortSignal.timeout(5))).rejects.toMatchObject({ code: 'TIMEOUT' })
    await expect(sleep(10_000, AbortSignal.abort('x'))).rejects.toMatchObject({
      code: 'CANCELLED',
      cause: 'x',
    })
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  it('abortError() copies an error that is the reason', () => {
    const first = abortError(AbortSignal.abort(), 'reading')
    const copy = abortError(AbortSignal.abort(first), 'writing')
    expect(copy).not.toBe(first)
    expect(copy).toMatchObject({ code: 'CANCELLED', message: 'reading: cancelled by the caller' })
  })

  it('isRecord() and snippet()', () => {
    expect([{}, [], null, 'x'].map(isRecord)).toEqual([true, false, false, false])
    expect(snippet(`a\u0007b${'x'.repeat(500)}`)).toMatch(/^a bx{197}…$/)
  })
})
