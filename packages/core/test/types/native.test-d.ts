import {
  type Aggregator,
  type BySegmentElement,
  connect,
  custom,
  type DataSourceMetadataElement,
  type Filter,
  type GroupByElement,
  type GroupByQuery,
  loadNative,
  type NativeElement,
  type NativeQuery,
  type NativeResult,
  type NativeStream,
  type NativeValue,
  type Row,
  rowsOf,
  type ScanElement,
  type ScanQuery,
  type SearchElement,
  type SegmentAnalysis,
  type SegmentColumnRow,
  type TimeBoundaryElement,
  type TimeseriesElement,
  type TimeseriesQuery,
  type TopNElement,
} from '@druid/core'
import type { ExtensionHost } from '@druid/core/extension'
import { expectTypeOf, test } from 'vitest'

// ── an extension teaches the types its parts ─────────────────────────────────────────────────────
interface AcmeSum {
  readonly type: 'acmeSum'
  readonly name: string
  readonly weight?: number
}
declare module '@druid/core' {
  interface Aggregators {
    acmeSum: AcmeSum
  }
  interface AggregatorTypes {
    readonly acmeSum: 'DOUBLE?'
  }
  interface Filters {
    acmeNear: { readonly type: 'acmeNear'; readonly column: string }
  }
  interface QueryContext {
    /** Of a gateway. */
    readonly acmeTenant?: string | undefined
  }
}

const druid = connect('http://druid:8888')
const when = { dataSource: 'flights', intervals: '2001/2002' } as const

test('33 Send native: the result follows the query', () => {
  const timeseries = druid.native({
    queryType: 'timeseries',
    ...when,
    granularity: 'day',
    aggregations: [
      { type: 'count', name: 'n' },
      { type: 'longMax', name: 'latest', fieldName: 'delay' },
      { type: 'stringFirst', name: 'first', fieldName: 'origin' },
      {
        type: 'filtered',
        filter: { type: 'true' },
        aggregator: { type: 'doubleSum', name: 'd', expression: 'delay' },
      },
      {
        type: 'filtered',
        name: 'renamed',
        filter: { type: 'true' },
        aggregator: { type: 'cardinality', name: 'inner', fields: ['origin'] },
      },
    ],
    postAggregations: [
      { type: 'arithmetic', name: 'ratio', fn: '/', fields: [] },
      { type: 'expression', name: 'text', expression: 'n', outputType: 'STRING' },
      { type: 'expression', name: 'any', expression: 'n' },
    ],
  })
  expectTypeOf(timeseries).resolves.toExtend<
    NativeResult<
      TimeseriesElement<{
        n: number
        latest: number | null
        first: string | null
        d: number | null
        renamed: number
        ratio: number | null
        text: string | null
        any: NativeValue
      }>
    >
  >()
  type Result = Awaited<typeof timeseries>[number]['result']
  expectTypeOf<keyof Result>().toEqualTypeOf<
    'n' | 'latest' | 'first' | 'd' | 'renamed' | 'ratio' | 'text' | 'any'
  >()
  expectTypeOf<Awaited<typeof timeseries>['queryId']>().toBeString()

  const topN = druid.native({
    queryType: 'topN',
    ...when,
    granularity: 'all',
    dimension: { type: 'default', dimension: 'origin', outputName: 'from' },
    metric: 'n',
    threshold: 3,
    aggregations: [{ type: 'count', name: 'n' }],
  })
  expectTypeOf(topN).resolves.toExtend<
    NativeResult<TopNElement<{ from: string | null; n: number }>>
  >()

  const groupBy = druid.native({
    queryType: 'groupBy',
    ...when,
    granularity: 'all',
    dimensions: [
      'origin',
      { type: 'default', dimension: 'delay', outputName: 'late', outputType: 'LONG' },
      { type: 'default', dimension: 'tags', outputType: 'ARRAY<STRING>' },
      { type: 'prefixFiltered', delegate: { type: 'default', dimension: 'a' }, prefix: 'x' },
    ],
  })
  expectTypeOf(groupBy).resolves.toExtend<
    NativeResult<
      GroupByElement<{
        origin: string | null
        late: number | null
        tags: readonly (string | null)[] | null
        a: string | null
      }>
    >
  >()

  const scan = druid.native({ queryType: 'scan', ...when, columns: ['__time', 'origin'] })
  expectTypeOf(scan).resolves.toExtend<
    NativeResult<ScanElement<{ __time: number; origin: NativeValue }>>
  >()
  const compact = druid.native({ queryType: 'scan', ...when, resultFormat: 'compactedList' })
  expectTypeOf(compact).resolves.toEqualTypeOf<NativeResult<ScanElement<readonly NativeValue[]>>>()

  expectTypeOf(
    druid.native({ queryType: 'search', ...when, query: { type: 'all' } }),
  ).resolves.toEqualTypeOf<NativeResult<SearchElement>>()
  expectTypeOf(
    druid.native({ queryType: 'segmentMetadata', dataSource: 'a' }),
  ).resolves.toEqualTypeOf<NativeResult<SegmentAnalysis>>()
  expectTypeOf(druid.native({ queryType: 'timeBoundary', dataSource: 'a' })).resolves.toEqualTypeOf<
    NativeResult<TimeBoundaryElement>
  >()
  expectTypeOf(
    druid.native({ queryType: 'dataSourceMetadata', dataSource: 'a' }),
  ).resolves.toEqualTypeOf<NativeResult<DataSourceMetadataElement>>()
})

test('the context of the query changes the result', () => {
  const query = {
    queryType: 'groupBy',
    ...when,
    granularity: 'all',
    dimensions: ['origin'],
    aggregations: [{ type: 'count', name: 'n' }],
  } as const
  expectTypeOf(druid.native({ ...query, context: { resultAsArray: true } })).resolves.toEqualTypeOf<
    NativeResult<readonly NativeValue[]>
  >()
  const numbers = druid.native({ ...query, context: { serializeDateTimeAsLong: true } })
  expectTypeOf<Awaited<typeof numbers>[number]['timestamp']>().toBeNumber()
  const segments = druid.native({ ...query, context: { bySegment: true } })
  expectTypeOf<
    Awaited<typeof segments>[number]['result']['results'][number]['event']['n']
  >().toBeNumber()
  const total = druid.native({
    queryType: 'timeseries',
    ...when,
    granularity: 'day',
    context: { grandTotal: true },
  })
  expectTypeOf<Awaited<typeof total>[number]['timestamp']>().toEqualTypeOf<string | null>()
  const sketches = druid.native({ ...query, context: { finalize: false } })
  expectTypeOf<Awaited<typeof sketches>[number]['event']['n']>().toEqualTypeOf<NativeValue>()
  const analyses = druid.native({
    queryType: 'segmentMetadata',
    dataSource: 'a',
    context: { bySegment: true },
  })
  expectTypeOf(analyses).resolves.toEqualTypeOf<NativeResult<BySegmentElement<SegmentAnalysis>>>()
  expectTypeOf(
    druid.native({ queryType: 'timeBoundary', dataSource: 'a', context: { bySegment: true } }),
  ).resolves.toEqualTypeOf<NativeResult<BySegmentElement<TimeBoundaryElement>>>()
  expectTypeOf(
    druid.native(
      { queryType: 'dataSourceMetadata', dataSource: 'a' },
      { context: { bySegment: true } },
    ),
  ).resolves.toEqualTypeOf<NativeResult<BySegmentElement<DataSourceMetadataElement>>>()
})

test('the context of the call does, too, and comes over that of the query', async () => {
  const query = {
    queryType: 'groupBy',
    ...when,
    granularity: 'day',
    dimensions: ['origin'],
    aggregations: [{ type: 'count', name: 'n' }],
  } as const
  expectTypeOf(druid.native(query, { context: { resultAsArray: true } })).resolves.toEqualTypeOf<
    NativeResult<readonly NativeValue[]>
  >()
  const objects = druid.native(
    { ...query, context: { resultAsArray: true, bySegment: true } },
    { context: { resultAsArray: false, timeout: 1 } },
  )
  expectTypeOf<
    Awaited<typeof objects>[number]['result']['results'][number]['event']['n']
  >().toBeNumber()
  const total = { queryType: 'timeseries', ...when, granularity: 'day' } as const
  const elements = await druid.native(total, { context: { grandTotal: true } })
  expectTypeOf<(typeof elements)[number]['timestamp']>().toEqualTypeOf<string | null>()
  // @ts-expect-error the time of the total is null
  const time: string = elements[0]?.timestamp ?? null
  const either = await druid.native(total, { context: { grandTotal: Boolean(time) } })
  expectTypeOf<(typeof either)[number]['timestamp']>().toEqualTypeOf<string | null>()
  const numbers = druid.streamNative(query, { context: { serializeDateTimeAsLong: true } })
  for await (const row of numbers) expectTypeOf(row.__time).toBeNumber()
  const sketches = druid.streamNative(query, { context: { finalize: false } })
  for await (const row of sketches) expectTypeOf(row.n).toEqualTypeOf<NativeValue>()
  // @ts-expect-error misspelt
  druid.native(query, { context: { grandTotl: true } })
  // @ts-expect-error misspelt
  druid.streamNative(query, { context: { grandTotal: true, grandTotl: true } })
  druid.native(query, { context: { ...custom({ ours: 1 }), priority: 1 } })
})

test('integers are what the policy makes of them, where a part tells their type', async () => {
  const query = {
    queryType: 'timeseries',
    ...when,
    granularity: 'all',
    aggregations: [{ type: 'count', name: 'n' }],
  } as const
  const auto = await druid.native(query, { values: { bigint: 'auto' } })
  expectTypeOf<(typeof auto)[number]['result']['n']>().toEqualTypeOf<number | bigint>()
  const text = await druid.with({ values: { bigint: 'string' } }).native(query)
  expectTypeOf<(typeof text)[number]['result']['n']>().toBeString()
  const parts = {
    ...query,
    aggregations: [{ type: 'singleValue', name: 's', fieldName: 'a', columnType: 'LONG' }],
    postAggregations: [
      { type: 'constant', name: 'large', value: 2n },
      { type: 'constant', name: 'small', value: 2 },
    ],
  } as const
  const usual = await druid.native(parts)
  expectTypeOf(usual[0]?.result).toExtend<
    { s: number | null; large: number; small: number } | undefined
  >()
  const exact = await druid.native(parts, { values: { bigint: 'auto' } })
  expectTypeOf<(typeof exact)[number]['result']['s']>().toEqualTypeOf<number | bigint | null>()
  expectTypeOf<(typeof exact)[number]['result']['large']>().toEqualTypeOf<number | bigint>()
  expectTypeOf<(typeof exact)[number]['result']['small']>().toBeNumber()
  // An extension does not know what its connection says.
  const host = await (druid as ExtensionHost).native(query)
  expectTypeOf<(typeof host)[number]['result']['n']>().toEqualTypeOf<number | bigint | string>()
})

test('what is not written in place has outputs of any name', () => {
  const query = {} as TimeseriesQuery
  expectTypeOf(druid.native(query)).resolves.toEqualTypeOf<
    NativeResult<TimeseriesElement<{ readonly [output: string]: NativeValue }>>
  >()
  const group = {} as GroupByQuery
  expectTypeOf(druid.native(group)).resolves.toEqualTypeOf<
    NativeResult<GroupByElement<{ readonly [output: string]: NativeValue }>>
  >()
  expectTypeOf(druid.native({} as ScanQuery)).resolves.toEqualTypeOf<
    NativeResult<ScanElement<{ readonly [column: string]: NativeValue } | readonly NativeValue[]>>
  >()
  const any = {} as NativeQuery
  expectTypeOf(druid.native(any)).resolves.toEqualTypeOf<NativeResult<NativeElement>>()
  expectTypeOf(druid.native<{ a: 1 }>(any)).resolves.toEqualTypeOf<NativeResult<{ a: 1 }>>()
  expectTypeOf(druid.streamNative(any)).toEqualTypeOf<NativeStream<Row>>()
  expectTypeOf(druid.streamNative<{ a: 1 }>(any)).toEqualTypeOf<NativeStream<{ a: 1 }>>()
})

test('52 Incremental native rows: flat, typed as well', async () => {
  for await (const row of druid.streamNative({
    queryType: 'groupBy',
    ...when,
    granularity: 'day',
    dimensions: ['origin'],
    aggregations: [{ type: 'count', name: 'n' }],
  })) {
    expectTypeOf(row).toEqualTypeOf<{
      readonly __time: string
      origin: string | null
      n: number
    }>()
  }
  const scan = druid.streamNative({ queryType: 'scan', ...when, columns: ['a', '__time'] })
  for await (const batch of scan.batches()) {
    expectTypeOf(batch).toEqualTypeOf<{ a: NativeValue; __time: number }[]>()
  }
  expectTypeOf(scan.responseContext).toEqualTypeOf<Readonly<Record<string, unknown>> | undefined>()
  expectTypeOf(druid.streamNative({ queryType: 'segmentMetadata', dataSource: 'a' })).toEqualTypeOf<
    NativeStream<SegmentColumnRow>
  >()
})

test('38 Flatten every native result shape: typed by the result', async () => {
  const query = {
    queryType: 'topN',
    ...when,
    granularity: 'all',
    dimension: 'origin',
    metric: 'n',
    threshold: 1,
    aggregations: [{ type: 'count', name: 'n' }],
  } as const
  expectTypeOf(rowsOf(query, await druid.native(query))).toEqualTypeOf<
    { origin: string | null; n: number }[]
  >()
  const bounds = { queryType: 'timeBoundary', dataSource: 'a' } as const
  expectTypeOf(rowsOf(bounds, await druid.native(bounds))).toEqualTypeOf<
    { readonly minTime?: string; readonly maxTime?: string }[]
  >()
})

test('34 Builder: parts are plain values, and misspelt ones do not compile', () => {
  const late: Filter = { type: 'range', column: 'delay', matchValueType: 'LONG', lower: 15 }
  const here = (code: string): Filter => ({
    type: 'equals',
    column: 'origin',
    matchValueType: 'STRING',
    matchValue: code,
  })
  const sum = (name: string): Aggregator => ({ type: 'longSum', name, fieldName: name })
  const query: NativeQuery = {
    queryType: 'timeseries',
    ...when,
    granularity: { type: 'period', period: 'P1D', timeZone: 'UTC' },
    filter: { type: 'and', fields: [late, here('SEA')] },
    aggregations: [sum('delay')],
  }
  expectTypeOf(druid.native(query)).resolves.not.toBeAny()
  const base = { queryType: 'timeseries', ...when, granularity: 'day' } as const
  // @ts-expect-error no such type
  druid.native({ ...base, queryType: 'timeserie' })
  // @ts-expect-error misspelt
  druid.native({ ...when, queryType: 'timeseries', granularity: 'day', filtr: late })
  // @ts-expect-error misspelt
  druid.native({ ...base, filter: { type: 'null', colum: 'a' } })
  // @ts-expect-error misspelt, within a part
  druid.native({ ...base, filter: { type: 'not', field: { type: 'null', column: 'a', b: 1 } } })
  // @ts-expect-error misspelt, within an aggregator
  druid.native({ ...base, aggregations: [{ type: 'longSum', name: 'a', fieldNam: 'b' }] })
  // @ts-expect-error no name
  druid.native({ ...base, aggregations: [{ type: 'longSum', fieldName: 'b' }] })
  // @ts-expect-error misspelt, within the context
  druid.native({ ...base, context: { timeot: 1 } })
  // @ts-expect-error misspelt, within a dimension
  druid.native({ ...base, queryType: 'groupBy', dimensions: [{ type: 'default', dimensio: 'b' }] })
  // @ts-expect-error an interval has two ends
  druid.native({ ...base, intervals: '2001' })
  // @ts-expect-error no such granularity
  druid.native({ ...base, granularity: 'fortnight' })
  // @ts-expect-error a topN wants a threshold
  druid.native({ ...base, queryType: 'topN', dimension: 'a', metric: 'n' })
  // @ts-expect-error misspelt
  druid.native(base, { timeOut: 1 })
})

test('34 Builder: what is misspelt within a part of a part does not compile either', () => {
  const base = { queryType: 'timeseries', ...when, granularity: 'all' } as const
  const top = { ...base, queryType: 'topN', metric: 'n', threshold: 1 } as const
  const group = { ...base, queryType: 'groupBy' } as const
  const n = { type: 'count', name: 'n' } as const
  // @ts-expect-error the dimension of a topN
  druid.native({ ...top, dimension: { type: 'default', dimension: 'a', outputNam: 'b' } })
  druid.native({
    ...base,
    aggregations: [
      {
        type: 'filtered',
        filter: { type: 'true' },
        // @ts-expect-error the aggregator of another
        aggregator: { type: 'longSum', name: 'n', fieldName: 'a', expresion: 'b' },
      },
    ],
  })
  druid.native({
    ...base,
    aggregations: [
      // @ts-expect-error the filter of an aggregator
      { type: 'filtered', filter: { type: 'null', column: 'a', colum: 1 }, aggregator: n },
    ],
  })
  druid.native({
    ...base,
    aggregations: [
      {
        type: 'filtered',
        // @ts-expect-error a filter of a filter of an aggregator
        filter: { type: 'and', fields: [{ type: 'not', field: { type: 'true', a: 1 } }] },
        aggregator: n,
      },
    ],
  })
  druid.native({
    ...base,
    postAggregations: [
      {
        type: 'arithmetic',
        name: 'p',
        fn: '/',
        fields: [
          // @ts-expect-error the field of a post-aggregator
          { type: 'fieldAccess', fieldName: 'n', fieldNme: 'n' },
          { type: 'constant', value: 2 },
        ],
      },
    ],
  })
  druid.native({
    ...group,
    dimensions: [
      {
        type: 'extraction',
        dimension: 'a',
        // @ts-expect-error the extraction function of a dimension
        extractionFn: { type: 'substring', index: 0, lenght: 2 },
      },
    ],
  })
  druid.native({
    ...group,
    dimensions: [
      {
        type: 'prefixFiltered',
        prefix: 'S',
        // @ts-expect-error what a dimension filters
        delegate: { type: 'default', dimension: 'a', outputNam: 'b' },
      },
    ],
  })
  druid.native({
    ...group,
    dimensions: ['a'],
    // @ts-expect-error the granularity: Druid would take UTC without a word
    granularity: { type: 'period', period: 'P1D', timezone: 'America/Los_Angeles' },
  })
  druid.native({
    ...base,
    aggregations: [
      {
        type: 'cardinality',
        name: 'c',
        // @ts-expect-error a field of a cardinality
        fields: ['a', { type: 'default', dimension: 'x', outputNme: 'y' }],
      },
    ],
  })
  druid.native({
    ...base,
    dataSource: {
      type: 'query',
      // @ts-expect-error a query within
      query: { ...base, filter: { type: 'null', colum: 'a' } },
    },
  })
  // @ts-expect-error of a stream, too
  druid.streamNative({ ...top, dimension: { type: 'default', dimension: 'a', outputNam: 'b' } })

  const written = {
    ...base,
    filter: { type: 'null', column: 'a' },
    // @ts-expect-error what is not written in the call itself, with the type of queries
    aggregations: [{ type: 'longSum', name: 'n', fieldName: 'a', expresion: 'a' }],
  } as const satisfies NativeQuery
  druid.native(written)
})

test('34 Builder: what Druid takes without a type, and what excludes each other', () => {
  const base = { queryType: 'groupBy', ...when, granularity: 'all' } as const
  const groups = druid.native({
    ...base,
    dimensions: [{ dimension: 'a', outputName: 'b', outputType: 'LONG' }],
    limitSpec: { limit: 1, columns: ['b'] },
    aggregations: [{ type: 'cardinality', name: 'c', fieldNames: ['a'] }],
  })
  expectTypeOf(groups).resolves.toExtend<
    NativeResult<GroupByElement<{ b: number | null; c: number }>>
  >()
  // @ts-expect-error misspelt
  druid.native({ ...base, dimensions: [{ dimension: 'a', outputNam: 'b' }] })
  const total = druid.native({ ...base, aggregations: [{ type: 'count', name: 'n' }] })
  expectTypeOf<Awaited<typeof total>[number]['event']>().toExtend<{ n: number }>()
  expectTypeOf<keyof Awaited<typeof total>[number]['event']>().toEqualTypeOf<'n'>()
  druid.native({
    ...base,
    queryType: 'topN',
    dimension: { dimension: 'a' },
    metric: { type: 'inverted', metric: { metric: 'n' } },
    threshold: 1,
  })
  druid.native({ queryType: 'search', ...when })
  druid.native({ queryType: 'scan', intervals: when.intervals, dataSource: { name: 'flights' } })
  const filters: Filter[] = [{ type: 'selector', dimension: 'a', value: 1n }]
  // @ts-expect-error one of values and sortedValues
  filters.push({ type: 'inType', column: 'a', matchValueType: 'LONG' })
  // @ts-expect-error one of fieldName and expression
  druid.native({ ...base, aggregations: [{ type: 'longSum', name: 'n' }] })
  // @ts-expect-error one of fields and fieldNames
  druid.native({ ...base, aggregations: [{ type: 'cardinality', name: 'n' }] })
  const windows = druid.native({
    queryType: 'windowOperator',
    dataSource: 'a',
    outputSignature: [{ name: 'w0', type: 'LONG' }],
    operatorDefinition: [{ type: 'window', processor: { type: 'rowNumber', outputColumn: 'w0' } }],
  })
  expectTypeOf(windows).resolves.toEqualTypeOf<NativeResult<readonly NativeValue[]>>()
})

test('34 Builder: what is marked, taught or of a wide type may stand within any part', async () => {
  const aggregator: Aggregator = { type: 'count', name: 'n' }
  const filter: Filter = { type: 'true' }
  const result = await druid.native({
    queryType: 'groupBy',
    ...when,
    granularity: custom({ type: 'acmePeriod', days: 3 }),
    dimensions: [
      custom({ type: 'acme', anything: 1 }),
      {
        type: 'extraction',
        dimension: 'a',
        outputName: 'x',
        extractionFn: { type: 'cascade', extractionFns: [custom({ type: 'acme', any: 1 })] },
      },
      {
        type: 'extraction',
        dimension: 'b',
        extractionFn: { type: 'lookup', lookup: { type: 'map', map: { type: 'b', any: 'c' } } },
      },
    ],
    aggregations: [
      { type: 'filtered', filter: custom({ type: 'bloom', k: 1 }), aggregator },
      { type: 'filtered', filter, aggregator: custom({ type: 'variance', name: 'v', k: 1 }) },
      {
        type: 'filtered',
        filter: { type: 'and', fields: [filter, { type: 'acmeNear', column: 'a' }] },
        aggregator: { type: 'acmeSum', name: 'acme', weight: 1 },
      },
      {
        type: 'filtered',
        filter: { type: 'equals', column: 'a', matchValueType: 'ARRAY<LONG>', matchValue: [1, 2n] },
        aggregator: { type: 'expression', name: 'e', fields: ['a'], initialValue: '0', fold: '1' },
      },
    ],
    postAggregations: [
      {
        type: 'doubleGreatest',
        name: 'g',
        fields: [custom({ type: 'stddev', fieldName: 'v', k: 1 })],
      },
    ],
  })
  expectTypeOf(result).not.toBeAny()
  druid.native({
    queryType: 'topN',
    ...when,
    granularity: { type: 'duration', duration: 1000 },
    dimension: custom({ type: 'acme', outputName: 'd', any: 1 }),
    metric: 'n',
    threshold: 1,
  })
})

test('35 Current filters (equals, null, range, arrayContains)', () => {
  const filters: Filter[] = [
    { type: 'equals', column: 'a', matchValueType: 'ARRAY<LONG>', matchValue: [1, 2n, null] },
    { type: 'null', column: 'a', filterTuning: { useBitmapIndex: true } },
    { type: 'range', column: 'a', matchValueType: 'DOUBLE', upper: 1.5, upperOpen: true },
    {
      type: 'arrayContainsElement',
      column: 'a',
      elementMatchValueType: 'STRING',
      elementMatchValue: 'x',
    },
    { type: 'inType', column: 'a', matchValueType: 'LONG', sortedValues: [1, 2] },
    { type: 'istrue', field: { type: 'isfalse', field: { type: 'true' } } },
  ]
  expectTypeOf(filters).not.toBeAny()
  // @ts-expect-error a type of Druid's
  filters.push({ type: 'equals', column: 'a', matchValueType: 'text', matchValue: 1 })
})

test('37 Open type for unknown components: marked, or taught by augmentation', async () => {
  const result = await druid.native({
    queryType: 'timeseries',
    ...when,
    granularity: 'all',
    aggregations: [
      custom({ type: 'variance', name: 'spread', fieldName: 'delay' }),
      { type: 'acmeSum', name: 'acme', weight: 2 },
    ],
    postAggregations: [custom({ type: 'stddev', name: 'deviation', fieldName: 'spread' })],
    filter: { type: 'and', fields: [{ type: 'acmeNear', column: 'a' }, custom({ type: 'bloom' })] },
    dataSource: custom({ type: 'external', path: 'x' }),
    virtualColumns: [custom({ type: 'acme', name: 'v' })],
    context: { ...custom({ ourKey: 1 }), timeout: 1 },
  })
  expectTypeOf<(typeof result)[number]['result']>().toExtend<{
    spread: NativeValue
    deviation: NativeValue
    acme: number | null
  }>()
  druid.native(custom({ queryType: 'movingAverage', anything: true }))
  expectTypeOf(druid.native<{ a: 1 }>(custom({ queryType: 'x' }))).resolves.toEqualTypeOf<
    NativeResult<{ a: 1 }>
  >()
  // @ts-expect-error not marked
  druid.native({ queryType: 'movingAverage' })
  // @ts-expect-error neither known nor marked
  const filter: Filter = { type: 'bloom' }
  expectTypeOf(filter).not.toBeAny()
})

test('22 Typed context keys', () => {
  druid.query('SELECT 1', { context: { sqlTimeZone: 'UTC', priority: 1, acmeTenant: 'a' } })
  druid.query('SELECT 1', { context: custom({ ours: 1 }) })
  const bounds = { queryType: 'timeBoundary', dataSource: 'a' } as const
  druid.native(bounds, { context: { writeExceptionBodyAsResponseRow: true } })
  druid.with({ context: { ...custom({ ours: 1 }), vectorize: 'force' } })
  connect('http://druid', { context: { timeout: 1, useCache: false } })
  // @ts-expect-error misspelt
  druid.query('SELECT 1', { context: { sqlTimezone: 'UTC' } })
  // @ts-expect-error of another type
  druid.with({ context: { priority: 'high' } })
  // @ts-expect-error one of two
  connect('http://druid', { context: { sqlJoinAlgorithm: 'hash' } })
  // @ts-expect-error a key of SQL
  druid.native({ queryType: 'timeBoundary', dataSource: 'a' }, { context: { sqlTimeZone: 'UTC' } })
})

test('36 JSON → typed load', () => {
  expectTypeOf(loadNative('{}')).toEqualTypeOf<NativeQuery>()
  expectTypeOf(loadNative({}, 'scan')).toEqualTypeOf<ScanQuery>()
  // @ts-expect-error no such type
  loadNative('{}', 'select')
  const query = loadNative('{}')
  if (query.queryType === 'scan') expectTypeOf(query).toEqualTypeOf<ScanQuery>()
})

test('28 EXPLAIN: native queries that can be run as they are', async () => {
  const { queries } = await druid.explain('SELECT 1')
  for (const { query } of queries) {
    expectTypeOf(query.dataSource).toBeUnknown()
    expectTypeOf(druid.native(query)).resolves.toEqualTypeOf<NativeResult<unknown>>()
    expectTypeOf(druid.native<{ a: 1 }>(query)).resolves.toEqualTypeOf<NativeResult<{ a: 1 }>>()
    expectTypeOf(druid.streamNative(query)).toEqualTypeOf<NativeStream<Row>>()
    druid.native(query, { context: { priority: -1 } })
    if (query.queryType === 'scan') expectTypeOf(loadNative(query)).toEqualTypeOf<NativeQuery>()
  }
})
