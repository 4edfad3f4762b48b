import { connect } from '@druid/core'
import { type ImplyClient, imply } from '@druid/imply'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ImplyServer, resultFile, startImply } from '../imply-server.ts'

let server: ImplyServer
let client: ImplyClient

beforeEach(async () => {
  server = await startImply()
  client = connect(server.url, { extensions: [imply] }).implyClient()
})
afterEach(() => server.close())

async function stored(file: string): Promise<string> {
  server.plan({ states: ['COMPLETE'], file })
  return (await client.submit('SELECT 1')).asyncResultId
}

describe('the result of an async query', () => {
  it('has the rows and columns that the client gives its own results', async () => {
    const columns: [string, string, string][] = [
      ['__time', 'LONG', 'TIMESTAMP'],
      ['page', 'STRING', 'VARCHAR'],
      ['added', 'LONG', 'BIGINT'],
      ['tags', 'ARRAY<STRING>', 'ARRAY'],
      ['page', 'STRING', 'VARCHAR'],
    ]
    const row = String.raw`["2024-01-01T00:00:00.000Z","a \"]\" b",9007199254740991,"[\"x\",null]",null]`
    const rows = await client.results(await stored(resultFile(columns, row)))
    expect([...rows]).toEqual([
      {
        __time: '2024-01-01T00:00:00.000Z',
        page: 'a "]" b',
        added: 9007199254740991,
        tags: ['x', null],
        'page:1': null,
      },
    ])
    expect(rows.columns.map(({ sqlType }) => sqlType)).toEqual(columns.map((it) => it[2]))
  })

  it('has columns when it is empty', async () => {
    const rows = await client.results(await stored(resultFile([['n', 'LONG', 'BIGINT']])))
    expect([...rows]).toEqual([])
    expect(rows.columns.map(({ name }) => name)).toEqual(['n'])
  })

  it('never rounds an integer', async () => {
    const file = resultFile([['big', 'LONG', 'BIGINT']], '[1]', '[9007199254740993]')
    await expect(client.results(await stored(file))).rejects.toMatchObject({
      code: 'INEXACT',
      column: 'big',
      value: '9007199254740993',
    })
  })

  it('is refused wherever it was cut, with the count of rows that were whole', async () => {
    const whole = resultFile(
      [
        ['page', 'STRING', 'VARCHAR'],
        ['n', 'LONG', 'BIGINT'],
      ],
      '["a [b",1]',
      '["c",2]',
    )
    for (let length = 0; length < whole.length; length += 1) {
      const error = await client.results(await stored(whole.slice(0, length))).catch((e) => e)
      expect(error, `after ${length}`).toMatchObject({ code: 'TRUNCATED', queryId: /./ })
      const rows = ['",1]\n', '",2]\n'].filter((end) => length >= whole.indexOf(end) + end.length)
      expect(error.rows, `after ${length}`).toBe(rows.length)
    }
  })

  it.each([
    ['an HTML page', '<!DOCTYPE html><title>Sign in</title>'],
    ['rows without header', '["a",1]\n["b",2]\n["c",3]\n\n'],
    ['an array without header', '[["a",1],["b",2],["c",3]]\n'],
    ['objects', '{"a":1}\n\n'],
    ['csv', 'a\n1\n\n'],
    ['a row that is too short', resultFile([['n', 'LONG', 'BIGINT']], '[]')],
  ])('is not %s', async (_what, file) => {
    await expect(client.results(await stored(file))).rejects.toMatchObject({ code: 'DECODE' })
  })
})
