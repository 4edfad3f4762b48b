import { setTimeout as sleep } from 'node:timers/promises'
import { connect, DruidError, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it, vi } from 'vitest'
import { arrayLines, beginResult, type ColumnHead, headerRows } from './reply.ts'
import { type Arrived, queryIdOf, serve, type TestServer } from './server.ts'

const COLUMNS: readonly ColumnHead[] = [['n', 'LONG', 'BIGINT']]
const AUTH = { user: 'admin', password: 'pässword' }
const BASIC = `Basic ${Buffer.from('admin:pässword').toString('base64')}`

interface Plan {
  /** Status of the reply to DELETE; `cut` closes the socket instead. Default 202. */
  readonly onDelete?: number | 'cut'
  /** What a query is answered with, and left open. Default: nothing, not even headers. */
  readonly begin?: string
}

/** A Druid whose queries never end by themselves. */
function endless({ onDelete = 202, begin }: Plan = {}): Promise<TestServer> {
  return serve((request, response) => {
    if (request.method === 'DELETE') {
      if (onDelete === 'cut') response.socket?.destroy()
      else response.writeHead(onDelete).end()
    } else if (begin !== undefined) {
      beginResult(response)
      response.write(begin)
    }
  })
}

/** The one DELETE that must have come, for the one query that was sent. */
async function theDelete(server: TestServer): Promise<Arrived> {
  await vi.waitFor(() => expect(server.by('DELETE')).toHaveLength(1), { interval: 2 })
  // A second one would come at once.
  await sleep(20)
  expect(server.by('DELETE')).toHaveLength(1)
  const [deleted] = server.by('DELETE') as [Arrived]
  expect(deleted.path).toBe(`/druid/v2/sql/${queryIdOf(server.by('POST')[0])}`)
  expect(deleted.headers.authorization).toBe(BASIC)
  expect(deleted.body).toBe('')
  return deleted
}

async function arrived(server: TestServer): Promise<void> {
  await vi.waitFor(() => expect(server.by('POST')).toHaveLength(1), { interval: 2 })
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('giving up a query, over %s', (_, transport) => {
  it('before it is sent sends nothing', async () => {
    await using server = await endless()
    const druid = connect(server.url, { transport, auth: AUTH })
    const reason = new Error('changed my mind')
    const signal = AbortSignal.abort(reason)
    const error: unknown = await druid.query('SELECT 1', { signal }).catch((it: unknown) => it)
    expect(isDruidError(error, 'CANCELLED') && error).toMatchObject({ cause: reason })
    expect(isDruidError(error, 'CANCELLED') && error.serverCancel).toBeUndefined()
    const stream = druid.stream('SELECT 1', { signal })[Symbol.asyncIterator]()
    await expect(stream.next()).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(druid.request('GET', '/status', undefined, { signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    await sleep(20)
    expect(server.arrived).toEqual([])
  })

  it('for a reason that cannot be looked at ends as for any other', async () => {
    const trap = (): never => {
      throw new Error('trap')
    }
    const traps: ProxyHandler<object> = { get: trap, has: trap, getPrototypeOf: trap }
    const reason: unknown = new Proxy({}, traps)
    const code = async (call: Promise<unknown>): Promise<unknown> => {
      const error: unknown = await call.catch((it: unknown) => it)
      return isDruidError(error) && error.code
    }
    await using server = await endless()
    const druid = connect(server.url, { transport })
    const signal = AbortSignal.abort(reason)
    expect(await code(druid.query('SELECT 1', { signal }))).toBe('CANCELLED')
    expect(await code(druid.request('GET', '/x', undefined, { signal }))).toBe('CANCELLED')
    expect(server.arrived).toEqual([])
    const abort = new AbortController()
    const running = code(druid.query('SELECT 1', { signal: abort.signal }))
    const request = code(druid.request('POST', '/x', {}, { signal: abort.signal }))
    await vi.waitFor(() => expect(server.by('POST')).toHaveLength(2), { interval: 2 })
    abort.abort(reason)
    expect(await Promise.all([running, request])).toEqual(['CANCELLED', 'CANCELLED'])
    await vi.waitFor(() => expect(server.by('DELETE')).toHaveLength(1))
    // It is the cause of errors, at which the tests have a look of their own.
    for (const name of Object.keys(traps)) Reflect.deleteProperty(traps, name)
  })

  it('ends by disposing of the stream, even while a row is awaited', async () => {
    await using server = await endless({ begin: arrayLines(COLUMNS).slice(0, -1) })
    const druid = connect(server.url, { transport, auth: AUTH })
    const stream = druid.stream('SELECT 1')
    const next = stream[Symbol.asyncIterator]().next()
    const failed = expect(next).rejects.toMatchObject({ code: 'CLOSED' })
    await arrived(server)
    await sleep(20)
    await stream[Symbol.asyncDispose]()
    await failed
    await theDelete(server)
  })

  it.each<[outcome: string, onDelete: number | 'cut']>([
    ['accepted', 202],
    ['failed', 500],
    ['failed', 403],
    ['failed', 'cut'],
  ])('while it waits for headers is %s on the server by %s', async (outcome, onDelete) => {
    await using server = await endless({ onDelete })
    const abort = new AbortController()
    const druid = connect(server.url, { transport, auth: AUTH })
    const running = druid.query('SELECT 1', { signal: abort.signal })
    await arrived(server)
    abort.abort()
    const error: unknown = await running.catch((it: unknown) => it)
    expect(isDruidError(error, 'CANCELLED') && error.queryId).toBe(queryIdOf(server.arrived[0]))
    expect(isDruidError(error, 'CANCELLED') && (await error.serverCancel)).toBe(outcome)
    await theDelete(server)
  })

  it('before Druid knows it is tried again', async () => {
    let deletes = 0
    await using server = await serve((request, response) => {
      if (request.method !== 'DELETE') return
      deletes += 1
      response.writeHead(deletes === 1 ? 404 : 202).end()
    })
    const druid = connect(server.url, { transport })
    const abort = new AbortController()
    const running = druid.query('SELECT 1', { signal: abort.signal })
    await arrived(server)
    abort.abort()
    const error: unknown = await running.catch((it: unknown) => it)
    expect(isDruidError(error, 'CANCELLED') && (await error.serverCancel)).toBe('accepted')
    expect(deletes).toBe(2)
  })

  it('for the reason of others gives each its own error, whatever it waits for', async () => {
    const reason = new DruidError('CANCELLED', 'the user left')
    for (const begin of [undefined, headerRows(COLUMNS)]) {
      await using server = await endless({ ...(begin !== undefined && { begin }) })
      const druid = connect(server.url, { transport })
      const controller = new AbortController()
      const { signal } = controller
      const calls = [
        druid.query('SELECT 1', { signal }),
        druid.query('SELECT 1', { signal }),
        druid.request('POST', '/x', {}, { signal }),
      ].map((call) => call.catch((it: unknown) => it))
      await vi.waitFor(() => expect(server.by('POST')).toHaveLength(3), { interval: 2 })
      await sleep(20)
      controller.abort(reason)
      const errors = (await Promise.all(calls)) as DruidError<'CANCELLED'>[]
      expect(new Set([reason, ...errors]).size).toBe(4)
      for (const error of errors) {
        expect(error).toMatchObject({ code: 'CANCELLED', message: 'the user left' })
      }
      expect(await errors[0]?.serverCancel).toBe('accepted')
      expect(await errors[1]?.serverCancel).toBe('accepted')
    }
  })

  it('in the middle of the rows', async () => {
    await using server = await endless({ begin: `${headerRows(COLUMNS)}[1]\n[2]\n` })
    const abort = new AbortController()
    const druid = connect(server.url, { transport, auth: AUTH })
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const row of druid.stream('SELECT n FROM t', { signal: abort.signal })) {
        seen.push(row)
        if (seen.length === 2) setTimeout(() => abort.abort(), 5)
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(seen).toEqual([{ n: 1 }, { n: 2 }])
    await theDelete(server)
  })

  it('by leaving the loop', async () => {
    await using server = await endless({ begin: `${headerRows(COLUMNS)}[1]\n[2]\n` })
    const druid = connect(server.url, { transport, auth: AUTH })
    for await (const row of druid.stream('SELECT n FROM t')) {
      expect(row).toEqual({ n: 1 })
      break
    }
    await theDelete(server)
  })

  it('by leaving the loop over batches', async () => {
    await using server = await endless({ begin: `${headerRows(COLUMNS)}[1]\n` })
    const druid = connect(server.url, { transport, auth: AUTH })
    await expect(
      (async () => {
        for await (const _ of druid.stream('SELECT n FROM t').batches()) throw new Error('mine')
      })(),
    ).rejects.toThrow('mine')
    await theDelete(server)
  })

  it('by leaving the loop of a generator around it, when all has come', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') response.writeHead(202).end()
      else {
        beginResult(response)
        response.end(arrayLines(COLUMNS, '[1]', '[2]'))
      }
    })
    const druid = connect(server.url, { transport, auth: AUTH })
    async function* numbers(): AsyncGenerator<unknown, void, undefined> {
      for await (const batch of druid.stream('SELECT 1').batches()) yield* batch
    }
    // An error that nobody is told of would end the process, and with it this test.
    for (let run = 0; run < 20; run += 1) {
      for await (const row of numbers()) {
        expect(row).toEqual({ n: 1 })
        break
      }
      await sleep(1)
    }
    await druid.close()
    expect(server.by('POST')).toHaveLength(20)
  })

  it('by disposing of the stream', async () => {
    await using server = await endless({ begin: `${headerRows(COLUMNS)}[1]\n` })
    const druid = connect(server.url, { transport, auth: AUTH })
    {
      await using stream = druid.stream('SELECT n FROM t')
      const iterator = stream[Symbol.asyncIterator]()
      expect((await iterator.next()).value).toEqual({ n: 1 })
    }
    await theDelete(server)
  })

  it('while nobody takes its rows', async () => {
    await using server = await endless({ begin: `${headerRows(COLUMNS)}[1]\n` })
    const abort = new AbortController()
    const druid = connect(server.url, { transport, auth: AUTH })
    const rows = druid.stream('SELECT n FROM t', { signal: abort.signal })[Symbol.asyncIterator]()
    expect((await rows.next()).value).toEqual({ n: 1 })
    abort.abort()
    await theDelete(server)
    await expect(rows.next()).rejects.toMatchObject({ code: 'CANCELLED' })
    expect((await rows.next()).done).toBe(true)
  })

  it('by a time limit is a TIMEOUT', async () => {
    await using server = await endless()
    const druid = connect(server.url, { transport, auth: AUTH })
    await expect(
      druid.query('SELECT 1', { signal: AbortSignal.timeout(60) }),
    ).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'total' })
    await theDelete(server)
  })

  it('by the signal of a derived client', async () => {
    await using server = await endless()
    const abort = new AbortController()
    const druid = connect(server.url, { transport, auth: AUTH })
    const running = druid
      .with({ signal: new AbortController().signal })
      .with({ signal: abort.signal })
      .query('SELECT 1', { signal: new AbortController().signal })
    await arrived(server)
    abort.abort()
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    await theDelete(server)
  })

  it('cancels under the same headers and the id that was given', async () => {
    await using server = await endless()
    const abort = new AbortController()
    const druid = connect(server.url, { transport, auth: AUTH, headers: { 'X-Gate': 'a' } })
    const running = druid
      .with({ headers: { 'x-tenant': 'b' } })
      .query('SELECT 1', { signal: abort.signal, queryId: 'a/b c', headers: { 'X-Key': 'c' } })
    await arrived(server)
    abort.abort()
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED', queryId: 'a/b c' })
    await vi.waitFor(() => expect(server.by('DELETE')).toHaveLength(1), { interval: 2 })
    expect(server.by('DELETE')[0]).toMatchObject({
      path: '/druid/v2/sql/a%2Fb%20c',
      headers: { 'x-gate': 'a', 'x-tenant': 'b', 'x-key': 'c', authorization: BASIC },
    })
  })

  it('that is finished sends no DELETE', async () => {
    await using server = await serve((_, response) => {
      beginResult(response)
      response.end(arrayLines(COLUMNS, '[1]'))
    })
    const abort = new AbortController()
    const druid = connect(server.url, { transport, auth: AUTH })
    await druid.query('SELECT 1', { signal: abort.signal })
    const stream = druid.stream('SELECT 1', { signal: abort.signal })
    for await (const row of stream) expect(row).toEqual({ n: 1 })
    abort.abort()
    await stream[Symbol.asyncDispose]()
    await druid.close()
    await sleep(20)
    expect(server.by('DELETE')).toEqual([])
  })

  it('that Druid refused, or that was never begun, sends no DELETE', async () => {
    await using server = await serve((_, response) => response.writeHead(400).end())
    const druid = connect(server.url, { transport, auth: AUTH })
    await expect(druid.query('SELECT')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await druid.stream('SELECT 1')[Symbol.asyncDispose]()
    await druid.close()
    await sleep(20)
    expect(server.arrived.map((one) => one.method)).toEqual(['POST'])
  })

  it('whose rows cannot be decoded is ended too', async () => {
    await using server = await endless({ begin: `${headerRows(COLUMNS)}[9007199254740993]\n` })
    const druid = connect(server.url, { transport, auth: AUTH })
    await expect(druid.query('SELECT n FROM t')).rejects.toMatchObject({ code: 'INEXACT' })
    await theDelete(server)
  })

  it('with a second row where one was asked for', async () => {
    await using server = await endless({ begin: `${headerRows(COLUMNS)}[1]\n[2]\n` })
    const druid = connect(server.url, { transport, auth: AUTH })
    await expect(druid.one('SELECT n FROM t')).rejects.toMatchObject({ code: 'LIMIT', limit: 1 })
    await theDelete(server)
  })

  it('by closing the connection is CLOSED, and close() waits for the DELETE', async () => {
    let answered = false
    await using server = await serve(async (request, response) => {
      if (request.method !== 'DELETE') return
      await sleep(40)
      answered = true
      response.writeHead(202).end()
    })
    const druid = connect(server.url, { transport, auth: AUTH })
    const running = druid.query('SELECT 1').catch((it: unknown) => it)
    const plain = druid.request('POST', '/x', {}).catch((it: unknown) => it)
    await vi.waitFor(() => expect(server.by('POST')).toHaveLength(2), { interval: 2 })
    const closing = druid.close()
    expect(druid.close()).toBe(closing)
    await closing
    expect(answered).toBe(true)
    expect(await running).toMatchObject({ code: 'CLOSED' })
    expect(await plain).toMatchObject({ code: 'CLOSED' })
    expect(server.by('DELETE')).toHaveLength(1)
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(druid.with({}).request('GET', '/status')).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

it('closing does not wait for ever for a server that does not answer the DELETE', async () => {
  await using server = await serve(() => {})
  const limit = new AbortController()
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal)
  const druid = connect(server.url)
  const running = druid.query('SELECT 1').catch((it: unknown) => it)
  await arrived(server)
  const closing = druid.close()
  await vi.waitFor(() => expect(server.by('DELETE')).toHaveLength(1), { interval: 2 })
  expect(timeout.mock.calls).toEqual([[5_000]])
  limit.abort()
  await closing
  expect(await running).toMatchObject({ code: 'CLOSED' })
  timeout.mockRestore()
})

it('a query that waits for its token can be given up', async () => {
  await using server = await serve(() => {})
  let asked = 0
  const token = (): Promise<string> => {
    asked += 1
    return asked === 1 ? new Promise<string>(() => {}) : Promise.resolve('a')
  }
  const abort = new AbortController()
  const druid = connect(server.url, { auth: { token } })
  const running = druid.query('SELECT 1', { signal: abort.signal })
  await vi.waitFor(() => expect(asked).toBe(1), { interval: 2 })
  abort.abort()
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(server.by('POST')).toEqual([])
})

it('a plain request that is aborted sends no DELETE', async () => {
  await using server = await endless()
  const abort = new AbortController()
  const druid = connect(server.url)
  const running = druid.request('POST', '/druid/x', {}, { signal: abort.signal })
  await arrived(server)
  abort.abort()
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  await sleep(20)
  expect(server.by('DELETE')).toEqual([])
})

it('a signal that outlives many queries keeps nothing of them', async () => {
  await using server = await serve((_, response) => {
    beginResult(response)
    response.end(arrayLines(COLUMNS, '[1]'))
  })
  const { signal } = new AbortController()
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  const druid = connect(server.url)
  for (let i = 0; i < 5; i += 1) await druid.query('SELECT 1', { signal })
  expect(added).toHaveBeenCalledTimes(5)
  expect(removed).toHaveBeenCalledTimes(5)
})

it('a query that Druid never knows is unknown, after some tries', async () => {
  await using server = await endless({ onDelete: 404 })
  const abort = new AbortController()
  const running = connect(server.url).query('SELECT 1', { signal: abort.signal })
  await arrived(server)
  abort.abort()
  const error: unknown = await running.catch((it: unknown) => it)
  expect(isDruidError(error, 'CANCELLED') && (await error.serverCancel)).toBe('unknown')
  expect(server.by('DELETE')).toHaveLength(4)
})

it('a 404 to the DELETE is asked again only while the query may be unplanned', async () => {
  await using planned = await serve((request, response) => {
    if (request.method === 'DELETE') response.writeHead(404).end()
    else response.end(arrayLines(COLUMNS, '[1]', '[2]').slice(0, -1))
  })
  const druid = connect(planned.url)
  await expect(druid.one('SELECT 1')).rejects.toMatchObject({ code: 'LIMIT' })
  const start = performance.now()
  await druid.close()
  expect(performance.now() - start).toBeLessThan(1_000)
  expect(planned.by('DELETE')).toHaveLength(1)
})

it.each([502, 504])(
  'a %i of a proxy is followed by a DELETE: Druid may be at work',
  async (status) => {
    await using server = await serve((request, response) => {
      response.writeHead(request.method === 'DELETE' ? 202 : status).end()
    })
    const druid = connect(server.url)
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ status })
    await druid.close()
    expect(server.by('DELETE')).toHaveLength(1)
  },
)

describe.each([
  [
    'rows',
    (stream: ReturnType<ReturnType<typeof connect>['stream']>) => stream[Symbol.asyncIterator](),
  ],
  [
    'batches',
    (stream: ReturnType<ReturnType<typeof connect>['stream']>) =>
      stream.batches()[Symbol.asyncIterator](),
  ],
])('leaving %s', (_, take) => {
  it('does not wait for what is still being read', async () => {
    await using server = await endless({ begin: headerRows(COLUMNS) })
    const druid = connect(server.url)
    const iterator = take(druid.stream('SELECT 1'))
    const next = iterator.next().catch((error: unknown) => error)
    await sleep(30)
    await iterator.return?.()
    expect(await next).toMatchObject({ code: 'CLOSED' })
    await vi.waitFor(() => expect(server.by('DELETE')).toHaveLength(1))
  })
})

it('the node transport does not hang where a server switches protocols unasked', async () => {
  const { createServer } = await import('node:net')
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const druid = connect(`http://127.0.0.1:${port}`)
  await expect(druid.request('GET', '/')).rejects.toMatchObject({ code: 'CONNECT' })
  server.close()
})

const COLLECTED = `
  import { connect } from '@druid/core'
  import { fetchTransport } from '@druid/core/fetch'
  const druid = connect(process.argv[1], { transport: fetchTransport() })
  const controller = new AbortController()
  const reading = druid.request('GET', '/', undefined, { signal: controller.signal })
  await new Promise((resolve) => setTimeout(resolve, 300))
  for (let i = 0; i < 5; i += 1) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  setTimeout(() => controller.abort(), 10)
  console.log(await reading.catch((error) => error.code))
`

it('the fetch transport still hears the signal after its request was collected', async () => {
  await using server = await serve((_, response) => {
    response.writeHead(200)
    response.write('{')
  })
  const argv = ['--expose-gc', '--input-type=module', '--eval', COLLECTED, server.url]
  const { execFile } = await import('node:child_process')
  const { promisify } = await import('node:util')
  const options = { cwd: import.meta.dirname, timeout: 5_000 }
  const { stdout } = await promisify(execFile)(process.execPath, argv, options)
  expect(stdout.trim()).toBe('CANCELLED')
})
