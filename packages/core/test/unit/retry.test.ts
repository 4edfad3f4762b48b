import { connect, DruidError, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import type { Transport, TransportRequest } from '../../src/transport/transport.ts'
import { arrayLines, canned } from './reply.ts'
import { deadUrl, serve } from './server.ts'

const ONE = arrayLines([['n', 'LONG', 'BIGINT']], '[1]')

/** Answers with these statuses, one after the other, and with success then. */
async function answering(...statuses: readonly (number | [number, Record<string, string>])[]) {
  const left = [...statuses]
  return serve((request, response) => {
    const [status, headers = {}] = [left.shift() ?? 200].flat() as [number, object?]
    const body = request.path.startsWith('/druid/v2/sql') ? ONE : '{"a":1}'
    response.writeHead(status, headers as Record<string, string>).end(status === 200 ? body : '{}')
  })
}

const quick = { attempts: 3, within: 10_000 }

describe('105 Retry with backoff: a status is tried again', () => {
  const REPEATED = new Set([429, 503])
  const STATUSES = [400, 401, 403, 404, 408, 409, 413, 415, 429, 500, 501, 502, 503, 504]
  const CALLS: [
    name: string,
    path: string,
    options: { idempotent?: boolean },
    mayRepeat: boolean,
  ][] = [
    ['GET', '/x', {}, true],
    ['GET', '/x', { idempotent: false }, false],
    ['PUT', '/x', {}, true],
    ['DELETE', '/x', {}, true],
    ['POST', '/druid/indexer/v1/task', {}, false],
    ['POST', '/druid/v2/sql/task', {}, false],
    ['POST', '/druid/indexer/v1/supervisor', {}, false],
    ['POST', '/x', { idempotent: true }, true],
  ]
  const cases = STATUSES.flatMap((status) =>
    CALLS.map(([method, path, options, mayRepeat]) => ({
      status,
      method,
      path,
      options,
      times: mayRepeat && REPEATED.has(status) ? 2 : 1,
    })),
  )
  it.each(cases)(
    '$status to $method $path $options: sent $times times',
    async ({ status, method, path, options, times }) => {
      await using server = await answering(status)
      await using druid = connect(server.url, { retry: quick })
      const body = method === 'POST' || method === 'PUT' ? {} : undefined
      const outcome = druid.request(method, path, body, options)
      if (times === 2) await expect(outcome).resolves.toEqual({ a: 1 })
      else await expect(outcome).rejects.toMatchObject({ status, attempt: 1 })
      expect(server.by(method)).toHaveLength(times)
    },
  )

  it.each([
    ['node', undefined],
    ['fetch', fetchTransport()],
  ])('for a query, by the %s transport, with the id that it had', async (_, transport) => {
    await using server = await answering(503, 429)
    await using druid = connect(server.url, { transport, retry: quick })
    const rows = await druid.query('SELECT 1', { queryId: 'mine' })
    expect(rows).toEqual([{ n: 1 }])
    const bodies = server.by('POST').map(({ body }) => JSON.parse(body).context.sqlQueryId)
    expect(bodies).toEqual(['mine', 'mine', 'mine'])
  })

  it('until the attempts are used up', async () => {
    await using server = await answering(503, 503, 503, 503)
    await using druid = connect(server.url, { retry: { attempts: 2 } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'SERVER',
      status: 503,
      attempt: 2,
      retryable: true,
    })
    expect(server.by('POST')).toHaveLength(2)
  })

  it('not at all with retry: false', async () => {
    await using server = await answering(503)
    await using druid = connect(server.url, { retry: false })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ status: 503, attempt: 1 })
    expect(server.by('POST')).toHaveLength(1)
  })

  it('not before Retry-After, in seconds', async () => {
    await using server = await answering([503, { 'retry-after': '1' }])
    await using druid = connect(server.url)
    const start = performance.now()
    await druid.query('SELECT 1')
    expect(performance.now() - start).toBeGreaterThan(990)
  })

  it('not before Retry-After, as a date', async () => {
    const soon = new Date(Date.now() + 2_500).toUTCString()
    await using server = await answering([429, { 'retry-after': soon }])
    await using druid = connect(server.url)
    await druid.query('SELECT 1')
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(soon) - 5)
  })

  it('not where Retry-After is beyond the budget, and the error tells it', async () => {
    await using server = await answering([429, { 'retry-after': '60' }])
    await using druid = connect(server.url, { retry: { within: 1_000 } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'CAPACITY',
      retryAfter: 60_000,
      attempt: 1,
    })
    expect(server.by('POST')).toHaveLength(1)
  })

  it('the pause ends with an abort', async () => {
    await using server = await answering([503, { 'retry-after': '20' }])
    await using druid = connect(server.url)
    const start = performance.now()
    const query = druid.query('SELECT 1', { signal: AbortSignal.timeout(50) })
    await expect(query).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it('the pause ends when the connection is closed', async () => {
    await using server = await answering([503, { 'retry-after': '20' }])
    const druid = connect(server.url)
    const query = druid.query('SELECT 1')
    const ended = expect(query).rejects.toMatchObject({ code: 'CLOSED' })
    await expect.poll(() => server.by('POST').length).toBe(1)
    await druid.close()
    await ended
  })
})

/** Fails so often with that error, and answers then. */
function failing(times: number, error: unknown): Transport & { sent: TransportRequest[] } {
  const answers = canned({ body: ONE })
  const sent: TransportRequest[] = []
  return {
    ...answers,
    sent,
    async request(request) {
      sent.push(request)
      if (sent.length <= times) throw error
      return answers.request(request)
    },
  }
}

describe('105 Retry with backoff: an error is tried again', () => {
  const system = (code: string): Error => Object.assign(new Error(code), { code })
  it('where nothing was reached: refused, for any method', async () => {
    const url = await deadUrl()
    await using druid = connect(url, { retry: { attempts: 2 } })
    await expect(druid.request('POST', '/druid/indexer/v1/task', {})).rejects.toMatchObject({
      code: 'CONNECT',
      reason: 'refused',
      attempt: 2,
    })
  })

  it('where nothing was reached: the name is unknown', async () => {
    await using druid = connect('http://no-such-host.invalid:8888', { retry: { attempts: 2 } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ reason: 'dns', attempt: 2 })
  })

  it('where nothing was reached: connecting took too long, and no DELETE follows', async () => {
    const slow = new DruidError('TIMEOUT', 'POST /: connecting took too long', { phase: 'connect' })
    const transport = failing(2, slow)
    await using druid = connect('http://druid:8888', { transport })
    expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
    const down = failing(9, slow)
    await using other = connect('http://druid:8888', { transport: down, retry: { attempts: 2 } })
    await expect(other.query('SELECT 1')).rejects.toMatchObject({ code: 'TIMEOUT', attempt: 2 })
    await other.close()
    expect(down.sent.map(({ method }) => method)).toEqual(['POST', 'POST'])
  })

  it('not where the connection was cut, as the server may be at work', async () => {
    await using server = await serve((_, response) => response.socket?.destroy())
    await using druid = connect(server.url)
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ reason: 'reset', attempt: 1 })
    expect(server.by('POST')).toHaveLength(1)
  })

  it('not what a transport of somebody else throws', async () => {
    const transport = failing(1, system('ECONNREFUSED'))
    await using druid = connect('http://druid:8888', { transport })
    await expect(druid.query('SELECT 1')).rejects.toThrow('ECONNREFUSED')
    expect(transport.sent.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('not once a row was handed out', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') return response.writeHead(202).end()
      response.write(ONE.slice(0, -1), () => response.socket?.destroy())
    })
    await using druid = connect(server.url)
    const seen: unknown[] = []
    const read = async (): Promise<void> => {
      for await (const row of druid.stream('SELECT 1')) seen.push(row)
    }
    await expect(read()).rejects.toMatchObject({ code: 'TRUNCATED', rows: 1 })
    expect(seen).toEqual([{ n: 1 }])
    expect(server.by('POST')).toHaveLength(1)
  })
})

describe('what must not be sent twice', () => {
  /** Cuts the connection after so many bytes of the exchange, counted over request and reply. */
  const POINTS = ['before the request', 'in its head', 'in its body', 'after it', 'in the reply']
  it.each(POINTS)('is sent once, cut %s', async (point) => {
    let taken = 0
    const { createServer } = await import('node:net')
    const server = createServer((socket) => {
      let text = ''
      socket.on('error', () => {})
      if (point === 'before the request') {
        socket.destroy()
        return
      }
      socket.on('data', (chunk) => {
        text += chunk
        const isWhole = text.endsWith('{"type":"noop"}')
        if (isWhole) taken += 1
        if (point === 'in its head' || (point === 'in its body' && text.includes('\r\n\r\n'))) {
          socket.destroy()
        }
        if (isWhole && point === 'after it') socket.resetAndDestroy()
        if (isWhole && point === 'in the reply') {
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"task"')
        }
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const druid = connect(`http://127.0.0.1:${port}`)
    try {
      const submit = druid.request('POST', '/druid/indexer/v1/task', { type: 'noop' })
      await expect(submit).rejects.toMatchObject({ attempt: 1 })
      expect(taken).toBeLessThanOrEqual(1)
    } finally {
      await druid.close()
      server.close()
    }
  })
})

describe('wrong options', () => {
  it.each([0, 1.5, -1, 'three', {}])('retry: { attempts: %j } is refused', (attempts) => {
    expect(() => connect('http://druid:8888', { retry: { attempts: attempts as never } })).toThrow(
      'connect: retry is false, or',
    )
  })

  it('names the option', () => {
    try {
      connect('http://druid:8888', { retry: { within: -1 } })
      expect.unreachable()
    } catch (error) {
      expect(isDruidError(error, 'CONFIG') && error.option).toBe('retry')
    }
  })
})
