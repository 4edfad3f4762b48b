import { connect, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { arrayLines, headerRows } from './reply.ts'
import { serve, type TestServer } from './server.ts'

const N = [['n', 'LONG', 'BIGINT']] as const
const ONE = arrayLines([[...N[0]]], '[1]')

/** Never answers a query, and takes its DELETE. */
const silent = (): Promise<TestServer> =>
  serve((request, response) => {
    if (request.method === 'DELETE') response.writeHead(202).end()
  })

/** Begins to answer, and stops in the middle. */
const stalled = (): Promise<TestServer> =>
  serve((request, response) => {
    if (request.method === 'DELETE') response.writeHead(202).end()
    else response.write(`${headerRows([[...N[0]]])}[1]\n`)
  })

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('14 Request timeout, by the %s transport', (_, transport) => {
  it('firstByte: no reply begins; the query is ended on the server', async () => {
    await using server = await silent()
    await using druid = connect(server.url, { transport, timeout: { firstByte: 50 } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'TIMEOUT',
      phase: 'firstByte',
      message: expect.stringMatching(
        /^POST http:\/\/127\.0\.0\.1:\d+\/druid\/v2\/sql: no reply had begun after 50 ms; allow more by/,
      ),
      queryId: expect.any(String),
    })
    await expect.poll(() => server.by('DELETE').length).toBeGreaterThan(0)
    await expect(druid.request('GET', '/x')).rejects.toMatchObject({ phase: 'firstByte' })
  })

  it('idle: the reply stands still; rows before it are delivered', async () => {
    await using server = await stalled()
    await using druid = connect(server.url, { transport, timeout: { idle: 80 } })
    const seen: unknown[] = []
    const read = async (): Promise<void> => {
      for await (const row of druid.stream('SELECT 1')) seen.push(row)
    }
    await expect(read()).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'idle' })
    expect(seen).toEqual([{ n: 1 }])
    await expect.poll(() => server.by('DELETE').length).toBe(1)
    await expect(druid.request('GET', '/x')).rejects.toMatchObject({ phase: 'idle' })
    const { body } = await druid.raw('SELECT 1', { format: 'csv' })
    await expect(new Response(body).text()).rejects.toMatchObject({ phase: 'idle' })
  })

  it('idle: a slow reader is no slow server', async () => {
    await using server = await serve((_request, response) => response.end(ONE))
    await using druid = connect(server.url, { transport, timeout: { idle: 60 } })
    const seen: unknown[] = []
    for await (const batch of druid.stream('SELECT 1').batches()) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      seen.push(...batch)
    }
    expect(seen).toEqual([{ n: 1 }])
  })

  it('total: of the whole call, and Druid is told', async () => {
    await using server = await stalled()
    await using druid = connect(server.url, { transport })
    const query = druid.query('SELECT 1', { timeout: 100 })
    await expect(query).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'total' })
    const [asked] = server.by('POST')
    expect(JSON.parse(asked?.body ?? '').context).toMatchObject({ timeout: 100 })
    await expect.poll(() => server.by('DELETE').length).toBe(1)
  })

  it('total: with its further attempts', async () => {
    const headers = { 'retry-after': '10' }
    await using server = await serve((_, response) => response.writeHead(503, headers).end())
    await using druid = connect(server.url, {
      transport,
      timeout: 3_000,
      retry: { attempts: 1_000, within: 60_000 },
    })
    const start = performance.now()
    // No further one is begun that could not be in time: what Druid said is told.
    await expect(druid.request('GET', '/x')).rejects.toMatchObject({ status: 503 })
    expect(server.arrived).toHaveLength(1)
    expect(performance.now() - start).toBeLessThan(3_000)
  })
})

describe('the option timeout', () => {
  const context = (server: TestServer, i = 0): Record<string, unknown> =>
    JSON.parse(server.by('POST')[i]?.body ?? '{}').context

  it('of a call comes over that of its client, and that over the connection, phase by phase', async () => {
    await using server = await silent()
    await using druid = connect(server.url, { timeout: { firstByte: 60, total: 60_000 } })
    const quick = druid.with({ timeout: { total: 5_000 } })
    await expect(quick.query('SELECT 1')).rejects.toMatchObject({ phase: 'firstByte' })
    const own = quick.query('SELECT 1', { timeout: { firstByte: 0, total: 90 } })
    await expect(own).rejects.toMatchObject({ phase: 'total' })
    expect([context(server).timeout, context(server, 1).timeout]).toEqual([5_000, 90])
  })

  it('does not come over the timeout of a context', async () => {
    await using server = await serve((_, response) => response.end(ONE))
    await using druid = connect(server.url, { timeout: 9_000 })
    await druid.query('SELECT 1', { context: { timeout: 1_234 } })
    await druid.with({ context: { timeout: 77 } }).query('SELECT 1')
    expect([context(server).timeout, context(server, 1).timeout]).toEqual([1_234, 77])
  })

  it('is told to native queries, too', async () => {
    await using server = await serve((_, response) => response.end('[]'))
    await using druid = connect(server.url, { timeout: 9_000 })
    await druid.native({ queryType: 'timeBoundary', dataSource: 'x' })
    expect(context(server).timeout).toBe(9_000)
  })

  it.each([0, Number.POSITIVE_INFINITY])(
    '%d is no limit, and Druid is told none',
    async (timeout) => {
      await using server = await serve((_, response) => response.end(ONE))
      await using druid = connect(server.url, { timeout })
      await druid.query('SELECT 1')
      expect(context(server)).not.toHaveProperty('timeout')
    },
  )

  it.each([-1, Number.NaN, '1s', null, { first: 1 }, { idle: '1' }, []])(
    '%j is refused by name',
    (timeout) => {
      for (const make of [
        () => connect('http://druid:8888', { timeout: timeout as never }),
        () => connect('http://druid:8888').with({ timeout: timeout as never }),
        () => connect('http://druid:8888').stream('SELECT 1', { timeout: timeout as never }),
      ]) {
        if (Array.isArray(timeout)) continue
        try {
          make()
          expect.unreachable()
        } catch (error) {
          expect(isDruidError(error, 'CONFIG') && error.option).toBe('timeout')
        }
      }
    },
  )

  it('leaves no timer behind', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    await using server = await serve((_, response) => response.end(ONE))
    const druid = connect(server.url, {
      timeout: { firstByte: 60_000, idle: 60_000, total: 60_000 },
    })
    await druid.query('SELECT 1')
    await druid.request('GET', '/x', undefined, { expect: 'text' })
    await druid.close()
    expect(timers()).toBe(before)
  })
})
