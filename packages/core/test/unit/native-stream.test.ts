import { connect, type NativeQuery } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { canned } from './reply.ts'
import { type Arrived, serve } from './server.ts'

const when = { dataSource: 'flights', intervals: '2001/2002' } as const
const scan = { queryType: 'scan', ...when } as const
const groupBy = {
  queryType: 'groupBy',
  ...when,
  granularity: 'day',
  dimensions: ['näme'],
  aggregations: [
    { type: 'count', name: 'n' },
    { type: 'doubleSum', name: 'd', fieldName: 'd' },
  ],
} as const

interface Read {
  readonly rows: Record<string, unknown>[]
  readonly error: unknown
}

/** The rows that a stream gives, and what it ends with. */
async function read(
  query: NativeQuery,
  body: readonly Uint8Array[],
  options: object = {},
): Promise<Read> {
  const druid = connect('http://druid:8888', { transport: canned({ body }) })
  const rows: Record<string, unknown>[] = []
  try {
    for await (const batch of druid.streamNative(query, options).batches()) rows.push(...batch)
  } catch (error) {
    return { rows, error }
  }
  return { rows, error: undefined }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('52 Incremental native rows', () => {
  it('come while the result is still being written, of a scan', async () => {
    let write = (_: string): void => {}
    let end = (): void => {}
    await using server = await serve((_, response) => {
      response.writeHead(200)
      write = (text) => response.write(text)
      end = () => response.end(']}]')
      write('[{"segmentId":"s","columns":["a"],"events":[[1],[2],[')
    })
    const rows = connect(server.url).streamNative(scan)[Symbol.asyncIterator]()
    expect(await rows.next()).toEqual({ done: false, value: { a: 1 } })
    expect(await rows.next()).toEqual({ done: false, value: { a: 2 } })
    write('3],[4]')
    expect(await rows.next()).toEqual({ done: false, value: { a: 3 } })
    end()
    expect(await rows.next()).toEqual({ done: false, value: { a: 4 } })
    expect((await rows.next()).done).toBe(true)
    expect(JSON.parse((server.arrived[0] as Arrived).body)).toMatchObject({
      queryType: 'scan',
      resultFormat: 'compactedList',
    })
  })

  it('come while the result is still being written, of a groupBy', async () => {
    let end = (): void => {}
    await using server = await serve((_, response) => {
      response.writeHead(200)
      response.write('[[978307200000,"a",1,1.5],[978307200000,"b",2,"NaN"],[97')
      end = () => response.end('8307200000,null,3,null]]')
    })
    const stream = connect(server.url).streamNative(groupBy)
    const rows = stream[Symbol.asyncIterator]()
    const __time = '2001-01-01T00:00:00.000Z'
    expect((await rows.next()).value).toEqual({ __time, näme: 'a', n: 1, d: 1.5 })
    expect((await rows.next()).value).toEqual({ __time, näme: 'b', n: 2, d: Number.NaN })
    end()
    expect((await rows.next()).value).toEqual({ __time, näme: null, n: 3, d: null })
    expect((await rows.next()).done).toBe(true)
    expect(stream.stats?.rows).toBe(3)
    expect(JSON.parse((server.arrived[0] as Arrived).body).context).toEqual({
      resultAsArray: true,
      queryId: stream.queryId,
    })
  })

  it.each<[string, NativeQuery]>([
    ['subtotals, which arrays cannot show', { ...groupBy, subtotalsSpec: [['näme']] }],
    ['a context that says so', { ...groupBy, context: { resultAsArray: false } }],
    [
      'a dimension whose name is not known',
      { ...groupBy, dimensions: [{ type: 'acme' } as never] },
    ],
  ])('are asked for as objects with %s', async (_, query) => {
    await using server = await serve((__, response) =>
      response.end(
        '[{"version":"v1","timestamp":"2001-01-01T00:00:00.000Z","event":{"d":1,"x":2}}]',
      ),
    )
    const rows: unknown[] = []
    for await (const row of connect(server.url).streamNative(query)) rows.push(row)
    expect(rows).toEqual([{ __time: '2001-01-01T00:00:00.000Z', d: 1, x: 2 }])
    const { context } = JSON.parse((server.arrived[0] as Arrived).body) as NativeQuery
    expect(context?.resultAsArray ?? false).toBe(false)
  })

  it('loses no row that was whole before the cut', async () => {
    const text = '[{"segmentId":"s","columns":["a"],"events":[[1],[2],[3]'
    const { rows } = await read({ ...scan, resultFormat: 'compactedList' }, [bytesOf(text)])
    expect(rows).toEqual([{ a: 1 }, { a: 2 }])
    const closed = await read(scan, [bytesOf(`${text}]`)])
    expect(closed.rows).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }])
    expect(closed.error).toMatchObject({ code: 'TRUNCATED', rows: 3 })
  })

  it('gives the rows before what is wrong', async () => {
    for (const wrong of ['{"a":}', '[1', '"\\x"', 'nul', '1 2', '']) {
      const text = `[{"segmentId":"s","columns":["a"],"events":[[1],[2],${wrong},[4]]}]`
      const { rows, error } = await read(scan, [bytesOf(text)])
      expect(error, wrong).toMatchObject({ code: 'DECODE' })
      expect(rows, wrong).toEqual([{ a: 1 }, { a: 2 }])
    }
  })

  it('is no success where an element has its events twice', async () => {
    const text = '[{"segmentId":"s","columns":["a"],"events":[[1]],"events":[[2],[3]]}]'
    const { rows, error } = await read(scan, [bytesOf(text)])
    expect(error).toMatchObject({ code: 'DECODE', message: expect.stringContaining('twice') })
    expect(rows).toEqual([{ a: 1 }])
  })

  it('gives the rows before an integer that a number cannot hold', async () => {
    const text = '[{"segmentId":"s","columns":["a","id"],"events":[[1,1],[2,9007199254740993]]}]'
    const { rows, error } = await read(scan, [bytesOf(text)])
    expect(error).toMatchObject({ code: 'INEXACT', column: 'id', value: '9007199254740993' })
    expect(rows).toEqual([{ a: 1, id: 1 }])
    const auto = await read(scan, [bytesOf(text)], { values: { bigint: 'auto' } })
    expect(auto.rows[1]).toEqual({ a: 2, id: 9007199254740993n })
  })

  it('names the output of an array row that a number cannot hold', async () => {
    const { error } = await read(groupBy, [bytesOf('[[0,"a",9007199254740993,1]]')])
    expect(error).toMatchObject({ code: 'INEXACT', column: 'n' })
  })

  it('types words for numbers by the signature behind them, and all integers by the policy', async () => {
    const part = (id: number, word: string): string =>
      `{"segmentId":"s","columns":["id","d","t"],"events":[[${id},"${word}","${word}"],[${id},1.5,""]],"rowSignature":[{"name":"id","type":"LONG"},{"name":"d","type":"DOUBLE"},{"name":"t","type":"STRING"}]}`
    const body = [bytesOf(`[${part(1, 'NaN')},${part(2, 'Infinity')}]`)]
    expect((await read(scan, body)).rows).toEqual([
      { id: 1, d: Number.NaN, t: 'NaN' },
      { id: 1, d: 1.5, t: '' },
      { id: 2, d: Infinity, t: 'Infinity' },
      { id: 2, d: 1.5, t: '' },
    ])
    const typed = await read(scan, body, { values: { bigint: 'bigint' } })
    expect(typed.rows.map(({ id }) => id)).toEqual([1n, 1n, 2n, 2n])
  })

  it('holds no more than what has come at once', async () => {
    const druid = connect('http://druid:8888', {
      transport: {
        name: 'endless',
        async request() {
          return {
            status: 200,
            headers: new Headers(),
            body: {
              async *[Symbol.asyncIterator]() {
                yield bytesOf('[{"segmentId":"s","columns":["a","b"],"events":[[0,""]')
                const chunk = bytesOf(`,[1,"${'x'.repeat(1_000)}"]`.repeat(60))
                for (let i = 0; i < 500; i += 1) yield chunk
                yield bytesOf(']}]')
              },
              discard() {},
              trailers: () => undefined,
            },
          }
        },
        async close() {},
      },
    })
    let rows = 0
    let largest = 0
    for await (const batch of druid.streamNative(scan).batches()) {
      rows += batch.length
      largest = Math.max(largest, batch.length)
    }
    expect(rows).toBe(30_001)
    expect(largest).toBeLessThanOrEqual(61)
  })

  it('takes no longer per byte for one very long value in many pieces', async () => {
    const piece = bytesOf('x'.repeat(1_000))
    const time = async (pieces: number): Promise<number> => {
      const start = performance.now()
      const body = [
        bytesOf('[{"segmentId":"s","columns":["a"],"events":[["'),
        ...Array.from({ length: pieces }, () => piece),
        bytesOf('"]]}]'),
      ]
      const { rows } = await read(scan, body)
      expect(String(rows[0]?.a).length).toBe(pieces * 1_000)
      return performance.now() - start
    }
    await time(500)
    const short = await time(2_000)
    // Quadratic work would take a hundred times as long.
    expect(await time(20_000)).toBeLessThan(Math.max(short, 20) * 50)
  })

  it('is bounded by maxRowBytes, and by maxRows after the rows allowed', async () => {
    const body = [
      bytesOf('[{"segmentId":"s","columns":["a"],"events":[[1],[2],[3],["'),
      bytesOf('x'.repeat(100)),
      bytesOf('"]]}]'),
    ]
    const limited = await read(scan, body, { maxRowBytes: 50 })
    expect(limited.error).toMatchObject({ code: 'LIMIT', limit: 50 })
    expect(limited.rows).toHaveLength(3)
    const some = await read(scan, body, { maxRows: 2 })
    expect(some.error).toMatchObject({ code: 'LIMIT', limit: 2 })
    expect(some.rows).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('can be read once', async () => {
    const druid = connect('http://druid:8888', { transport: canned({ body: '[]' }) })
    const stream = druid.streamNative(scan)
    for await (const _ of stream) throw new Error('there is no row')
    expect(() => stream.batches()).toThrow(expect.objectContaining({ code: 'CLOSED' }) as never)
  })
})
