import { connect } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
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

it('one row is one, though a hook leaves others out', async () => {
  const chunks = [arrayLines([['n', 'LONG', 'BIGINT']], '[1]').slice(0, -1), '[2]\n', '\n']
  const filter = defineExtension({
    name: 'filter',
    setup(context) {
      context.queries({
        async *rows(batches) {
          for await (const batch of batches) yield batch.filter(({ n }) => n === 1)
        },
      })
      return context.define({})
    },
  })
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk))
  const druid = connect('http://druid:8888', {
    transport: canned({ body: bytes }),
    extensions: [filter],
  })
  expect(await druid.value('SELECT n FROM t')).toBe(1)
})
