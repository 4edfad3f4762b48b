/** Each test shows one feature whole, by the name it has where clients of Druid are compared. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { connect, type RowStream } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { countingProxy } from './proxy.ts'
import { ends, starts } from './threads.ts'

/** Runs for many seconds before its first row. */
const SLOW =
  'SELECT SUM(a.delay * b.delay) AS n FROM flights a JOIN flights b ON a.destination = b.origin JOIN flights c ON b.destination = c.origin'
/** Sends rows at once, and then none for many seconds. */
const HALTING = `SELECT origin, destination, delay FROM flights UNION ALL SELECT 'all', 'all', n FROM (${SLOW})`
/** Some 2.7 million rows, 90 MB. */
const LARGE =
  'SELECT a.origin, a.destination, a.delay, b.destination AS onward, b.distance FROM flights a, flights b WHERE a.destination = b.origin'

const MB = 1024 * 1024
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** Bytes that cannot be freed. */
function held(): number {
  collect()
  collect()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

describe.each([
  ['Router', 'node'],
  ['Router', 'fetch'],
  ['Broker', 'node'],
  ['Broker', 'fetch'],
] as const)('51 Incremental SQL rows, from the %s by %s', (server, name) => {
  const druid = connect(inject(server === 'Router' ? 'druidUrl' : 'brokerUrl'), {
    ...(name === 'fetch' && { transport: fetchTransport() }),
    context: { timeout: 20_000 },
  })
  afterAll(() => druid.close())

  const readings: [string, (stream: RowStream) => AsyncIterable<unknown>, first: unknown][] = [
    ['one by one', (stream) => stream, { origin: expect.any(String) }],
    ['in batches', (stream) => stream.batches(), [{ origin: expect.any(String) }]],
    ['as columns', (stream) => stream.columns(), { data: { origin: expect.any(Object) } }],
  ]

  it.each(readings)('%s, while Druid still works on the rest', async (_, read, expected) => {
    const stream = druid.stream(HALTING)
    const parts = read(stream)[Symbol.asyncIterator]()
    const { value } = await parts.next()
    expect(Array.isArray(value) ? value.slice(0, 1) : value).toMatchObject(expected as object)
    expect(stream.header.map(({ name: column }) => column)).toEqual([
      'origin',
      'destination',
      'delay',
    ])
    // It came before the result was whole: Druid works on what is left.
    await starts(stream.queryId)
    expect(stream.stats).toBeUndefined()
    await parts.return?.()
    await ends(stream.queryId)
  })
})

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('54 Backpressure / async iteration, transport %s', (_, transport) => {
  it('a slow reader holds the server back: nothing piles up anywhere', async () => {
    await using proxy = await countingProxy(inject('brokerUrl'))
    await using druid = connect(proxy.url, { transport })
    const stream = druid.stream(LARGE)
    const batches = stream.batches()[Symbol.asyncIterator]()
    let rows = (await batches.next()).value?.length ?? 0
    expect(rows).toBeGreaterThan(0)
    // All that lies between is filled, then no more comes.
    let before = -1
    for (let quiet = 0; quiet < 5; ) {
      quiet = proxy.bytes === before ? quiet + 1 : 0
      before = proxy.bytes
      await sleep(200)
    }
    const waiting = proxy.bytes
    expect(waiting).toBeLessThan(24 * MB)
    await starts(stream.queryId)
    await sleep(1_000)
    expect(proxy.bytes).toBe(waiting)
    // A reader that takes, gets.
    for (let i = 0; proxy.bytes < waiting + 8 * MB && i < 10_000; i += 1) {
      rows += (await batches.next()).value?.length ?? 0
    }
    expect(proxy.bytes).toBeGreaterThanOrEqual(waiting + 8 * MB)
    await batches.return?.()
    expect(stream.stats).toBeUndefined()
    await ends(stream.queryId)
  })

  it('memory stays flat over millions of rows, by row, by batch and by column', async () => {
    await using druid = connect(inject('brokerUrl'), { transport })
    await druid.query('SELECT * FROM flights LIMIT 1000')
    const total = 1_500_000
    const read: Record<string, (stream: RowStream) => AsyncIterable<number>> = {
      async *batches(stream) {
        for await (const batch of stream.batches()) yield batch.length
      },
      async *columns(stream) {
        for await (const { length } of stream.columns()) yield length
      },
      async *rows(stream) {
        for await (const row of stream) yield Number(row.origin !== undefined)
      },
    }
    for (const [verb, lengths] of Object.entries(read)) {
      const stream = druid.stream(`${LARGE} LIMIT ${total}`)
      const start = held()
      const samples: number[] = []
      let rows = 0
      for await (const length of lengths(stream)) {
        rows += length
        if (rows >= samples.length * 75_000) samples.push(held() - start)
      }
      expect(rows, verb).toBe(total)
      expect(stream.stats?.bytes).toBeGreaterThan(30 * MB)
      // As objects these rows take more than a hundred megabytes, and as columns sixty.
      expect(Math.max(...samples), verb).toBeLessThan(64 * MB)
      // And what goes up comes down.
      const half = samples.length / 2
      const [first, last] = [samples.slice(0, half), samples.slice(half)]
      expect(Math.min(...last), verb).toBeLessThan(Math.max(...first) + 4 * MB)
      expect(Math.min(...last), verb).toBeLessThan(16 * MB)
    }
  }, 180_000)

  it('rows that are asked for ahead come in their order, each once', async () => {
    await using druid = connect(inject('druidUrl'), { transport })
    const statement = 'SELECT origin, delay FROM flights ORDER BY __time LIMIT 100'
    const rows = druid.stream(statement)[Symbol.asyncIterator]()
    const asked = await Promise.all(Array.from({ length: 101 }, () => rows.next()))
    expect(asked.slice(0, 100).map(({ value }) => value)).toEqual([
      ...(await druid.query(statement)),
    ])
    expect(asked[100]?.done).toBe(true)
  })
})

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('109 Duration measured, transport %s', (_, transport) => {
  const druid = connect(inject('druidUrl'), { transport })
  afterAll(() => druid.close())

  it('of every result: until its first byte, until its last row, and what decoding took', async () => {
    const statement = 'SELECT * FROM flights'
    const native = {
      queryType: 'scan',
      dataSource: 'flights',
      intervals: '2001-01-01/2001-04-01',
    } as const
    const streamed = async (
      rows: Pick<RowStream, 'batches' | 'stats'>,
    ): Promise<RowStream['stats']> => {
      for await (const batch of rows.batches()) expect(batch.length).toBeGreaterThan(0)
      return rows.stats
    }
    const all: Record<string, () => Promise<RowStream['stats']>> = {
      query: async () => (await druid.query(statement)).stats,
      columns: async () => (await druid.columns(statement)).stats,
      stream: () => streamed(druid.stream(statement)),
      native: async () => (await druid.native(native)).stats,
      streamNative: () => streamed(druid.streamNative(native)),
    }
    for (const [verb, run] of Object.entries(all)) {
      const start = performance.now()
      const stats = await run()
      const elapsed = performance.now() - start
      if (stats === undefined) throw new Error(`${verb} has no stats`)
      expect(stats.timeToFirstByte, verb).toBeGreaterThan(0)
      expect(stats.duration, verb).toBeGreaterThanOrEqual(stats.timeToFirstByte)
      expect(stats.duration, verb).toBeLessThanOrEqual(elapsed)
      expect(stats.duration, verb).toBeGreaterThan(elapsed / 2)
      expect(stats.decodeTime, verb).toBeGreaterThan(0)
      expect(stats.decodeTime, verb).toBeLessThan(stats.duration)
      expect(stats.bytes, verb).toBeGreaterThan(500_000)
      expect(stats.rows, verb).toBe(verb === 'native' ? 3 : 20_000)
    }
  })

  it('a query that works long before its first row has its time there, a slow reader after it', async () => {
    const late =
      'SELECT COUNT(DISTINCT a.delay * b.delay) AS n FROM flights a, flights b WHERE a.destination = b.origin'
    const { timeToFirstByte, duration } = (await druid.query(late)).stats
    expect(timeToFirstByte).toBeGreaterThan(duration * 0.9)
    const stream = druid.stream('SELECT origin FROM flights')
    for await (const __ of stream.batches()) if (stream.header.length > 0) await sleep(20)
    expect(stream.stats?.duration).toBeGreaterThan((stream.stats?.timeToFirstByte ?? 0) + 20)
  })
})
