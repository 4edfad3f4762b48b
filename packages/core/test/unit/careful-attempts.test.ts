import { connect, DruidError } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { arrayLines } from './reply.ts'
import { deadUrl, serve } from './server.ts'

const ONE = arrayLines([['n', 'LONG', 'BIGINT']], '[1]')

describe('a request that may have arrived', () => {
  it.each(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])(
    'is not sent again when an established connection ends with %s',
    async (code) => {
      await using server = await serve((request, response) => {
        if (request.method === 'DELETE') response.writeHead(202).end()
      })
      const druid = connect(server.url)
      // As the kernel tells it when probes of a connection stay without an answer.
      const { Socket } = await import('node:net')
      const read = Socket.prototype.on
      const broken: InstanceType<typeof Socket>[] = []
      Socket.prototype.on = function (this: InstanceType<typeof Socket>, ...args: unknown[]) {
        broken.push(this)
        return (read as (...args: unknown[]) => unknown).apply(this, args)
      } as never
      try {
        const query = druid.query('SELECT 1')
        const outcome = query.catch((error: unknown) => error)
        await expect.poll(() => server.by('POST').length).toBe(1)
        const error = Object.assign(new Error(`read ${code}`), { code, syscall: 'read' })
        const { port } = new URL(server.url)
        const mine = broken.find((socket) => String(socket.remotePort) === port)
        mine?.destroy(error)
        expect(await outcome).toMatchObject({ code: 'CONNECT', reason: 'reset', attempt: 1 })
        await expect.poll(() => server.by('DELETE').length).toBeGreaterThan(0)
        expect(server.by('POST')).toHaveLength(1)
      } finally {
        Socket.prototype.on = read
        await druid.close()
      }
    },
  )

  it('is not sent again for an error that a late middleware met elsewhere', async () => {
    await using server = await serve((_, response) => response.end('{"a":1}'))
    const audit = defineExtension({
      name: 'audit',
      setup(context) {
        context.use(
          async (request, next) => {
            await next(request)
            throw new DruidError('CONNECT', 'the audit log is down', { reason: 'refused' })
          },
          { phase: 'late' },
        )
        return context.define({})
      },
    })
    await using druid = connect(server.url, { extensions: [audit] })
    const submitted = druid.request('POST', '/druid/indexer/v1/task', {})
    await expect(submitted).rejects.toMatchObject({ code: 'EXTENSION', extension: 'audit' })
    expect(server.by('POST')).toHaveLength(1)
  })
})

describe('the body of an error', () => {
  it('that stands still ends with idle, and with an abort', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') response.writeHead(202).end()
      else response.writeHead(500).write('{"error":')
    })
    await using druid = connect(server.url, { timeout: { idle: 80 } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'idle' })
    const signal = AbortSignal.timeout(50)
    const slow = druid.request('GET', '/x', undefined, { signal, timeout: { idle: 0 } })
    await expect(slow).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'total' })
  })
})

it('the reason of a signal that is the error of another call stays a cause', async () => {
  const other = new DruidError('INVALID_INPUT', 'of query A', {
    status: 400,
    queryId: 'A',
  } as never)
  await using server = await serve(() => {})
  const druid = connect(server.url)
  const query = druid.query('SELECT 1', { signal: AbortSignal.abort(other), queryId: 'B' })
  await expect(query).rejects.toMatchObject({ code: 'CANCELLED', queryId: 'B', cause: other })
  await druid.close()
})

it('what was told before the end of a query has its id', async () => {
  await using server = await serve((request, response) => {
    if (request.method === 'DELETE') response.writeHead(202).end()
    else response.write(ONE.slice(0, -1))
  })
  await using druid = connect(server.url)
  const queryId = 'mine'
  await expect(druid.query('SELECT 1', { queryId, timeout: 60 })).rejects.toMatchObject({
    code: 'TIMEOUT',
    queryId,
  })
  const signal = AbortSignal.timeout(60)
  await expect(druid.columns('SELECT 1', { queryId, signal })).rejects.toMatchObject({ queryId })
})

describe('with a limited pool', () => {
  it('a query is ended although all its places are taken', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') response.writeHead(202).end()
    })
    const druid = connect(server.url, { pool: { connections: 1 } })
    const abort = new AbortController()
    const first = druid.query('SELECT 1', { signal: abort.signal }).catch((error: unknown) => error)
    await expect.poll(() => server.by('POST').length).toBe(1)
    const second = druid.query('SELECT 2').catch((error: unknown) => error)
    expect(await druid.cancel('another')).toBe('accepted')
    abort.abort()
    await first
    await expect.poll(() => server.by('DELETE').length).toBe(2)
    await druid.close()
    expect(await second).toMatchObject({ code: 'CLOSED' })
  })

  it('a query that never left is not ended on the server, and does not wait by firstByte', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') response.writeHead(202).end()
    })
    const druid = connect(server.url, { pool: { connections: 1 } })
    const first = druid.query('SELECT 1').catch((error: unknown) => error)
    await expect.poll(() => server.by('POST').length).toBe(1)
    const waiting = druid.query('SELECT 2', { queryId: 'waits', timeout: { firstByte: 50 } })
    const outcome = waiting.catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const start = performance.now()
    await druid.close()
    expect(performance.now() - start).toBeLessThan(1_500)
    expect(await outcome).toMatchObject({ code: 'CLOSED' })
    await first
    expect(server.by('DELETE').map(({ path }) => path.includes('waits'))).not.toContain(true)
  })
})

it('a rows hook that reads nothing leaves no socket in use', async () => {
  await using server = await serve((request, response) => {
    if (request.method === 'DELETE') response.writeHead(202).end()
    else response.write(ONE.slice(0, -1))
  })
  const lazy = defineExtension({
    name: 'lazy',
    setup(context) {
      context.queries({ rows: () => (async function* () {})() })
      return context.define({})
    },
  })
  await using druid = connect(server.url, { extensions: [lazy] })
  expect(await druid.query('SELECT 1')).toEqual([])
  await expect.poll(() => server.connections()).toBeLessThanOrEqual(1)
})

it('a kept socket keeps nothing of the request that opened it', async () => {
  await using server = await serve((_, response) => response.end(ONE))
  await using druid = connect(server.url)
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const first = async (): Promise<WeakRef<AbortSignal>> => {
    const { signal } = new AbortController()
    await druid.query('SELECT 1', { signal })
    return new WeakRef(signal)
  }
  const kept = await first()
  await expect
    .poll(async () => {
      await druid.query('SELECT 1')
      collect()
      return kept.deref()
    })
    .toBeUndefined()
})

it('a cancel goes to the server that has the query, and to no other', async () => {
  const silent = await serve((request, response) => {
    if (request.method === 'DELETE') response.writeHead(202).end()
  })
  await using druid = connect([await deadUrl(), silent.url])
  const query = druid.query('SELECT 1', { queryId: 'here' }).catch((error: unknown) => error)
  await expect.poll(() => silent.by('POST').length).toBe(1)
  expect(await druid.cancel('here')).toBe('accepted')
  expect(silent.by('DELETE')[0]?.path).toBe('/druid/v2/sql/here')
  await silent.close()
  await query
})
