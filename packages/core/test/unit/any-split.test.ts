import { connect, DruidError, loadNative } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { arrayLines, canned } from './reply.ts'

/** The same bytes, in chunks of that size. */
function chunks(text: string, size: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(text)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size))
  return parts
}

function druid(body: string, size: number) {
  return connect('http://druid:8888', { transport: canned({ body: chunks(body, size) }) })
}

const scan = { queryType: 'scan', dataSource: 'x', intervals: ['2000/2001'] } as const
const events = (rows: readonly unknown[]): string =>
  JSON.stringify([{ segmentId: 's', columns: ['n', 'd'], events: rows }])

describe('a row beyond maxRowBytes is LIMIT, after the rows before it,', () => {
  const long = 'x'.repeat(1_000)
  const lines = arrayLines([['a', 'STRING', 'VARCHAR']], '["a"]', JSON.stringify([long]), '["b"]')
  const native = events([
    ['a', 1],
    [long, 1],
    ['b', 1],
  ])

  it.each([1, 7, 64, 100_000])('in chunks of %i', async (size) => {
    const limit = { maxRowBytes: 100 }
    const seen: unknown[] = []
    const rows = async (): Promise<void> => {
      for await (const row of druid(lines, size).stream('SELECT a', limit)) seen.push(row.a)
    }
    await expect(rows()).rejects.toMatchObject({ code: 'LIMIT', limit: 100 })
    expect(seen).toEqual(['a'])
    const columns = druid(lines, size).columns('SELECT a', limit)
    await expect(columns).rejects.toMatchObject({ code: 'LIMIT' })
    const streamed: unknown[] = []
    const items = async (): Promise<void> => {
      for await (const row of druid(native, size).streamNative(scan, limit)) streamed.push(row.n)
    }
    await expect(items()).rejects.toMatchObject({ code: 'LIMIT' })
    expect(streamed).toEqual(['a'])
  })

  it.each([1, 4, 100_000])(
    'and one of just so many bytes is not, in chunks of %i',
    async (size) => {
      const exact = arrayLines([['a', 'STRING', 'VARCHAR']], '["abcdef"]')
      const rows = await druid(exact, size).query('SELECT a', { maxRowBytes: 11 })
      expect([...rows]).toEqual([{ a: 'abcdef' }])
    },
  )
})

it('a long row in chunks of a byte takes no more memory than its bytes', async () => {
  const text = 'x'.repeat(300_000)
  const body = arrayLines([['a', 'STRING', 'VARCHAR']], JSON.stringify([text]))
  const before = process.memoryUsage().arrayBuffers
  expect(await druid(body, 1).value('SELECT a')).toBe(text)
  // The chunks of the test itself are views of one buffer.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1024 * 1024)
})

describe('rows of a scan that were kept back are handed out', () => {
  const rows = [['NaN', 'NaN'], ...[1, 2, 3, 4].map((n) => [n, 1.5])]
  const cut = events(rows).slice(0, -3)

  it('where the connection is cut', async () => {
    const reply = canned({ body: [] })
    const transport: typeof reply = {
      ...reply,
      async request(request) {
        const response = await reply.request(request)
        async function* body(): AsyncGenerator<Uint8Array> {
          yield new TextEncoder().encode(cut)
          throw new DruidError('CONNECT', 'cut', { reason: 'reset' })
        }
        const whole = Object.assign(body(), { discard() {}, trailers: () => undefined })
        return { status: response.status, headers: response.headers, body: whole }
      },
    }
    const seen: unknown[] = []
    const read = async (): Promise<void> => {
      const client = connect('http://druid:8888', { transport })
      for await (const row of client.streamNative(scan)) seen.push(row.n)
    }
    await expect(read()).rejects.toMatchObject({ code: 'TRUNCATED', rows: 4 })
    // Of the last nobody knows whether it is whole.
    expect(seen).toHaveLength(4)
  })

  it('where an integer is inexact', async () => {
    const body = `${cut},[9007199254740993,1]]}]`
    for (const size of [1, 100_000]) {
      const seen: unknown[] = []
      const read = async (): Promise<void> => {
        for await (const row of druid(body, size).streamNative(scan)) seen.push(row.n)
      }
      await expect(read()).rejects.toMatchObject({ code: 'INEXACT' })
      expect(seen).toHaveLength(5)
    }
  })
})

describe('text that begins with the private character U+E000', () => {
  it.each(['\\ue0001', '\\uE0001', '\ue0001', '\\ue000abc'])(
    'stays text beside a long integer: %s',
    async (written) => {
      const json = `{"a":"${written}","n":9007199254740993}`
      const expected = { a: JSON.parse(`"${written}"`), n: 9007199254740993n }
      expect(await druid(json, 100_000).request('GET', '/x')).toEqual(expected)
      const query = `{"queryType":"scan","dataSource":"${written}","intervals":["2000/2001"],"limit":9007199254740993}`
      expect(loadNative(query)).toMatchObject({ dataSource: expected.a, limit: expected.n })
    },
  )
})
