import { connect, isDruidError, sql } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { afterAll, describe, expect, inject, it } from 'vitest'

const url = inject('druidUrl')
const is27 = inject('druidVersion') === '27.0.0'

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('a query on a real Druid, transport %s', (_, transport) => {
  const druid = connect(url, { transport })
  afterAll(() => druid.close())

  it('gives typed rows with columns, query id and stats beside them', async () => {
    const rows = await druid.query<{ origin: string; flights: number }>(
      'SELECT origin, COUNT(*) AS flights FROM flights GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 2',
    )
    expect(rows.map((row) => row.flights)).toEqual([expect.any(Number), expect.any(Number)])
    expect(Object.keys(rows)).toEqual(['0', '1'])
    expect(rows.columns).toEqual([
      { name: 'origin', key: 'origin', sqlType: 'VARCHAR', nativeType: 'STRING' },
      { name: 'flights', key: 'flights', sqlType: 'BIGINT', nativeType: 'LONG' },
    ])
    expect(rows.queryId).toMatch(/^[0-9a-f-]{36}$/)
    expect(rows.stats.rows).toBe(2)
    expect(rows.stats.bytes).toBeGreaterThan(80)
    expect(rows.stats.duration).toBeGreaterThanOrEqual(rows.stats.timeToFirstByte)
  })

  it('sends every kind of parameter with its type', async () => {
    const row = await druid.one(
      sql`SELECT CAST(${'it\'s "x" -- ?'} AS VARCHAR) AS s, ${42} + 0 AS i, ${9007199254740991n} AS b,
          ${1.5} AS d, ${true} AS t, CAST(${null} AS VARCHAR) AS n, ${new Date('2001-02-03T04:05:06.789Z')} AS "at"`,
    )
    expect(row).toEqual({
      s: 'it\'s "x" -- ?',
      i: 42,
      b: 9007199254740991,
      d: 1.5,
      t: true,
      // Druid 27 has no null in text by default.
      n: is27 ? '' : null,
      at: '2001-02-03T04:05:06.789Z',
    })
  })

  it('puts statements into one another, with their parameters', async () => {
    const west = sql`origin IN (${sql.list(['SEA', 'SFO', 'LAX'])})`
    const far = sql`distance > ${1000}`
    const both = sql.join([west, far], ' AND ')
    const count = await druid.value<number>(
      sql`SELECT COUNT(*) FROM ${sql.id('druid', 'flights')} WHERE ${both}`,
    )
    const text = await druid.value<number>(
      "SELECT COUNT(*) FROM flights WHERE origin IN ('SEA', 'SFO', 'LAX') AND distance > 1000",
    )
    expect(count).toBe(text)
    expect(count).toBeGreaterThan(100)
  })

  it('types an empty result', async () => {
    const rows = await druid.query(
      "SELECT origin, delay, __time FROM flights WHERE origin = 'none'",
    )
    expect(rows).toHaveLength(0)
    expect(rows.columns.map(({ name, sqlType }) => [name, sqlType])).toEqual([
      ['origin', 'VARCHAR'],
      ['delay', 'BIGINT'],
      ['__time', 'TIMESTAMP'],
    ])
  })

  it('keeps columns of equal name', async () => {
    const rows = await druid.query('SELECT origin, destination AS origin FROM flights LIMIT 1')
    expect(Object.keys(rows[0] ?? {})).toEqual(['origin', 'origin:1'])
    expect(rows.columns.map(({ name }) => name)).toEqual(['origin', 'origin'])
  })

  it('parses arrays, and refuses an integer that a number cannot hold', async () => {
    expect(await druid.value("SELECT ARRAY['a', NULL, 'c'] AS list")).toEqual(['a', null, 'c'])
    expect(await druid.value('SELECT 9007199254740991 AS n')).toBe(9007199254740991)
    await expect(druid.value('SELECT 9007199254740993 AS n')).rejects.toMatchObject({
      code: 'INEXACT',
      column: 'n',
      value: '9007199254740993',
    })
  })

  it('asks for one row, or maybe one, or a value', async () => {
    const none = sql`SELECT origin FROM flights WHERE origin = ${'none'}`
    expect(await druid.maybeOne(none)).toBeUndefined()
    await expect(druid.one(none)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(druid.one('SELECT origin FROM flights')).rejects.toMatchObject({ code: 'LIMIT' })
    expect(await druid.value('SELECT COUNT(*) FROM flights')).toBe(20_000)
  })

  it('streams all rows, one by one and in batches', async () => {
    const seen = new Set<unknown>()
    let rows = 0
    const stream = druid.stream('SELECT __time, origin, destination, delay, distance FROM flights')
    for await (const row of stream) {
      rows += 1
      seen.add(row.origin)
    }
    expect(rows).toBe(20_000)
    expect(seen.size).toBeGreaterThan(50)
    expect(stream.stats?.rows).toBe(20_000)
    let batched = 0
    for await (const batch of druid.stream('SELECT delay FROM flights').batches()) {
      batched += batch.length
    }
    expect(batched).toBe(20_000)
  })

  it("gives Druid's own reason and the position for a wrong statement", async () => {
    const error = await druid.query('SELECT nothing FROM flights').catch((e: unknown) => e)
    expect(isDruidError(error, 'INVALID_INPUT') && error).toMatchObject({
      status: 400,
      category: 'INVALID_INPUT',
      persona: 'USER',
      position: { line: 1, column: 8 },
      message: expect.stringContaining("Column 'nothing' not found"),
    })
    expect(isDruidError(error) && error.queryId).toMatch(/^[0-9a-f-]{36}$/)
    await expect(druid.query('SELECT COUNT(*) FROM')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  it('tells a timeout of the server from other failures', async () => {
    const slow =
      'SELECT COUNT(DISTINCT a.distance * b.distance) FROM flights a, flights b WHERE a.origin = b.origin'
    await expect(druid.query(slow, { context: { timeout: 1 } })).rejects.toMatchObject({
      code: 'SERVER_TIMEOUT',
    })
  })

  it('87 Version / capability detection: the version, and what it lacks', async () => {
    expect(await druid.version()).toBe(inject('druidVersion'))
    expect(await druid.with({ headers: { 'x-any': 'thing' } }).version()).toBe(
      inject('druidVersion'),
    )
    // What a newer one can do is told before anything is sent, with both versions.
    await expect(druid.query(sql.set({ timeout: 1 }, 'SELECT 1'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(`34 or later.*${inject('druidVersion')}`),
    })
  })

  it('knows any other endpoint by request()', async () => {
    expect(await druid.request('GET', '/status/health')).toBe(true)
    await expect(druid.request('GET', '/druid/nowhere')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      status: 404,
    })
  })
})
