import { connect, type DruidError, type Rows } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { arrayLines, type ColumnHead, canned } from './reply.ts'

const COLUMNS: readonly ColumnHead[] = [
  ['näme', 'STRING', 'VARCHAR'],
  ['n', 'LONG', 'BIGINT'],
  ['tags', 'ARRAY<STRING>', 'ARRAY'],
]
const LINES = [
  String.raw`["ä \"]\\\" [,\n",1,"[\"x\",null]"]`,
  '[null,9007199254740991,["a","]"]]',
  '["",0,null]',
]
/** As `ResultFormat.ARRAY` writes it, with its three header rows. */
const ARRAY = `[${[...[0, 1, 2].map((i) => JSON.stringify(COLUMNS.map((column) => column[i]))), ...LINES].join(',')}]\n`
const BYTES = new TextEncoder().encode(ARRAY)

function rowsOf(chunks: readonly Uint8Array[]): Promise<Rows> {
  const druid = connect('http://druid:8888', { transport: canned({ body: chunks }) })
  return druid.request<Rows>('GET', '/results', undefined, { expect: 'rows' })
}
const textOf = (text: string): Promise<Rows> => rowsOf([new TextEncoder().encode(text)])

describe("request(…, { expect: 'rows' }) reads a result of the format array", () => {
  it('as the same of the format arrayLines', async () => {
    const lines = await textOf(arrayLines(COLUMNS, ...LINES))
    expect(lines).toHaveLength(3)
    for (const chunks of [[BYTES], [...BYTES].map((byte) => Uint8Array.of(byte))]) {
      const rows = await rowsOf(chunks)
      expect([...rows]).toEqual([...lines])
      expect(rows.columns).toEqual(lines.columns)
    }
  })

  it('cut in two at every byte, and with empty chunks', async () => {
    const whole = await rowsOf([BYTES])
    for (let place = 0; place <= BYTES.length; place += 1) {
      const parts = [BYTES.subarray(0, place), new Uint8Array(), BYTES.subarray(place)]
      expect([...(await rowsOf(parts))], `cut at ${place}`).toEqual([...whole])
    }
  })

  it('without rows, and without a line feed at its end', async () => {
    const rows = await textOf('[["n"],["LONG"],["BIGINT"]]')
    expect([...rows]).toEqual([])
    expect(rows.columns.map(({ name }) => name)).toEqual(['n'])
  })

  it('is TRUNCATED wherever it was cut, with the count of rows that were whole', async () => {
    const ends = LINES.map((_, i) => {
      const until = ARRAY.slice(0, ARRAY.indexOf(LINES[i] as string)) + LINES[i]
      return new TextEncoder().encode(until).length
    })
    for (let length = 0; length < BYTES.length - 1; length += 1) {
      const error = await rowsOf([BYTES.subarray(0, length)]).catch((it: unknown) => it)
      expect(error, `after ${length}`).toMatchObject({ code: 'TRUNCATED' })
      const whole = ends.filter((end) => end <= length).length
      expect((error as DruidError<'TRUNCATED'>).rows, `after ${length}`).toBe(whole)
    }
  })

  it.each([
    ['more after its end', `${ARRAY}[1]`],
    ['another array after its end', ARRAY + ARRAY],
    ['a value that is no row', '[["n"],["LONG"],["BIGINT"],5,[1]]\n'],
    ['a row that is too short', '[["n"],["LONG"],["BIGINT"],[]]\n'],
    ['no header', '[["a",1],["b",2],["c",3]]\n'],
    ['an object in the place of a row', '[["n"],["LONG"],["BIGINT"],{"n":1}]\n'],
  ])('is DECODE with %s', async (_, text) => {
    await expect(textOf(text)).rejects.toMatchObject({ code: 'DECODE' })
  })

  it('never rounds an integer', async () => {
    const text = '[["n"],["LONG"],["BIGINT"],[1],[9007199254740993]]\n'
    await expect(textOf(text)).rejects.toMatchObject({ code: 'INEXACT', value: '9007199254740993' })
  })
})
