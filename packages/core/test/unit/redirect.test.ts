import { connect } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { serve, type TestServer } from './server.ts'

const leader = (): Promise<TestServer> => serve((_, response) => response.end('{"by":"leader"}'))

const to = (location: () => string, status = 307): Promise<TestServer> =>
  serve((_, response) => response.writeHead(status, { location: location() }).end())

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('a redirect, by the %s transport', (_, transport) => {
  const auth = { user: 'ann', password: 'secret' }

  it('to a server of the connection is followed, with method, body and credentials', async () => {
    await using target = await leader()
    await using first = await to(() => `${target.url}/druid/indexer/v1/task?x=1`)
    await using druid = connect([first.url, target.url], { transport, auth })
    const body = { type: 'noop' }
    expect(await druid.request('POST', '/druid/indexer/v1/task', body)).toEqual({ by: 'leader' })
    const [arrived] = target.arrived
    expect(arrived).toMatchObject({
      method: 'POST',
      path: '/druid/indexer/v1/task?x=1',
      body: '{"type":"noop"}',
    })
    expect(arrived?.headers.authorization).toBe(`Basic ${btoa('ann:secret')}`)
    expect(target.arrived).toHaveLength(1)
  })

  it('within the server is followed', async () => {
    await using server = await serve((request, response) => {
      if (request.path === '/a') response.writeHead(308, { location: '/b' }).end()
      else response.end('{"at":"b"}')
    })
    await using druid = connect(server.url, { transport })
    expect(await druid.request('GET', '/a')).toEqual({ at: 'b' })
  })

  it.each([301, 302, 303, 307, 308])(
    'to another origin is not followed, whatever it is called (%i)',
    async (status) => {
      await using hostile = await leader()
      await using server = await to(() => `${hostile.url}/druid/v2/sql`, status)
      await using druid = connect(server.url, { transport, auth, headers: { 'x-api-key': 'key' } })
      for (const call of [
        () => druid.query('SELECT 1'),
        () => druid.request('GET', '/status'),
        () => druid.request('POST', '/druid/indexer/v1/task', {}),
      ]) {
        await expect(call()).rejects.toMatchObject({
          code: 'SERVER',
          status,
          message: expect.stringContaining('no server of this connection'),
        })
      }
      expect(hostile.arrived).toEqual([])
    },
  )

  it('of a POST that would become a GET is not followed', async () => {
    await using server = await to(() => '/elsewhere', 302)
    await using druid = connect(server.url, { transport })
    await expect(druid.request('POST', '/x', {})).rejects.toThrow('changes its method')
    expect(server.arrived).toHaveLength(1)
  })

  it('in a circle ends', async () => {
    await using server = await to(() => '/again')
    await using druid = connect(server.url, { transport })
    await expect(druid.request('GET', '/again')).rejects.toThrow('more than 5 times')
    expect(server.arrived).toHaveLength(6)
  })

  it.each(['', 'javascript:alert(1)', 'http://', '//[', 'file:///etc/passwd'])(
    'to "%s" is not followed',
    async (location) => {
      await using server = await to(() => location)
      await using druid = connect(server.url, { transport })
      await expect(druid.request('GET', '/x')).rejects.toMatchObject({
        code: 'SERVER',
        status: 307,
      })
    },
  )
})
