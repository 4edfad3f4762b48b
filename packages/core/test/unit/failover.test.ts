import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { arrayLines } from './reply.ts'
import { deadUrl, serve, type TestServer } from './server.ts'

const named = (name: string): Promise<TestServer> =>
  serve((request, response) => {
    if (request.path.includes('/druid/v2/sql') && request.method === 'POST') {
      response.end(arrayLines([['name', 'STRING', 'VARCHAR']], `["${name}"]`))
    } else response.writeHead(request.method === 'DELETE' ? 202 : 200).end(`{"name":"${name}"}`)
  })

describe('19 Several endpoints / failover', () => {
  it('are asked in their order', async () => {
    await using first = await named('first')
    await using second = await named('second')
    await using druid = connect([first.url, second.url])
    expect(await druid.value('SELECT 1')).toBe('first')
    expect(await druid.value('SELECT 1')).toBe('first')
    expect(second.arrived).toEqual([])
  })

  it('the next is asked where one cannot be reached, at once, and then goes first', async () => {
    await using second = await named('second')
    await using druid = connect([await deadUrl(), second.url])
    const start = performance.now()
    expect(await druid.value('SELECT 1')).toBe('second')
    expect(await druid.request('POST', '/druid/indexer/v1/task', {})).toEqual({ name: 'second' })
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  it('all are asked before there is a pause, whatever retry says', async () => {
    await using last = await named('last')
    const dead = await Promise.all([deadUrl(), deadUrl(), deadUrl(), deadUrl()])
    for (const retry of [undefined, false] as const) {
      await using druid = connect([...dead, last.url], { retry })
      expect(await druid.value('SELECT 1')).toBe('last')
    }
  })

  it('there is a pause once all of them were asked', async () => {
    const dead = await Promise.all([deadUrl(), deadUrl()])
    await using druid = connect(dead, { retry: { attempts: 3 } })
    const start = performance.now()
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({ attempt: 6 })
    expect(performance.now() - start).toBeGreaterThan(140)
  })

  it('one that is shutting down (503) is left for the next', async () => {
    await using first = await serve((_, response) => response.writeHead(503).end())
    await using second = await named('second')
    await using druid = connect([first.url, second.url])
    expect(await druid.value('SELECT 1')).toBe('second')
    expect(await druid.value('SELECT 1')).toBe('second')
    expect(first.by('POST')).toHaveLength(1)
  })

  it('each has its base path', async () => {
    await using second = await named('second')
    await using druid = connect([`${await deadUrl()}/a/`, `${second.url}/b/c/`])
    await druid.request('GET', '/status?full')
    await druid.query('SELECT 1')
    expect(second.arrived.map(({ path }) => path)).toEqual([
      '/b/c/status?full',
      '/b/c/druid/v2/sql',
    ])
  })

  it('the first is asked again once it is back', async () => {
    const first = await named('first')
    await using second = await named('second')
    await using druid = connect([first.url, second.url])
    const port = Number(new URL(first.url).port)
    await first.close()
    expect(await druid.value('SELECT 1')).toBe('second')
    const { createServer } = await import('node:http')
    const again = createServer((_, response) => response.end('{"name":"first"}'))
    await new Promise<void>((resolve) => again.listen(port, '127.0.0.1', resolve))
    try {
      expect(await druid.request('GET', '/x')).toEqual({ name: 'second' })
      await expect
        .poll(() => druid.request('GET', '/x'), { timeout: 15_000, interval: 500 })
        .toEqual({ name: 'first' })
    } finally {
      again.close()
    }
  }, 20_000)

  it('where all are down the error is that of the last', async () => {
    await using druid = connect([await deadUrl(), await deadUrl()], { retry: { attempts: 2 } })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'CONNECT',
      reason: 'refused',
      // Each of them twice.
      attempt: 4,
    })
  })

  it('a query is ended on the server that has it', async () => {
    const silent = await serve((request, response) => {
      if (request.method === 'DELETE') response.writeHead(202).end()
    })
    await using second = await named('second')
    await using druid = connect([silent.url, second.url])
    const ended = druid.query('SELECT 1', { timeout: 100 })
    await expect(ended).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'total' })
    await expect.poll(() => silent.by('DELETE').length).toBe(1)
    expect(second.arrived).toEqual([])
    await silent.close()
  })

  it('may hold the user of one cluster, in any of them', async () => {
    await using first = await named('first')
    await using second = await named('second')
    const { host } = new URL(second.url)
    await using druid = connect([first.url, `http://ann:secret@${host}`])
    await druid.query('SELECT 1')
    expect(first.arrived[0]?.headers.authorization).toBe(`Basic ${btoa('ann:secret')}`)
    expect(() => connect(['http://ann:a@one', 'http://ben:b@two'])).toThrow('different users')
    expect(() => connect([])).toThrow('the list of URLs is empty')
  })
})
