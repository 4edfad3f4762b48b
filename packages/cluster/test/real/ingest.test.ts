import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cluster, type IngestProgress } from '@druid/cluster'
import { connect, custom, type DruidClient, sql } from '@druid/core'
import { afterAll, describe, expect, inject, it } from 'vitest'

const druid: DruidClient<typeof cluster> = connect(inject('druidUrl'), { extensions: [cluster] })
const is27 = inject('druidVersion').startsWith('27.')
const made = new Set<string>()

afterAll(async () => {
  for (const name of made)
    await druid.request('DELETE', `/druid/coordinator/v1/datasources/${name}`)
  await druid.close()
})

function named(name: string): string {
  made.add(name)
  return name
}

describe('65 Ingest helper: rows', () => {
  it('come out of SQL exactly as they went in, whatever they hold', async () => {
    const dataSource = named('ingest_values')
    const at = new Date('2024-02-03T04:05:06.789Z')
    const result = await druid.cluster().ingest({
      dataSource,
      time: 'at',
      rows: [
        {
          at,
          id: 1,
          text: 'é "quoted", 漢字\n\t\\ 🎉',
          whole: 42,
          fraction: 0.1,
          large: 9007199254740993n,
          small: -(2n ** 63n),
          flag: true,
          when: at,
          list: [1, 2, 3],
          words: ['a', 'b'],
          nested: { a: { b: [1, { c: 'd' }] }, n: null },
          nothing: null,
          emptyText: '',
          emptyList: [],
          emptyObject: {},
          nulls: [null],
          mixed: [1, 'a', 2.5, null, { x: 1 }],
          matrix: [
            [1, 2],
            [3, 4],
          ],
          absent: undefined,
        },
        {
          at: new Date(at.getTime() + 1),
          id: 2,
          text: '',
          whole: null,
          fraction: -1e300,
          large: 1,
        },
      ],
    })
    expect(result).toMatchObject({ dataSource, rows: 2, unparseable: 0, thrownAway: 0 })
    const rows = await druid.query(sql`SELECT * FROM ${sql.id(dataSource)} ORDER BY __time`, {
      values: { bigint: 'auto' },
    })
    expect(rows[0]).toMatchObject({
      __time: '2024-02-03T04:05:06.789Z',
      id: 1,
      text: 'é "quoted", 漢字\n\t\\ 🎉',
      whole: 42,
      fraction: 0.1,
      large: 9007199254740993n,
      small: -(2n ** 63n),
      when: '2024-02-03T04:05:06.789Z',
      list: [1, 2, 3],
      words: ['a', 'b'],
      nested: { a: { b: [1, { c: 'd' }] }, n: null },
      emptyList: [],
      emptyObject: {},
      nulls: [null],
      mixed: [1, 'a', 2.5, null, { x: 1 }],
      matrix: [
        [1, 2],
        [3, 4],
      ],
    })
    expect(rows[1]).toMatchObject({ id: 2, fraction: -1e300, large: 1, list: null, nested: null })
    // 27 with its old null handling has no null of text and numbers, and no booleans.
    expect(rows[1]).toMatchObject({ text: '', whole: is27 ? 0 : null })
    expect(rows[0]?.flag).toBe(is27 ? 'true' : 1)
    expect(Object.keys(rows[0] ?? {})).not.toContain('absent')
  })

  it('of an async iterable are sent in batches of bounded size, and counted over all', async () => {
    const dataSource = named('ingest_batches')
    let pulled = 0
    async function* rows(): AsyncGenerator<object> {
      for (let i = 0; i < 250; i += 1) {
        pulled += 1
        yield { time: new Date(Date.UTC(2024, 0, 1, 0, 0, i)), i, text: 'x'.repeat(100) }
      }
    }
    const progress: IngestProgress[] = []
    const pulledAt: number[] = []
    const result = await druid.cluster().ingest(
      { dataSource, rows: rows(), batch: { rows: 100 } },
      {
        onProgress: (it) => {
          progress.push(it)
          if (it.phase === 'stored') pulledAt.push(pulled)
        },
      },
    )
    expect(result.rows).toBe(250)
    expect(result.taskIds).toHaveLength(3)
    expect(new Set(result.taskIds).size).toBe(3)
    // No further than the row that did not fit any more.
    expect(pulledAt).toEqual([101, 201, 250])
    expect(progress.filter(({ phase }) => phase === 'stored').map(({ rows }) => rows)).toEqual([
      100, 200, 250,
    ])
    expect(progress.at(-1)).toMatchObject({ phase: 'queryable', batch: 3, rows: 250 })
    const query = sql`SELECT COUNT(*) AS n, SUM(i) AS total FROM ${sql.id(dataSource)}`
    expect(await druid.one(query)).toEqual({ n: 250, total: (249 * 250) / 2 })
  })

  it('are added, or replace an interval over all batches, or the time chunks that they are in', async () => {
    const dataSource = named('ingest_replace')
    const day = (date: string, name: string) => ({ t: date, name })
    const ingest = (rows: object[], replace?: string | true, batch?: object) =>
      druid.cluster().ingest({ dataSource, time: 't', rows, replace, ...(batch && { batch }) })
    const names = async (): Promise<unknown[]> =>
      (await druid.query(sql`SELECT name FROM ${sql.id(dataSource)} GROUP BY 1 ORDER BY 1`)).map(
        (row) => row.name,
      )
    await ingest([day('2024-01-01', 'a'), day('2024-01-02', 'b'), day('2024-02-01', 'z')])
    await ingest([day('2024-01-01', 'c')])
    expect(await names()).toEqual(['a', 'b', 'c', 'z'])
    // Also the day that no new row is in.
    const two = [day('2024-01-01', 'd'), day('2024-01-03', 'e'), day('2024-01-03', 'f')]
    const interval = '2024-01-01/2024-01-10'
    const result = await ingest([...two, day('2025-01-01', 'out')], interval, { rows: 1 })
    expect(result).toMatchObject({ rows: 3, thrownAway: 1 })
    expect(await names()).toEqual(['d', 'e', 'f', 'z'])
    await ingest([day('2024-01-03', 'g')], true)
    expect(await names()).toEqual(['d', 'g', 'z'])
    await expect(ingest(two, true, { rows: 2 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('Nothing was written'),
    })
    expect(await names()).toEqual(['d', 'g', 'z'])
  })

  it('are in the SQL of a table that was there, with columns that it had not', async () => {
    const dataSource = named('ingest_columns')
    await druid.cluster().ingest({ dataSource, time: 't', rows: [{ t: '2024-01-01', a: 1 }] })
    await druid.cluster().ingest({ dataSource, time: 't', rows: [{ t: '2024-01-01', b: 2 }] })
    expect(await druid.value(sql`SELECT SUM(b) FROM ${sql.id(dataSource)}`)).toBe(2)
  })

  it('that cannot be read fail the task, with the row and why', async () => {
    const ingesting = druid.cluster().ingest({
      dataSource: named('ingest_failing'),
      time: 't',
      rows: [
        { t: '2024-01-01', n: 1 },
        { t: 'no time', n: 2 },
      ],
    })
    await expect(ingesting).rejects.toMatchObject({
      code: 'TASK_FAILED',
      dataSource: 'ingest_failing',
      unparseableEvents: [
        {
          details: [expect.stringContaining('no time')],
          input: expect.stringContaining('no time'),
        },
      ],
    })
  })
})

describe('65 Ingest helper: files and URLs', () => {
  it('takes CSV of a Blob, and JSON of a stream that comes byte by byte', async () => {
    const dataSource = named('ingest_files')
    const csv = 'when,name,n\r\n2024-01-01,"with ""quotes"", 漢字",1\r\n2024-01-02,é,2\r\n'
    const csvRows = await druid.cluster().ingest({
      dataSource,
      time: 'when',
      files: new File([csv], 'rows.csv'),
      batch: { rows: 1 },
    })
    expect(csvRows).toMatchObject({ rows: 2, taskIds: { length: 2 } })
    const json = '{"when":"2024-01-03","name":"x","n":3}\n\n{"when":"2024-01-04","name":"y","n":4}'
    const bytes = new TextEncoder().encode(json)
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect((await druid.cluster().ingest({ dataSource, time: 'when', files: [stream] })).rows).toBe(
      2,
    )
    const rows = await druid.query(sql`SELECT name FROM ${sql.id(dataSource)} ORDER BY __time`)
    expect(rows.map((row) => row.name)).toEqual(['with "quotes", 漢字', 'é', 'x', 'y'])
    const broken = new Blob(['when,name\n2024-01-01,"two\nlines"'])
    await expect(
      druid.cluster().ingest({ dataSource, time: 'when', files: broken, format: 'csv' }),
    ).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('file 0, line 1: a quoted field with a line break'),
    })
  })

  it('has Druid fetch a URL, and finds the time by itself', async () => {
    const dataSource = named('ingest_url')
    const server = createServer((request, response) => {
      const isAllowed = request.headers.authorization === `Basic ${btoa('me:s3cret é'.normalize())}`
      response.writeHead(isAllowed || request.url !== '/private.csv' ? 200 : 401)
      response.end('id,created_at,city\n1,2024-05-06 07:08:09,Oslo\n2,2024-05-07 00:00:00,Rome\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as AddressInfo
      const url = `http://127.0.0.1:${port}/cities.csv`
      const proposal = await druid.cluster().sample({ url })
      expect(proposal).toMatchObject({ timestamp: { column: 'created_at' }, unparseable: 0 })
      const result = await druid.cluster().ingest({ dataSource, url })
      expect(result.rows).toBe(2)
      const rows = await druid.query(sql`SELECT * FROM ${sql.id(dataSource)} ORDER BY __time`)
      expect(rows.map((row) => [row.__time, row.city])).toEqual([
        ['2024-05-06T07:08:09.000Z', 'Oslo'],
        ['2024-05-07T00:00:00.000Z', 'Rome'],
      ])
    } finally {
      server.close()
    }
  })
})

describe('70 Sampler: proposes a schema', () => {
  it('of rows: columns with types, and the time with its format', async () => {
    const proposal = await druid.cluster().sample({
      rows: [
        { ts: 1_704_067_200, n: 1, big: 2n ** 60n, f: 1.5, list: ['a'], o: { x: 1 }, text: 'a' },
        { ts: 1_704_067_201, n: 2, big: 1, f: 2, list: [], o: { y: 2 }, text: null },
      ],
    })
    expect(proposal.timestamp).toEqual({ column: 'ts', format: 'posix' })
    expect(Object.fromEntries(proposal.columns.map((it) => [it.name, it.type]))).toEqual({
      n: 'LONG',
      big: 'LONG',
      f: 'DOUBLE',
      list: 'ARRAY<STRING>',
      o: 'COMPLEX<json>',
      text: 'STRING',
    })
    expect(proposal.dimensions).toContainEqual({ type: 'double', name: 'f' })
    expect(proposal.rows[0]?.parsed?.__time).toBe(1_704_067_200_000)
  })

  it.each([
    ['2024-01-01', 'auto'],
    ['2024-01-01T10:20:30Z', 'auto'],
    ['2024-01-01 10:20:30', 'yyyy-MM-dd HH:mm:ss'],
    ['2024/01/01 10:20', 'yyyy/MM/dd HH:mm'],
    [1_704_067_200_000, 'millis'],
    [1_704_067_200_000_000, 'micro'],
    [1_704_067_200_000_000_000n, 'nano'],
  ])('knows %s as a time', async (when, format) => {
    const { timestamp } = await druid.cluster().sample({ rows: [{ id: 1, created_at: when }] })
    expect(timestamp).toEqual({ column: 'created_at', format })
  })

  it('says that there is no time, and ingest asks for one', async () => {
    const rows = [{ id: 1_704_067_200, day: '01/02/2024' }]
    const proposal = await druid.cluster().sample({ rows })
    expect(proposal.timestamp).toBeUndefined()
    expect(proposal.columns.map((it) => it.name)).toEqual(['id', 'day'])
    await expect(druid.cluster().ingest({ dataSource: 'none', rows })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('no column looks like the time'),
    })
  })

  it('of an input source: reads what an ingestion would, and says what it cannot', async () => {
    const proposal = await druid.cluster().sample({
      input: { type: 'druid', dataSource: 'flights', interval: '2001-01-01/2001-01-02' },
    })
    expect(proposal.timestamp).toEqual({ column: '__time', format: 'millis' })
    const format = custom({ type: 'no such format' })
    await expect(
      druid.cluster().sample({ input: { type: 'inline', data: 'x' }, format }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})
