import { isGranularityName } from './granularity.ts'

interface Text {
  readonly isOne: (text: string) => boolean
  readonly what: string
}

const NAME: Text = { isOne: (text) => text !== '', what: 'a name' }
const INTERVAL: Text = { isOne: (text) => text.includes('/'), what: 'an interval (from/to)' }

const AGGREGATES =
  'virtualColumns:virtualColumn[] aggregations:aggregator[] postAggregations:outermost[]'

const POST_AGGREGATORS = {
  arithmetic: 'fn! fields!:postAggregator[2]',
  fieldAccess: 'fieldName!',
  finalizingFieldAccess: 'fieldName!',
  constant: 'value!',
  expression: 'expression!',
  javascript: 'fieldNames!:name[] function!',
  hyperUniqueCardinality: 'fieldName!',
  doubleGreatest: 'fields!:postAggregator[1]',
  doubleLeast: 'fields!:postAggregator[1]',
  longGreatest: 'fields!:postAggregator[1]',
  longLeast: 'fields!:postAggregator[1]',
}

/** Without a name Druid runs it, and its result is no JSON. */
function named(shapes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(shapes).map(([type, shape]) => [type, `name! ${shape}`]))
}

/**
 * What native queries are made of, as far as a query that comes as JSON is checked: for each kind, by
 * `type`, the members that Druid refuses or reads otherwise where they are not so. The interfaces of
 * this folder say the rest.
 *
 * - `a!`: it must be there; `a|b`: one of them, and not both; `a+b`: at least one of them
 * - `a:kind`: it is such a part; `a:kind[]`, `a:[]`: a list, of such parts; `a:kind[2]`: of two at least
 */
export const SHAPES = {
  query: {
    timeseries: `dataSource!:dataSource intervals!:intervals granularity!:granularity filter:filter ${AGGREGATES}`,
    topN: `dataSource!:dataSource intervals!:intervals granularity!:granularity dimension!:dimension metric!:metric threshold! filter:filter ${AGGREGATES}`,
    groupBy: `dataSource!:dataSource intervals!:intervals granularity!:granularity dimensions:dimension[] filter:filter ${AGGREGATES} having:having limitSpec:limitSpec subtotalsSpec:[]`,
    scan: 'dataSource!:dataSource intervals!:intervals filter:filter virtualColumns:virtualColumn[] columns:[] columnTypes:[] orderBy:[]',
    search:
      'dataSource!:dataSource intervals!:intervals query:searchSpec granularity:granularity searchDimensions:dimension[] filter:filter virtualColumns:virtualColumn[]',
    segmentMetadata:
      'dataSource!:dataSource intervals:intervals toInclude:toInclude analysisTypes:[]',
    timeBoundary: 'dataSource!:dataSource intervals:intervals filter:filter',
    dataSourceMetadata: 'dataSource!:dataSource intervals:intervals',
    windowOperator:
      'dataSource!:dataSource intervals:intervals outputSignature!:[] operatorDefinition!:[] leafOperators:[]',
  },
  intervals: { intervals: 'intervals!:interval[]', segments: 'segments!:[]' },
  toInclude: { all: '', none: '', list: 'columns!:[]' },
  dataSource: {
    table: 'name!',
    globalTable: 'name!',
    union: 'dataSources!:dataSource[1]',
    inline: 'columnNames!:[] columnTypes:[] rows!:[]',
    lookup: 'lookup!',
    query: 'query!:query',
    join: 'left!:dataSource right!:dataSource rightPrefix! condition! joinType! leftFilter:filter',
    unnest: 'base!:dataSource virtualColumn!:virtualColumn unnestFilter:filter',
    filter: 'base!:dataSource filter!:filter',
  },
  filter: {
    and: 'fields!:filter[1]',
    or: 'fields!:filter[1]',
    not: 'field!:filter',
    istrue: 'field!:filter',
    isfalse: 'field!:filter',
    true: '',
    false: '',
    null: 'column!',
    equals: 'column! matchValueType! matchValue!',
    range: 'column! matchValueType! lower+upper',
    inType: 'column! matchValueType! values:[]|sortedValues:[]',
    arrayContainsElement: 'column! elementMatchValueType!',
    selector: 'dimension! extractionFn:extractionFn',
    in: 'dimension! values!:[] extractionFn:extractionFn',
    bound: 'dimension! lower+upper extractionFn:extractionFn',
    like: 'dimension! pattern! extractionFn:extractionFn',
    regex: 'dimension! pattern! extractionFn:extractionFn',
    search: 'dimension! query!:searchSpec extractionFn:extractionFn',
    interval: 'dimension! intervals!:interval[1] extractionFn:extractionFn',
    columnComparison: 'dimensions!:dimension[1]',
    expression: 'expression!',
    javascript: 'dimension! function! extractionFn:extractionFn',
    extraction: 'dimension! extractionFn!:extractionFn',
    spatial: 'dimension! bound!:bound',
  },
  bound: {
    rectangular: 'minCoords!:[] maxCoords!:[]',
    radius: 'coords!:[] radius!',
    polygon: 'abscissa!:[] ordinate!:[]',
  },
  aggregator: {
    count: 'name!',
    longSum: 'name! fieldName|expression',
    longMin: 'name! fieldName|expression',
    longMax: 'name! fieldName|expression',
    doubleSum: 'name! fieldName|expression',
    doubleMin: 'name! fieldName|expression',
    doubleMax: 'name! fieldName|expression',
    floatSum: 'name! fieldName|expression',
    floatMin: 'name! fieldName|expression',
    floatMax: 'name! fieldName|expression',
    doubleMean: 'name! fieldName!',
    longFirst: 'name! fieldName!',
    longLast: 'name! fieldName!',
    doubleFirst: 'name! fieldName!',
    doubleLast: 'name! fieldName!',
    floatFirst: 'name! fieldName!',
    floatLast: 'name! fieldName!',
    stringFirst: 'name! fieldName!',
    stringLast: 'name! fieldName!',
    longAny: 'name! fieldName!',
    doubleAny: 'name! fieldName!',
    floatAny: 'name! fieldName!',
    stringAny: 'name! fieldName!',
    cardinality: 'name! fields:dimension[]|fieldNames:name[]',
    hyperUnique: 'name! fieldName!',
    histogram: 'name! fieldName! breaks!:[]',
    javascript: 'name! fieldNames!:name[] fnAggregate! fnCombine! fnReset!',
    filtered: 'aggregator!:aggregator filter!:filter',
    grouping: 'name! groupings!:[1]',
    expression: 'name! fields:[] initialValue! fold!',
    singleValue: 'name! fieldName! columnType!',
  },
  postAggregator: POST_AGGREGATORS,
  outermost: named(POST_AGGREGATORS),
  dimension: {
    default: 'dimension!',
    extraction: 'dimension! extractionFn!:extractionFn',
    listFiltered: 'delegate!:dimension values!:[1]',
    regexFiltered: 'delegate!:dimension pattern!',
    prefixFiltered: 'delegate!:dimension prefix!',
    lookup: 'dimension! outputName! name|lookup:lookupMap',
  },
  extractionFn: {
    time: 'timeFormat! resultFormat!',
    regex: 'expr!',
    partial: 'expr!',
    searchQuery: 'query!:searchSpec',
    javascript: 'function!',
    timeFormat: 'granularity:granularity',
    identity: '',
    lookup: 'lookup!:lookupMap',
    registeredLookup: 'lookup!',
    substring: '',
    cascade: 'extractionFns!:extractionFn[]',
    stringFormat: 'format!',
    upper: '',
    lower: '',
    bucket: '',
    strlen: '',
  },
  lookupMap: { map: 'map!' },
  virtualColumn: {
    expression: 'name! expression!',
    fallback: 'name! columns!:dimension[1]',
    'mv-filtered': 'name! delegate!:dimension values!:[]',
    'mv-regex-filtered': 'name! delegate!:dimension pattern!',
    'mv-prefix-filtered': 'name! delegate!:dimension prefix!',
    'nested-field': 'columnName! outputName! path|pathParts:[]',
  },
  granularity: { all: '', none: '', period: 'period!', duration: 'duration!' },
  having: {
    greaterThan: 'aggregation! value!',
    lessThan: 'aggregation! value!',
    equalTo: 'aggregation! value!',
    dimSelector: 'dimension! extractionFn:extractionFn',
    filter: 'filter!:filter',
    and: 'havingSpecs!:having[]',
    or: 'havingSpecs!:having[]',
    not: 'havingSpec!:having',
    always: '',
  },
  limitSpec: { default: 'columns:orderBy[]', NoopLimitSpec: '' },
  orderBy: { column: 'dimension!' },
  metric: {
    numeric: 'metric!',
    dimension: '',
    inverted: 'metric!:metric',
    lexicographic: '',
    alphaNumeric: '',
  },
  searchSpec: {
    contains: 'value!',
    insensitive_contains: 'value!',
    fragment: 'values!:[]',
    regex: 'pattern!',
    all: '',
  },
} as const

export type ShapeKind = keyof typeof SHAPES

/** The type of a part that does not tell its own. */
export const UNTYPED: Readonly<Partial<Record<ShapeKind, string>>> = {
  dataSource: 'table',
  dimension: 'default',
  intervals: 'intervals',
  limitSpec: 'default',
  metric: 'numeric',
  orderBy: 'column',
}

/** With those that are texts only. */
export type Kind = ShapeKind | 'interval' | 'name'

/** Kinds of which a text alone is one. */
export const TEXTS: Readonly<Partial<Record<Kind, Text>>> = {
  name: NAME,
  dataSource: NAME,
  dimension: NAME,
  metric: NAME,
  orderBy: NAME,
  granularity: { isOne: isGranularityName, what: 'one of the names of granularities' },
  interval: INTERVAL,
  intervals: INTERVAL,
}
