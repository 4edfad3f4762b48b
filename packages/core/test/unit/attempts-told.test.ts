import { type AddressInfo, createServer, type Socket } from 'node:net'
import { connect } from '@druid/core'
import { type ClusterContext, defineExtension, type ExtensionHost } from '@druid/core/extension'
import { faultServer, staleSocket } from '@druid/testing'
import { describe, expect, it } from 'vitest'
import { FakeCluster } from './fake-cluster.ts'
import { arrayLines } from './reply.ts'
import { deadUrl, serve } from './server.ts'

const ONE = arrayLines([['n', 'LONG', 'BIGINT']], '[1]')

describe('a kept connection that the server has closed', () => {
  it('is replaced at once, by an attempt that hooks see', async () => {
    await using faults = await faultServer({ sql: [[/./, [{ a: 1 }]]] })
    const told: unknown[] = []
    const retry = ({ attempt, pause }: { attempt: number; pause: number }): void =>
      void told.push({ attempt, pause })
    await using druid = connect(faults.url, { hooks: { retry } })
    await druid.query('a')
    faults.next(staleSocket('reset'))
    expect([...(await druid.query('a'))]).toEqual([{ a: 1 }])
    expect(told).toEqual([{ attempt: 1, pause: 0 }])
    expect(faults.left).toBe(0)
  })

  it('is an error with `retry: false`', async () => {
    await using faults = await faultServer({ sql: [[/./, [{ a: 1 }]]] })
    await using druid = connect(faults.url, { retry: false })
    await druid.query('a')
    faults.next(staleSocket('reset'))
    await expect(druid.query('a')).rejects.toMatchObject({ code: 'CONNECT', reason: 'reset' })
    expect(faults.count('POST /druid/v2/sql')).toBe(2)
  })

  it('is an error where a part of the reply had come', async () => {
    let requests = 0
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
    const server = createServer((socket: Socket) => {
      socket.on('error', () => {})
      socket.on('data', () => {
        requests += 1
        if (requests === 1) socket.write(`${head}Content-Length: ${ONE.length}\r\n\r\n${ONE}`)
        else socket.write(head, () => setTimeout(() => socket.resetAndDestroy(), 20))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const druid = connect(`http://127.0.0.1:${port}`)
    await druid.request('GET', '/status', undefined, { expect: 'text' })
    const second = druid.request('GET', '/status', undefined, { expect: 'text' })
    await expect(second).rejects.toMatchObject({ code: 'CONNECT', reason: 'reset' })
    expect(requests).toBe(2)
    await druid.close()
    server.close()
  })
})

describe('a redirect to a server that is gone', () => {
  it('does not count against the one that sent it there', async () => {
    const gone = await deadUrl()
    await using second = await serve((_, response) => response.end('{"version":"2"}'))
    await using first = await serve(({ path }, response) => {
      if (path === '/moved') response.writeHead(307, { location: `${gone}/moved` }).end()
      else response.end('{"version":"1"}')
    })
    await using druid = connect([first.url, second.url, gone], { retry: false })
    await expect(druid.request('GET', '/moved')).rejects.toMatchObject({ code: 'CONNECT' })
    expect(await druid.request('GET', '/status')).toEqual({ version: '1' })
    expect(second.arrived).toEqual([])
  })
})

describe('a server that was down', () => {
  it('is tried by one request, while the others go where it works', async () => {
    let isUp = false
    let held: (() => void) | undefined
    await using second = await serve((_, response) => response.end('{"at":2}'))
    await using first = await serve((_, response) => {
      if (!isUp) return response.writeHead(503).end()
      held = () => response.end('{"at":1}')
    })
    await using druid = connect([first.url, second.url])
    expect(await druid.request('GET', '/status')).toEqual({ at: 2 })
    isUp = true
    const later = performance.now() + 11_000
    const { now } = performance
    performance.now = () => Math.max(now.call(performance), later)
    try {
      const probing = druid.request('GET', '/status')
      await expect.poll(() => held).toBeDefined()
      const others = [druid.request('GET', '/status'), druid.request('GET', '/status')]
      expect(await Promise.all(others)).toEqual([{ at: 2 }, { at: 2 }])
      held?.()
      expect(await probing).toEqual({ at: 1 })
    } finally {
      performance.now = now
    }
  })
})

describe('secret headers of the connection and of a call', () => {
  it('go to servers with credentials only', async () => {
    await using other = await serve((_, response) => response.end('{}'))
    await using server = await serve((_, response) => response.end('{}'))
    const headers = { 'x-api-key': 'of-the-connection' }
    const contexts: ClusterContext[] = []
    class Reaching extends FakeCluster {
      constructor(client: ExtensionHost, context: ClusterContext) {
        super(client, context)
        contexts.push(context)
      }
    }
    const extension = defineExtension({ name: 'reaching', cluster: Reaching })
    // Discovered, and not allowed by name: its servers are told nothing.
    const found = { extension, package: { name: 'x' }, allowed: false, warnings: [], ms: 0 }
    const discovered = { extensions: [found], reports: [] } as never
    await using druid = connect(server.url, { headers, discovered })
    ;(druid as unknown as { cluster(): unknown }).cluster()
    const service = contexts[0]?.service(new URL(other.url))
    await service?.request('GET', '/status', undefined, {
      headers: { 'x-api-key': 'of-the-call', authorization: 'Bearer of-the-call' },
    })
    await druid.request('GET', '/status')
    expect(other.arrived).toHaveLength(1)
    expect(other.arrived[0]?.headers).not.toHaveProperty('x-api-key')
    expect(other.arrived[0]?.headers).not.toHaveProperty('authorization')
    expect(server.arrived[0]?.headers).toMatchObject({ 'x-api-key': 'of-the-connection' })
  })
})

describe('two URLs of one host', () => {
  it('are two servers: the second is asked at once', async () => {
    await using server = await serve(({ path }, response) => {
      if (path.startsWith('/a/')) response.writeHead(503).end()
      else response.end('{"at":"b"}')
    })
    await using druid = connect([`${server.url}/a`, `${server.url}/b`], { retry: false })
    expect(await druid.request('GET', '/status')).toEqual({ at: 'b' })
  })
})

it('does not try again where Retry-After is beyond what a timer can wait', async () => {
  const headers = { 'retry-after': '100000000' }
  await using server = await serve((_, response) => response.writeHead(503, headers).end())
  const retry = { attempts: 5, within: Number.POSITIVE_INFINITY }
  await using druid = connect(server.url, { retry })
  await expect(druid.request('GET', '/status')).rejects.toMatchObject({ status: 503 })
  expect(server.arrived).toHaveLength(1)
})

describe('the time to the first byte', () => {
  it('ends with each reply, also one that is followed by a pause or a slow error', async () => {
    let asked = 0
    await using server = await serve(async (_, response) => {
      asked += 1
      if (asked === 1) return response.writeHead(503, { 'retry-after': '1' }).end()
      response.writeHead(500).write('slowly')
      await new Promise((resolve) => setTimeout(resolve, 700))
      response.end()
    })
    await using druid = connect(server.url, { timeout: { firstByte: 400 } })
    await expect(druid.request('GET', '/status')).rejects.toMatchObject({ status: 500 })
    expect(asked).toBe(2)
  })
})

describe('what is asked once for all callers', () => {
  it('does not end with the time or the signal of one', async () => {
    await using server = await serve(async (_, response) => {
      await new Promise((resolve) => setTimeout(resolve, 200))
      response.end('{"enabled":true}')
    })
    await using druid = connect(server.url)
    const hasty = druid.supports('sqlTask', { timeout: 50 })
    const aborted = druid.with({ signal: AbortSignal.timeout(60) }).supports('sqlTask')
    const patient = druid.supports('sqlTask')
    await expect(hasty).rejects.toMatchObject({ code: 'TIMEOUT' })
    await expect(aborted).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(await patient).toBe(true)
    expect(server.arrived).toHaveLength(1)
  })
})

describe('a token that was refused', () => {
  it('is told to the provider, also while another call asks for one', async () => {
    await using server = await serve(({ headers }, response) => {
      const isNew = headers.authorization === 'Bearer new'
      setTimeout(() => response.writeHead(isNew ? 200 : 401).end(isNew ? '{}' : ''), 30)
    })
    const asked: boolean[] = []
    let kept = 'revoked'
    const token = async ({ rejected }: { readonly rejected: boolean }): Promise<string> => {
      asked.push(rejected)
      await new Promise((resolve) => setTimeout(resolve, 100))
      if (rejected) kept = 'new'
      return kept
    }
    await using druid = connect(server.url, { auth: { token } })
    const first = druid.request('GET', '/a')
    await new Promise((resolve) => setTimeout(resolve, 110))
    const second = druid.request('GET', '/b')
    expect(await Promise.all([first, second])).toEqual([{}, {}])
    expect(asked).toContain(true)
  })

  it('is told where each answer is another one', async () => {
    await using server = await serve(({ headers }, response) => {
      const isNew = headers.authorization === 'Bearer new'
      response.writeHead(isNew ? 200 : 401).end(isNew ? '{}' : '')
    })
    let n = 0
    const token = ({ rejected }: { readonly rejected: boolean }): string => {
      n += 1
      return rejected ? 'new' : `short${n}`
    }
    await using druid = connect(server.url, { auth: { token } })
    const both = [druid.request('GET', '/a'), druid.request('GET', '/b')]
    expect(await Promise.all(both)).toEqual([{}, {}])
  })
})

it('sends once where a tracer calls back later', async () => {
  await using server = await serve((_, response) => response.end('{"task":"a"}'))
  const span = { end() {}, setAttributes() {}, recordException() {}, setStatus() {} }
  const tracer = {
    startSpan: () => span,
    startActiveSpan(_name: string, _options: unknown, work: (span: unknown) => unknown) {
      setTimeout(() => work(span), 5)
    },
  }
  await using druid = connect(server.url, { tracer: tracer as never })
  await druid.request('POST', '/druid/indexer/v1/task', {})
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(server.arrived).toHaveLength(1)
})

it('says which of several URLs is wrong', () => {
  expect(() => connect(['http://a:8888', 'b:8888'])).toThrow('URL 2 of 2')
})
