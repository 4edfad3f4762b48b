/** Each test shows one feature whole, by the name it has where clients of Druid are compared. */
import {
  connect,
  isDruidError,
  loadNative,
  type QueryContext,
  type ResultFormat,
  rowsOf,
  sql,
} from '@druid/core'
import { afterAll, describe, expect, inject, it } from 'vitest'

const url = inject('druidUrl')
const major = Number.parseInt(inject('druidVersion'), 10)
const druid = connect(url)
const broker = connect(inject('brokerUrl'))
afterAll(() => Promise.all([druid.close(), broker.close()]))

const bytesOf = async (body: ReadableStream<Uint8Array>): Promise<string> =>
  new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).text()

it('20 SQL query', async () => {
  const { origin, n } = await druid.one<{ origin: string; n: number }>(
    'SELECT origin, COUNT(*) AS n FROM flights GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1',
  )
  expect(await druid.value(sql`SELECT COUNT(*) FROM flights WHERE origin = ${origin}`)).toBe(n)
  // What tables, joins, subqueries, UNION ALL and text in any alphabet need.
  const rows = await druid.query(`
    WITH busy AS (SELECT origin, COUNT(*) AS flights FROM flights GROUP BY 1 HAVING COUNT(*) > 500)
    SELECT a.city || ' — ' || 'ä€😀' AS "näme €", b.flights, 'one' AS part
    FROM busy b JOIN airports a ON a.iata = b.origin
    UNION ALL SELECT 'none', 0, 'two' FROM flights LIMIT 5 -- a comment; not a second statement`)
  expect(rows).toHaveLength(5)
  for (const row of rows) expect(Object.keys(row)).toEqual(['näme €', 'flights', 'part'])
  expect(await druid.value("SELECT '?; -- /* */ ''' AS x")).toBe("?; -- /* */ '")
})

describe('21 Query context', () => {
  const local = "SELECT CAST(TIME_FORMAT(TIMESTAMP '2001-01-01 00:00:00', 'HH:mm') AS VARCHAR)"
  const statement = "SELECT TIMESTAMP '2001-01-01 00:00:00' AS t, 1 + 1 AS n"

  it('of the connection, of a derived client and of a call, the last over the others', async () => {
    await using paris = connect(url, { context: { sqlTimeZone: 'Europe/Paris', priority: 3 } })
    expect((await paris.one(statement)).t).toBe('2001-01-01T00:00:00.000+01:00')
    const tokyo = paris.with({ context: { sqlTimeZone: 'Asia/Tokyo' } })
    expect((await tokyo.one(statement)).t).toBe('2001-01-01T00:00:00.000+09:00')
    const context = { sqlTimeZone: 'America/Los_Angeles' }
    expect((await tokyo.one(statement, { context })).t).toBe('2001-01-01T00:00:00.000-08:00')
    // And the others stay as they are.
    expect((await paris.one(statement)).t).toBe('2001-01-01T00:00:00.000+01:00')
    expect(await druid.value(local)).toBe('00:00')
  })

  it('reaches the server in every verb, and it acts by it', async () => {
    const flights = 'SELECT origin FROM flights'
    const options = { context: { sqlOuterLimit: 3 } }
    expect(await druid.query(flights, options)).toHaveLength(3)
    let streamed = 0
    for await (const batch of druid.stream(flights, options).batches()) streamed += batch.length
    expect(streamed).toBe(3)
    expect((await druid.columns(flights, options)).length).toBe(3)
    const raw = await druid.raw(flights, { ...options, format: 'csv' })
    expect((await bytesOf(raw.body)).trimEnd().split('\n')).toHaveLength(3)
    const one = { context: { sqlOuterLimit: 1 } }
    expect(await druid.value(flights, one)).toBe((await druid.maybeOne(flights, one))?.origin)
    const plan = await druid.explain(flights, options)
    expect(plan.queries[0]?.query).toMatchObject({ limit: 3, context: { sqlOuterLimit: 3 } })
    await expect(druid.query(flights, { context: { timeout: -1 } })).rejects.toMatchObject({
      code: expect.stringMatching(/INVALID_INPUT|SERVER/),
    })
  })
})

it('22 Typed context keys', async () => {
  // Of keys whose effect shows in the plan or the result: Druid knows them by these names.
  const plan = async (context: QueryContext, statement: string): Promise<string | undefined> =>
    (await druid.explain(statement, { context })).queries[0]?.query.queryType
  const top = 'SELECT origin, COUNT(*) FROM flights GROUP BY 1 ORDER BY 2 DESC LIMIT 3'
  expect(await plan({}, top)).toBe('topN')
  expect(await plan({ useApproximateTopN: false }, top)).toBe('groupBy')
  const bounds = 'SELECT MAX(__time) FROM flights'
  expect(await plan({}, bounds)).toBe('timeseries')
  expect(await plan({ enableTimeBoundaryPlanning: true }, bounds)).toBe('timeBoundary')
  const airports = 'SELECT COUNT(DISTINCT origin) FROM flights'
  const exact = await druid.value<number>(airports, {
    context: { useApproximateCountDistinct: false },
  })
  expect(exact).toBe(
    await druid.value('SELECT COUNT(*) FROM (SELECT DISTINCT origin FROM flights)'),
  )
  const now = { sqlCurrentTimestamp: '2001-02-03T04:05:06Z' }
  expect(await druid.value('SELECT CURRENT_TIMESTAMP', { context: now })).toBe(
    '2001-02-03T04:05:06.000Z',
  )
  // @ts-expect-error misspelt: it does not compile
  const wrong: QueryContext = { useAproximateTopN: false }
  // @ts-expect-error of another type
  const number: QueryContext = { sqlTimeZone: 1 }
  expect(Object.keys({ ...wrong, ...number })).toHaveLength(2)
})

it('23 Server-side parameters', async () => {
  const hostile = `x'; DROP TABLE flights; -- " ? \\ \n`
  const statement = sql`SELECT COUNT(*) AS n, CAST(${hostile} AS VARCHAR) AS text
    FROM flights WHERE origin <> ${hostile} AND delay > ${-100_000} AND distance < ${1e9}`
  // The text that is sent holds no value at all.
  expect(statement.text).not.toMatch(/DROP|100000|1000000000/)
  expect(statement.parameters).toHaveLength(4)
  const row = await druid.one(statement)
  expect(row).toEqual({ n: 20_000, text: hostile })
  // In every verb, and in any order.
  expect([...(await druid.query(statement))]).toEqual([row])
  for await (const streamed of druid.stream(statement)) expect(streamed).toEqual(row)
  expect((await druid.columns(statement)).data.text?.values).toEqual([hostile])
  const { body } = await druid.raw(statement, { format: 'objectLines' })
  expect(JSON.parse(await bytesOf(body))).toEqual(row)
  expect((await druid.explain(statement)).attributes.statementType).toBe('SELECT')
})

it.each(['UTC', 'America/Los_Angeles', 'Asia/Tokyo'])(
  '24 Parameter type inference: a time is the same in the time zone %s',
  async (sqlTimeZone) => {
    const at = new Date('2001-02-01T00:00:00.123Z')
    const before = await druid.value(
      'SELECT COUNT(*) FROM flights WHERE TIMESTAMP_TO_MILLIS(__time) < 980985600123',
    )
    const zoned = druid.with({ context: { sqlTimeZone } })
    for (const time of [at, sql.time(at), sql.time('2001-02-01T09:00:00.123+09:00')]) {
      const earlier = sql`SELECT COUNT(*) FROM flights WHERE __time < ${time}`
      expect(await zoned.value(earlier)).toBe(before)
      const { query } = (await zoned.explain(earlier)).queries[0] ?? {}
      expect(JSON.stringify(query?.intervals)).toContain('2001-02-01T00:00:00.123Z')
    }
    const text = 'SELECT COUNT(*) FROM flights WHERE __time < ?'
    expect(await zoned.value(text, { parameters: [at] })).toBe(before)
    const same = await zoned.value(sql`SELECT ${at}`, { values: { timestamp: 'date' } })
    expect(same).toEqual(at)
  },
)

it('23 Server-side parameters, of a text', async () => {
  const text = "SELECT COUNT(*) FROM flights WHERE origin = ? AND delay > ? // that's; all"
  const parameters = ['SEA', sql.typed('BIGINT', '10')]
  const n = await druid.value<number>(text, { parameters })
  expect(n).toBeGreaterThan(0)
  expect(
    await druid.value(sql`SELECT COUNT(*) FROM flights WHERE origin = ${'SEA'} AND delay > 10`),
  ).toBe(n)
  const { dataSources } = await druid.explain(text, { parameters })
  expect(dataSources).toEqual(['flights'])
  const { body } = await druid.raw(text, { parameters, format: 'csv' })
  expect((await new Response(body).text()).trim()).toBe(String(n))
})

describe('24 Parameter type inference', () => {
  const at = new Date('2001-02-03T04:05:06.000Z')
  const instant = { epochMilliseconds: at.getTime() }

  it.each<[name: string, value: never, sqlType: string, expected: unknown]>([
    ['text', 'ä€😀' as never, 'CHAR', 'ä€😀'],
    ['empty text', '' as never, 'CHAR', ''],
    ['text with a zero', 'a\u0000b' as never, 'CHAR', 'a\u0000b'],
    ['a small integer', -42 as never, 'INTEGER', -42],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER as never, 'BIGINT', 2 ** 53 - 1],
    ['a bigint', (2n ** 63n - 1n) as never, 'BIGINT', 2n ** 63n - 1n],
    ['the smallest bigint', -(2n ** 63n) as never, 'BIGINT', -(2n ** 63n)],
    ['a fraction', 0.1 as never, 'DOUBLE', 0.1],
    ['a number beyond integers', 1e300 as never, 'DOUBLE', 1e300],
    ['the smallest number', Number.MIN_VALUE as never, 'DOUBLE', Number.MIN_VALUE],
    ['an integer beyond the safe ones', (2 ** 70) as never, 'DOUBLE', 2 ** 70],
    ['true', true as never, 'BOOLEAN', true],
    ['false', false as never, 'BOOLEAN', false],
    ['a Date', at as never, 'TIMESTAMP', '2001-02-03T04:05:06.000Z'],
    ['an instant', instant as never, 'TIMESTAMP', '2001-02-03T04:05:06.000Z'],
    ['null', null as never, 'NULL', null],
  ])('%s', async (_, value, sqlType, expected) => {
    // What the type of a literal of that value would be; of the Broker alone, and beside a table.
    for (const from of [sql.empty, sql`FROM flights LIMIT 1`]) {
      const statement = sql`SELECT ${value} AS x ${from}`
      const rows = await druid.query(statement, { values: { bigint: 'auto' } })
      expect(rows.columns).toMatchObject([{ name: 'x', sqlType }])
      expect([...rows]).toEqual([{ x: expected }])
    }
  })

  it('of lists and arrays, by their elements', async () => {
    const airports = ['SEA', 'SFO']
    const some = sql`SELECT COUNT(*) FROM flights WHERE origin IN (${sql.list(airports)})`
    expect(await druid.value(some)).toBe(
      await druid.value("SELECT COUNT(*) FROM flights WHERE origin IN ('SEA', 'SFO')"),
    )
    const numbers = sql`SELECT COUNT(*) FROM flights WHERE distance IN (${sql.list([100, 200n, 1.5])})`
    expect(await druid.value(numbers)).toBe(
      await druid.value('SELECT COUNT(*) FROM flights WHERE distance IN (100, 200)'),
    )
    expect(await druid.value(sql`SELECT ARRAY_LENGTH(${sql.array(['a', 'b', 'c'])})`)).toBe(3)
    expect(await druid.value(sql`SELECT ARRAY_CONTAINS(${sql.array([1, 2])}, 2)`)).toBe(true)
  })

  it.each([
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    {},
    ['a'],
    Symbol('x'),
    2n ** 63n,
    '\ud800',
  ])('refuses %s before anything is sent', (value) => {
    expect(() => sql`SELECT ${value as never}`).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})

it('25 Safe SQL templating', async () => {
  const evil = `a" ; DROP TABLE x; -- '`
  const condition = (airport: string | undefined) =>
    airport === undefined ? sql.empty : sql`AND origin = ${airport}`
  const count = (airport?: string) => sql`SELECT COUNT(*) FROM ${sql.id('druid', 'flights')}
    WHERE ${sql.join([sql`delay > ${-1e6}`, sql`distance >= ${0}`], ' AND ')} ${condition(airport)}`
  expect(await druid.value(count())).toBe(20_000)
  expect(await druid.value(count('SEA'))).toBe(
    await druid.value("SELECT COUNT(*) FROM flights WHERE origin = 'SEA'"),
  )
  expect(await druid.value(count(evil))).toBe(0)
  const named = await druid.one(
    sql`SELECT 1 AS ${sql.id(evil)}, ${evil} || '' AS ${sql.id('select')}`,
  )
  expect(named).toEqual({ [evil]: 1, select: evil })
  await expect(druid.query(sql`SELECT * FROM ${sql.id(evil)}`)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('not found'),
  })
  expect(() => (sql as unknown as (text: string) => unknown)(`SELECT ${evil}`)).toThrow(/template/)
})

describe('26 resultFormat choice', () => {
  const statement = `SELECT origin, delay, 'a,"b"' AS q FROM flights WHERE origin = 'SEA' ORDER BY __time LIMIT 3`

  it.each<[ResultFormat, (text: string) => unknown[][]]>([
    ['object', (text) => JSON.parse(text).map(Object.values)],
    ['array', (text) => JSON.parse(text)],
    ['objectLines', (text) => lines(text).map((line) => Object.values(JSON.parse(line)))],
    ['arrayLines', (text) => lines(text).map((line) => JSON.parse(line))],
    ['csv', (text) => lines(text).map((line) => csvCells(line))],
  ])('%s', async (format, parse) => {
    const rows = (await druid.query(statement)).map(Object.values)
    const { body, headers } = await druid.raw(statement, { format })
    expect(parse(await bytesOf(body))).toEqual(rows)
    expect(headers.get('content-type')).toContain('json')
  })

  const lines = (text: string): string[] => {
    expect(text.endsWith('\n\n')).toBe(true)
    return text.slice(0, -2).split('\n')
  }
  const csvCells = (line: string): unknown[] => {
    const [origin, delay, ...rest] = line.split(',')
    return [origin, Number(delay), rest.join(',').slice(1, -1).replaceAll('""', '"')]
  }
})

describe('27 Header + type headers', () => {
  const statement = "SELECT origin, delay, __time FROM flights WHERE origin = 'none'"
  const names = ['origin', 'delay', '__time']
  const native = ['STRING', 'LONG', 'LONG']
  const types = ['VARCHAR', 'BIGINT', 'TIMESTAMP']

  it('in every verb, also of a result without rows', async () => {
    const columns = names.map((name, i) => ({
      name,
      key: name,
      nativeType: native[i],
      sqlType: types[i],
    }))
    expect((await druid.query(statement)).columns).toEqual(columns)
    expect((await druid.columns(statement)).columns).toEqual(columns)
    const stream = druid.stream(statement)
    for await (const _ of stream) throw new Error('there is no row')
    expect(stream.header).toEqual(columns)
  })

  it.each<[ResultFormat, named: unknown[], typed: unknown[]]>([
    ['array', [[names]], [[names, native, types]]],
    ['arrayLines', [names], [names, native, types]],
    ['object', [[objectOf(() => null)]], [[objectOf(typesOf)]]],
    ['objectLines', [objectOf(() => null)], [objectOf(typesOf)]],
  ])('raw, in the format %s', async (format, named, typed) => {
    for (const [header, expected] of [
      [true, named],
      ['types', typed],
    ] as const) {
      const { body, headers } = await druid.raw(statement, { format, header })
      const text = await bytesOf(body)
      const parts = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(parts).toEqual(expected)
      expect(headers.get('x-druid-sql-header-included')).toBe('yes')
    }
  })

  it('raw, in the format csv', async () => {
    const text = async (header: true | 'types') =>
      bytesOf((await druid.raw(statement, { format: 'csv', header })).body)
    expect(await text(true)).toBe('origin,delay,__time\n\n')
    expect(await text('types')).toBe(
      'origin,delay,__time\nSTRING,LONG,LONG\nVARCHAR,BIGINT,TIMESTAMP\n\n',
    )
  })

  function objectOf(value: (i: number) => unknown): Record<string, unknown> {
    return Object.fromEntries(names.map((name, i) => [name, value(i)]))
  }
  function typesOf(i: number): object {
    return { type: native[i], sqlType: types[i] }
  }
})

describe('28 EXPLAIN', () => {
  const statement = sql`SELECT origin, SUM(delay) AS late FROM flights
    WHERE origin <> ${'SEA'} GROUP BY 1 ORDER BY 2 DESC LIMIT 3`

  it('gives native queries that run, signatures, data sources and attributes', async () => {
    const plan = await druid.explain(statement)
    expect(plan).toMatchObject({
      dataSources: ['flights'],
      resources: [{ name: 'flights', type: 'DATASOURCE' }],
      attributes: { statementType: 'SELECT' },
      queries: [
        {
          query: { queryType: 'topN', dataSource: { type: 'table', name: 'flights' } },
          signature: [
            { name: 'd0', type: 'STRING' },
            { name: 'a0', type: 'LONG' },
          ],
          columnMappings: [
            { queryColumn: 'd0', outputColumn: 'origin' },
            { queryColumn: 'a0', outputColumn: 'late' },
          ],
        },
      ],
    })
    const [planned] = plan.queries
    if (planned === undefined) throw new Error('the plan has no query')
    const native: { d0: string; a0: number }[] = []
    for await (const row of druid.streamNative<(typeof native)[number]>(planned.query)) {
      native.push(row)
    }
    const rows = await druid.query(statement)
    expect(native.map(({ d0, a0 }) => ({ origin: d0, late: a0 }))).toEqual([...rows])
    expect(rowsOf(planned.query, await druid.native(planned.query))).toEqual(native)
  })

  it('gives queries that are loaded, and have the rows of the statement', async () => {
    const statements = [
      'SELECT COUNT(*) AS n FROM flights',
      'SELECT origin, COUNT(*) AS n FROM flights GROUP BY 1 ORDER BY 1',
      'SELECT origin, COUNT(*) AS n FROM flights GROUP BY 1 ORDER BY 2 DESC LIMIT 3',
      "SELECT delay FROM flights WHERE origin = 'SEA' AND delay > 60",
      'SELECT FLOOR(__time TO MONTH) AS m, COUNT(DISTINCT origin) AS n FROM flights GROUP BY 1',
      'SELECT AVG(n) AS a FROM (SELECT origin, COUNT(*) AS n FROM flights GROUP BY 1)',
      'SELECT MAX(__time) AS t FROM flights',
      'SELECT f.origin, a.city FROM flights f JOIN airports a ON f.origin = a.iata LIMIT 5',
      'SELECT origin, destination, COUNT(*) AS n FROM flights GROUP BY GROUPING SETS ((origin), (destination))',
      'SELECT * FROM (VALUES (1, 2), (3, 4))',
      ...(major < 28
        ? []
        : [
            'SELECT origin, COUNT(*) AS n, ROW_NUMBER() OVER (ORDER BY COUNT(*), origin) AS r FROM flights GROUP BY 1',
            'SELECT origin, SUM(COUNT(*)) OVER (PARTITION BY origin) AS s FROM flights GROUP BY 1, destination',
          ]),
    ]
    for (const text of statements) {
      const rows = await druid.query(text)
      const [planned] = (await druid.explain(text)).queries
      if (planned === undefined) throw new Error('the plan has no query')
      const query = loadNative(planned.query)
      expect(query).toBe(planned.query)
      const native = rowsOf(query, await druid.native(query))
      expect(native.length, text).toBe(rows.length)
      const streamed: unknown[] = []
      for await (const row of druid.streamNative(planned.query)) streamed.push(row)
      expect(streamed, text).toEqual(native)
    }
  })

  it('reads the text of older planners, every query of several, and what a statement would write', async () => {
    const union = 'SELECT origin FROM flights UNION ALL SELECT iata FROM airports'
    const both = await druid.explain(union)
    expect([...both.dataSources].sort()).toEqual(['airports', 'flights'])
    const text = await druid.explain(union, { context: { useNativeQueryExplain: false } })
    expect(text.text).toContain('DruidUnionRel')
    expect(text.queries.map(({ query }) => query.queryType)).toEqual(['scan', 'scan'])
    expect(text.queries[0]?.signature).toEqual([{ name: 'origin', type: 'STRING' }])
  })
})

describe('30 SET statements / engine choice', () => {
  it('SET is refused before anything is sent, as the server is older than 34', async () => {
    await expect(
      druid.query(sql.set({ sqlTimeZone: 'Asia/Tokyo', timeout: 1000 }, 'SELECT 1')),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('the engine is chosen by the query context', async () => {
    expect(
      await druid.value('SELECT COUNT(*) FROM flights', { context: { engine: 'native' } }),
    ).toBe(20_000)
  })
})

describe('31 Query id exposed', () => {
  const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

  it('of every result and of every error, and it is the one that Druid knows', async () => {
    const statement = 'SELECT origin FROM flights LIMIT 2'
    const raw = await druid.raw(statement)
    await raw.body.cancel()
    expect(raw.headers.get('x-druid-sql-query-id')).toBe(raw.queryId)
    const stream = druid.stream(statement)
    // Known before it begins: what is to be stopped can be stopped.
    const before = stream.queryId
    for await (const _ of stream) expect(stream.queryId).toBe(before)
    const error: unknown = await druid.query('SELECT x FROM flights').catch((it: unknown) => it)
    const native = await druid.native({ queryType: 'timeBoundary', dataSource: 'flights' })
    const ids = [
      raw.queryId,
      before,
      (await druid.query(statement)).queryId,
      (await druid.columns(statement)).queryId,
      isDruidError(error) ? error.queryId : undefined,
      native.queryId,
    ]
    for (const id of ids) expect(id).toMatch(UUID)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is the one that was given', async () => {
    const queryId = `our/id ä ${crypto.randomUUID()}`.replace('ä', 'a')
    const options = { queryId }
    expect((await druid.query('SELECT 1', options)).queryId).toBe(queryId)
    expect((await druid.columns('SELECT 1', options)).queryId).toBe(queryId)
    expect(druid.stream('SELECT 1', options).queryId).toBe(queryId)
    const { headers } = await broker.raw('SELECT 1', options)
    expect(headers.get('x-druid-sql-query-id')).toBe(queryId)
    const failed: unknown = await druid.value('SELECT x', options).catch((it: unknown) => it)
    expect(isDruidError(failed) && failed.queryId).toBe(queryId)
    const native = { queryType: 'timeBoundary', dataSource: 'flights' } as const
    expect((await druid.native(native, options)).queryId).toBe(queryId)
  })
})
