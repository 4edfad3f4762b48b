import { setTimeout as sleep } from 'node:timers/promises'
import { connect, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it, vi } from 'vitest'
import { type Arrived, serve, type TestServer } from './server.ts'

const scan = { queryType: 'scan', dataSource: 'flights', intervals: '2001/2002' } as const
const BEGIN = '[{"segmentId":"s","columns":["a"],"events":[[1],[2],'

/** A Druid whose native queries never end by themselves. Like Druid it accepts every DELETE. */
function endless(begin?: string): Promise<TestServer> {
  return serve((request, response) => {
    if (request.method === 'DELETE') response.writeHead(202).end()
    else if (begin !== undefined) {
      response.writeHead(200, { 'x-druid-query-id': 'an-id' })
      response.write(begin)
    }
  })
}

function idOf(request: Arrived | undefined): string {
  return (JSON.parse(request?.body ?? '{}') as { context: { queryId: string } }).context.queryId
}

async function deletes(server: TestServer, count: number): Promise<void> {
  await vi.waitFor(() => expect(server.by('DELETE')).toHaveLength(count), { timeout: 3_000 })
  await sleep(20)
  expect(server.by('DELETE')).toHaveLength(count)
  for (const { path } of server.by('DELETE')) {
    expect(path).toBe(`/druid/v2/${encodeURIComponent(idOf(server.by('POST')[0]))}`)
  }
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('103 Cancel native, over %s', (_, transport) => {
  it('by an abort while the reply is awaited, more than once: Druid may not know it yet', async () => {
    await using server = await endless()
    const abort = new AbortController()
    const druid = connect(server.url, { transport })
    const running = druid.native(scan, { signal: abort.signal, queryId: 'a/b c' })
    await vi.waitFor(() => expect(server.by('POST')).toHaveLength(1))
    abort.abort()
    const error: unknown = await running.catch((it: unknown) => it)
    expect(isDruidError(error, 'CANCELLED') && error.queryId).toBe('a/b c')
    expect(isDruidError(error, 'CANCELLED') && (await error.serverCancel)).toBe('accepted')
    await deletes(server, 3)
    expect(server.by('DELETE')[0]?.path).toBe('/druid/v2/a%2Fb%20c')
  })

  it('by an abort in the middle of the rows, once', async () => {
    await using server = await endless(BEGIN)
    const abort = new AbortController()
    const rows = connect(server.url, { transport })
      .streamNative(scan, { signal: abort.signal })
      [Symbol.asyncIterator]()
    expect((await rows.next()).value).toEqual({ a: 1 })
    abort.abort()
    expect((await rows.next()).value).toEqual({ a: 2 })
    await expect(rows.next()).rejects.toMatchObject({ code: 'CANCELLED' })
    await deletes(server, 1)
  })

  it('by leaving the loop, over rows and over batches', async () => {
    await using server = await endless(BEGIN)
    const druid = connect(server.url, { transport })
    for await (const row of druid.streamNative(scan)) {
      expect(row).toEqual({ a: 1 })
      break
    }
    await deletes(server, 1)
    await using other = await endless(BEGIN)
    for await (const batch of connect(other.url, { transport }).streamNative(scan).batches()) {
      expect(batch).toEqual([{ a: 1 }, { a: 2 }])
      break
    }
    await deletes(other, 1)
  })

  it('by disposing of the stream, by a time limit, and by what cannot be decoded', async () => {
    await using server = await endless(BEGIN)
    const druid = connect(server.url, { transport })
    {
      await using stream = druid.streamNative(scan)
      await stream[Symbol.asyncIterator]().next()
    }
    await deletes(server, 1)
    await using silent = await endless('[')
    await expect(
      connect(silent.url, { transport }).native(scan, { signal: AbortSignal.timeout(500) }),
    ).rejects.toMatchObject({ code: 'TIMEOUT' })
    await deletes(silent, 1)
    await using wrong = await endless(`${BEGIN}[9007199254740993],`)
    await expect(
      connect(wrong.url, { transport }).native(scan, { maxRowBytes: 10 }),
    ).rejects.toMatchObject({ code: 'LIMIT' })
    await deletes(wrong, 1)
  })

  it('by closing the connection, which waits for it', async () => {
    await using server = await endless(BEGIN)
    const druid = connect(server.url, { transport })
    const rows = druid.streamNative(scan)[Symbol.asyncIterator]()
    await rows.next()
    await rows.next()
    const failed = expect(rows.next()).rejects.toMatchObject({ code: 'CLOSED' })
    await druid.close()
    await failed
    expect(server.by('DELETE')).toHaveLength(1)
  })

  it('of one that is finished, refused or never begun sends no DELETE', async () => {
    let status = 200
    await using server = await serve((__, response) => response.writeHead(status).end('[]'))
    const druid = connect(server.url, { transport })
    const abort = new AbortController()
    await druid.native(scan, { signal: abort.signal })
    for await (const row of druid.streamNative(scan)) expect(row).toBeUndefined()
    abort.abort()
    status = 400
    await expect(druid.native(scan)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await druid.streamNative(scan)[Symbol.asyncDispose]()
    await expect(druid.native(scan, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    await druid.close()
    expect(server.arrived.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST'])
  })

  it('by its id, from anywhere', async () => {
    await using server = await endless()
    const druid = connect(server.url, { transport })
    expect(await druid.cancel('a b', { language: 'native' })).toBe('accepted')
    expect(await druid.cancel('a b')).toBe('accepted')
    expect(server.arrived.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'DELETE /druid/v2/a%20b',
      'DELETE /druid/v2/sql/a%20b',
    ])
  })
})
