import { X509Certificate } from 'node:crypto'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect as connectTo, type Server, type Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { inspect } from 'node:util'
import { connect, type DruidError, isDruidError } from '@druid/core'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { certificates } from '../../../testing/src/fault/certificate.ts'
import { inNode } from './node.ts'
import { arrayLines, beginResult } from './reply.ts'
import { deadUrl, serve, type TestServer } from './server.ts'

interface Proxy extends AsyncDisposable {
  readonly url: URL
  /** What it was asked to connect to, and by whom. */
  readonly asked: { readonly to: string; readonly by: string | undefined }[]
}

/** An HTTP proxy that tunnels wherever it is asked to, or answers with this status. */
async function proxy(status = 200, tls?: TlsOptions): Promise<Proxy> {
  const asked: { to: string; by: string | undefined }[] = []
  const open = new Set<Socket>()
  const server = tls === undefined ? createServer() : createSecureServer(tls)
  server.on('connect', (request, socket: Socket) => {
    open.add(socket)
    asked.push({ to: request.url ?? '', by: request.headers['proxy-authorization'] })
    socket.on('error', () => {})
    if (status !== 200) {
      return socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 6\r\n\r\nsecret`)
    }
    const { hostname, port } = new URL(`http://${request.url}`)
    const onward = connectTo(Number(port), hostname.replace(/^\[|\]$/g, ''), () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    open.add(onward)
    onward.on('error', () => socket.destroy())
    socket.on('close', () => onward.destroy())
    return undefined
  })
  const port = await listening(server)
  return {
    url: new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`),
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return (server.address() as AddressInfo).port
}

function druidServer(): Promise<TestServer> {
  return serve((request, response) => {
    if (request.path !== '/druid/v2/sql') return response.end('{}')
    beginResult(response)
    return response.end(arrayLines([['n', 'LONG', 'BIGINT']], '[1]'))
  })
}

async function failure(call: Promise<unknown>): Promise<DruidError> {
  const error: unknown = await call.then(
    () => undefined,
    (it: unknown) => it,
  )
  if (isDruidError(error)) return error
  throw new Error('no DruidError', { cause: error })
}

let files: Awaited<ReturnType<typeof certificates>>
beforeAll(async () => {
  files = await certificates('trusted')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a proxy', () => {
  it('tunnels to servers of http:', async () => {
    await using server = await druidServer()
    await using through = await proxy()
    await using druid = connect(server.url, { proxy: through.url })
    expect(await druid.value('SELECT 1')).toBe(1)
    expect(await druid.value('SELECT 1')).toBe(1)
    await druid.request('POST', '/druid/indexer/v1/task', {})
    // A kept-alive socket serves twice; what must not be sent twice has one of its own.
    const to = new URL(server.url).host
    expect(through.asked).toEqual([
      { to, by: undefined },
      { to, by: undefined },
    ])
  })

  it('tunnels to an IPv6 address', async () => {
    const server = createServer((_, response) => response.end('{}'))
    const port = await listening(server, '::1')
    await using through = await proxy()
    const druid = connect(`http://[::1]:${port}`, { proxy: through.url })
    expect(await druid.request('GET', '/status')).toEqual({})
    expect(through.asked[0]?.to).toBe(`[::1]:${port}`)
    await druid.close()
    await new Promise((resolve) => server.close(resolve))
  })

  it('tunnels to servers of https:, whose certificate is verified as ever', async () => {
    const server = createSecureServer(files.server, (_, response) => response.end('{}'))
    const port = await listening(server)
    await using through = await proxy()
    const url = `https://localhost:${port}`
    const { ca } = files.files
    await using druid = connect(url, { proxy: String(through.url), tls: { ca } })
    expect(await druid.request('GET', '/status')).toEqual({})
    await using wary = connect(url, { proxy: through.url })
    expect(await failure(wary.request('GET', '/status'))).toMatchObject({
      code: 'TLS',
      reason: 'untrusted',
    })
    expect(through.asked.map(({ to }) => to)).toEqual([`localhost:${port}`, `localhost:${port}`])
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('may itself be reached by https:, and is verified too', async () => {
    const server = createSecureServer(files.server, (_, response) => response.end('{}'))
    const port = await listening(server)
    await using through = await proxy(200, files.server)
    const { fingerprint256 } = new X509Certificate(files.server.cert as string)
    const url = `https://127.0.0.1:${port}`
    await using wary = connect(url, { proxy: through.url, retry: false })
    const error = await failure(wary.request('GET', '/status'))
    expect(error.message).toContain(`the proxy ${through.url.host} cannot be reached`)
    const trusting = `
      import { connect } from '@druid/core'
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
      const options = { proxy: '${through.url}', tls: { fingerprint256: '${fingerprint256}' } }
      console.log(JSON.stringify(await connect('${url}', options).request('GET', '/status')))`
    expect(await inNode(trusting)).toEqual({})
    expect(through.asked).toEqual([{ to: `127.0.0.1:${port}`, by: undefined }])
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('gets the user and the password of its URL, and nobody else does', async () => {
    await using server = await druidServer()
    await using through = await proxy()
    const url = new URL(through.url)
    url.username = 'me'
    url.password = 'p%40ss: 100%'
    await using druid = connect(server.url, { proxy: url })
    await druid.request('GET', '/status')
    const told = Buffer.from(`me:${decodeURIComponent('p%40ss')}: 100%`).toString('base64')
    expect(through.asked[0]?.by).toMatch(/^Basic /)
    expect(Buffer.from(through.asked[0]?.by?.slice(6) ?? '', 'base64').toString()).toMatch(/^me:p/)
    expect(JSON.stringify(server.arrived)).not.toContain(told)
    expect(server.arrived[0]?.headers['proxy-authorization']).toBeUndefined()
  })

  it.each([
    [407, false, /user and a password/],
    [403, false, /does not connect to/],
    [502, true, /does not connect to/],
  ])('that answers %i is an error of the proxy, with its status', async (status, again, why) => {
    await using server = await druidServer()
    await using through = await proxy(status)
    const url = new URL(through.url)
    url.username = 'me'
    url.password = 'secret'
    await using druid = connect(server.url, { proxy: url, retry: { attempts: 2 } })
    const error = await failure(druid.request('POST', '/druid/indexer/v1/task', {}))
    expect(error).toMatchObject({ code: 'CONNECT', retryable: again })
    // Druid has heard nothing of it, so even a task is sent again.
    expect(through.asked).toHaveLength(again ? 2 : 1)
    expect(error.message).toContain(`the proxy ${through.url.host} answered ${status}`)
    expect(error.message).toMatch(why)
    expect(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`).not.toContain('secret')
    expect(server.arrived).toEqual([])
  })

  it('that cannot be reached is named', async () => {
    const dead = new URL(await deadUrl())
    dead.username = 'me'
    dead.password = 'secret'
    await using druid = connect('http://druid.example:8888', { proxy: dead, retry: false })
    const error = await failure(druid.request('GET', '/status'))
    expect(error).toMatchObject({ code: 'CONNECT', reason: 'refused' })
    expect(error.message).toContain(`the proxy ${dead.host} cannot be reached`)
    expect(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`).not.toContain('secret')
  })

  it('that does not answer ends with the time to connect, and with the signal', async () => {
    const silent = createServer()
    const open: Socket[] = []
    silent.on('connection', (socket: Socket) => open.push(socket))
    silent.on('connect', () => {})
    const port = await listening(silent)
    await using druid = connect('http://druid.example:8888', {
      proxy: `http://127.0.0.1:${port}`,
      timeout: { connect: 50 },
      retry: false,
    })
    expect(await failure(druid.request('GET', '/status'))).toMatchObject({
      code: 'TIMEOUT',
      phase: 'connect',
    })
    const signal = AbortSignal.timeout(20)
    expect(await failure(druid.request('GET', '/status', undefined, { signal }))).toMatchObject({
      code: 'TIMEOUT',
      phase: 'total',
    })
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => silent.close(resolve))
  })

  it.each(['proxy:3128', 'socks5://proxy:1080', '', 7, 'http://me:secret@'])(
    'must be the URL of an HTTP proxy: not %j',
    (wrong) => {
      const refuse = (): unknown => connect('http://druid:8888', { proxy: wrong as string })
      expect(refuse).toThrow(expect.objectContaining({ code: 'CONFIG', option: 'proxy' }))
      expect(refuse).not.toThrow(/secret/)
    },
  )
})

describe("the environment's proxy", () => {
  it('is left alone unless it is asked for', async () => {
    await using server = await druidServer()
    await using through = await proxy()
    vi.stubEnv('http_proxy', String(through.url))
    await using druid = connect(server.url)
    await druid.request('GET', '/status')
    expect(through.asked).toEqual([])
  })

  it.each(['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'])('is that of %s', async (name) => {
    await using server = await druidServer()
    await using through = await proxy()
    for (const other of ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy']) {
      vi.stubEnv(other, '')
    }
    vi.stubEnv(name, String(through.url))
    await using druid = connect(server.url, { proxy: 'env' })
    await druid.request('GET', '/status')
    expect(through.asked).toHaveLength(1)
  })

  it('is none for the hosts of NO_PROXY, and none where nothing is said', async () => {
    await using server = await druidServer()
    await using through = await proxy()
    vi.stubEnv('http_proxy', String(through.url))
    vi.stubEnv('no_proxy', 'example.com,127.0.0.1')
    await using druid = connect(server.url, { proxy: 'env' })
    await druid.request('GET', '/status')
    expect(through.asked).toEqual([])
  })

  it('that is no URL is named, not shown', async () => {
    vi.stubEnv('no_proxy', '')
    vi.stubEnv('http_proxy', 'socks5://me:secret@proxy')
    await using druid = connect('http://druid.example:8888', { proxy: 'env' })
    const error = await failure(druid.request('GET', '/status'))
    expect(error).toMatchObject({ code: 'CONFIG', option: 'proxy' })
    expect(error.message).toContain('environment')
    expect(error.message).not.toContain('secret')
  })
})
