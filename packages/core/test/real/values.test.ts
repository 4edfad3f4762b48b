import { connect, isDruidError, type ResultFormat, sql } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { afterAll, describe, expect, inject, it } from 'vitest'

const url = inject('druidUrl')
const is27 = inject('druidVersion') === '27.0.0'

/** Extreme values of every type that SQL can make without a table. */
const EVERYTHING = sql`SELECT
  MAX(CAST('9223372036854775807' AS BIGINT)) AS max_long,
  MIN(CAST('-9223372036854775808' AS BIGINT)) AS min_long,
  MAX(CAST('9007199254740991' AS BIGINT)) AS safe_long,
  MAX(1.7976931348623157E308) AS max_double,
  MAX(CAST('4.9E-324' AS DOUBLE)) AS min_double,
  SUM(SQRT(-1 - ABS(delay))) AS nan,
  MAX(CAST(1.5 AS FLOAT)) AS "float",
  TIMESTAMP '1969-12-31 23:59:59.999' AS "time",
  DATE '2001-02-03' AS "date",
  TRUE AS "true",
  ARRAY['a', NULL, 'ä"\\'] AS strings,
  ARRAY[1, 9223372036854775807] AS longs,
  ARRAY[1.5, NULL] AS doubles,
  PARSE_JSON('{"a": [1, null, "x"], "big": 9223372036854775807}') AS doc,
  'quote '' " and \\ € 😀' AS text,
  CAST(NULL AS VARCHAR) AS nothing,
  COUNT(*) AS n
FROM flights`

const BIG = 9223372036854775807n

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('values of a real Druid, transport %s', (_, transport) => {
  const druid = connect(url, { transport })
  const exact = druid.with({ values: { bigint: 'auto', timestamp: 'date' } })
  afterAll(() => druid.close())

  const expected = {
    max_long: BIG,
    min_long: -BIG - 1n,
    safe_long: 9007199254740991,
    max_double: Number.MAX_VALUE,
    min_double: Number.MIN_VALUE,
    nan: Number.NaN,
    float: 1.5,
    time: new Date(-1),
    date: new Date('2001-02-03T00:00:00Z'),
    true: true,
    strings: ['a', null, 'ä"\\'],
    longs: [1, BIG],
    doubles: [1.5, null],
    doc: { a: [1, null, 'x'], big: BIG },
    text: 'quote \' " and \\ € 😀',
    // Druid 27 has no null in text by default.
    nothing: is27 ? '' : null,
    n: 20_000,
  }

  it('come exactly, in every verb', async () => {
    expect(await exact.one(EVERYTHING)).toEqual(expected)
    expect([...(await exact.query(EVERYTHING))]).toEqual([expected])
    for await (const row of exact.stream(EVERYTHING)) expect(row).toEqual(expected)
    const whole = await exact.columns(EVERYTHING)
    const row = Object.entries(whole.data).map(([key, { values }]) => [key, values[0]])
    expect(Object.fromEntries(row)).toEqual(expected)
    for await (const { data } of exact.stream(EVERYTHING).columns()) {
      expect(data.max_long?.values).toEqual(BigInt64Array.of(BIG))
    }
    expect(whole.columns).toMatchObject([
      { key: 'max_long', sqlType: 'BIGINT', nativeType: 'LONG' },
      { key: 'min_long' },
      { key: 'safe_long' },
      { key: 'max_double', sqlType: 'DOUBLE', nativeType: 'DOUBLE' },
      { key: 'min_double' },
      { key: 'nan' },
      { key: 'float', sqlType: 'FLOAT', nativeType: 'FLOAT' },
      { key: 'time', sqlType: 'TIMESTAMP', nativeType: 'LONG' },
      { key: 'date', sqlType: 'DATE', nativeType: 'LONG' },
      { key: 'true', sqlType: 'BOOLEAN', nativeType: 'LONG' },
      { key: 'strings', sqlType: 'ARRAY', nativeType: 'ARRAY<STRING>' },
      { key: 'longs', sqlType: 'ARRAY', nativeType: 'ARRAY<LONG>' },
      { key: 'doubles', sqlType: 'ARRAY', nativeType: 'ARRAY<DOUBLE>' },
      { key: 'doc', nativeType: 'COMPLEX<json>' },
      { key: 'text' },
      { key: 'nothing' },
      { key: 'n' },
    ])
  })

  it('are refused by default where a number cannot hold them', async () => {
    const error: unknown = await druid.one(EVERYTHING).catch((caught: unknown) => caught)
    expect(isDruidError(error, 'INEXACT') && error).toMatchObject({
      column: 'max_long',
      value: '9223372036854775807',
    })
  })

  it('come as columns as they come as rows', async () => {
    const statement = 'SELECT __time, origin, destination, delay, distance FROM flights'
    const rows = await druid.query(statement)
    const { length, data } = await druid.columns(statement)
    expect(length).toBe(rows.length)
    for (const key of ['__time', 'origin', 'destination', 'delay', 'distance']) {
      expect([...(data[key]?.values ?? [])]).toEqual(rows.map((row) => row[key]))
    }
  })

  it.each(['object', 'array', 'objectLines', 'arrayLines', 'csv'] as const)(
    'come raw in the format %s, whole and also empty',
    async (format: ResultFormat) => {
      const text = async (statement: string, header?: boolean | 'types'): Promise<string> =>
        new Response((await druid.raw(statement, { format, header })).body).text()
      const full = await text('SELECT origin, delay FROM flights')
      expect(full.length).toBeGreaterThan(100_000)
      await text('SELECT origin, delay FROM flights', 'types')
      await text("SELECT origin FROM flights WHERE origin = 'none'")
      await text("SELECT origin FROM flights WHERE origin = 'none'", true)
      await text("SELECT '' AS e FROM flights LIMIT 2")
      expect(await text("SELECT origin, 'a\"b' AS q FROM flights LIMIT 1")).toMatch(/a[\\"]+b/)
    },
  )

  it('go as parameters of every type', async () => {
    const row = await exact.one(sql`SELECT
      CAST(${sql.typed('VARCHAR', 'ä\'"\\')} AS VARCHAR) AS s,
      ${sql.typed('BIGINT', '9223372036854775807')} + 0 AS b,
      ${sql.typed('BIGINT', -(2n ** 63n))} + 0 AS m,
      ${sql.typed('INTEGER', 7)} + 0 AS i,
      ${sql.typed('SMALLINT', 7)} + 0 AS sm,
      ${sql.typed('TINYINT', 7)} + 0 AS t,
      ${sql.typed('DOUBLE', 3)} / 2 AS d,
      ${sql.typed('BOOLEAN', true)} AS t1,
      ${sql.time('2001-02-03T04:05:06.789Z')} AS "at",
      ARRAY_LENGTH(${sql.array(is27 ? ['a', 'b'] : ['a', null])}) AS l,
      ARRAY_CONTAINS(ARRAY['x', 'y'], ${sql.array(['x'])}) AS c,
      CAST(${sql.typed('BIGINT', null)} AS BIGINT) AS n
    `)
    expect(row).toMatchObject({
      s: 'ä\'"\\',
      b: BIG,
      m: -BIG - 1n,
      i: 7,
      sm: 7,
      t: 7,
      d: 1.5,
      t1: true,
      at: new Date('2001-02-03T04:05:06.789Z'),
      l: 2,
      n: null,
    })
    // Druid 27 has no SCALAR_IN_ARRAY.
    if (!is27) {
      const some = sql.array(['SEA', 'LAX'])
      expect(
        await druid.value(sql`SELECT COUNT(*) FROM flights WHERE SCALAR_IN_ARRAY(origin, ${some})`),
      ).toBe(await druid.value("SELECT COUNT(*) FROM flights WHERE origin IN ('SEA', 'LAX')"))
    }
    expect(
      await druid.value(
        sql`SELECT COUNT(*) FROM flights WHERE __time >= ${sql.typed('DATE', '2001-02-01')}`,
      ),
    ).toBe(await druid.value("SELECT COUNT(*) FROM flights WHERE __time >= TIMESTAMP '2001-02-01'"))
  })
})

describe('on a real Druid', () => {
  const druid = connect(url)
  afterAll(() => druid.close())

  it('SET is refused before anything is sent, as the server is older', async () => {
    await expect(druid.query(sql.set({ sqlTimeZone: 'UTC' }, 'SELECT 1'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(`34 or later.*${inject('druidVersion')}`),
    })
  })

  it('explain() reads the plan in JSON and in text', async () => {
    const statement = sql`SELECT origin, COUNT(*) FROM flights WHERE delay > ${10} GROUP BY 1 LIMIT 3`
    const plan = await druid.explain(statement)
    expect(plan.queries[0]).toMatchObject({
      query: { queryType: expect.stringMatching(/topN|groupBy/) },
      signature: [{ name: 'd0', type: 'STRING' }, { type: 'LONG' }],
      columnMappings: [{ outputColumn: 'origin' }, { outputColumn: 'EXPR$1' }],
    })
    expect(plan.dataSources).toEqual(['flights'])
    expect(plan.attributes.statementType).toBe('SELECT')
    const join = 'SELECT COUNT(*) FROM flights a JOIN airports b ON a.origin = b.iata'
    const text = await druid.explain(join, { context: { useNativeQueryExplain: false } })
    expect(text.queries.map(({ query }) => query.queryType)).toEqual(['timeseries', 'scan', 'scan'])
    expect([...text.dataSources].sort()).toEqual(['airports', 'flights'])
    await expect(druid.explain('SELECT nothing FROM flights')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  it('cancel() tells what the server knows of a query', async () => {
    expect(await druid.cancel('no-such-query')).toBe('unknown')
  })
})
