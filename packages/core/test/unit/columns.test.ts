import { type Column, type ColumnData, connect, type ValuesPolicy } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { arrayLines, type ColumnHead, canned, headerRows } from './reply.ts'

function columnsOf(
  heads: readonly ColumnHead[],
  rows: readonly string[],
  values: ValuesPolicy = {},
): Promise<ColumnData> {
  const transport = canned({ body: arrayLines(heads, ...rows) })
  return connect('http://druid:8888', { transport, values }).columns('SELECT 1')
}

/** The vector of one column. */
async function vector(
  head: ColumnHead,
  values: readonly string[],
  policy?: ValuesPolicy,
): Promise<ColumnData['data'][string]> {
  const { data, length } = await columnsOf(
    [head],
    values.map((value) => `[${value}]`),
    policy,
  )
  expect(length).toBe(values.length)
  return data[head[0]] as ColumnData['data'][string]
}

const LONG = ['n', 'LONG', 'BIGINT'] as const
const DOUBLE = ['d', 'DOUBLE', 'DOUBLE'] as const
const TEXT = ['s', 'STRING', 'VARCHAR'] as const
const TIME = ['__time', 'LONG', 'TIMESTAMP'] as const

describe('columns() of', () => {
  it('BIGINT is a Float64Array, with the nulls beside it', async () => {
    expect(await vector(LONG, ['0', '-1', 'null', '9007199254740991'])).toEqual({
      values: Float64Array.of(0, -1, Number.NaN, 9007199254740991),
      nulls: Uint8Array.of(0, 0, 1, 0),
    })
    expect(await vector(LONG, ['7'])).toEqual({ values: Float64Array.of(7) })
  })

  it('BIGINT beyond 2^53 is refused, or a BigInt64Array by policy', async () => {
    const values = ['1', 'null', '-9223372036854775808', '9223372036854775807']
    await expect(vector(LONG, values)).rejects.toMatchObject({
      code: 'INEXACT',
      column: 'n',
      value: '-9223372036854775808',
    })
    const big = {
      values: BigInt64Array.of(1n, 0n, -(2n ** 63n), 2n ** 63n - 1n),
      nulls: Uint8Array.of(0, 1, 0, 0),
    }
    expect(await vector(LONG, values, { bigint: 'auto' })).toEqual(big)
    expect(await vector(LONG, values, { bigint: 'bigint' })).toEqual(big)
    expect(await vector(LONG, ['-5'], { bigint: 'bigint' })).toEqual({
      values: BigInt64Array.of(-5n),
    })
    expect(await vector(LONG, ['-5'], { bigint: 'auto' })).toEqual({ values: Float64Array.of(-5) })
    expect(await vector(LONG, values, { bigint: 'string' })).toEqual({
      values: ['1', null, '-9223372036854775808', '9223372036854775807'],
    })
    expect(await vector(LONG, values.slice(2), { bigint: 'number' })).toEqual({
      values: Float64Array.of(-(2 ** 63), 2 ** 63),
    })
  })

  it.each(['9223372036854775808', '-9223372036854775809', '-92233720368547758075808'])(
    'BIGINT of %s, beyond 64 bits, is DECODE by any policy, in rows as in columns',
    async (value) => {
      for (const bigint of ['safe', 'auto', 'bigint', 'string', 'number'] as const) {
        const beyond = { code: 'DECODE', message: expect.stringContaining('beyond 64 bits') }
        await expect(vector(LONG, ['1', value], { bigint })).rejects.toMatchObject(beyond)
        const transport = canned({ body: arrayLines([LONG], `[${value}]`) })
        const druid = connect('http://druid:8888', { transport, values: { bigint } })
        await expect(druid.query('SELECT 1')).rejects.toMatchObject(beyond)
      }
    },
  )

  it('rows with spaces around them, as JSON may have, are the same', async () => {
    const body = arrayLines([LONG, TEXT], '\t [1,"a"]\r', ' [ 2 , "b" ] ', '[3,"c"]')
    const { data } = await connect('http://druid:8888', { transport: canned({ body }) }).columns(
      'x',
    )
    expect(data.n?.values).toEqual(Float64Array.of(1, 2, 3))
    expect(data.s?.values).toEqual(['a', 'b', 'c'])
  })

  it('BIGINT with spaces around it is the same', async () => {
    const { values } = await vector(LONG, [' 9223372036854775807\r', '\t-5 '], { bigint: 'string' })
    expect(values).toEqual(['9223372036854775807', '-5'])
  })

  it('DOUBLE is the number that JSON.parse gives, to the last bit', async () => {
    const texts = ['0.1', '-0.0', '1.0E-5', '123456789012345.6', '0.12345678901234567', '5e-324']
    texts.push('1.7976931348623157E308', '100', '-2.5', '0.000001', '4.35', '9007199254740993')
    const { values } = await vector(DOUBLE, texts)
    expect(Array.from(values as unknown as Float64Array).map((it) => [it])).toEqual(
      texts.map((text) => [JSON.parse(text)]),
    )
    expect(await vector(DOUBLE, ['"NaN"', '"-Infinity"', 'null'])).toEqual({
      values: Float64Array.of(Number.NaN, Number.NEGATIVE_INFINITY, Number.NaN),
      nulls: Uint8Array.of(0, 0, 1),
    })
  })

  it('VARCHAR is an array of strings, whatever they hold', async () => {
    const strings = ['a', '', 'quote " and \\ back', 'ä€😀', 'line\nfeed', 'NULL', '[1]', null]
    const { values } = await vector(
      TEXT,
      strings.map((it) => JSON.stringify(it)),
    )
    expect(values).toEqual(strings)
  })

  it('TIMESTAMP follows the policy', async () => {
    const times = ['"2000-01-01T00:00:00.000Z"', 'null', '"1999-12-31T23:59:59.999-08:00"']
    const ms = [946684800000, null, 946713599999]
    expect((await vector(TIME, times)).values).toEqual(times.map((it) => JSON.parse(it)))
    expect(await vector(TIME, times, { timestamp: 'ms' })).toEqual({
      values: Float64Array.of(946684800000, Number.NaN, 946713599999),
      nulls: Uint8Array.of(0, 1, 0),
    })
    expect((await vector(TIME, times, { timestamp: 'date' })).values).toEqual(
      ms.map((it) => it && new Date(it)),
    )
  })

  it('arrays, JSON, booleans and sketches are arrays of values', async () => {
    const list = ['l', 'ARRAY<LONG>', 'ARRAY'] as const
    expect((await vector(list, ['"[1,null]"', 'null', '[2]'])).values).toEqual([
      [1, null],
      null,
      [2],
    ])
    const doc = ['doc', 'COMPLEX<json>', 'OTHER'] as const
    expect((await vector(doc, [String.raw`"{\"a\":\"]\"}"`, '"1"'])).values).toEqual([
      { a: ']' },
      1,
    ])
    expect((await vector(['b', 'LONG', 'BOOLEAN'], ['true', 'null', 'false'])).values).toEqual([
      true,
      null,
      false,
    ])
    const sketch = ['h', 'COMPLEX<HLLSketch>', 'OTHER'] as const
    expect((await vector(sketch, [String.raw`"\"AgEH\""`])).values).toEqual(['AgEH'])
  })

  it('an empty result has vectors of their kind', async () => {
    const { data, length, columns } = await columnsOf([LONG, TEXT, TIME], [])
    expect(length).toBe(0)
    expect(data).toEqual({
      n: { values: new Float64Array() },
      s: { values: [] },
      __time: { values: [] },
    })
    expect(columns.map(({ name }: Column) => name)).toEqual(['n', 's', '__time'])
  })

  it('equal and dangerous names are kept apart', async () => {
    const { data } = await columnsOf([TEXT, TEXT, ['__proto__', 'LONG', 'BIGINT']], ['["a","b",1]'])
    expect(Object.entries(data).map(([key, { values }]) => [key, [...values]])).toEqual([
      ['s', ['a']],
      ['s:1', ['b']],
      ['__proto__', [1]],
    ])
  })

  it('what hooks of extensions made of the rows', async () => {
    const mask = defineExtension({
      name: 'mask',
      setup(context) {
        context.queries({
          async *rows(batches) {
            for await (const batch of batches) yield batch.map((row) => ({ ...row, s: 'hidden' }))
          },
        })
      },
    })
    const transport = canned({ body: arrayLines([LONG, TEXT], '[1,"secret"]', '[null,"x"]') })
    const druid = connect('http://druid:8888', { transport, extensions: [mask] })
    const { data } = await druid.columns('SELECT 1')
    expect(data).toEqual({
      n: { values: Float64Array.of(1, Number.NaN), nulls: Uint8Array.of(0, 1) },
      s: { values: ['hidden', 'hidden'] },
    })
  })
})

describe('columns() of what a hook made of BIGINT', () => {
  const given = async (portions: readonly unknown[][]): Promise<unknown> => {
    const giving = defineExtension({
      name: 'giving',
      setup(context) {
        context.queries({
          async *rows(batches) {
            for await (const _ of batches);
            for (const values of portions) yield values.map((n) => ({ n }) as never)
          },
        })
      },
    })
    const transport = canned({ body: arrayLines([LONG], '[1]') })
    const values = { bigint: 'auto' } as const
    const druid = connect('http://druid:8888', { transport, extensions: [giving], values })
    return (await druid.columns('SELECT 1')).data.n
  }

  it.each<[string, unknown[]]>([
    ['a fraction and a bigint', [1.5, null, 2n]],
    ['a bigint and a fraction', [2n, null, 1.5]],
    ['a number and what is beyond 64 bits', [1, null, 2n ** 70n]],
    ['a fraction and what is beyond 64 bits', [1.5, null, 2n ** 70n]],
    ['a number that has lost digits and a bigint', [2 ** 60, null, 2n]],
    ['NaN and a bigint', [Number.NaN, null, 2n]],
  ])('is a list where it is %s, in one portion or in several', async (_, values) => {
    expect(await given([values])).toEqual({ values })
    expect(await given(values.map((value) => [value]))).toEqual({ values })
  })

  it('is numbers, or bigints, where it can be', async () => {
    const numbers = { values: Float64Array.of(1.5, 2) }
    const bigints = { values: BigInt64Array.of(1n, 0n, 2n ** 60n), nulls: Uint8Array.of(0, 1, 0) }
    expect(await given([[1.5, 2]])).toEqual(numbers)
    expect(await given([[1.5], [2]])).toEqual(numbers)
    expect(await given([[1, null, 2n ** 60n]])).toEqual(bigints)
    expect(await given([[1], [null], [2n ** 60n]])).toEqual(bigints)
  })
})

describe('stream().columns()', () => {
  it('gives portions as they come, and proves the end', async () => {
    const bytes = new TextEncoder().encode(`${headerRows([LONG])}[1]\n[2]\n[3]\n\n`)
    const chunks = [bytes.subarray(0, -9), bytes.subarray(-9)]
    const stream = connect('http://druid:8888', {
      transport: canned({ body: chunks }),
    }).stream<{ n: number }>('SELECT 1')
    const seen: number[][] = []
    for await (const { data } of stream.columns()) seen.push([...data.n.values])
    expect(seen).toEqual([[1], [2, 3]])
    expect(stream.stats?.rows).toBe(3)
    expect(stream.header.map(({ name }) => name)).toEqual(['n'])
    expect(() => stream.batches()).toThrow(/only once/)
  })

  it('hands out the rows before a broken one', async () => {
    const body = `${headerRows([LONG, TEXT])}[1,"a"]\n[2,"b"]\n[3,]\n\n`
    const stream = connect('http://druid:8888', { transport: canned({ body }) }).stream('SELECT 1')
    const seen: number[] = []
    const read = async (): Promise<void> => {
      for await (const { length } of stream.columns()) seen.push(length)
    }
    await expect(read()).rejects.toMatchObject({ code: 'DECODE', line: 6 })
    expect(seen).toEqual([2])
  })
})

it.each([
  ['a value too few', '[1]', 'a row has 1 values for 2 columns'],
  ['a value too many', '[1,"a",2]', 'a row has 3 values for 2 columns'],
  ['no array', '{"n":1}', 'a row is not an array'],
  ['no JSON', '[1,"a"', 'a row is not JSON'],
  ['a number with leading zeros', '[01,"a"]', 'a row is not JSON'],
  ['text after the row', '[1,"a"]x', 'a row is not JSON'],
  ['a tab within a string', '[1,"a\tb"]', 'a row is not JSON'],
  ['text in a column of numbers', '["x","a"]', '"x" is no integer'],
])('a row with %s is DECODE in columns', async (_, row, why) => {
  const body = `${headerRows([LONG, TEXT])}[7,"x"]\n${row}\n\n`
  const druid = connect('http://druid:8888', { transport: canned({ body }) })
  await expect(druid.columns('SELECT 1')).rejects.toMatchObject({
    code: 'DECODE',
    line: 5,
    message: expect.stringContaining(why),
  })
})
