/** Each test shows one feature whole, by the name it has where clients of Druid are compared. */
import {
  type Column,
  connect,
  type ResultFormat,
  type Row,
  sql,
  type ValuesPolicy,
} from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { afterAll, describe, expect, inject, it } from 'vitest'

const url = inject('druidUrl')

/** The rows of a statement, by every verb that gives rows. */
async function everyVerb(
  druid: ReturnType<typeof connect>,
  statement: string,
  values: ValuesPolicy = {},
): Promise<Record<string, Row[]>> {
  const options = { values }
  const seen: Record<string, Row[]> = {
    query: [...(await druid.query(statement, options))],
    stream: [],
    batches: [],
    columns: [],
    'stream columns': [],
  }
  for await (const row of druid.stream(statement, options)) seen.stream?.push(row)
  for await (const batch of druid.stream(statement, options).batches()) seen.batches?.push(...batch)
  const whole = await druid.columns(statement, options)
  seen.columns?.push(...rowsOf(whole))
  for await (const part of druid.stream(statement, options).columns()) {
    seen['stream columns']?.push(...rowsOf(part))
  }
  if (seen.query?.length === 1) {
    seen.one = [await druid.one(statement, options)]
    seen.maybeOne = [(await druid.maybeOne(statement, options)) as Row]
  }
  return seen
}

interface Portion {
  readonly length: number
  readonly data: Readonly<
    Record<string, { readonly values: ArrayLike<unknown>; readonly nulls?: Uint8Array | undefined }>
  >
}

function rowsOf({ length, data }: Portion): Row[] {
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(
      Object.entries(data).map(([key, { values, nulls }]) => [
        key,
        (nulls?.[i] === 1 ? null : values[i]) as Row[string],
      ]),
    ),
  )
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('results of a real Druid, transport %s', (_, transport) => {
  const druid = connect(url, { transport })
  afterAll(() => druid.close())

  it('39 Rows as objects', async () => {
    const statement = `SELECT origin, delay, __time, delay > 10 AS late, delay / 2.0 AS half,
      CAST(NULL AS BIGINT) AS nothing, 1 AS "1", 'x' AS "constructor", 'y' AS "__proto__"
      FROM flights ORDER BY __time LIMIT 50`
    const seen = await everyVerb(druid, statement)
    for (const [verb, rows] of Object.entries(seen)) {
      expect(rows, verb).toEqual(seen.query)
      expect(rows, verb).toHaveLength(50)
    }
    const row = seen.query?.[0] as Row
    expect(Object.keys(row).sort()).toEqual(
      [
        '1',
        '__proto__',
        '__time',
        'constructor',
        'delay',
        'half',
        'late',
        'nothing',
        'origin',
      ].sort(),
    )
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    expect({ ...row, __proto__: undefined }).toMatchObject({
      1: 1,
      constructor: 'x',
      origin: expect.any(String),
      delay: expect.any(Number),
      late: expect.any(Boolean),
      half: expect.any(Number),
      __time: expect.stringMatching(/^2001-01-01T/),
      nothing: null,
    })
    expect(Object.getOwnPropertyDescriptor(row, '__proto__')?.value).toBe('y')
    expect(JSON.parse(JSON.stringify(row))).toEqual(row)
  })

  it('40 Rows as arrays / columns', async () => {
    const statement = `SELECT origin, delay AS "2", distance AS "1", delay / 4.0 AS quarter
      FROM flights ORDER BY __time LIMIT 3000`
    const rows = await druid.query(statement)
    const { length, data, columns } = await druid.columns(statement)
    expect(length).toBe(3000)
    expect(columns.map(({ name }: Column) => name)).toEqual(['origin', '2', '1', 'quarter'])
    expect(data['1']?.values).toBeInstanceOf(Float64Array)
    expect(data.quarter?.values).toBeInstanceOf(Float64Array)
    expect(data.origin?.values).toEqual(rows.map(({ origin }) => origin))
    expect([...(data.quarter?.values ?? [])]).toEqual(rows.map(({ quarter }) => quarter))
    // In the order of the statement, which an object with such names does not keep.
    const arrays = rows.map((row) => columns.map(({ key }: Column) => row[key]))
    for (const format of ['array', 'arrayLines'] as const) {
      const text = await new Response((await druid.raw(statement, { format })).body).text()
      const sent =
        format === 'array'
          ? JSON.parse(text)
          : text
              .trimEnd()
              .split('\n')
              .map((line) => JSON.parse(line))
      expect(sent, format).toEqual(arrays)
    }
    let portions = 0
    for await (const part of druid.stream(statement).columns()) portions += part.length
    expect(portions).toBe(3000)
  })

  it('41 True column types', async () => {
    const statement = sql`SELECT __time, origin, delay, delay / 2.0 AS d, CAST(delay AS FLOAT) AS f,
      delay > 1 AS b, ARRAY['a'] AS s, ARRAY[1] AS l, ARRAY[1.5] AS a,
      PARSE_JSON('{}') AS j, CAST(__time AS DATE) AS "day", CAST(NULL AS VARCHAR) AS n
      FROM flights WHERE origin = 'SEA'`
    const types: [string, string, string][] = [
      ['__time', 'TIMESTAMP', 'LONG'],
      ['origin', 'VARCHAR', 'STRING'],
      ['delay', 'BIGINT', 'LONG'],
      ['d', 'DECIMAL', 'DOUBLE'],
      ['f', 'FLOAT', 'FLOAT'],
      ['b', 'BOOLEAN', 'LONG'],
      ['s', 'ARRAY', 'ARRAY<STRING>'],
      ['l', 'ARRAY', 'ARRAY<LONG>'],
      ['a', 'ARRAY', 'ARRAY<DOUBLE>'],
      ['j', 'OTHER', 'COMPLEX<json>'],
      ['day', 'DATE', 'LONG'],
      ['n', 'VARCHAR', 'STRING'],
    ]
    const seen = (columns: readonly Column[]) =>
      columns.map(({ name, sqlType, nativeType }) => [name, sqlType, nativeType])
    // Not guessed from the first value: a row of a result is as typed as none of it.
    for (const limit of [0, 1, 50]) {
      const limited = sql`${statement} LIMIT ${sql.raw(String(limit))}`
      const rows = await druid.query(limited)
      expect(rows.length).toBe(limit)
      expect(seen(rows.columns)).toEqual(types)
      expect(seen((await druid.columns(limited)).columns)).toEqual(types)
      const stream = druid.stream(limited)
      for await (const batch of stream.batches()) expect(batch.length).toBeGreaterThan(0)
      expect(seen(stream.header)).toEqual(types)
    }
  })

  it('42 Columns of an empty result', async () => {
    const statement = "SELECT origin, delay, __time, ARRAY[1] AS a FROM flights WHERE origin = 'x'"
    const names = ['origin', 'delay', '__time', 'a']
    const rows = await druid.query(statement)
    expect(rows).toHaveLength(0)
    expect(rows.columns.map(({ name }) => name)).toEqual(names)
    const whole = await druid.columns(statement)
    expect(whole.length).toBe(0)
    expect(whole.columns).toEqual(rows.columns)
    expect(whole.data).toEqual({
      origin: { values: [] },
      delay: { values: new Float64Array() },
      __time: { values: [] },
      a: { values: [] },
    })
    for (const read of ['batches', 'columns'] as const) {
      const stream = druid.stream(statement)
      for await (const part of stream[read]()) expect(part.length).toBe(0)
      expect(stream.header).toEqual(rows.columns)
      expect(stream.stats?.rows).toBe(0)
    }
    expect(await druid.maybeOne(statement)).toBeUndefined()
    for (const format of ['object', 'array', 'objectLines', 'arrayLines', 'csv'] as const) {
      const { body } = await druid.raw(statement, { format, header: true })
      const text = await new Response(body).text()
      for (const name of names) expect(text, format).toContain(name)
    }
  })

  describe('43 Duplicate column names kept', () => {
    // Druid itself refuses equal names of different types: "Column[a] has conflicting types".
    const statement = `SELECT origin AS a, destination AS a, delay AS "a:1",
      CAST(distance AS VARCHAR) AS a FROM flights WHERE origin = 'SEA' ORDER BY __time LIMIT 1`

    it('in every verb', async () => {
      const { origin, destination, delay, distance } = await druid.one(
        `SELECT * FROM flights WHERE origin = 'SEA' ORDER BY __time LIMIT 1`,
      )
      const seen = await everyVerb(druid, statement)
      expect(Object.keys(seen)).toHaveLength(7)
      const columns = (await druid.query(statement)).columns
      expect(columns.map(({ name }) => name)).toEqual(['a', 'a', 'a:1', 'a'])
      const keys = columns.map(({ key }) => key)
      expect(new Set(keys).size).toBe(4)
      // The column that is really called so keeps its name.
      expect(keys[2]).toBe('a:1')
      const expected = [origin, destination, delay, String(distance)]
      for (const [verb, [row]] of Object.entries(seen)) {
        expect(
          keys.map((key) => row?.[key]),
          verb,
        ).toEqual(expected)
      }
      await expect(druid.value(statement)).rejects.toMatchObject({ code: 'LIMIT' })
    })

    it('in raw formats that can hold them, and by the policy camelCase', async () => {
      for (const format of ['array', 'arrayLines', 'csv'] as const) {
        const { body } = await druid.raw(statement, { format, header: true })
        const [names = ''] = (await new Response(body).text()).split('\n')
        expect(
          names
            .replaceAll(/[[\]"]/g, '')
            .split(',')
            .slice(0, 4),
          format,
        ).toEqual(expect.arrayContaining(['a', 'a', 'a:1']))
      }
      const same = 'SELECT 1 AS some_name, 2 AS "someName", 3 AS some_name FROM flights LIMIT 1'
      const seen = await everyVerb(druid, same, { keys: 'camelCase' })
      for (const [verb, [row]] of Object.entries(seen)) {
        expect(Object.values(row ?? {}).sort(), verb).toEqual([1, 2, 3])
      }
    })
  })

  describe('44 Timestamps to dates', () => {
    const statement = `SELECT __time, CAST(__time AS DATE) AS "day", TIMESTAMPADD(YEAR, -40, __time) AS before
      FROM flights ORDER BY __time LIMIT 3`

    it.each([['UTC'], ['America/Los_Angeles'], ['Asia/Kolkata']])(
      'date, ms and text, whatever the time zone: %s',
      async (sqlTimeZone) => {
        const zoned = druid.with({ context: { sqlTimeZone } })
        const texts = await everyVerb(zoned, statement)
        const dates = await everyVerb(zoned, statement, { timestamp: 'date' })
        const ms = await everyVerb(zoned, statement, { timestamp: 'ms' })
        expect(texts.query?.[0]?.__time).toMatch(sqlTimeZone === 'UTC' ? /Z$/ : /[+-]\d\d:\d\d$/)
        for (const verb of Object.keys(texts)) {
          const expected = texts.query?.map((row) =>
            Object.entries(row).map(([key, value]) => [key, Date.parse(String(value))]),
          )
          const numbers = ms[verb]?.map((row) => Object.entries(row))
          expect(numbers, verb).toEqual(expected)
          const times = dates[verb]?.map((row) =>
            Object.entries(row).map(([key, value]) => {
              expect(value).toBeInstanceOf(Date)
              return [key, (value as unknown as Date).getTime()]
            }),
          )
          expect(times, verb).toEqual(expected)
        }
      },
    )

    it('one that no Date holds is refused, never changed', async () => {
      const far =
        'SELECT MILLIS_TO_TIMESTAMP(8640000000000001 + delay * 0) AS far FROM flights LIMIT 1'
      expect(await druid.value(far)).toBe('275760-09-13T00:00:00.001Z')
      await expect(druid.value(far, { values: { timestamp: 'date' } })).rejects.toMatchObject({
        code: 'INEXACT',
        column: 'far',
        value: '275760-09-13T00:00:00.001Z',
      })
      const last = 'SELECT MILLIS_TO_TIMESTAMP(8640000000000000 + delay * 0) FROM flights LIMIT 1'
      expect(await druid.value(last, { values: { timestamp: 'ms' } })).toBe(8.64e15)
    })
  })

  describe('45 64-bit integers exact', () => {
    const edges = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n - 1n]

    it.each(edges)(
      '%i, as a parameter, a value, within arrays and JSON, and in columns',
      async (n) => {
        const statement = sql`SELECT ${n} AS n, ARRAY[${n}] AS list,
        PARSE_JSON(${`{"n":${n}}`}) AS doc FROM flights LIMIT 1`
        const auto = Number.isSafeInteger(Number(n)) ? Number(n) : n
        const row = { n: auto, list: [auto], doc: { n: auto } }
        expect(await druid.one(statement, { values: { bigint: 'auto' } })).toEqual(row)
        expect(await druid.one(statement, { values: { bigint: 'bigint' } })).toMatchObject({
          n,
          list: [n],
        })
        expect(await druid.one(statement, { values: { bigint: 'string' } })).toMatchObject({
          n: String(n),
          list: [String(n)],
        })
        const { data } = await druid.columns(statement, { values: { bigint: 'bigint' } })
        expect(data.n?.values).toEqual(BigInt64Array.of(n))
        for (const format of [
          'object',
          'array',
          'objectLines',
          'arrayLines',
          'csv',
        ] satisfies ResultFormat[]) {
          const { body } = await druid.raw(statement, { format })
          expect(await new Response(body).text(), format).toContain(String(n))
        }
        if (auto === n) {
          await expect(druid.one(statement)).rejects.toMatchObject({
            code: 'INEXACT',
            column: 'n',
            value: String(n),
          })
        } else expect(await druid.one(statement)).toEqual(row)
      },
    )

    it('summed by Druid, and by native queries', async () => {
      const sum = 'SELECT SUM(delay * 0 + 450359962737049) AS n FROM flights'
      expect(await druid.value(sum, { values: { bigint: 'auto' } })).toBe(
        450359962737049n * 20_000n,
      )
      const query = {
        queryType: 'timeseries',
        dataSource: 'flights',
        intervals: '2001-01-01/2001-04-01',
        granularity: 'all',
        aggregations: [{ type: 'longSum', name: 'n', expression: 'delay * 0 + 450359962737049' }],
      } as const
      const [all] = await druid.native(query, { values: { bigint: 'auto' } })
      expect(all?.result.n).toBe(450359962737049n * 20_000n)
      await expect(druid.native(query)).rejects.toMatchObject({ code: 'INEXACT', column: 'n' })
    })
  })
})
