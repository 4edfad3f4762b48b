import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { arrayLines, canned } from './reply.ts'

const transport = canned({
  body: arrayLines(
    [
      ['n', 'LONG', 'BIGINT'],
      ['m', 'LONG', 'BIGINT'],
    ],
    '[1,2]',
  ),
})

describe('the id of a SQL query', () => {
  const druid = connect('http://druid:8888', { transport })

  it('is that of its context, unless the option says another', async () => {
    const context = { sqlQueryId: 'mine' }
    expect((await druid.query('SELECT 1', { context })).queryId).toBe('mine')
    expect((await druid.query('SELECT 1', { context, queryId: 'own' })).queryId).toBe('own')
    expect(druid.stream('SELECT 1', { context }).queryId).toBe('mine')
  })

  it('is told by the error of value()', async () => {
    const value = druid.value('SELECT 1, 2', { queryId: 'mine' })
    await expect(value).rejects.toMatchObject({ code: 'LIMIT', queryId: 'mine' })
  })

  it('is no default of a client', async () => {
    const context = { sqlQueryId: 'all' }
    const wrong = { code: 'CONFIG', option: 'context' }
    expect(() => connect('http://druid:8888', { transport, context })).toThrow(
      expect.objectContaining(wrong),
    )
    expect(() => druid.with({ context })).toThrow(expect.objectContaining(wrong))
  })
})

it('an error that would come as a row is not asked for', async () => {
  const druid = connect('http://druid:8888', { transport })
  const context = { writeExceptionBodyAsResponseRow: true as never }
  await expect(druid.query('SELECT 1', { context })).rejects.toMatchObject({ code: 'CONFIG' })
  await expect(druid.raw('SELECT 1', { context })).rejects.toMatchObject({ code: 'CONFIG' })
})
