import { connect, isDruidError, loadNative } from '@druid/core'
import { afterAll, describe, expect, inject, it } from 'vitest'
import * as examples from '../unit/native-examples.ts'

const druid = connect(inject('druidUrl'))
afterAll(() => druid.close())

const { timeseries, topN, groupBy, scan, search } = examples.QUERIES
type Part = Readonly<Record<string, unknown>>

/** A query that holds the part. */
const KINDS: Readonly<
  Record<string, readonly [parts: Readonly<Record<string, Part>>, (part: Part) => Part]>
> = {
  query: [examples.QUERIES, (query) => query],
  'data source': [examples.DATA_SOURCES, (dataSource) => ({ ...scan, dataSource })],
  filter: [examples.FILTERS, (filter) => ({ ...scan, filter })],
  aggregator: [
    examples.AGGREGATORS,
    (one) => ({ ...groupBy, dimensions: ['origin'], aggregations: [one] }),
  ],
  'post-aggregator': [
    examples.POST_AGGREGATORS,
    (one) => ({
      ...timeseries,
      aggregations: [
        ...timeseries.aggregations,
        { type: 'hyperUnique', name: 'c', fieldName: 'none' },
      ],
      postAggregations: [one],
    }),
  ],
  dimension: [examples.DIMENSIONS, (one) => ({ ...groupBy, dimensions: [one] })],
  'extraction function': [
    examples.EXTRACTION_FNS,
    (extractionFn) => ({
      ...groupBy,
      dimensions: [
        {
          type: 'extraction',
          dimension: extractionFn.type === 'timeFormat' ? '__time' : 'origin',
          outputName: 'x',
          extractionFn,
        },
      ],
    }),
  ],
  'virtual column': [examples.VIRTUAL_COLUMNS, (one) => ({ ...scan, virtualColumns: [one] })],
  granularity: [
    examples.GRANULARITIES,
    (granularity) => ({
      ...timeseries,
      intervals: '2001-01-01T00:47:00.000Z/2001-01-01T00:47:00.005Z',
      granularity,
    }),
  ],
  having: [examples.HAVINGS, (having) => ({ ...groupBy, having })],
  'limit spec': [examples.LIMIT_SPECS, (limitSpec) => ({ ...groupBy, limitSpec })],
  metric: [examples.METRICS, (metric) => ({ ...topN, metric })],
  'search spec': [examples.SEARCH_SPECS, (query) => ({ ...search, query })],
}

/** Why Druid does not run it, `undefined` where it does. */
async function refusal(query: Part): Promise<string | undefined> {
  try {
    const text = await druid.request<string>('POST', '/druid/v2', query, { expect: 'text' })
    JSON.parse(text)
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return 'its result is no JSON'
    if (!isDruidError(error) || !('status' in error)) throw error
    return error.message
  }
}

function verdict(query: Part): string | undefined {
  try {
    loadNative(JSON.stringify(query))
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** The part with one member left out, or with one thing in place of a list of it. */
function* mutants(part: Part): Generator<readonly [what: string, part: Part]> {
  for (const [name, value] of Object.entries(part)) {
    const { [name]: _, ...rest } = part
    yield [`without ${name}`, rest]
    if (Array.isArray(value)) yield [`with one ${name}`, { ...part, [name]: value[0] }]
    if (Array.isArray(value)) yield [`with no ${name}`, { ...part, [name]: [] }]
  }
}

/** Druid runs them, and what is missing makes them meaningless: they match nothing, or everything. */
const MEANINGLESS = new Set([
  'data source filter without filter',
  'virtual column mv-filtered without values',
  'virtual column nested-field without columnName',
  'having greaterThan without aggregation',
  'having greaterThan without value',
  'having lessThan without aggregation',
  'having lessThan without value',
  'having equalTo without aggregation',
  'having equalTo without value',
  'having and without havingSpecs',
  'having or without havingSpecs',
  'search spec contains without value',
  'search spec insensitive_contains without value',
  'search spec fragment without values',
])

/** What Druid finds only by comparing parts with each other, or not in every version. */
const NOT_LOOKED_AT = new Set([
  'query topN without aggregations',
  'query topN with no aggregations',
  // Druid 27 fails, 33 runs it.
  'aggregator histogram with no breaks',
  'data source inline with no columnNames',
  'data source inline with no columnTypes',
  'data source inline with one rows',
  'limit spec default without limit',
])

describe('36 JSON → typed load: refuses what Druid refuses, and nothing else', () => {
  it.each(Object.entries(KINDS))('a %s', async (kind, [parts, queryOf]) => {
    const wrong: unknown[] = []
    for (const [type, part] of Object.entries(parts)) {
      // What is not to be had here says nothing.
      if ((await refusal(queryOf(part))) !== undefined) continue
      for (const [what, mutant] of mutants(part)) {
        const query = queryOf(mutant)
        const mine = verdict(query)
        const theirs = await refusal(query)
        const name = `${kind} ${type} ${what}`
        if ((mine === undefined) === (theirs === undefined)) continue
        if ((theirs === undefined ? MEANINGLESS : NOT_LOOKED_AT).has(name)) continue
        wrong.push([name, mine ?? 'loaded', theirs ?? 'runs'])
      }
    }
    expect(wrong).toEqual([])
  })

  const all = { ...groupBy, granularity: 'all' }
  const { dimensions: _, ...total } = all
  const { query: __, ...anything } = search
  const filtered = (filter: Part): Part => ({ ...timeseries, filter })
  const aggregated = (...aggregations: Part[]): Part => ({ ...timeseries, aggregations })

  it.each<[string, Part]>([
    ['a groupBy without dimensions', total],
    ['a search of everything', anything],
    ['a dimension without type', { ...all, dimensions: [{ dimension: 'origin' }] }],
    ['a topN by such a one', { ...topN, dimension: { dimension: 'origin', outputName: 'o' } }],
    ['a metric without type', { ...topN, metric: { metric: 'n' } }],
    ['the reverse of one', { ...topN, metric: { type: 'inverted', metric: { metric: 'n' } } }],
    ['a limit without type', { ...all, limitSpec: { limit: 1, columns: ['origin'] } }],
    ['a limit that is none', { ...all, limitSpec: { type: 'NoopLimitSpec' } }],
    ['a table without type', { ...scan, dataSource: { name: 'flights' } }],
    [
      'a union of such',
      { ...scan, dataSource: { type: 'union', dataSources: [{ name: 'flights' }, 'flights'] } },
    ],
    ['intervals without type', { ...scan, intervals: { intervals: ['2001-01-01/P1M'] } }],
    [
      'intervals as Druid writes them',
      { ...scan, intervals: { type: 'LegacySegmentSpec', intervals: ['2001-01-01/P1M'] } },
    ],
    ['several intervals in a text', { ...scan, intervals: '2001-01-01/P1D,2001-02-01/P1D' }],
    ['no intervals', { ...scan, intervals: [] }],
    ['a granularity in any case', { ...timeseries, granularity: 'Fifteen_Minute' }],
    [
      'the names of cardinality’s fields',
      aggregated({ type: 'cardinality', name: 'c', fieldNames: ['origin'] }),
    ],
    ['a selector of null', filtered({ type: 'selector', dimension: 'origin' })],
    ['having nothing', { ...all, having: null, limitSpec: null, filter: null }],
  ])('takes %s, as Druid does', async (_, query) => {
    expect(verdict(query)).toBeUndefined()
    expect(await refusal(query)).toBeUndefined()
  })

  it.each<[string, Part]>([
    [
      'an aggregator of two things',
      aggregated({ type: 'longSum', name: 'x', fieldName: 'delay', expression: 'delay' }),
    ],
    ['one of nothing', aggregated({ type: 'longSum', name: 'x' })],
    ['cardinality of nothing', aggregated({ type: 'cardinality', name: 'x' })],
    [
      'cardinality of two things',
      aggregated({ type: 'cardinality', name: 'x', fields: ['origin'], fieldNames: ['origin'] }),
    ],
    [
      'parts where names are meant',
      aggregated({ type: 'cardinality', name: 'x', fieldNames: [{ dimension: 'origin' }] }),
    ],
    ['a range without bounds', filtered({ type: 'range', column: 'a', matchValueType: 'LONG' })],
    ['a bound without bounds', filtered({ type: 'bound', dimension: 'a' })],
    [
      'a text in place of intervals',
      filtered({ type: 'interval', dimension: '__time', intervals: '2001/2002' }),
    ],
    ['no interval', { ...scan, intervals: '2001' }],
    ['intervals of nothing', { ...scan, intervals: { type: 'intervals' } }],
    ['no granularity', { ...timeseries, granularity: 'P1D' }],
    [
      'an order by nothing',
      { ...all, limitSpec: { type: 'default', limit: 1, columns: [{ direction: 'descending' }] } },
    ],
    ['a sum without a name', { ...timeseries, postAggregations: [{ type: 'constant', value: 1 }] }],
    [
      'arithmetic of one thing',
      {
        ...timeseries,
        postAggregations: [
          { type: 'arithmetic', name: 'p', fn: '+', fields: [{ type: 'constant', value: 1 }] },
        ],
      },
    ],
    [
      'a lookup of nothing',
      { ...all, dimensions: [{ type: 'lookup', dimension: 'a', outputName: 'b' }] },
    ],
    [
      'columns of no type',
      { queryType: 'segmentMetadata', dataSource: 'flights', toInclude: { columns: ['delay'] } },
    ],
    [
      'a space of no type',
      filtered({ type: 'spatial', dimension: 'a', bound: { coords: [0, 0], radius: 1 } }),
    ],
  ])('refuses %s, as Druid does', async (_, query) => {
    expect(verdict(query)).toContain('native query')
    expect(await refusal(query)).toBeDefined()
  })
})
