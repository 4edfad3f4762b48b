import { connect, isDruidError, type RawOptions, type Transport } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { canned } from './reply.ts'

/** As SqlResource writes two rows of two columns, the second value of the last one null. */
const WHOLE = {
  object: '[{"a":"x\\n","b":1},{"a":"]","b":null}]\n',
  array: '[["x\\n",1],["]",null]]\n',
  objectLines: '{"a":"x\\n","b":1}\n{"a":"]","b":null}\n\n',
  arrayLines: '["x\\n",1]\n["]",null]\n\n',
  csv: '"x\n\ny",1\n],\n\n',
} as const
const EMPTY = { object: '[]\n', array: '[]\n', objectLines: '\n\n', arrayLines: '\n\n', csv: '\n' }
const FORMATS = Object.keys(WHOLE) as (keyof typeof WHOLE)[]

async function textOf(body: string | readonly Uint8Array[], options: RawOptions): Promise<string> {
  const druid = connect('http://druid:8888', { transport: canned({ body }) })
  return new Response((await druid.raw('SELECT 1', options)).body).text()
}

/** Answers as `canned`, and keeps what was sent. */
function keeping(body: string): { transport: Transport; sent: Record<string, unknown>[] } {
  const sent: Record<string, unknown>[] = []
  const reply = canned({ body, headers: { 'x-druid-sql-query-id': 'mine' } })
  return {
    sent,
    transport: {
      ...reply,
      request(request) {
        if (request.method === 'POST') sent.push(JSON.parse(request.body ?? '{}'))
        return reply.request(request)
      },
    },
  }
}

describe.each(FORMATS)('raw() in the format %s', (format) => {
  it('gives the bytes as they are', async () => {
    expect(await textOf(WHOLE[format], { format })).toBe(WHOLE[format])
    expect(await textOf(EMPTY[format], { format })).toBe(EMPTY[format])
    const single = [...new TextEncoder().encode(WHOLE[format])].map((it) => Uint8Array.of(it))
    expect(await textOf(single, { format })).toBe(WHOLE[format])
  })

  it('is TRUNCATED wherever it is cut off', async () => {
    for (let length = 0; length < WHOLE[format].length; length += 1) {
      const cut = WHOLE[format].slice(0, length)
      await expect(textOf(cut, { format }), JSON.stringify(cut)).rejects.toMatchObject({
        code: 'TRUNCATED',
      })
    }
  })

  it('asks for that format, and for the columns where they are wanted', async () => {
    const { transport, sent } = keeping(WHOLE[format])
    const druid = connect('http://druid:8888', { transport })
    const { headers, queryId } = await druid.raw('SELECT 1', { format, queryId: 'mine' })
    await druid.raw('SELECT 1', { format, header: true })
    await druid.raw('SELECT 1', { format, header: 'types' })
    expect(sent).toMatchObject([
      { resultFormat: format, header: false, typesHeader: false, sqlTypesHeader: false },
      { resultFormat: format, header: true, typesHeader: false, sqlTypesHeader: false },
      { resultFormat: format, header: true, typesHeader: true, sqlTypesHeader: true },
    ])
    expect([queryId, headers.get('x-druid-sql-query-id')]).toEqual(['mine', 'mine'])
  })
})

describe('raw()', () => {
  it('is DECODE for the page of a proxy', async () => {
    await expect(textOf('<html><title>Hello</title></html>\n', {})).rejects.toMatchObject({
      code: 'DECODE',
      message: expect.stringContaining('Hello'),
    })
  })

  it('ends the query on the server when its body is cancelled', async () => {
    const deleted: string[] = []
    const reply = canned({ body: WHOLE.array })
    const transport: Transport = {
      ...reply,
      request(request) {
        if (request.method === 'DELETE') deleted.push(request.url.pathname)
        return reply.request(request)
      },
    }
    const druid = connect('http://druid:8888', { transport })
    const { body, queryId } = await druid.raw('SELECT 1', { format: 'array' })
    await body.cancel()
    await druid.close()
    expect(deleted).toEqual([`/druid/v2/sql/${queryId}`])
  })

  it('ends with LIMIT beyond maxBytes', async () => {
    await expect(textOf(WHOLE.object, { maxBytes: 10 })).rejects.toMatchObject({
      code: 'LIMIT',
      limit: 10,
    })
  })

  it('is sent as hooks change the statement, and its bytes are not theirs', async () => {
    const told: string[] = []
    const hooks = defineExtension({
      name: 'hooks',
      setup(context) {
        context.queries({
          sqlRequest: (request, { items }) => {
            told.push(items)
            return { ...request, query: 'SELECT 2' }
          },
          rows: () => {
            throw new Error('no rows are made')
          },
        })
      },
    })
    const { transport, sent } = keeping(WHOLE.csv)
    const druid = connect('http://druid:8888', { transport, extensions: [hooks] })
    const { body } = await druid.raw('SELECT 1', { format: 'csv' })
    expect(await new Response(body).text()).toBe(WHOLE.csv)
    expect(sent).toMatchObject([{ query: 'SELECT 2', resultFormat: 'csv' }])
    expect(told).toEqual(['bytes'])
  })

  it.each([[{ format: 'xml' }], [{ header: 'names' }], [{ maxRows: 1 }]])(
    'refuses %j',
    async (options) => {
      const error: unknown = await textOf('', options as never).catch((caught: unknown) => caught)
      expect(isDruidError(error, 'CONFIG')).toBe(true)
    },
  )
})

describe('limits', () => {
  const lines = '["n"]\n["LONG"]\n["BIGINT"]\n[1]\n[2]\n[3]\n\n'
  const druid = connect('http://druid:8888', { transport: canned({ body: lines }) })

  it('maxRows ends with LIMIT, the rows up to it handed out', async () => {
    const seen: unknown[] = []
    const read = async (maxRows: number): Promise<void> => {
      for await (const row of druid.stream('SELECT 1', { maxRows })) seen.push(row.n)
    }
    await expect(read(2)).rejects.toMatchObject({ code: 'LIMIT', limit: 2 })
    expect(seen).toEqual([1, 2])
    await read(3)
    await expect(druid.query('SELECT 1', { maxRows: 0 })).rejects.toMatchObject({ code: 'LIMIT' })
    await expect(druid.columns('SELECT 1', { maxRows: 2 })).rejects.toMatchObject({ code: 'LIMIT' })
  })

  it('maxBytes and maxRowBytes', async () => {
    await expect(druid.query('SELECT 1', { maxBytes: lines.length - 1 })).rejects.toMatchObject({
      code: 'LIMIT',
    })
    expect(await druid.query('SELECT 1', { maxBytes: lines.length })).toHaveLength(3)
    const long = connect('http://druid:8888', {
      transport: canned({ body: [new TextEncoder().encode(`["${'x'.repeat(2_000)}`)] }),
    })
    await expect(long.query('SELECT 1', { maxRowBytes: 1_000 })).rejects.toMatchObject({
      code: 'LIMIT',
      message: expect.stringContaining('line 1'),
    })
  })

  it.each([-1, Number.NaN, '5'])('refuses %j', async (maxRows) => {
    await expect(druid.query('SELECT 1', { maxRows: maxRows as number })).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'maxRows',
    })
  })
})

it('tells bytes and times of bytes, and no number of rows', async () => {
  const ends: { rows?: number; bytes?: number }[] = []
  const end = (event: { rows?: number; bytes?: number }): void => void ends.push(event)
  const transport = canned({ body: WHOLE.csv })
  const druid = connect('http://druid:8888', { transport, hooks: { end } })
  const result = await druid.raw('SELECT 1', { format: 'csv' })
  expect(result.stats()).toBeUndefined()
  await new Response(result.body).text()
  const bytes = WHOLE.csv.length
  expect(result.stats()).toEqual({
    bytes,
    timeToFirstByte: expect.any(Number),
    duration: expect.any(Number),
  })
  await expect.poll(() => ends).toHaveLength(1)
  expect(ends[0]).toMatchObject({ bytes })
  expect(ends[0]).not.toHaveProperty('rows')
})
