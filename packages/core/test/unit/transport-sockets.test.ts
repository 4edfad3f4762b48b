import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { connect, type DruidError, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { inNode } from './node.ts'
import { arrayLines, beginResult } from './reply.ts'
import { serve, type TestServer } from './server.ts'

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

async function failure(call: Promise<unknown>): Promise<DruidError> {
  const error: unknown = await call.then(
    () => undefined,
    (it: unknown) => it,
  )
  if (isDruidError(error)) return error
  throw new Error('no DruidError', { cause: error })
}

/** Takes connections and says nothing: a TLS handshake with it never ends. */
async function silent(): Promise<AsyncDisposable & { readonly port: number; count(): number }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.resume())
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  const port = await listening(server)
  return {
    port,
    count: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('the pool', () => {
  it('has so many requests under way as connections says, and the others wait', async () => {
    let now = 0
    let most = 0
    await using server = await serve(async (request, response) => {
      now += 1
      most = Math.max(most, now)
      await new Promise((resolve) => setTimeout(resolve, 5))
      now -= 1
      response.end(request.path)
    })
    await using druid = connect(server.url, { pool: { connections: 2 } })
    const paths = Array.from({ length: 12 }, (_, i) => `/${i}`)
    const calls = paths.map((path, i) =>
      druid.request(i % 3 === 0 ? 'POST' : 'GET', path, undefined, { expect: 'text' }),
    )
    expect(await Promise.all(calls)).toEqual(paths)
    expect(most).toBe(2)
  })

  it('gives the turn of what fails, is aborted, or is left, to the next', async () => {
    await using server = await serve((request, response) => {
      if (request.path === '/cut') return response.socket?.destroy()
      if (request.path === '/never') return undefined
      if (request.path === '/druid/v2/sql') {
        beginResult(response)
        return response.write(arrayLines([['n', 'LONG', 'BIGINT']], '[1]', '[2]'))
      }
      return response.end('{}')
    })
    await using druid = connect(server.url, { pool: { connections: 1 }, retry: false })
    const abort = new AbortController()
    const cut = failure(druid.request('POST', '/cut'))
    const never = failure(
      druid.request('GET', '/never', undefined, { signal: AbortSignal.timeout(200) }),
    )
    const waiting = failure(druid.request('GET', '/waiting', undefined, { signal: abort.signal }))
    const after = druid.request('GET', '/status')
    abort.abort()
    expect(await cut).toMatchObject({ code: 'CONNECT' })
    expect(await waiting).toMatchObject({ code: 'CANCELLED' })
    expect(await never).toMatchObject({ code: 'TIMEOUT' })
    expect(await after).toEqual({})
    for await (const row of druid.stream('SELECT 1')) {
      expect(row).toEqual({ n: 1 })
      break
    }
    expect(await druid.request('GET', '/status')).toEqual({})
    expect(server.arrived.filter(({ path }) => path === '/waiting')).toEqual([])
  })

  it('is for each server: one that hangs does not hold up another', async () => {
    await using hanging = await serve(() => {})
    await using server = await serve((_, response) => response.end('{}'))
    await using druid = connect(server.url, { pool: { connections: 1 } })
    await using other = connect(hanging.url, { pool: { connections: 1 } })
    const signal = AbortSignal.timeout(100)
    const hung = failure(other.request('GET', '/x', undefined, { signal }))
    expect(await druid.request('GET', '/status')).toEqual({})
    await hung
  })

  it('keeps a socket as long as idle says', async () => {
    await using server = await serve((_, response) => response.end('{}'))
    await using druid = connect(server.url, { pool: { idle: 400 } })
    await druid.request('GET', '/1')
    await druid.request('GET', '/2')
    expect(await server.connections()).toBe(1)
    await expect.poll(() => server.connections(), { timeout: 2_000 }).toBe(0)
    await using none = connect(server.url, { pool: { idle: 0 } })
    await none.request('GET', '/3')
    await expect.poll(() => server.connections(), { timeout: 2_000 }).toBe(0)
  })

  it('keeps it less where the server says so', async () => {
    const server = createHttpServer((_, response) => response.end('{}'))
    // It says so in the header Keep-Alive, and ends idle sockets somewhat later.
    server.keepAliveTimeout = 2_000
    const port = await listening(server)
    await using druid = connect(`http://127.0.0.1:${port}`)
    let ended = 0
    server.on('connection', (socket) => socket.on('end', () => (ended = performance.now())))
    await druid.request('GET', '/1')
    const idleSince = performance.now()
    await expect.poll(() => ended, { timeout: 4_000 }).not.toBe(0)
    // By the client, not by the server.
    expect(ended - idleSince).toBeLessThan(2_050)
    await new Promise((resolve) => server.close(resolve))
  })

  it.each([
    [{ connections: 0 }, 'pool.connections'],
    [{ connections: 1.5 }, 'pool.connections'],
    [{ connections: '8' }, 'pool.connections'],
    [{ idle: -1 }, 'pool.idle'],
    [{ idle: Number.NaN }, 'pool.idle'],
    [{ idle: Number.POSITIVE_INFINITY }, 'pool.idle'],
    [{ idel: 1 }, 'idel'],
  ])('refuses %j', (wrong, option) => {
    const refuse = (): unknown => connect('http://druid:8888', { pool: wrong as { idle: number } })
    expect(refuse).toThrow(expect.objectContaining({ code: 'CONFIG', option }))
  })
})

describe('connecting', () => {
  it('takes at most so long, with TLS and all', async () => {
    await using server = await silent()
    await using druid = connect(`https://127.0.0.1:${server.port}`, {
      timeout: { connect: 60 },
      retry: false,
    })
    const error = await failure(druid.request('GET', '/status'))
    expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'connect' })
    expect(error.message).toContain('within 60 ms')
    await expect.poll(() => server.count(), { timeout: 2_000 }).toBe(0)
  })

  it('ends with the signal at once, and its socket too', async () => {
    await using server = await silent()
    await using druid = connect(`https://127.0.0.1:${server.port}`)
    const abort = new AbortController()
    const call = failure(druid.request('GET', '/x', undefined, { signal: abort.signal }))
    await expect.poll(() => server.count(), { timeout: 2_000 }).toBe(1)
    abort.abort()
    expect(await call).toMatchObject({ code: 'CANCELLED' })
    await expect.poll(() => server.count(), { timeout: 2_000 }).toBe(0)
  })
})

describe('close', () => {
  it('ends what is connecting, what waits for its turn, and what is under way', async () => {
    await using server = await silent()
    for (const protocol of ['https', 'http']) {
      const druid = connect(`${protocol}://127.0.0.1:${server.port}`, { pool: { connections: 1 } })
      const calls = [1, 2, 3].map(() => failure(druid.request('POST', '/x')))
      await expect.poll(() => server.count(), { timeout: 2_000 }).toBe(1)
      await druid.close()
      for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'CLOSED' })
      await expect.poll(() => server.count(), { timeout: 2_000 }).toBe(0)
    }
  })

  it('leaves no handle, and a process ends by itself also without it', async () => {
    await using silence = await silent()
    await using server = await serve((request, response) => {
      if (request.path === '/never') return undefined
      return response.end('{}')
    })
    const program = (end: string): string => `
      import { connect } from '@druid/core'
      const druid = connect('${server.url}')
      const tls = connect('https://127.0.0.1:${silence.port}')
      await druid.request('GET', '/status')
      await druid.request('POST', '/task', {})
      ${end}`
    const handles = `process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY/.test(name))`
    const closed = program(`
      const calls = [druid.request('GET', '/never'), druid.request('POST', '/never'), tls.request('GET', '/x')]
      const ends = Promise.allSettled(calls)
      await new Promise((resolve) => setTimeout(resolve, 100))
      await Promise.all([druid.close(), tls.close()])
      const codes = (await ends).map(({ reason }) => reason?.code)
      await new Promise((resolve) => setTimeout(resolve, 50))
      console.log(JSON.stringify({ codes, left: ${handles} }))`)
    expect(await inNode(closed)).toEqual({ codes: ['CLOSED', 'CLOSED', 'CLOSED'], left: [] })
    const begun = performance.now()
    expect(await inNode(program(`console.log('"idle"')`))).toBe('idle')
    // Long before an idle socket would end.
    expect(performance.now() - begun).toBeLessThan(15_000)
  })
})

describe.each([
  ['node', () => ({})],
  ['fetch', () => ({ transport: fetchTransport() })],
] as const)('a URL, by %s', (_, options) => {
  function echo(): Server {
    return createHttpServer((request, response) => {
      response.end(JSON.stringify({ path: request.url, host: request.headers.host }))
    })
  }

  it('may have an IPv6 address', async () => {
    const server = echo()
    const port = await listening(server, '::1')
    const url = `http://[::1]:${port}`
    const druid = connect(url, options())
    expect(await druid.request('GET', '/status')).toEqual({
      path: '/status',
      host: `[::1]:${port}`,
    })
    await druid.close()
    server.close()
    const error = await failure(connect(url, { ...options(), retry: false }).request('GET', '/x'))
    expect(error).toMatchObject({ code: 'CONNECT', reason: 'refused' })
    expect(error.message).toContain(`GET http://[::1]:${port}/x`)
  })

  it('may have the base path of a reverse proxy, for every request', async () => {
    const paths: string[] = []
    await using server: TestServer = await serve((request, response) => {
      paths.push(`${request.method} ${request.path}`)
      if (!request.path.startsWith('/gate/druid/druid/v2/sql')) return response.end('{}')
      if (request.method === 'DELETE') return response.writeHead(202).end()
      beginResult(response)
      return response.write(arrayLines([['n', 'LONG', 'BIGINT']], '[1]'))
    })
    const druid = connect(`${server.url}/gate/druid/`, options())
    await druid.request('GET', '/status?full')
    for await (const _row of druid.stream('SELECT 1')) break
    await druid.close()
    expect(paths.slice(0, 2)).toEqual([
      'GET /gate/druid/status?full',
      'POST /gate/druid/druid/v2/sql',
    ])
    expect(paths[2]).toMatch(/^DELETE \/gate\/druid\/druid\/v2\/sql\/[-0-9a-f]+$/)
  })
})
