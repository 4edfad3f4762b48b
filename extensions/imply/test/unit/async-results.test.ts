import { connect } from '@druid/core'
import { type ImplyClient, imply, type ResultFormat } from '@druid/imply'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { arrayFile, type ImplyServer, startImply } from '../imply-server.ts'

let server: ImplyServer
let client: ImplyClient

beforeEach(async () => {
  server = await startImply()
  client = connect(server.url, { extensions: [imply] }).implyClient()
})
afterEach(() => server.close())

async function stored(file: string, resultFormat: ResultFormat = 'array'): Promise<string> {
  server.plan({ states: ['COMPLETE'], file })
  return (await client.submit('SELECT 1', { resultFormat })).asyncResultId
}

describe('decoded rows', () => {
  it('have the types that the client gives its own results', async () => {
    const file = arrayFile(
      [
        ['__time', 'LONG', 'TIMESTAMP'],
        ['page', 'STRING', 'VARCHAR'],
        ['added', 'LONG', 'BIGINT'],
        ['rate', 'DOUBLE', 'DOUBLE'],
        ['tags', 'ARRAY<STRING>', 'ARRAY'],
        ['extra', 'COMPLEX<json>', 'OTHER'],
        ['page', 'STRING', 'VARCHAR'],
      ],
      String.raw`["2024-01-01T00:00:00.000Z","a \"]\" b",9007199254740991,1.0E20,"[\"x\",null]","{\"n\":1}",null]`,
    )
    const rows = await client.results(await stored(file))
    expect(rows).toEqual([
      {
        __time: '2024-01-01T00:00:00.000Z',
        page: 'a "]" b',
        added: 9007199254740991,
        rate: 1e20,
        tags: ['x', null],
        extra: { n: 1 },
        'page:1': null,
      },
    ])
    expect(rows.columns[6]).toEqual({
      name: 'page',
      key: 'page:1',
      sqlType: 'VARCHAR',
      nativeType: 'STRING',
    })
  })

  it('of an empty result still have columns', async () => {
    const rows = await client.results(await stored(arrayFile([['n', 'LONG', 'BIGINT']])))
    expect(rows).toEqual([])
    expect(rows.columns.map(({ name }) => name)).toEqual(['n'])
  })

  it.each([
    ['a column', arrayFile([['big', 'LONG', 'BIGINT']], '[1]', '[9007199254740993]')],
    ['an array', arrayFile([['big', 'ARRAY<LONG>', 'ARRAY']], '["[1]"]', '["[9007199254740993]"]')],
    [
      'JSON',
      arrayFile([['big', 'COMPLEX<json>', 'OTHER']], '[null]', '["{\\"a\\":9007199254740993}"]'),
    ],
  ])('never round an integer: %s', async (_where, file) => {
    await expect(client.results(await stored(file))).rejects.toMatchObject({
      code: 'INEXACT',
      column: 'big',
      value: '9007199254740993',
      message: expect.stringContaining('row 2'),
    })
  })

  it('hold a double that looks like an integer', async () => {
    const file = arrayFile([['d', 'DOUBLE', 'DOUBLE']], '[12345678901234567890]')
    expect(await client.results(await stored(file))).toEqual([{ d: 12345678901234567000 }])
  })
})

describe('a result file that is not whole', () => {
  const whole = arrayFile(
    [
      ['page', 'STRING', 'VARCHAR'],
      ['n', 'LONG', 'BIGINT'],
    ],
    '["a [b",1]',
    '["c",2]',
  )

  it('is noticed wherever it was cut, with the rows that were whole', async () => {
    for (let length = 0; length < whole.length - 1; length += 1) {
      const error = await client.results(await stored(whole.slice(0, length))).catch((e) => e)
      expect(error, `after ${length}`).toMatchObject({ code: 'TRUNCATED' })
      const rows = ['",1]', '",2]'].filter((end) => length >= whole.indexOf(end) + end.length)
      expect(error.rows, `after ${length}`).toBe(rows.length)
    }
  })

  it.each<[ResultFormat, string]>([
    ['array', whole],
    ['object', '[{"a":[1]},{"a":null}]\n'],
    ['arrayLines', '["a",1]\n["b",2]\n\n'],
    ['objectLines', '{"a":1}\n{"a":2}\n\n'],
    ['csv', 'page,n\na,1\n\n'],
    ['csv', '\n'],
  ])('is noticed in a download of %s', async (resultFormat, file) => {
    expect(await client.download(await stored(file, resultFormat))).toBe(file)
    const lines = resultFormat.endsWith('Lines') || resultFormat === 'csv'
    const last = file.length - (lines ? 1 : 2)
    for (let length = 0; length <= last; length += 1) {
      const id = await stored(file.slice(0, length), resultFormat)
      await expect(client.download(id), `after ${length}`).rejects.toMatchObject({
        code: 'TRUNCATED',
        queryId: id,
      })
    }
  })
})

describe('what is no result', () => {
  it('is an HTML page', async () => {
    const id = await stored('<!DOCTYPE html><title>Sign in</title>')
    const error = { code: 'DECODE', message: expect.stringContaining('Sign in') }
    await expect(client.results(id)).rejects.toMatchObject(error)
    await expect(client.download(id)).rejects.toMatchObject(error)
  })

  it.each([
    ['rows without header', '[["a",1],["b",2],["c",3]]\n'],
    ['text rows of a server that writes only names', '[["a"],["x"],["y"],["z"]]\n'],
    ['objects', '[{"a":1}]\n'],
    ['csv', 'a\n1\n\n'],
    ['no JSON', '[nonsense]\n'],
    ['a row that is too short', arrayFile([['n', 'LONG', 'BIGINT']], '[]')],
    ['an array column that is no JSON', arrayFile([['n', 'ARRAY<LONG>', 'ARRAY']], '["x"]')],
  ])('is %s', async (_what, file) => {
    await expect(client.results(await stored(file))).rejects.toMatchObject({ code: 'DECODE' })
  })
})

describe('a download', () => {
  it('asks for the column names of a csv, and of other formats only when told to', async () => {
    await client.submit('SELECT 1', { resultFormat: 'csv' })
    await client.submit('SELECT 1', { resultFormat: 'objectLines' })
    await client.submit('SELECT 1', { resultFormat: 'arrayLines', header: true })
    expect(server.arrived.map(({ body }) => JSON.parse(body))).toEqual([
      { query: 'SELECT 1', resultFormat: 'csv', header: true, context: {} },
      { query: 'SELECT 1', resultFormat: 'objectLines', header: false, context: {} },
      { query: 'SELECT 1', resultFormat: 'arrayLines', header: true, context: {} },
    ])
  })
})
