import { connect, type Transport, type TransportRequest } from '@druid/core'
import { defineExtension, type Middleware, type MiddlewareOptions } from '@druid/core/extension'
import { describe, expect, it, vi } from 'vitest'
import { arrayLines } from './reply.ts'
import { type Arrived, serve, type TestServer } from './server.ts'

const ONE_ROW = arrayLines([['a', 'LONG', 'BIGINT']], '[1]')

/** A server that answers queries with one row, and everything else with what it saw of the headers. */
const answering = (): Promise<TestServer> =>
  serve((request, response) => {
    if (request.path === '/druid/v2/sql') response.end(ONE_ROW)
    else response.end(JSON.stringify({ path: request.path, headers: request.headers }))
  })

const using = (name: string, middleware: Middleware, options?: MiddlewareOptions) =>
  defineExtension({ name: name as 'a', setup: (context) => context.use(middleware, options) })

const failed = (text: string): object =>
  expect.objectContaining({ code: 'EXTENSION', message: expect.stringContaining(text) })

describe('context.use(middleware)', () => {
  it('sees every request and reply, early before late, each in the order of the list', async () => {
    await withServer(async (server) => {
      const log: string[] = []
      const logging = (name: string, options?: MiddlewareOptions) =>
        using(
          name,
          async (request, next) => {
            log.push(`${name} ${request.method} ${request.url.pathname}`)
            const reply = await next(request)
            log.push(`${name} ${reply.status}`)
            return reply
          },
          options,
        )
      const extensions = [logging('a', { phase: 'late' }), logging('b'), logging('c')] as const
      await using druid = connect(server.url, { extensions: [...extensions] })
      expect(await druid.query('SELECT 1')).toEqual([{ a: 1 }])
      const path = '/druid/v2/sql'
      expect(log).toEqual([
        `b POST ${path}`,
        `c POST ${path}`,
        `a POST ${path}`,
        'a 200',
        'c 200',
        'b 200',
      ])
    })
  })

  it('adds headers and sends the request elsewhere on this connection, by a copy', async () => {
    await withServer(async (server) => {
      const adding = using('adding', (request, next) =>
        next({
          ...request,
          url: new URL('/moved', request.url),
          headers: { ...request.headers, 'x-trace': '1' },
        }),
      )
      await using druid = connect(server.url, { extensions: [adding] })
      expect(await druid.request('GET', '/there')).toMatchObject({
        path: '/moved',
        headers: { 'x-trace': '1', accept: 'application/json' },
      })
    })
  })

  it('cannot change the request that it was given', async () => {
    await withServer(async (server) => {
      const mutating = using('mutating', (request, next) => {
        ;(request.headers as Record<string, string>)['x-added'] = '1'
        return next(request)
      })
      await using druid = connect(server.url, { extensions: [mutating] })
      await expect(druid.request('GET', '/x')).rejects.toEqual(
        failed('"mutating": its middleware failed'),
      )
      expect(server.arrived).toEqual([])
    })
  })

  it('cannot send a request to another server', async () => {
    await withServer(async (server) => {
      await using other = await answering()
      const leaking = using('leaking', (request, next) =>
        next({ ...request, url: new URL(other.url) }),
      )
      await using druid = connect(server.url, { extensions: [leaking], auth: { token: 'secret' } })
      await expect(druid.request('GET', '/x')).rejects.toEqual(
        failed(
          `extension "leaking": its middleware passed on what cannot be sent: request: ${other.url} is not a server`,
        ),
      )
      expect(other.arrived).toEqual([])
    })
  })

  it('sees no credentials, neither those of auth nor the headers of the connection', async () => {
    await withServer(async (server) => {
      const seen: TransportRequest[] = []
      const looking = using('looking', (request, next) => {
        seen.push(request)
        return next(request)
      })
      await using druid = connect(server.url.replace('//', '//user:s3cret@'), {
        extensions: [looking],
        headers: { cookie: 'session=s3cret' },
      })
      const { headers } = await druid.request<Arrived>('GET', '/x')
      expect(headers).toMatchObject({
        cookie: 'session=s3cret',
        authorization: expect.stringMatching(/^Basic/),
      })
      expect(JSON.stringify(seen)).not.toContain('s3cret')
      expect(seen[0]?.url.href).not.toContain('s3cret')
    })
  })

  it('sees of the credentials of a call only that they are there, early and late', async () => {
    await withServer(async (server) => {
      const seen: TransportRequest[] = []
      const look: Middleware = (request, next) => {
        seen.push(request)
        return next(request)
      }
      await using druid = connect(server.url, {
        extensions: [using('early', look), using('late', look, { phase: 'late' })],
        headers: { 'X-Api-Key': 'default' },
      })
      const headers = {
        Authorization: 'Bearer s3cret',
        cookie: 's=s3cret',
        'x-api-key': 's3cret',
        'x-team': 'blue',
      }
      const reply = await druid.with({ headers }).request<Arrived>('GET', '/x')
      expect(reply.headers).toMatchObject({
        authorization: 'Bearer s3cret',
        cookie: 's=s3cret',
        'x-api-key': 's3cret',
        'x-team': 'blue',
      })
      expect(seen).toHaveLength(2)
      for (const request of seen) {
        expect(request.headers).toEqual({
          authorization: '(hidden)',
          cookie: '(hidden)',
          'x-api-key': '(hidden)',
          'x-team': 'blue',
        })
      }
    })
  })

  it('cannot take the credentials of a call away, and may set its own', async () => {
    await withServer(async (server) => {
      const stripping = using('stripping', (request, next) => next({ ...request, headers: {} }))
      const call = { headers: { authorization: 'Bearer of-the-call' } }
      await using druid = connect(server.url, { extensions: [stripping] })
      expect((await druid.request<Arrived>('GET', '/x', undefined, call)).headers).toMatchObject({
        authorization: 'Bearer of-the-call',
      })
      const setting = using('setting', (request, next) =>
        next({ ...request, headers: { authorization: 'Bearer mine', cookie: '(hidden)' } }),
      )
      await using other = connect(server.url, { extensions: [setting] })
      const { headers } = await other.request<Arrived>('GET', '/x', undefined, call)
      expect(headers.authorization).toBe('Bearer mine')
      expect(headers).not.toHaveProperty('cookie')
    })
  })

  it('sees no cookie that the server sets', async () => {
    await using server = await serve((_, response) =>
      response.writeHead(200, { 'set-cookie': 'hadoop.auth=s3cret', 'x-other': '1' }).end('{}'),
    )
    const seen: string[] = []
    const looking = using('looking', async (request, next) => {
      const reply = await next(request)
      seen.push(...[...reply.headers].map(([name]) => name))
      return reply
    })
    await using druid = connect(server.url, { extensions: [looking] })
    await druid.request('GET', '/x')
    expect(seen).toContain('x-other')
    expect(seen).not.toContain('set-cookie')
  })

  it('answers without sending, also with nothing but the bytes', async () => {
    await withServer(async (server) => {
      const cache = using('cache', () => ({
        status: 200,
        headers: new Headers(),
        body: (async function* () {
          yield new TextEncoder().encode('{"cached":true}')
        })() as never,
      }))
      await using druid = connect(server.url, { extensions: [cache] })
      expect(await druid.request('GET', '/x')).toEqual({ cached: true })
      expect(server.arrived).toEqual([])
    })
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a status that is none', { status: Number.NaN, headers: new Headers(), body: [] }],
    ['no status', { headers: new Headers(), body: [] }],
    ['headers of another kind', { status: 200, headers: {}, body: [] }],
    ['text as body', { status: 200, headers: new Headers(), body: 'text' }],
  ])('that answers with %s fails the request', async (_, answer) => {
    await withServer(async (server) => {
      const wrong = using('wrong', () => answer as never)
      await using druid = connect(server.url, { extensions: [wrong] })
      await expect(druid.query('SELECT 1')).rejects.toEqual(
        failed('answered with what is no reply'),
      )
      expect(server.by('DELETE')).toEqual([])
    })
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no headers', { method: 'GET', url: 'http://x' }],
    ['a body that is no text', { method: 'GET', url: 'http://x', headers: {}, body: {} }],
    ['no URL', { method: 'GET', url: 'x', headers: {} }],
    ['a method of two words', { method: 'GET /', url: 'http://x', headers: {} }],
    ['a signal that is none', { method: 'GET', url: 'http://x', headers: {}, signal: 1 }],
  ])('that passes on %s fails the request', async (_, request) => {
    await withServer(async (server) => {
      const wrong = using('wrong', (_request, next) => next(request as never))
      await using druid = connect(server.url, { extensions: [wrong] })
      await expect(druid.request('GET', '/')).rejects.toEqual(failed('request'))
      expect(server.arrived).toEqual([])
    })
  })

  it('that throws fails the request, named; errors of next() pass as they are', async () => {
    await withServer(async (server) => {
      const throwing = using('throwing', () => {
        throw new Error('boom')
      })
      await using druid = connect(server.url, { extensions: [throwing] })
      await expect(druid.request('GET', '/x')).rejects.toEqual(
        failed('extension "throwing": its middleware failed: boom (GET http://127.0.0.1:'),
      )
    })
    const passing = using('passing', (request, next) => next(request))
    const druid = connect('http://127.0.0.1:1', { extensions: [passing] })
    await expect(druid.request('GET', '/x')).rejects.toMatchObject({ code: 'CONNECT' })
  })

  it('may send a request twice that may be sent twice, and then only', async () => {
    await withServer(async (server) => {
      const twice = using('twice', async (request, next) => {
        await next(request)
        return next({ ...request, idempotent: true })
      })
      await using druid = connect(server.url, { extensions: [twice] })
      expect(await druid.request('GET', '/x')).toMatchObject({ path: '/x' })
      expect(server.by('GET')).toHaveLength(2)
      await expect(druid.request('POST', '/x', {})).rejects.toEqual(
        failed('called next() again for a request that must not be sent twice'),
      )
      expect(server.by('POST')).toHaveLength(1)
    })
  })

  it('cannot call a request repeatable that is not', async () => {
    const seen: boolean[] = []
    const transport: Transport = {
      name: 'seeing',
      async request({ idempotent }) {
        seen.push(idempotent)
        throw new Error('enough')
      },
      async close() {},
    }
    const lying = using('lying', (request, next) => next({ ...request, idempotent: true }))
    const druid = connect('http://druid:8888', { extensions: [lying], transport })
    await expect(druid.request('POST', '/x')).rejects.toThrow()
    expect(seen).toEqual([false])
  })

  it('that passes on a header that cannot be sent fails the request, named', async () => {
    await withServer(async (server) => {
      const adding = using('adding', (request, next) =>
        next({ ...request, headers: { 'x-trace': 'one\r\ntwo: 2' } }),
      )
      await using druid = connect(server.url, { extensions: [adding] })
      await expect(druid.request('GET', '/x')).rejects.toEqual(
        failed('"adding": its middleware passed on what cannot be sent: headers: the value of'),
      )
      expect(server.arrived).toEqual([])
    })
  })

  it('that throws on its retry fails the request, named, and both replies are given up', async () => {
    const discarded: number[] = []
    let sent = 0
    const transport: Transport = {
      name: 'busy',
      async request() {
        sent += 1
        const number = sent
        return {
          status: 503,
          headers: new Headers(),
          body: {
            async *[Symbol.asyncIterator]() {},
            discard: () => void discarded.push(number),
            trailers: () => undefined,
          },
        }
      },
      async close() {},
    }
    let calls = 0
    const retrying = using('retrying', async (request, next) => {
      const first = await next(request)
      return first.status === 503 ? next(request) : first
    })
    const second = using('second', async (request, next) => {
      calls += 1
      const reply = await next(request)
      if (calls === 2) throw new Error('not again')
      return reply
    })
    const druid = connect('http://druid:8888', {
      extensions: [retrying, second],
      transport,
      retry: false,
    })
    await expect(druid.request('GET', '/x')).rejects.toEqual(
      failed('extension "second": its middleware failed: not again'),
    )
    expect(sent).toBe(2)
    expect(discarded.sort()).toEqual([1, 2])
  })

  it('that answers with the first of two replies gives up the other', async () => {
    await using server = await serve((request, response) => {
      if (request.path === '/slow') response.write('{"never": ')
      else response.end('"first"')
    })
    const hedging = using('hedging', async (request, next) => {
      const one = await next(request)
      await next({ ...request, url: new URL('/slow', request.url) })
      return one
    })
    const druid = connect(server.url, { extensions: [hedging] })
    expect(await druid.request('GET', '/x')).toBe('first')
    // A reply that was kept would hold its socket open.
    await vi.waitFor(async () => expect(await server.connections()).toBeLessThan(2))
    await druid.close()
  })

  it('may answer with what it reads from a reply, which ends with it', async () => {
    const released: string[] = []
    const transport: Transport = {
      name: 'two',
      async request({ url }) {
        const text = new TextEncoder().encode(`"${url.pathname}"`)
        return {
          status: 200,
          headers: new Headers(),
          body: {
            async *[Symbol.asyncIterator]() {
              yield text
            },
            discard: () => void released.push(url.pathname),
            trailers: () => undefined,
          },
        }
      },
      async close() {},
    }
    const wrapping = using('wrapping', async (request, next) => {
      const one = await next({ ...request, url: new URL('/one', request.url) })
      await next({ ...request, url: new URL('/two', request.url) })
      const body = (async function* () {
        expect(released).toEqual([])
        yield* one.body
      })()
      return { ...one, body: body as never }
    })
    const druid = connect('http://druid:8888', { extensions: [wrapping], transport })
    expect(await druid.request('GET', '/x')).toBe('/one')
    expect(released.sort()).toEqual(['/one', '/two'])
  })

  it.each<[string, () => AsyncIterable<unknown>, object]>([
    [
      'fails',
      async function* () {
        yield* []
        throw new Error('mid')
      },
      failed('"own": its middleware answered with a body that failed: mid'),
    ],
    [
      'is text',
      async function* () {
        yield 'text'
      },
      failed('"own": its middleware answered with a body that is no bytes'),
    ],
    [
      'stalls',
      () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
      expect.objectContaining({ code: 'TIMEOUT' }),
    ],
  ])('with a body of its own that %s ends every call', async (_, bodyOf, error) => {
    const own = using('own', () => ({
      status: 200,
      headers: new Headers(),
      body: bodyOf() as never,
    }))
    await using druid = connect('http://druid:8888', { extensions: [own] })
    const options = { timeout: 50 }
    await expect(druid.query('SELECT 1', options)).rejects.toEqual(error)
    await expect(druid.columns('SELECT 1', options)).rejects.toEqual(error)
    await expect(druid.request('GET', '/x', undefined, options)).rejects.toEqual(error)
    const raw = druid.raw('SELECT 1', options).then(({ body }) => new Response(body).text())
    await expect(raw).rejects.toEqual(error)
  })

  it('asks again where there is one connection, and may answer with either reply', async () => {
    const long = 'x'.repeat(200_000)
    await using server = await serve((request, response) => {
      response.end(JSON.stringify(`${request.path} ${long}`))
    })
    const again = (which: 0 | 1) =>
      using('again', async (request, next) => {
        const first = await next(request)
        const second = await next({ ...request, url: new URL('/second', request.url) })
        return [first, second][which] ?? first
      })
    const atOnce = using('at-once', async (request, next) => {
      const [first] = await Promise.all([next(request), next(request)])
      return first
    })
    for (const [extension, answer] of [
      [again(0), '/first'],
      [again(1), '/second'],
      [atOnce, '/first'],
    ] as const) {
      const extensions = [extension]
      await using druid = connect(server.url, { extensions, pool: { connections: 1 } })
      const call = () => druid.request('GET', '/first', undefined, { timeout: 2000 })
      expect(await call()).toBe(`${answer} ${long}`)
      expect(await call()).toBe(`${answer} ${long}`)
    }
  })

  it('with a time limit of its own stays tied to the signal of the call', async () => {
    await using server = await serve((_, response) => response.write('{'))
    const limiting = using('limiting', (request, next) =>
      next({ ...request, signal: AbortSignal.timeout(60_000) }),
    )
    await using druid = connect(server.url, { extensions: [limiting] })
    const signal = AbortSignal.timeout(30)
    await expect(druid.request('GET', '/x', undefined, { signal })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    const limited = using('limited', (request, next) =>
      next({ ...request, signal: AbortSignal.timeout(20) }),
    )
    await using other = connect(server.url, { extensions: [limited] })
    await expect(other.request('GET', '/x')).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('that does not wait for next() leaves no unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const careless = using('careless', (request, next) => {
      void next(request)
      void next(undefined as never)
      const body = [new TextEncoder().encode('"cached"')]
      return { status: 200, headers: new Headers(), body: iterable(body) as never }
    })
    const druid = connect('http://127.0.0.1:1', { extensions: [careless] })
    expect(await druid.request('GET', '/x')).toBe('cached')
    await new Promise((resolve) => setTimeout(resolve, 30))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('gives up a reply that comes after it has answered', async () => {
    const discarded: string[] = []
    let reply: () => void = () => {}
    const transport: Transport = {
      name: 'slow',
      request: ({ url }) =>
        new Promise((resolve) => {
          reply = () =>
            resolve({
              status: 200,
              headers: new Headers(),
              body: {
                async *[Symbol.asyncIterator]() {},
                discard: () => void discarded.push(url.pathname),
                trailers: () => undefined,
              },
            })
        }),
      async close() {},
    }
    const hasty = using('hasty', (request, next) => {
      void next(request)
      const body = [new TextEncoder().encode('"cached"')]
      return { status: 200, headers: new Headers(), body: iterable(body) as never }
    })
    const druid = connect('http://druid:8888', { extensions: [hasty], transport })
    expect(await druid.request('GET', '/late')).toBe('cached')
    reply()
    await vi.waitFor(() => expect(discarded).toEqual(['/late']))
  })

  it('may answer with the headers of another implementation of fetch', async () => {
    class OtherHeaders extends Map<string, string> {}
    const other = using('other', () => ({
      status: 200,
      headers: new OtherHeaders([['content-type', 'application/json']]) as never,
      body: iterable([new TextEncoder().encode('1')]) as never,
    }))
    // Those around it have the platform's own.
    const outer = using('outer', async (request, next) => {
      const reply = await next(request)
      expect(reply.headers).toBeInstanceOf(Headers)
      return reply
    })
    const druid = connect('http://druid:8888', { extensions: [outer, other] })
    expect(await druid.request('GET', '/x')).toBe(1)
  })

  it('that never ends is left by an abort, and its late next() sends nothing', async () => {
    await withServer(async (server) => {
      let late: (() => Promise<unknown>) | undefined
      const hanging = using('hanging', (request, next) => {
        late = () => next(request)
        return new Promise(() => {})
      })
      await using druid = connect(server.url, { extensions: [hanging] })
      const signal = AbortSignal.timeout(20)
      await expect(druid.request('GET', '/x', undefined, { signal })).rejects.toMatchObject({
        code: 'TIMEOUT',
      })
      await expect(late?.()).rejects.toEqual(failed('called next() after it had ended'))
      expect(server.arrived).toEqual([])
    })
  })

  it('that rejects after it was left makes no noise', async () => {
    await withServer(async (server) => {
      let reject: (error: Error) => void = () => {}
      const hanging = using('hanging', () => new Promise((_, no) => (reject = no)))
      await using druid = connect(server.url, { extensions: [hanging] })
      const controller = new AbortController()
      const call = druid.request('GET', '/x', undefined, { signal: controller.signal })
      setTimeout(() => controller.abort(), 10)
      await expect(call).rejects.toMatchObject({ code: 'CANCELLED' })
      reject(new Error('late'))
      await new Promise((resolve) => setTimeout(resolve, 10))
    })
  })

  it('has its say on the DELETE that ends a query, too', async () => {
    const methods: string[] = []
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') response.writeHead(202).end()
    })
    const seeing = using('seeing', (request, next) => {
      methods.push(request.method)
      return next(request)
    })
    await using druid = connect(server.url, { extensions: [seeing] })
    await expect(
      druid.query('SELECT 1', { signal: AbortSignal.timeout(50) }),
    ).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    await druid.close()
    expect(methods).toEqual(['POST', 'DELETE'])
  })
})

async function* iterable(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

async function withServer(run: (server: TestServer) => Promise<void>): Promise<void> {
  await using server = await answering()
  await run(server)
}
