import type {
  Aggregators,
  DataSources,
  DimensionSpecs,
  ExtractionFns,
  Filters,
  Granularities,
  Havings,
  LimitSpecs,
  Metrics,
  NativeQueries,
  PostAggregators,
  SearchSpecs,
  VirtualColumns,
} from '@druid/core'

/** One of each kind and type, over the data sources of the tests; the real tests ask Druid for what is missing. */
const when = { dataSource: 'flights', intervals: '2001-01-01/2001-04-01' } as const
const table = { type: 'table', name: 'flights' } as const
const origin = { type: 'default', dimension: 'origin' } as const
const n = { type: 'fieldAccess', fieldName: 'n' } as const

export const DATA_SOURCES = {
  table,
  globalTable: { type: 'globalTable', name: 'flights' },
  union: { type: 'union', dataSources: ['flights', table] },
  inline: { type: 'inline', columnNames: ['a'], columnTypes: ['LONG'], rows: [[1], [null]] },
  lookup: { type: 'lookup', lookup: 'none' },
  query: {
    type: 'query',
    query: { queryType: 'groupBy', ...when, granularity: 'all', dimensions: ['origin'] },
  },
  join: {
    type: 'join',
    left: 'flights',
    right: {
      type: 'query',
      query: {
        queryType: 'scan',
        dataSource: 'airports',
        intervals: '2000/2002',
        columns: ['iata'],
      },
    },
    rightPrefix: 'r.',
    condition: 'origin == "r.iata"',
    joinType: 'INNER',
  },
  unnest: {
    type: 'unnest',
    base: 'flights',
    virtualColumn: { type: 'expression', name: 'u', expression: 'array(origin, destination)' },
    unnestFilter: { type: 'equals', column: 'u', matchValueType: 'STRING', matchValue: 'SEA' },
  },
  filter: { type: 'filter', base: 'flights', filter: { type: 'true' } },
} satisfies Partial<DataSources>

export const FILTERS = {
  and: { type: 'and', fields: [{ type: 'true' }] },
  or: { type: 'or', fields: [{ type: 'true' }, { type: 'false' }] },
  not: { type: 'not', field: { type: 'false' } },
  istrue: { type: 'istrue', field: { type: 'true' } },
  isfalse: { type: 'isfalse', field: { type: 'false' } },
  true: { type: 'true' },
  false: { type: 'false' },
  null: { type: 'null', column: 'origin' },
  equals: { type: 'equals', column: 'delay', matchValueType: 'LONG', matchValue: 5 },
  range: {
    type: 'range',
    column: 'delay',
    matchValueType: 'LONG',
    lower: 5,
    upperOpen: true,
    upper: 9,
  },
  inType: { type: 'inType', column: 'delay', matchValueType: 'LONG', values: [9, 5] },
  arrayContainsElement: {
    type: 'arrayContainsElement',
    column: 'origin',
    elementMatchValueType: 'STRING',
    elementMatchValue: 'SEA',
  },
  selector: { type: 'selector', dimension: 'origin', value: null },
  in: { type: 'in', dimension: 'origin', values: ['SEA', null] },
  bound: { type: 'bound', dimension: 'delay', lower: '5', lowerStrict: true, ordering: 'numeric' },
  like: { type: 'like', dimension: 'origin', pattern: 'S_A', escape: '\\' },
  regex: { type: 'regex', dimension: 'origin', pattern: '^S' },
  search: { type: 'search', dimension: 'origin', query: { type: 'contains', value: 'EA' } },
  interval: { type: 'interval', dimension: '__time', intervals: ['2001-02-01/P1M'] },
  columnComparison: { type: 'columnComparison', dimensions: ['origin', 'destination'] },
  expression: { type: 'expression', expression: 'delay > distance' },
  javascript: { type: 'javascript', dimension: 'origin', function: 'function(x) { return true }' },
  extraction: {
    type: 'extraction',
    dimension: 'origin',
    value: '3',
    extractionFn: { type: 'strlen' },
  },
  spatial: {
    type: 'spatial',
    dimension: 'place',
    bound: { type: 'radius', coords: [0, 0], radius: 1 },
  },
} satisfies Partial<Filters>

const of = { name: 'x', fieldName: 'delay' } as const

export const AGGREGATORS = {
  count: { type: 'count', name: 'x' },
  longSum: { type: 'longSum', ...of },
  longMin: { type: 'longMin', ...of },
  longMax: { type: 'longMax', name: 'x', expression: 'delay * 2' },
  doubleSum: { type: 'doubleSum', ...of },
  doubleMin: { type: 'doubleMin', ...of },
  doubleMax: { type: 'doubleMax', ...of },
  floatSum: { type: 'floatSum', ...of },
  floatMin: { type: 'floatMin', ...of },
  floatMax: { type: 'floatMax', ...of },
  doubleMean: { type: 'doubleMean', ...of },
  longFirst: { type: 'longFirst', ...of },
  longLast: { type: 'longLast', ...of, timeColumn: '__time' },
  doubleFirst: { type: 'doubleFirst', ...of },
  doubleLast: { type: 'doubleLast', ...of },
  floatFirst: { type: 'floatFirst', ...of },
  floatLast: { type: 'floatLast', ...of },
  stringFirst: { type: 'stringFirst', name: 'x', fieldName: 'origin', maxStringBytes: 2 },
  stringLast: { type: 'stringLast', name: 'x', fieldName: 'origin' },
  longAny: { type: 'longAny', ...of },
  doubleAny: { type: 'doubleAny', ...of },
  floatAny: { type: 'floatAny', ...of },
  stringAny: { type: 'stringAny', name: 'x', fieldName: 'origin' },
  cardinality: {
    type: 'cardinality',
    name: 'x',
    fields: ['origin', origin],
    byRow: true,
    round: true,
  },
  hyperUnique: { type: 'hyperUnique', name: 'x', fieldName: 'none' },
  histogram: { type: 'histogram', ...of, breaks: [0, 10] },
  javascript: {
    type: 'javascript',
    name: 'x',
    fieldNames: ['delay'],
    fnAggregate: 'function(a, b) { return a + b }',
    fnCombine: 'function(a, b) { return a + b }',
    fnReset: 'function() { return 0 }',
  },
  filtered: {
    type: 'filtered',
    filter: { type: 'true' },
    aggregator: { type: 'count', name: 'x' },
  },
  grouping: { type: 'grouping', name: 'x', groupings: ['origin'] },
  expression: {
    type: 'expression',
    name: 'x',
    fields: ['delay'],
    initialValue: '0',
    fold: '__acc + delay',
    combine: '__acc + x',
  },
  singleValue: { type: 'singleValue', name: 'x', fieldName: 'delay', columnType: 'LONG' },
} satisfies Partial<Aggregators>

export const POST_AGGREGATORS = {
  arithmetic: { type: 'arithmetic', name: 'p', fn: 'quotient', fields: [n, n] },
  fieldAccess: { type: 'fieldAccess', name: 'p', fieldName: 'n' },
  finalizingFieldAccess: { type: 'finalizingFieldAccess', name: 'p', fieldName: 'n' },
  constant: { type: 'constant', name: 'p', value: 2 },
  expression: { type: 'expression', name: 'p', expression: 'n * 2', outputType: 'LONG' },
  javascript: {
    type: 'javascript',
    name: 'p',
    fieldNames: ['n'],
    function: 'function(n) { return n }',
  },
  hyperUniqueCardinality: { type: 'hyperUniqueCardinality', name: 'p', fieldName: 'c' },
  doubleGreatest: { type: 'doubleGreatest', name: 'p', fields: [n] },
  doubleLeast: { type: 'doubleLeast', name: 'p', fields: [n] },
  longGreatest: { type: 'longGreatest', name: 'p', fields: [n] },
  longLeast: { type: 'longLeast', name: 'p', fields: [n] },
} satisfies Partial<PostAggregators>

export const DIMENSIONS = {
  default: { type: 'default', dimension: 'delay', outputName: 'd', outputType: 'LONG' },
  extraction: {
    type: 'extraction',
    dimension: 'origin',
    outputName: 'd',
    extractionFn: { type: 'lower' },
  },
  listFiltered: { type: 'listFiltered', delegate: 'origin', values: ['SEA'], isWhitelist: false },
  regexFiltered: { type: 'regexFiltered', delegate: origin, pattern: '^S' },
  prefixFiltered: { type: 'prefixFiltered', delegate: origin, prefix: 'S' },
  lookup: {
    type: 'lookup',
    dimension: 'origin',
    outputName: 'd',
    lookup: { type: 'map', map: { SEA: 'Seattle' } },
    retainMissingValue: true,
  },
} satisfies Partial<DimensionSpecs>

export const EXTRACTION_FNS = {
  time: { type: 'time', timeFormat: 'yyyy', resultFormat: 'yy', joda: true },
  regex: { type: 'regex', expr: '^(.)', replaceMissingValue: true, replaceMissingValueWith: '?' },
  partial: { type: 'partial', expr: 'S' },
  searchQuery: { type: 'searchQuery', query: { type: 'all' } },
  javascript: { type: 'javascript', function: 'function(x) { return x }' },
  timeFormat: { type: 'timeFormat', format: 'MM', timeZone: 'UTC', granularity: 'day' },
  identity: { type: 'identity' },
  lookup: { type: 'lookup', lookup: { type: 'map', map: { SEA: 'Seattle' } } },
  registeredLookup: { type: 'registeredLookup', lookup: 'none', retainMissingValue: true },
  substring: { type: 'substring', index: 1, length: 1 },
  cascade: { type: 'cascade', extractionFns: [{ type: 'lower' }, { type: 'upper', locale: 'en' }] },
  stringFormat: { type: 'stringFormat', format: '<%s>', nullHandling: 'returnNull' },
  upper: { type: 'upper' },
  lower: { type: 'lower' },
  bucket: { type: 'bucket', size: 10, offset: 2 },
  strlen: { type: 'strlen' },
} satisfies Partial<ExtractionFns>

export const VIRTUAL_COLUMNS = {
  expression: { type: 'expression', name: 'v', expression: 'delay * 2', outputType: 'LONG' },
  fallback: { type: 'fallback', name: 'v', columns: ['origin'] },
  'mv-filtered': { type: 'mv-filtered', name: 'v', delegate: origin, values: ['SEA'] },
  'mv-regex-filtered': { type: 'mv-regex-filtered', name: 'v', delegate: origin, pattern: '^S' },
  'mv-prefix-filtered': { type: 'mv-prefix-filtered', name: 'v', delegate: origin, prefix: 'S' },
  'nested-field': { type: 'nested-field', columnName: 'origin', outputName: 'v', path: '$.' },
} satisfies Partial<VirtualColumns>

export const GRANULARITIES = {
  all: { type: 'all' },
  none: { type: 'none' },
  period: { type: 'period', period: 'P1M', timeZone: 'America/Los_Angeles' },
  duration: { type: 'duration', duration: 86_400_000, origin: '2001-01-01T00:00:00Z' },
} satisfies Partial<Granularities>

export const HAVINGS = {
  greaterThan: { type: 'greaterThan', aggregation: 'n', value: 5 },
  lessThan: { type: 'lessThan', aggregation: 'n', value: 5 },
  equalTo: { type: 'equalTo', aggregation: 'n', value: 5 },
  dimSelector: { type: 'dimSelector', dimension: 'origin', value: 'SEA' },
  filter: {
    type: 'filter',
    filter: { type: 'range', column: 'n', matchValueType: 'LONG', lower: 5 },
    finalize: true,
  },
  and: { type: 'and', havingSpecs: [{ type: 'always' }] },
  or: { type: 'or', havingSpecs: [{ type: 'always' }] },
  not: { type: 'not', havingSpec: { type: 'always' } },
  always: { type: 'always' },
} satisfies Partial<Havings>

export const LIMIT_SPECS = {
  default: {
    type: 'default',
    columns: ['origin', { dimension: 'n', direction: 'descending', dimensionOrder: 'numeric' }],
    offset: 1,
    limit: 2,
  },
} satisfies Partial<LimitSpecs>

export const METRICS = {
  numeric: { type: 'numeric', metric: 'n' },
  dimension: { type: 'dimension', ordering: 'lexicographic', previousStop: 'B' },
  inverted: { type: 'inverted', metric: 'n' },
  lexicographic: { type: 'lexicographic' },
  alphaNumeric: { type: 'alphaNumeric' },
} satisfies Partial<Metrics>

export const SEARCH_SPECS = {
  contains: { type: 'contains', value: 'EA', caseSensitive: true },
  insensitive_contains: { type: 'insensitive_contains', value: 'ea' },
  fragment: { type: 'fragment', values: ['S', 'A'] },
  regex: { type: 'regex', pattern: '^S' },
  all: { type: 'all' },
} satisfies Partial<SearchSpecs>

const count = [{ type: 'count', name: 'n' }] as const

export const QUERIES = {
  timeseries: { queryType: 'timeseries', ...when, granularity: 'month', aggregations: count },
  topN: {
    queryType: 'topN',
    ...when,
    granularity: 'all',
    dimension: 'origin',
    metric: 'n',
    threshold: 3,
    aggregations: count,
  },
  groupBy: {
    queryType: 'groupBy',
    ...when,
    granularity: 'month',
    dimensions: ['origin'],
    aggregations: count,
  },
  scan: { queryType: 'scan', ...when, columns: ['__time', 'origin', 'delay'], limit: 5 },
  search: { queryType: 'search', ...when, query: { type: 'contains', value: 'SE' } },
  segmentMetadata: { queryType: 'segmentMetadata', ...when, analysisTypes: ['size', 'minmax'] },
  timeBoundary: { queryType: 'timeBoundary', dataSource: 'flights' },
  dataSourceMetadata: { queryType: 'dataSourceMetadata', dataSource: 'flights' },
} satisfies Partial<NativeQueries>
