import { connect, type ValuesPolicy } from '@druid/core'
import { describe, expect, it, vi } from 'vitest'
import { arrayLines, type ColumnHead, canned } from './reply.ts'

async function column(
  head: ColumnHead,
  values: readonly string[],
  policy: ValuesPolicy,
): Promise<unknown[]> {
  const transport = canned({ body: arrayLines([head], ...values.map((value) => `[${value}]`)) })
  const rows = await connect('http://druid:8888', { transport, values: policy }).query('SELECT 1')
  return rows.map((row) => row[head[0]])
}

const LONG = ['n', 'LONG', 'BIGINT'] as const
const LONGS = ['l', 'ARRAY<LONG>', 'ARRAY'] as const
const DOC = ['doc', 'COMPLEX<json>', 'OTHER'] as const
const TIME = ['__time', 'LONG', 'TIMESTAMP'] as const
const BIG = '9223372036854775807'

describe('values: bigint', () => {
  it.each([
    ['auto', [1, 9223372036854775807n, null]],
    ['bigint', [1n, 9223372036854775807n, null]],
    ['string', ['1', BIG, null]],
    ['number', [1, 2 ** 63, null]],
  ] as const)('%s', async (bigint, expected) => {
    expect(await column(LONG, ['1', BIG, 'null'], { bigint })).toEqual(expected)
    expect(await column(LONGS, [`"[1,${BIG},null]"`], { bigint })).toEqual([expected])
    expect(await column(LONGS, [`[1,${BIG},null]`], { bigint })).toEqual([expected])
  })

  it('within JSON changes only what a number cannot hold', async () => {
    const doc = [`"{\\"a\\":[1,${BIG}],\\"t\\":\\"${BIG}\\"}"`]
    expect(await column(DOC, doc, { bigint: 'bigint' })).toEqual([
      { a: [1, 9223372036854775807n], t: BIG },
    ])
    expect(await column(DOC, doc, { bigint: 'string' })).toEqual([{ a: [1, BIG], t: BIG }])
    await expect(column(DOC, doc, { bigint: 'safe' })).rejects.toMatchObject({ code: 'INEXACT' })
  })

  it('is exact where the engine does not give the text of a number', async () => {
    const parse = JSON.parse
    vi.spyOn(JSON, 'parse').mockImplementation((text, reviver) =>
      parse(text, reviver && ((key, value) => reviver(key, value))),
    )
    expect(await column(LONG, [BIG], { bigint: 'bigint' })).toEqual([9223372036854775807n])
    expect(await column(DOC, [`"[${BIG}]"`], { bigint: 'bigint' })).toEqual([
      [9223372036854775807n],
    ])
    vi.restoreAllMocks()
  })
})

describe('values: timestamp', () => {
  const times = [
    '2000-01-01T00:00:00.000Z',
    '2000-01-01T23:59:59.999Z',
    '2000-01-02T12:00:00.001Z',
    '1969-12-31T23:59:59.999Z',
    '2000-03-26T03:00:00.000+02:00',
    '2000-03-26T01:59:59.000+01:00',
    '0001-01-01T00:00:00.000Z',
    '10000-01-01T00:00:00.000Z',
    '-0044-03-15T00:00:00.000Z',
  ]
  const ms = [
    946684800000,
    946771199999,
    946814400001,
    -1,
    Date.parse('2000-03-26T03:00:00.000+02:00'),
    Date.parse('2000-03-26T01:59:59.000+01:00'),
    Date.parse('0001-01-01T00:00:00.000Z'),
    Date.parse('+010000-01-01T00:00:00.000Z'),
    Date.parse('-000044-03-15T00:00:00.000Z'),
  ]
  const texts = times.map((time) => JSON.stringify(time))

  it('ms and date', async () => {
    expect(await column(TIME, [...texts, 'null'], { timestamp: 'ms' })).toEqual([...ms, null])
    expect(await column(TIME, texts, { timestamp: 'date' })).toEqual(ms.map((it) => new Date(it)))
    expect(await column(['d', 'LONG', 'DATE'], texts.slice(0, 1), { timestamp: 'ms' })).toEqual([
      ms[0],
    ])
  })

  it('agrees with Date on every time of many days', async () => {
    let state = 1
    const random = Array.from({ length: 2_000 }, () => {
      state = (state * 48_271) % 2_147_483_647
      return new Date((state - 2 ** 30) * 1_997 + (state % 1_000)).toISOString()
    }).sort()
    const quoted = random.map((time) => JSON.stringify(time))
    expect(await column(TIME, quoted, { timestamp: 'ms' })).toEqual(random.map(Date.parse))
  })

  it.each(['146140482-04-24T15:36:27.903Z', 'soon', '2000-01-01', '2000-01-01T25:00:00.000Z'])(
    'refuses %s, which no Date holds',
    async (time) => {
      const values = ['"2000-01-01T00:00:00.000Z"', JSON.stringify(time)]
      await expect(column(TIME, values, { timestamp: 'date' })).rejects.toMatchObject({
        code: 'INEXACT',
        column: '__time',
        value: time,
        message: expect.stringContaining("timestamp: 'string'"),
      })
    },
  )

  it('temporal is refused where the platform has none, and used where it has', async () => {
    vi.stubGlobal('Temporal', undefined)
    expect(() => connect('http://druid:8888', { values: { timestamp: 'temporal' } })).toThrow(
      expect.objectContaining({ code: 'CONFIG', option: 'values' }),
    )
    vi.stubGlobal('Temporal', {
      Instant: { fromEpochMilliseconds: (value: number) => ({ epochMilliseconds: value }) },
    })
    expect(await column(TIME, texts.slice(0, 1), { timestamp: 'temporal' })).toEqual([
      { epochMilliseconds: ms[0] },
    ])
    vi.unstubAllGlobals()
  })
})

it('values: multiValue makes lists of what Druid writes for several values', async () => {
  const head = ['tags', 'STRING', 'VARCHAR'] as const
  const values = [String.raw`"[\"a\",\"b\"]"`, '"a"', '"[x]"', String.raw`"[\"a\"]"`, '"[1,2]"']
  expect(await column(head, values, {})).toEqual(['["a","b"]', 'a', '[x]', '["a"]', '[1,2]'])
  expect(await column(head, values, { multiValue: 'array' })).toEqual([
    ['a', 'b'],
    'a',
    '[x]',
    '["a"]',
    '[1,2]',
  ])
})

it("values: keys 'camelCase' names columns so, and keeps them apart", async () => {
  const heads = ['page_name', '__time', 'a__b', 'pageName', 'x_', '_id', 'A_B', '']
  const transport = canned({
    body: arrayLines(
      heads.map((name) => [name, 'STRING', 'VARCHAR'] as const),
      JSON.stringify(heads),
    ),
  })
  const druid = connect('http://druid:8888', { transport, values: { keys: 'camelCase' } })
  const rows = await druid.query('SELECT 1')
  expect(rows.columns.map(({ key, name }) => [name, key])).toEqual([
    ['page_name', 'pageName'],
    ['__time', '__time'],
    ['a__b', 'aB'],
    ['pageName', 'pageName:1'],
    ['x_', 'x_'],
    ['_id', '_id'],
    ['A_B', 'AB'],
    ['', ''],
  ])
  expect(Object.values(rows[0] ?? {})).toEqual(heads)
})

describe('the policy', () => {
  const transport = canned({ body: arrayLines([LONG], `[${BIG}]`) })

  it('of a call comes over that of a derived client, and that over the connection’s', async () => {
    const druid = connect('http://druid:8888', { transport, values: { bigint: 'string' } })
    expect(await druid.value('SELECT 1')).toBe(BIG)
    const derived = druid.with({ values: { bigint: 'bigint' } })
    expect(await derived.value('SELECT 1')).toBe(9223372036854775807n)
    expect(await derived.value('SELECT 1', { values: { bigint: 'number' } })).toBe(2 ** 63)
    expect(await derived.with({ context: {} }).value('SELECT 1')).toBe(9223372036854775807n)
  })

  it('of the application is not that of what an extension is given', async () => {
    class Reads {
      readonly client
      constructor(client: { value(statement: string): Promise<unknown> }) {
        this.client = client
      }
    }
    const { defineExtension } = await import('@druid/core/extension')
    const druid = connect('http://druid:8888', {
      transport: canned({ body: arrayLines([LONG], '[1]') }),
      values: { bigint: 'bigint' },
      extensions: [defineExtension({ name: 'reads', client: Reads })],
    })
    expect(await druid.value('SELECT 1')).toBe(1n)
    expect(await druid.readsClient().client.value('SELECT 1')).toBe(1)
  })

  it.each([
    [{ bigint: 'big' }, /bigint is one of 'safe'/],
    [{ bigInt: 'safe' }, /did you mean "bigint"/],
    ['safe', /must be an object/],
  ])('%j is CONFIG', (values, message) => {
    expect(() => connect('http://druid:8888', { values: values as never })).toThrow(
      message as RegExp,
    )
  })
})
