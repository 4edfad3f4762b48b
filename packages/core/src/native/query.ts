import type { Aggregator } from './aggregator.ts'
import type { NativeContext } from './context.ts'
import type { Custom } from './custom.ts'
import type { DataSource } from './data-source.ts'
import type { Dimension } from './dimension.ts'
import type { Filter } from './filter.ts'
import type { Granularity } from './granularity.ts'
import type { Having } from './having.ts'
import type { Intervals } from './interval.ts'
import type { LimitSpec } from './limit.ts'
import type { Metric } from './metric.ts'
import type { PostAggregator } from './post-aggregator.ts'
import type { SearchSpec } from './search.ts'
import type { ColumnType, Ordering } from './value.ts'
import type { VirtualColumn } from './virtual-column.ts'

/** What every native query has. */
interface Common<C> {
  readonly dataSource: DataSource
  readonly filter?: Filter | null | undefined
  readonly virtualColumns?: readonly VirtualColumn[] | undefined
  readonly context?: C | undefined
}

/** What the queries that aggregate have. `aggregations` and `postAggregations` name the outputs. */
interface Aggregating<G, A, P, C> extends Common<C> {
  readonly intervals: Intervals
  readonly granularity: G
  readonly aggregations?: A | undefined
  readonly postAggregations?: P | undefined
}

type AnyAggregators = readonly Aggregator[]
type AnyPostAggregators = readonly PostAggregator[]

/**
 * Aggregations over time, a bucket each. Empty buckets are there too, unless `skipEmptyBuckets`.
 * See https://druid.apache.org/docs/latest/querying/timeseriesquery
 */
export interface TimeseriesQuery<
  G = Granularity,
  A = AnyAggregators,
  P = AnyPostAggregators,
  C = NativeContext,
> extends Aggregating<G, A, P, C> {
  readonly queryType: 'timeseries'
  /** The latest bucket first. Default: false. */
  readonly descending?: boolean | undefined
  /** Buckets to give back. Default: all. */
  readonly limit?: number | undefined
}

/**
 * The greatest values of one dimension by a metric, in each bucket of time; approximate where the
 * dimension has more than some 1000 values.
 * See https://druid.apache.org/docs/latest/querying/topnquery
 */
export interface TopNQuery<
  D = Dimension,
  G = Granularity,
  A = AnyAggregators,
  P = AnyPostAggregators,
  C = NativeContext,
> extends Aggregating<G, A, P, C> {
  readonly queryType: 'topN'
  readonly dimension: D
  readonly metric: Metric
  /** How many. */
  readonly threshold: number
}

/**
 * Aggregations by any number of dimensions.
 * See https://druid.apache.org/docs/latest/querying/groupbyquery
 */
export interface GroupByQuery<
  D = readonly Dimension[],
  G = Granularity,
  A = AnyAggregators,
  P = AnyPostAggregators,
  C = NativeContext,
> extends Aggregating<G, A, P, C> {
  readonly queryType: 'groupBy'
  /** Default: none, which is one group for each bucket of time. */
  readonly dimensions?: D | undefined
  readonly having?: Having | null | undefined
  readonly limitSpec?: LimitSpec | undefined
  /** Further groupings, each by some of the dimensions' output names, in their order. */
  readonly subtotalsSpec?: readonly (readonly string[])[] | undefined
}

/** A column to order a scan by. */
export interface ScanOrderBy {
  readonly columnName: string
  readonly order: 'ascending' | 'descending'
}

/**
 * Rows as they are.
 * See https://druid.apache.org/docs/latest/querying/scan-query
 */
export interface ScanQuery<
  Columns = readonly string[],
  F = 'list' | 'compactedList',
  C = NativeContext,
> extends Common<C> {
  readonly queryType: 'scan'
  readonly intervals: Intervals
  /** Default: all. */
  readonly columns?: Columns | undefined
  /** Their types, in order; SQL sends them. Since Druid 30. */
  readonly columnTypes?: readonly ColumnType[] | undefined
  /** Events as objects (`list`, the default) or as arrays in the order of the columns. */
  readonly resultFormat?: F | undefined
  /** Most events that an element of the result holds. Default: 20480. */
  readonly batchSize?: number | undefined
  /** Rows to leave out at the beginning. Default: 0. */
  readonly offset?: number | undefined
  /** Rows to give back. Default: all. */
  readonly limit?: number | undefined
  /** By `__time`, which must be among the columns. Default: `none`. */
  readonly order?: 'none' | 'ascending' | 'descending' | undefined
  /** The same as `order`, by columns; the Broker takes only `__time`. */
  readonly orderBy?: readonly ScanOrderBy[] | undefined
}

/**
 * Values of dimensions that a search finds, and in how many rows.
 * See https://druid.apache.org/docs/latest/querying/searchquery
 */
export interface SearchQuery<C = NativeContext> extends Common<C> {
  readonly queryType: 'search'
  readonly intervals: Intervals
  /** Default: `all`. */
  readonly granularity?: Granularity | undefined
  /** Default: every value. */
  readonly query?: SearchSpec | undefined
  /** Default: all. */
  readonly searchDimensions?: readonly Dimension[] | undefined
  /** Values that each data server gives at most. Default: 1000. */
  readonly limit?: number | undefined
  /** Default: `lexicographic`. */
  readonly sort?: { readonly type: Ordering } | undefined
}

/** What a segmentMetadata query finds out. `projections` in Druid 36, not in 33. */
export type AnalysisType =
  | 'cardinality'
  | 'size'
  | 'interval'
  | 'aggregators'
  | 'minmax'
  | 'timestampSpec'
  | 'queryGranularity'
  | 'rollup'
  | 'projections'

/**
 * Columns, sizes and more of segments.
 * See https://druid.apache.org/docs/latest/querying/segmentmetadataquery
 */
export interface SegmentMetadataQuery<C = NativeContext> {
  readonly queryType: 'segmentMetadata'
  readonly dataSource: DataSource
  /** Default: the last week before the latest data. */
  readonly intervals?: Intervals | undefined
  /** Default: all columns. */
  readonly toInclude?:
    | { readonly type: 'all' | 'none' }
    | { readonly type: 'list'; readonly columns: readonly string[] }
    | undefined
  /** One result for all segments. Default: false. */
  readonly merge?: boolean | undefined
  /** Default: `cardinality`, `interval` and `minmax`. */
  readonly analysisTypes?: readonly AnalysisType[] | undefined
  readonly usingDefaultInterval?: boolean | undefined
  /** @deprecated `aggregatorMergeStrategy: 'lenient'` is the same. */
  readonly lenientAggregatorMerge?: boolean | undefined
  /** What becomes of aggregators that differ. Default: `strict`. Since Druid 28. */
  readonly aggregatorMergeStrategy?: 'strict' | 'lenient' | 'earliest' | 'latest' | undefined
  readonly context?: C | undefined
}

/**
 * The earliest and the latest time.
 * See https://druid.apache.org/docs/latest/querying/timeboundaryquery
 */
export interface TimeBoundaryQuery<C = NativeContext> {
  readonly queryType: 'timeBoundary'
  readonly dataSource: DataSource
  readonly intervals?: Intervals | undefined
  /** Default: both. */
  readonly bound?: 'minTime' | 'maxTime' | null | undefined
  readonly filter?: Filter | null | undefined
  readonly context?: C | undefined
}

/**
 * The latest time that was ingested.
 * See https://druid.apache.org/docs/latest/querying/datasourcemetadataquery
 */
export interface DataSourceMetadataQuery<C = NativeContext> {
  readonly queryType: 'dataSourceMetadata'
  readonly dataSource: DataSource
  readonly intervals?: Intervals | undefined
  readonly context?: C | undefined
}

/** A column of a result. */
export interface SignatureColumn {
  readonly name: string
  readonly type?: ColumnType | undefined
}

/** A step of a {@link WindowOperatorQuery}, e.g. `naiveSort`, `naivePartition`, `window`. */
export interface WindowOperator {
  readonly type: string
  readonly [member: string]: unknown
}

/**
 * What SQL makes of window functions. Druid has no documentation of it, and may change it: take it from
 * a plan (`explain`).
 */
export interface WindowOperatorQuery<C = NativeContext> {
  readonly queryType: 'windowOperator'
  readonly dataSource: DataSource
  readonly intervals?: Intervals | undefined
  /** The columns of its rows, in their order. */
  readonly outputSignature: readonly SignatureColumn[]
  readonly operatorDefinition: readonly WindowOperator[]
  readonly leafOperators?: readonly WindowOperator[] | undefined
  readonly context?: C | undefined
}

/** Native queries by `queryType`; an extension's are added by augmentation. */
export interface NativeQueries {
  timeseries: TimeseriesQuery
  topN: TopNQuery
  groupBy: GroupByQuery
  scan: ScanQuery
  search: SearchQuery
  segmentMetadata: SegmentMetadataQuery
  timeBoundary: TimeBoundaryQuery
  dataSourceMetadata: DataSourceMetadataQuery
  windowOperator: WindowOperatorQuery
}

/** A query as `POST /druid/v2` takes it: pure data, no I/O. */
export type NativeQuery = NativeQueries[keyof NativeQueries]

/** A query of a type that these types do not know, made by `custom()`. */
export type CustomQuery = Custom & { readonly queryType: string }
