import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { serve, type TestServer } from './server.ts'

const answering = (): Promise<TestServer> =>
  serve((request, response) => {
    if (request.path === '/druid/v2/sql') response.end('["a"]\n["LONG"]\n["BIGINT"]\n[1]\n\n')
    else response.end('[]')
  })

describe('headers', () => {
  it('of a call come over those of derived clients, in whatever case they are written', async () => {
    await using server = await answering()
    await using druid = connect(server.url)
    const inner = druid.with({ headers: { 'x-gate': 'a' } }).with({ headers: { 'X-Gate': 'b' } })
    const call = { headers: { 'x-gate': 'c' } }
    await inner.query('SELECT 1', call)
    await inner.request('GET', '/x', undefined, call)
    await inner.native({ queryType: 'timeBoundary', dataSource: 'x' }, call)
    await inner.query('SELECT 1')
    expect(server.arrived.map(({ headers }) => headers['x-gate'])).toEqual(['c', 'c', 'c', 'b'])
  })

  it('that cannot be read are CONFIG, those of a call and those of auth', async () => {
    await using server = await answering()
    const unreadable = {
      get authorization(): string {
        throw new Error('locked')
      },
    }
    const wrong = { code: 'CONFIG', option: 'headers', message: expect.stringContaining('locked') }
    await using druid = connect(server.url, { auth: () => unreadable })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject(wrong)
    await using other = connect(server.url)
    await expect(other.query('SELECT 1', { headers: unreadable })).rejects.toMatchObject(wrong)
    const request = other.request('GET', '/x', undefined, { headers: unreadable })
    await expect(request).rejects.toMatchObject(wrong)
    expect(server.arrived).toEqual([])
  })
})
