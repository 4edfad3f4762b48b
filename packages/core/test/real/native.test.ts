import {
  connect,
  isDruidError,
  type NativeQuery,
  type NativeValue,
  rowsOf,
  type ScanQuery,
} from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { afterAll, describe, expect, inject, it } from 'vitest'
import * as examples from '../unit/native-examples.ts'
import { ends, starts } from './threads.ts'

const url = inject('druidUrl')
const major = Number.parseInt(inject('druidVersion'), 10)
const flights = { dataSource: 'flights', intervals: '2001-01-01/2001-04-01' } as const
const count = [{ type: 'count', name: 'n' }] as const

/** Some millions of rows. */
const JOINED: ScanQuery = {
  queryType: 'scan',
  dataSource: {
    type: 'join',
    left: 'flights',
    right: {
      type: 'query',
      query: { queryType: 'scan', ...flights, columns: ['origin', 'destination', 'distance'] },
    },
    rightPrefix: 'r.',
    condition: 'destination == "r.origin"',
    joinType: 'INNER',
  },
  intervals: flights.intervals,
  columns: ['origin', 'destination', 'delay', 'r.destination', 'r.distance'],
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const row of rows) list.push(row)
  return list
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('33 Send native, to a real Druid, transport %s', (_, transport) => {
  const druid = connect(url, { transport })
  afterAll(() => druid.close())

  it('timeseries', async () => {
    const query = {
      queryType: 'timeseries',
      ...flights,
      granularity: 'month',
      aggregations: [
        { type: 'count', name: 'n' },
        { type: 'longSum', name: 'late', fieldName: 'delay' },
      ],
      postAggregations: [
        {
          type: 'arithmetic',
          name: 'mean',
          fn: '/',
          fields: [
            { type: 'fieldAccess', fieldName: 'late' },
            { type: 'fieldAccess', fieldName: 'n' },
          ],
        },
      ],
    } as const
    const result = await druid.native(query)
    expect(result.map(({ timestamp }) => timestamp.slice(0, 7))).toEqual([
      '2001-01',
      '2001-02',
      '2001-03',
    ])
    expect(result.queryId).toMatch(/^[0-9a-f-]{36}$/)
    expect(result.stats.bytes).toBeGreaterThan(100)
    const sql = await druid.query(
      'SELECT FLOOR(__time TO MONTH) AS "__time", COUNT(*) AS n, SUM(delay) AS late, AVG(delay * 1.0) AS mean FROM flights GROUP BY 1',
    )
    const rows = rowsOf(query, result)
    expect(rows.map(({ mean, ...row }) => row)).toEqual(sql.map(({ mean, ...row }) => row))
    for (const [i, row] of rows.entries()) expect(row.mean).toBeCloseTo(sql[i]?.mean as number)
  })

  it('topN', async () => {
    const [element] = await druid.native({
      queryType: 'topN',
      ...flights,
      granularity: 'all',
      dimension: 'origin',
      metric: 'n',
      threshold: 3,
      aggregations: count,
    })
    expect(element?.result).toEqual([
      ...(await druid.query(
        'SELECT origin, COUNT(*) AS n FROM flights GROUP BY 1 ORDER BY 2 DESC LIMIT 3',
      )),
    ])
  })

  it('groupBy, with a filter, a virtual column, having and limit', async () => {
    const result = await druid.native({
      queryType: 'groupBy',
      ...flights,
      granularity: 'all',
      virtualColumns: [
        { type: 'expression', name: 'far', expression: 'distance > 1000', outputType: 'LONG' },
      ],
      dimensions: ['origin', { type: 'default', dimension: 'far', outputType: 'LONG' }],
      filter: {
        type: 'not',
        field: { type: 'equals', column: 'origin', matchValueType: 'STRING', matchValue: 'SEA' },
      },
      aggregations: count,
      having: { type: 'greaterThan', aggregation: 'n', value: 100 },
      limitSpec: {
        type: 'default',
        limit: 5,
        columns: [{ dimension: 'n', direction: 'descending', dimensionOrder: 'numeric' }, 'origin'],
      },
    })
    const sql = await druid.query(
      "SELECT origin, CASE WHEN distance > 1000 THEN 1 ELSE 0 END AS far, COUNT(*) AS n FROM flights WHERE origin <> 'SEA' GROUP BY 1, 2 HAVING COUNT(*) > 100 ORDER BY 3 DESC, 1 LIMIT 5",
    )
    expect(result.map(({ event }) => event)).toEqual([...sql])
  })

  it('scan, in both formats', async () => {
    const query = {
      queryType: 'scan',
      dataSource: 'airports',
      intervals: '2000/2002',
      columns: ['__time', 'iata', 'latitude'],
      filter: { type: 'in', dimension: 'iata', values: ['SEA', 'SFO'] },
    } as const
    const [list] = await druid.native(query)
    expect(list?.columns).toEqual(['__time', 'iata', 'latitude'])
    expect(list?.segmentId).toContain('airports')
    expect(list?.events[0]).toEqual({
      __time: Date.parse('2001-01-01'),
      iata: 'SEA',
      latitude: expect.closeTo(47.45, 2),
    })
    const [compact] = await druid.native({ ...query, resultFormat: 'compactedList' })
    expect(compact?.events.map((event) => event.length)).toEqual([3, 3])
    expect(await all(druid.streamNative(query))).toEqual([...(list?.events ?? [])])
  })

  it('search', async () => {
    const query = {
      queryType: 'search',
      ...flights,
      searchDimensions: ['origin'],
      query: { type: 'insensitive_contains', value: 'sea' },
    } as const
    const result = await druid.native(query)
    const n = await druid.value<number>("SELECT COUNT(*) FROM flights WHERE origin = 'SEA'")
    expect(rowsOf(query, result)).toEqual([{ dimension: 'origin', value: 'SEA', count: n }])
  })

  it('segmentMetadata', async () => {
    const query = {
      queryType: 'segmentMetadata',
      ...flights,
      merge: true,
      analysisTypes: ['cardinality', 'minmax', 'size'],
    } as const
    const [analysis] = await druid.native(query)
    expect(analysis).toMatchObject({ id: expect.stringMatching(/merged$/), numRows: 20_000 })
    expect(analysis?.columns.delay).toMatchObject({ type: 'LONG', hasMultipleValues: false })
    const rows = rowsOf(query, analysis ? [analysis] : [])
    expect(rows.map(({ column }) => column).sort()).toEqual([
      '__time',
      'delay',
      'destination',
      'distance',
      'origin',
    ])
  })

  it('timeBoundary and dataSourceMetadata', async () => {
    const bounds = await druid.one<{ min: string; max: string }>(
      'SELECT MIN(__time) AS "min", MAX(__time) AS "max" FROM flights',
    )
    const [both] = await druid.native({ queryType: 'timeBoundary', dataSource: 'flights' })
    expect(both?.result).toEqual({ minTime: bounds.min, maxTime: bounds.max })
    const [one] = await druid.native({
      queryType: 'timeBoundary',
      dataSource: 'flights',
      bound: 'minTime',
    })
    expect(one?.result).toEqual({ minTime: bounds.min })
    expect(await druid.native({ queryType: 'timeBoundary', dataSource: 'nothing' })).toEqual([])
    const [latest] = await druid.native({ queryType: 'dataSourceMetadata', dataSource: 'flights' })
    expect(latest?.result.maxIngestedEventTime).toBe(bounds.max)
  })

  it('gives what the context of the query or of the call asks for', async () => {
    const query = { queryType: 'timeseries', ...flights, granularity: 'month' } as const
    const total = await druid.native({
      ...query,
      aggregations: count,
      context: { grandTotal: true },
    })
    expect(total.at(-1)).toEqual({ timestamp: null, result: { n: 20_000 } })
    const timed = { ...query, aggregations: count }
    const [first] = await druid.native(timed, { context: { serializeDateTimeAsLong: true } })
    expect(first?.timestamp).toBe(Date.parse('2001-01-01'))
    const sums = await druid.native(timed, { context: { grandTotal: true } })
    expect(sums.at(-1)?.timestamp).toBeNull()
    const groups = await druid.native(
      { ...timed, queryType: 'groupBy', granularity: 'all', dimensions: ['origin'] },
      { context: { resultAsArray: true } },
    )
    expect(groups[0]).toEqual([expect.any(String), expect.any(Number)])
    const segments = await druid.native(
      { ...query, aggregations: count },
      { context: { bySegment: true, useCache: false } },
    )
    expect(segments[0]).toMatchObject({ result: { segment: expect.stringContaining('flights') } })
    expect(rowsOf({ ...query, aggregations: count }, segments)).toEqual(
      rowsOf(query, await druid.native({ ...query, aggregations: count })),
    )
    const bySegment = { useCache: false, bySegment: true } as const
    const about = { ...flights, context: bySegment }
    const [analysis] = await druid.native({ queryType: 'segmentMetadata', ...about })
    expect(analysis?.result.results[0]?.id).toContain('flights')
    const [bounds] = await druid.native({ queryType: 'timeBoundary', ...about })
    expect(bounds?.result.results[0]?.result.minTime).toContain('2001-01-01')
    const [latest] = await druid.native({ queryType: 'dataSourceMetadata', ...about })
    expect(latest?.result.results[0]?.result.maxIngestedEventTime).toContain('2001-')
    const uncovered = await druid.native(
      { ...query, intervals: '1999/2001' },
      { context: { uncoveredIntervalsLimit: 5 } },
    )
    expect(uncovered.responseContext).toHaveProperty('uncoveredIntervals')
    const stream = druid.streamNative(
      { ...query, intervals: '1999/2001' },
      { context: { uncoveredIntervalsLimit: 5 } },
    )
    for await (const row of stream) expect(row.__time).toBeTypeOf('string')
    expect(stream.responseContext).toEqual(uncovered.responseContext)
  })

  it('gives numbers that are exact, and those that JSON has not', async () => {
    const query = {
      queryType: 'timeseries',
      ...flights,
      granularity: 'all',
      aggregations: count,
      postAggregations: [
        { type: 'expression', name: 'large', expression: '9007199254740993 + n - n' },
        {
          type: 'arithmetic',
          name: 'endless',
          fn: 'quotient',
          fields: [
            { type: 'fieldAccess', fieldName: 'n' },
            { type: 'constant', name: 'zero', value: 0 },
          ],
        },
      ],
    } as const
    await expect(druid.native(query)).rejects.toMatchObject({
      code: 'INEXACT',
      column: 'large',
      value: '9007199254740993',
    })
    const [element] = await druid.native(query, { values: { bigint: 'auto' } })
    expect(element?.result).toEqual({
      n: 20_000,
      large: 9007199254740993n,
      endless: Number.POSITIVE_INFINITY,
    })
  })

  it('takes bigints in filters and constants, and types what they become', async () => {
    const query = {
      queryType: 'timeseries',
      ...flights,
      granularity: 'all',
      filter: { type: 'selector', dimension: 'delay', value: 5n },
      aggregations: count,
      postAggregations: [
        { type: 'constant', name: 'large', value: 2n ** 60n },
        { type: 'constant', name: 'two', value: 2n },
      ],
    } as const
    const n = await druid.value('SELECT COUNT(*) FROM flights WHERE delay = 5')
    const [auto] = await druid.native(query, { values: { bigint: 'auto' } })
    expect(auto?.result).toEqual({ n, large: 2n ** 60n, two: 2 })
    const [exact] = await druid.native(query, { values: { bigint: 'bigint' } })
    expect(exact?.result).toEqual({ n: BigInt(n as number), large: 2n ** 60n, two: 2n })
    await expect(druid.native(query)).rejects.toMatchObject({ code: 'INEXACT', column: 'large' })
  })

  it('tells in both envelopes what is wrong', async () => {
    const refused = await druid
      .native({ ...examples.QUERIES.scan, filter: { type: 'nosuch' } as never })
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'INVALID_INPUT',
      status: 400,
      message: expect.stringContaining("Could not resolve type id 'nosuch'"),
    })
    await expect(druid.native(JOINED, { context: { timeout: 1 } })).rejects.toMatchObject({
      code: 'SERVER_TIMEOUT',
      queryId: expect.any(String),
    })
  })
})

describe('52 Incremental native rows, of a real Druid', () => {
  const druid = connect(url)
  afterAll(() => druid.close())

  it('a scan of everything has as many rows as SQL counts, and the same ones', async () => {
    const query = { queryType: 'scan', ...flights } as const
    const stream = druid.streamNative(query)
    let rows = 0
    let delay = 0
    let batches = 0
    for await (const batch of stream.batches()) {
      batches += 1
      rows += batch.length
      for (const row of batch) delay += row.delay as number
    }
    const sql = await druid.one('SELECT COUNT(*) AS n, SUM(delay) AS delay FROM flights')
    expect({ n: rows, delay }).toEqual(sql)
    expect(stream.stats?.rows).toBe(rows)
    // More than one for each of the three segments.
    expect(batches).toBeGreaterThan(3)
    const listed = druid.streamNative({ ...query, resultFormat: 'list' })
    expect(await all(listed)).toEqual(await all(druid.streamNative(query)))
  })

  it.each<[string, NativeQuery]>([
    ['by month', { ...examples.QUERIES.groupBy, granularity: 'month' }],
    ['in one bucket', { ...examples.QUERIES.groupBy, granularity: 'all' }],
    [
      'with subtotals',
      {
        ...examples.QUERIES.groupBy,
        dimensions: ['origin', 'destination'],
        subtotalsSpec: [['origin'], ['destination'], []],
      },
    ],
    [
      'over a groupBy',
      {
        queryType: 'groupBy',
        dataSource: { type: 'query', query: examples.QUERIES.groupBy },
        intervals: flights.intervals,
        granularity: 'month',
        dimensions: [
          { type: 'default', dimension: 'n', outputType: 'LONG', outputName: 'flights' },
        ],
        aggregations: [{ type: 'count', name: 'airports' }],
        postAggregations: [{ type: 'expression', name: 'product', expression: 'airports * 2' }],
      },
    ],
  ])('a groupBy %s has the rows of native()', async (_, query) => {
    const whole = rowsOf(query, await druid.native(query))
    expect(whole.length).toBeGreaterThan(2)
    expect(await all(druid.streamNative(query))).toEqual(whole)
  })

  it('every other type has the rows of native(), too', async () => {
    for (const query of Object.values(examples.QUERIES)) {
      const whole = rowsOf(query as NativeQuery, await druid.native(query as NativeQuery))
      expect(whole.length, query.queryType).toBeGreaterThan(0)
      expect(await all(druid.streamNative(query as NativeQuery)), query.queryType).toEqual(whole)
    }
  })
})

describe.each([
  ['Router', 'node'],
  ['Router', 'fetch'],
  ['Broker', 'node'],
] as const)('a native result that breaks off after its 200, from the %s by %s', (server, name) => {
  const druid = connect(server === 'Router' ? url : inject('brokerUrl'), {
    ...(name === 'fetch' && { transport: fetchTransport() }),
  })
  afterAll(() => druid.close())
  const context = { timeout: 1_500 }

  // Until Druid 30 the server closes the array itself: nothing shows that it is not whole.
  it.skipIf(major < 31)('is TRUNCATED, with the rows so far', async () => {
    let rows = 0
    let error: unknown
    try {
      for await (const batch of druid.streamNative(JOINED, { context }).batches()) {
        rows += batch.length
      }
    } catch (caught) {
      error = caught
    }
    expect(rows).toBeGreaterThan(0)
    expect(isDruidError(error, 'TRUNCATED') && error.rows).toBe(rows)
    if (server === 'Broker' && name === 'node') {
      expect(isDruidError(error, 'TRUNCATED') && error.reason).toContain('timed out')
    }
    await expect(druid.native(JOINED, { context })).rejects.toMatchObject({ code: 'TRUNCATED' })
  })

  it.runIf(major < 31)('looks whole, as docs/native.md says', async () => {
    const rows = await all(druid.streamNative(JOINED, { context }))
    expect(rows.length).toBeGreaterThan(0)
    const whole = await druid.value<number>(
      'SELECT COUNT(*) FROM flights a JOIN flights b ON a.destination = b.origin',
    )
    expect(rows.length).toBeLessThan(whole)
  })
})

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('103 Cancel native, on a real Druid, transport %s', (_, transport) => {
  const context = { timeout: 20_000 }
  const broker = connect(inject('brokerUrl'), { transport, context })
  afterAll(() => broker.close())

  /** Works for many seconds before its first row. */
  const SLOW: NativeQuery = {
    queryType: 'timeseries',
    dataSource: JOINED.dataSource,
    intervals: flights.intervals,
    granularity: 'all',
    aggregations: [{ type: 'cardinality', name: 'n', fields: ['origin', 'r.distance', 'delay'] }],
  }

  it('ends it on the server when its signal is aborted', async () => {
    const abort = new AbortController()
    const queryId = crypto.randomUUID()
    const failed = broker
      .native(SLOW, { signal: abort.signal, queryId })
      .catch((error: unknown) => error)
    await starts(queryId)
    abort.abort()
    const error = await failed
    expect(isDruidError(error, 'CANCELLED') && (await error.serverCancel)).toBe('accepted')
    await ends(queryId)
  })

  it('ends it on the server when a loop is left', async () => {
    const queryId = crypto.randomUUID()
    for await (const row of broker.streamNative(JOINED, { queryId })) {
      expect(row).toBeTypeOf('object')
      await starts(queryId)
      break
    }
    await ends(queryId)
  })

  it('ends it on the server when a loop is left, through the Router', async () => {
    await using druid = connect(url, { transport, context })
    const queryId = crypto.randomUUID()
    for await (const batch of druid.streamNative(JOINED, { queryId }).batches()) {
      expect(batch.length).toBeGreaterThan(0)
      await starts(queryId)
      break
    }
    await ends(queryId)
  })

  it('ends it on the server by its id, from another connection', async () => {
    const queryId = crypto.randomUUID()
    const failed = broker.native(SLOW, { queryId }).catch((error: unknown) => error)
    await starts(queryId)
    await using other = connect(url)
    expect(await other.cancel(queryId, { language: 'native' })).toBe('accepted')
    const error = await failed
    // Druid 27 closes the array of a cancelled query as if it were whole, or ends by its timeout.
    if (inject('druidVersion') !== '27.0.0') {
      expect(error).toMatchObject({ code: 'SERVER', status: 500, queryId })
    }
    await ends(queryId)
  })

  it('is accepted for any id', async () => {
    expect(await broker.cancel('nobody', { language: 'native' })).toBe('accepted')
  })
})

describe('34 Builder, 35 Current filters: what the types know, Druid knows', () => {
  const druid = connect(url)
  afterAll(() => druid.close())

  const scan = examples.QUERIES.scan
  const grouped = { ...examples.QUERIES.groupBy, granularity: 'all' }
  const timed = { ...examples.QUERIES.timeseries, granularity: 'all' }
  const extracted = (dimension: string, extractionFn: object): object => ({
    ...grouped,
    dimensions: [{ type: 'extraction', dimension, outputName: 'x', extractionFn }],
  })

  interface Kind {
    readonly parts: Readonly<Record<string, { readonly type: string }>>
    query(part: { readonly type: string }): object
  }
  const KINDS: Readonly<Record<string, Kind>> = {
    'data source': {
      parts: examples.DATA_SOURCES,
      query: (dataSource) => ({ ...scan, dataSource }),
    },
    filter: { parts: examples.FILTERS, query: (filter) => ({ ...scan, filter }) },
    aggregator: {
      parts: examples.AGGREGATORS,
      query: (one) => ({
        ...(one.type === 'grouping' ? grouped : timed),
        aggregations: [one],
      }),
    },
    'post-aggregator': {
      parts: examples.POST_AGGREGATORS,
      query: (one) => ({
        ...timed,
        aggregations: [...count, { type: 'hyperUnique', name: 'c', fieldName: 'none' }],
        postAggregations: [one],
      }),
    },
    dimension: { parts: examples.DIMENSIONS, query: (one) => ({ ...grouped, dimensions: [one] }) },
    'extraction function': {
      parts: examples.EXTRACTION_FNS,
      query: (one) => extracted(one.type === 'timeFormat' ? '__time' : 'origin', one),
    },
    'virtual column': {
      parts: examples.VIRTUAL_COLUMNS,
      query: (one) => ({ ...grouped, virtualColumns: [one], dimensions: ['v'] }),
    },
    granularity: {
      parts: examples.GRANULARITIES,
      // Of five milliseconds: Druid goes through them one by one.
      query: (granularity) => ({
        ...timed,
        intervals: '2001-01-01T00:47:00.000Z/2001-01-01T00:47:00.005Z',
        granularity,
      }),
    },
    having: { parts: examples.HAVINGS, query: (having) => ({ ...grouped, having }) },
    'limit spec': {
      parts: examples.LIMIT_SPECS,
      query: (limitSpec) => ({ ...grouped, limitSpec }),
    },
    metric: { parts: examples.METRICS, query: (metric) => ({ ...examples.QUERIES.topN, metric }) },
    'search spec': {
      parts: examples.SEARCH_SPECS,
      query: (query) => ({ ...examples.QUERIES.search, query }),
    },
  }

  /** Since which version, of those that came later than 27. */
  const SINCE: Readonly<Record<string, number>> = {
    istrue: 28,
    isfalse: 28,
    'data source filter': 28,
    arrayContainsElement: 29,
    inType: 30,
    'aggregator singleValue': 30,
    'mv-regex-filtered': 36,
    'mv-prefix-filtered': 36,
  }
  /** Known, but not to be had here. */
  const FAILS: Readonly<Record<string, RegExp>> = {
    javascript: /JavaScript is disabled/,
    'extraction function registeredLookup': /Lookup \[none\] not found/,
    'data source lookup': /lookup/i,
    'data source globalTable': /globalTable|global/i,
    'aggregator singleValue': /[Ss]ubquery|more than one|singleValue/i,
  }

  it.each(Object.entries(KINDS))('%s', async (kind, { parts, query }) => {
    for (const [type, part] of Object.entries(parts)) {
      const since = SINCE[`${kind} ${type}`] ?? SINCE[type] ?? 0
      const fails = FAILS[`${kind} ${type}`] ?? FAILS[type]
      const error: unknown = await druid.native(query(part) as NativeQuery).then(
        () => undefined,
        (caught: unknown) => caught,
      )
      const what = `${kind} ${type}`
      if (since > major) {
        expect(error, what).toMatchObject({ status: 400 })
      } else if (fails) {
        if (error !== undefined) expect(isDruidError(error) && error.message, what).toMatch(fails)
      } else expect(error, what).toBeUndefined()
    }
  })

  /** What Druid has beside it: of extensions that are loaded here, or only within Druid itself. */
  const OTHERS =
    /ketch|^(passthrough|select|windowOperator|union|restrict|unnest|string\w+Fold|external|filter|mv-.*|nested-.*)$/

  it.each(['filter', 'aggregator', 'post-aggregator', 'extraction function', 'virtual column'])(
    'misses none that Druid lists: %s',
    async (kind) => {
      const { query, parts } = KINDS[kind] as Kind
      const error: unknown = await druid
        .native(query({ type: 'nosuch' }) as NativeQuery)
        .catch((caught: unknown) => caught)
      const listed = /known type ids = \[([^\]]*)\]/.exec(isDruidError(error) ? error.message : '')
      const ids = (listed?.[1] ?? '').split(', ').filter((id) => !OTHERS.test(id))
      expect(ids.length).toBeGreaterThan(1)
      expect(ids.filter((id) => !Object.hasOwn(parts, id))).toEqual([])
    },
  )
})

it('types what Druid gives as it says', async () => {
  await using druid = connect(url)
  const query = {
    queryType: 'groupBy',
    ...flights,
    granularity: 'all',
    dimensions: [
      'origin',
      { type: 'default', dimension: 'delay', outputName: 'late', outputType: 'LONG' },
    ],
    aggregations: [
      { type: 'count', name: 'n' },
      { type: 'doubleSum', name: 'sum', fieldName: 'distance' },
      { type: 'stringFirst', name: 'first', fieldName: 'destination' },
      { type: 'cardinality', name: 'about', fields: ['destination'] },
      {
        type: 'filtered',
        filter: { type: 'false' },
        aggregator: { type: 'longMax', name: 'none', fieldName: 'delay' },
      },
    ],
    limitSpec: { type: 'default', limit: 1 },
  } as const
  const [group] = await druid.native(query, { values: { bigint: 'auto' } })
  const event: Record<string, NativeValue> | undefined = group?.event
  expect(event).toEqual({
    origin: expect.any(String),
    late: expect.any(Number),
    n: expect.any(Number),
    sum: expect.any(Number),
    first: expect.any(String),
    about: expect.any(Number),
    // Druid 27 knows no null unless it is told to.
    none: major < 28 ? -(2n ** 63n) : null,
  })
})
