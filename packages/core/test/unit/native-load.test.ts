import { connect, loadNative } from '@druid/core'
import { describe, expect, it } from 'vitest'
import * as examples from './native-examples.ts'
import { canned } from './reply.ts'

const KINDS: readonly [kind: string, parts: object, query: (part: never) => object][] = [
  [
    'data source',
    examples.DATA_SOURCES,
    (dataSource) => ({ ...examples.QUERIES.scan, dataSource }),
  ],
  ['filter', examples.FILTERS, (filter) => ({ ...examples.QUERIES.scan, filter })],
  [
    'aggregator',
    examples.AGGREGATORS,
    (one) => ({ ...examples.QUERIES.timeseries, aggregations: [one] }),
  ],
  [
    'post-aggregator',
    examples.POST_AGGREGATORS,
    (one) => ({ ...examples.QUERIES.timeseries, postAggregations: [one] }),
  ],
  ['dimension', examples.DIMENSIONS, (one) => ({ ...examples.QUERIES.groupBy, dimensions: [one] })],
  [
    'extraction function',
    examples.EXTRACTION_FNS,
    (extractionFn) => ({
      ...examples.QUERIES.topN,
      dimension: { type: 'extraction', dimension: 'a', extractionFn },
    }),
  ],
  [
    'virtual column',
    examples.VIRTUAL_COLUMNS,
    (one) => ({ ...examples.QUERIES.scan, virtualColumns: [one] }),
  ],
  [
    'granularity',
    examples.GRANULARITIES,
    (granularity) => ({ ...examples.QUERIES.timeseries, granularity }),
  ],
  ['having', examples.HAVINGS, (having) => ({ ...examples.QUERIES.groupBy, having })],
  ['limit', examples.LIMIT_SPECS, (limitSpec) => ({ ...examples.QUERIES.groupBy, limitSpec })],
  ['metric', examples.METRICS, (metric) => ({ ...examples.QUERIES.topN, metric })],
  ['search', examples.SEARCH_SPECS, (query) => ({ ...examples.QUERIES.search, query })],
  ['query', examples.QUERIES, (query) => query],
]

const invalid = (text: string): object =>
  expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(text) })

describe('36 JSON → typed load', () => {
  it('gives a typed query that can be sent', async () => {
    const text = JSON.stringify(examples.QUERIES.topN)
    const query = loadNative(text, 'topN')
    expect(query).toEqual(examples.QUERIES.topN)
    expect(query.threshold).toBe(3)
    const body = '[{"timestamp":"2001-01-01T00:00:00.000Z","result":[{"origin":"SEA","n":2}]}]'
    const druid = connect('http://druid:8888', { transport: canned({ body }) })
    expect((await druid.native(query))[0]?.result).toEqual([{ origin: 'SEA', n: 2 }])
  })

  it.each(KINDS)('knows every %s', (_, parts, queryOf) => {
    for (const part of Object.values(parts)) {
      const query = queryOf(part as never)
      expect(loadNative(JSON.stringify(query))).toEqual(query)
      expect(loadNative(query)).toBe(query)
    }
  })

  it('keeps integers that a number cannot hold', () => {
    const text =
      '{"queryType":"scan","dataSource":"a","intervals":"2001/2002","filter":{"type":"in","dimension":"id","values":[9007199254740993]}}'
    expect(loadNative(text)).toMatchObject({ filter: { values: [9007199254740993n] } })
  })

  it('leaves parts of a type that it does not know', () => {
    const query = {
      ...examples.QUERIES.scan,
      filter: { type: 'and', fields: [{ type: 'bloom', anything: 1 }] },
    }
    expect(loadNative(query)).toBe(query)
  })

  it('refuses what is nested too deep, and what cannot be read', () => {
    const deep = (depth: number): object => {
      let filter: object = { type: 'null', column: 'a' }
      for (let i = 0; i < depth; i += 1) filter = { type: 'not', field: filter }
      return { ...examples.QUERIES.scan, filter }
    }
    expect(loadNative(deep(100))).toMatchObject({ filter: { type: 'not' } })
    expect(() => loadNative(deep(20_000))).toThrow(invalid('it is nested too deep'))
    const circle: Record<string, unknown> = { type: 'not' }
    circle.field = circle
    const query = { ...examples.QUERIES.scan, filter: circle }
    expect(() => loadNative(query)).toThrow(invalid('it is nested too deep'))
    const locked = {
      get queryType(): string {
        throw new Error('locked')
      },
    }
    expect(() => loadNative(locked)).toThrow(invalid('it cannot be read: locked'))
  })

  it.each<[string, unknown, string]>([
    ['no JSON', '{"queryType"', 'it is no JSON'],
    ['no object', '[]', 'it must be an object with a queryType'],
    ['no type', {}, 'its queryType is missing'],
    ['an unknown type', { queryType: 'select' }, 'is no queryType that is known here'],
    ['an inherited name', { queryType: 'toString' }, 'is no queryType that is known here'],
    ['no data source', { queryType: 'timeBoundary' }, 'dataSource: it is missing'],
    [
      'a data source that is none',
      { queryType: 'timeBoundary', dataSource: 1 },
      'dataSource: it must be a name or an object with a type',
    ],
    [
      'a part without a type',
      { ...examples.QUERIES.scan, filter: { column: 'a' } },
      'filter: its type is missing',
    ],
    [
      'a member that is missing, deep within',
      {
        ...examples.QUERIES.scan,
        filter: {
          type: 'and',
          fields: [{ type: 'true' }, { type: 'not', field: { type: 'null' } }],
        },
      },
      'filter.fields[1].field.column: it is missing',
    ],
    [
      'one part where there must be a list',
      { ...examples.QUERIES.timeseries, aggregations: { type: 'count', name: 'n' } },
      'aggregations: it must be a list',
    ],
    [
      'an empty list where one is needed',
      { ...examples.QUERIES.scan, filter: { type: 'and', fields: [] } },
      'filter.fields: it is empty',
    ],
    [
      'too short a list',
      {
        ...examples.QUERIES.timeseries,
        postAggregations: [
          { type: 'arithmetic', name: 'p', fn: '+', fields: [{ type: 'constant', value: 1 }] },
        ],
      },
      'postAggregations[0].fields: it must be a list of 2 or more',
    ],
    [
      'none of two',
      {
        ...examples.QUERIES.scan,
        filter: { type: 'inType', column: 'a', matchValueType: 'LONG' },
      },
      'filter: its values or sortedValues is missing',
    ],
    [
      'both of two',
      {
        ...examples.QUERIES.timeseries,
        aggregations: [{ type: 'longSum', name: 'n', fieldName: 'a', expression: 'a' }],
      },
      'aggregations[0]: it must have fieldName or expression, and not both',
    ],
    [
      'an interval that is none',
      { ...examples.QUERIES.scan, intervals: ['2001'] },
      'intervals[0]: it must be an interval (from/to)',
    ],
    [
      'one interval where there must be a list',
      {
        ...examples.QUERIES.scan,
        filter: { type: 'interval', dimension: '__time', intervals: '2001/2002' },
      },
      'filter.intervals: it must be a list',
    ],
    [
      'a granularity that is none',
      { ...examples.QUERIES.timeseries, granularity: 'fortnight' },
      'granularity: it must be one of the names of granularities or an object with a type',
    ],
    [
      'what is no name',
      {
        ...examples.QUERIES.timeseries,
        aggregations: [{ type: 'cardinality', name: 'n', fieldNames: [{}] }],
      },
      'aggregations[0].fieldNames[0]: it must be a name',
    ],
    [
      'an inner query that is none',
      { ...examples.QUERIES.scan, dataSource: { type: 'query', query: { queryType: 'scan' } } },
      'dataSource.query.dataSource: it is missing',
    ],
  ])('refuses %s, and says where', (_, json, why) => {
    expect(() => loadNative(json)).toThrow(invalid(why) as never)
  })

  it('refuses another type than is wanted', () => {
    expect(() => loadNative(examples.QUERIES.scan, 'topN')).toThrow(
      invalid('it is a scan query, and a topN query is wanted') as never,
    )
  })
})
