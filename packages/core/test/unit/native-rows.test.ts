import { connect, type NativeQuery, rowsOf } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { canned } from './reply.ts'

const when = { dataSource: 'flights', intervals: '2001/2002' } as const
const T1 = '2001-01-01T00:00:00.000Z'
const T2 = '2001-02-01T00:00:00.000Z'
const aggregations = [
  { type: 'count', name: 'n' },
  { type: 'longSum', name: 'delay', fieldName: 'delay' },
] as const
const timeseries = { queryType: 'timeseries', ...when, granularity: 'month', aggregations } as const
const topN = {
  queryType: 'topN',
  ...when,
  granularity: 'month',
  dimension: 'origin',
  metric: 'n',
  threshold: 2,
  aggregations,
} as const
const groupBy = {
  queryType: 'groupBy',
  ...when,
  granularity: 'month',
  dimensions: ['origin', { type: 'default', dimension: 'delay', outputName: 'late' }],
  aggregations: [{ type: 'count', name: 'n' }],
  postAggregations: [{ type: 'constant', name: 'two', value: 2 }],
} as const
const scan = { queryType: 'scan', ...when, columns: ['__time', 'origin'] } as const
const search = {
  queryType: 'search',
  ...when,
  granularity: 'month',
  query: { type: 'contains', value: 'SE' },
} as const
const ANALYSIS = {
  typeSignature: 'STRING',
  type: 'STRING',
  hasMultipleValues: false,
  hasNulls: false,
  size: 0,
  cardinality: 3,
  minValue: 'A',
  maxValue: 'Z',
  errorMessage: null,
}

const SHAPES: readonly [what: string, query: NativeQuery, elements: unknown[], rows: object[]][] = [
  [
    'timeseries',
    timeseries,
    [
      { timestamp: T1, result: { delay: 5, n: 1 } },
      { timestamp: null, result: { delay: 5, n: 1 } },
    ],
    [
      { __time: T1, n: 1, delay: 5 },
      { __time: null, n: 1, delay: 5 },
    ],
  ],
  [
    'timeseries of one bucket',
    { ...timeseries, granularity: 'ALL' },
    [{ timestamp: T1, result: { n: 1, delay: null } }],
    [{ n: 1, delay: null }],
  ],
  [
    'topN',
    topN,
    [
      {
        timestamp: T1,
        result: [
          { delay: 5, n: 2, origin: 'A' },
          { delay: 4, n: 1, origin: null },
        ],
      },
      { timestamp: T2, result: [] },
      { timestamp: T2, result: [{ delay: 3, n: 2, origin: 'B' }] },
    ],
    [
      { __time: T1, origin: 'A', n: 2, delay: 5 },
      { __time: T1, origin: null, n: 1, delay: 4 },
      { __time: T2, origin: 'B', n: 2, delay: 3 },
    ],
  ],
  [
    'groupBy',
    groupBy,
    [{ version: 'v1', timestamp: T1, event: { two: 2, late: '5', origin: 'A', n: 3 } }],
    [{ __time: T1, origin: 'A', late: '5', n: 3, two: 2 }],
  ],
  [
    'groupBy with subtotals, which lack dimensions',
    { ...groupBy, granularity: { type: 'all' }, subtotalsSpec: [['origin'], []] },
    [
      { version: 'v1', timestamp: T1, event: { origin: 'A', n: 3, two: 2 } },
      { version: 'v1', timestamp: T1, event: { n: 3, two: 2 } },
    ],
    [
      { origin: 'A', n: 3, two: 2 },
      { n: 3, two: 2 },
    ],
  ],
  [
    'groupBy as arrays',
    { ...groupBy, context: { resultAsArray: true } },
    [[Date.parse(T1), 'A', '5', 3, 2]],
    [{ __time: T1, origin: 'A', late: '5', n: 3, two: 2 }],
  ],
  [
    'groupBy as arrays, with times as numbers',
    { ...groupBy, context: { resultAsArray: true, serializeDateTimeAsLong: true } },
    [[Date.parse(T1), 'A', '5', 3, 2]],
    [{ __time: Date.parse(T1), origin: 'A', late: '5', n: 3, two: 2 }],
  ],
  [
    'groupBy as arrays, of one bucket',
    { ...groupBy, granularity: 'all', context: { resultAsArray: true } },
    [['A', '5', 3, 2]],
    [{ origin: 'A', late: '5', n: 3, two: 2 }],
  ],
  [
    'groupBy as arrays, of years beyond four digits',
    { ...groupBy, context: { resultAsArray: true } },
    [
      [253402300800000, 'A', '5', 3, 2],
      [-62198755200000, 'A', '5', 3, 2],
    ],
    [
      { __time: '10000-01-01T00:00:00.000Z', origin: 'A', late: '5', n: 3, two: 2 },
      { __time: '-0001-01-01T00:00:00.000Z', origin: 'A', late: '5', n: 3, two: 2 },
    ],
  ],
  [
    'windowOperator',
    {
      queryType: 'windowOperator',
      ...when,
      outputSignature: [
        { name: 'origin', type: 'STRING' },
        { name: 'share', type: 'DOUBLE' },
      ],
      operatorDefinition: [],
    },
    [
      ['A', 0.5],
      ['B', null],
    ],
    [
      { origin: 'A', share: 0.5 },
      { origin: 'B', share: null },
    ],
  ],
  [
    'scan list',
    scan,
    [
      { segmentId: 's', columns: ['__time', 'origin'], events: [{ __time: 1, origin: 'A' }] },
      { segmentId: 't', columns: ['__time', 'origin'], events: [] },
    ],
    [{ __time: 1, origin: 'A' }],
  ],
  [
    'scan compactedList, with other columns in another segment',
    { ...scan, resultFormat: 'compactedList' },
    [
      {
        segmentId: 's',
        columns: ['__time', 'origin'],
        events: [
          [1, 'A'],
          [2, null],
        ],
      },
      { segmentId: null, columns: ['origin'], events: [['B']] },
    ],
    [{ __time: 1, origin: 'A' }, { __time: 2, origin: null }, { origin: 'B' }],
  ],
  [
    'search',
    search,
    [
      { timestamp: T1, result: [{ dimension: 'origin', value: 'SEA', count: 118 }] },
      { timestamp: T2, result: [] },
    ],
    [{ __time: T1, dimension: 'origin', value: 'SEA', count: 118 }],
  ],
  [
    'search of one bucket',
    { ...search, granularity: undefined },
    [{ timestamp: T1, result: [{ dimension: 'origin', value: 'SEA', count: 118 }] }],
    [{ dimension: 'origin', value: 'SEA', count: 118 }],
  ],
  [
    'segmentMetadata',
    { queryType: 'segmentMetadata', dataSource: 'flights' },
    [
      {
        id: 'merged',
        intervals: null,
        columns: { origin: ANALYSIS, delay: { ...ANALYSIS, type: 'LONG' } },
        size: 7,
        numRows: 9,
        aggregators: null,
      },
    ],
    [
      { id: 'merged', intervals: null, numRows: 9, column: 'origin', ...ANALYSIS },
      { id: 'merged', intervals: null, numRows: 9, column: 'delay', ...ANALYSIS, type: 'LONG' },
    ],
  ],
  [
    'timeBoundary',
    { queryType: 'timeBoundary', dataSource: 'flights' },
    [{ timestamp: T1, result: { minTime: T1, maxTime: T2 } }],
    [{ minTime: T1, maxTime: T2 }],
  ],
  [
    'timeBoundary as a bare time',
    { queryType: 'timeBoundary', dataSource: 'flights', bound: 'minTime' },
    [T1],
    [{ minTime: T1 }],
  ],
  ['timeBoundary of nothing', { queryType: 'timeBoundary', dataSource: 'flights' }, [], []],
  [
    'dataSourceMetadata',
    { queryType: 'dataSourceMetadata', dataSource: 'flights' },
    [{ timestamp: T2, result: { maxIngestedEventTime: T2 } }],
    [{ maxIngestedEventTime: T2 }],
  ],
  [
    'topN by segment',
    { ...topN, context: { bySegment: true } },
    [
      {
        timestamp: T1,
        result: {
          results: [{ timestamp: T1, result: [{ origin: 'A', n: 2, delay: 5 }] }],
          segment: 's',
          interval: `${T1}/${T2}`,
        },
      },
    ],
    [{ __time: T1, origin: 'A', n: 2, delay: 5 }],
  ],
  [
    'scan by segment',
    { ...scan, context: { bySegment: true } },
    [
      {
        timestamp: T1,
        result: {
          results: [{ segmentId: 's', columns: ['a'], events: [[1], [2]] }],
          segment: 's',
          interval: `${T1}/${T2}`,
        },
      },
    ],
    [{ a: 1 }, { a: 2 }],
  ],
]

describe('38 Flatten every native result shape', () => {
  it.each(SHAPES)('%s, whole', (_, query, elements, rows) => {
    const before = structuredClone(elements)
    const flat = rowsOf(query, elements)
    expect(flat).toEqual(rows)
    expect(flat.map((row) => Object.keys(row as object))).toEqual(rows.map(Object.keys))
    expect(elements).toEqual(before)
  })

  it.each(SHAPES)('%s, as a stream', async (_, query, elements, rows) => {
    const druid = connect('http://druid:8888', {
      transport: canned({ body: JSON.stringify(elements) }),
    })
    // The reply is of the form that is written here.
    const form = query.queryType === 'groupBy' && { resultAsArray: false, ...query.context }
    const stream = druid.streamNative({ ...query, ...(form && { context: form }) } as NativeQuery)
    const flat: unknown[] = []
    for await (const row of stream) flat.push(row)
    expect(flat).toEqual(rows)
    expect(stream.stats?.rows).toBe(rows.length)
  })

  it.each<[string, NativeQuery, unknown]>([
    ['a timeseries', timeseries, { timestamp: T1 }],
    ['a topN', topN, { timestamp: T1, result: [1] }],
    ['a groupBy', groupBy, { version: 'v1', timestamp: T1 }],
    ['array rows of another length', groupBy, [1, 'A']],
    ['a scan', scan, { columns: ['a'], events: [1] }],
    ['a segmentMetadata', { queryType: 'segmentMetadata', dataSource: 'a' }, { id: 'a' }],
    ['a timeBoundary', { queryType: 'timeBoundary', dataSource: 'a' }, 1],
  ])('refuses what is not of %s', async (_, query, element) => {
    expect(() => rowsOf(query, [element])).toThrow(
      expect.objectContaining({ code: 'DECODE' }) as never,
    )
    const druid = connect('http://druid:8888', {
      transport: canned({ body: JSON.stringify([element]) }),
    })
    const rows = druid.streamNative(query)[Symbol.asyncIterator]()
    await expect(rows.next()).rejects.toMatchObject({
      code: 'DECODE',
      queryId: expect.any(String),
    })
  })
})
