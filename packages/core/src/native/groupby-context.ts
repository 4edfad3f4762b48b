/**
 * Keys of a groupBy's context.
 * See https://druid.apache.org/docs/latest/querying/groupbyquery#advanced-configurations
 */
export interface GroupByContext {
  /**
   * Rows as arrays: time (unless the granularity is `all`), dimensions, aggregations,
   * post-aggregations. Default: false.
   */
  readonly resultAsArray?: boolean | undefined
  /** Whether data servers may apply the limit. Default: true. */
  readonly applyLimitPushDown?: boolean | undefined
  /**
   * The same where it is ordered by aggregations, so that the result becomes approximate.
   * Default: false.
   */
  readonly forceLimitPushDown?: boolean | undefined
  /** Whether the limit is applied to each segment. Default: false. */
  readonly applyLimitPushDownToSegment?: boolean | undefined
  /** Whether data servers run all of a nested groupBy. Default: false. */
  readonly forcePushDownNestedQuery?: boolean | undefined
  /**
   * Bytes that it may spill to disk. Default: `druid.query.groupBy.maxOnDiskStorage`, 0; it can
   * only be lowered.
   */
  readonly maxOnDiskStorage?: number | string | undefined
  /** Bytes of a segment's string dictionary. Default: 0, by the heap. Since Druid 29. */
  readonly maxSelectorDictionarySize?: number | string | undefined
  /**
   * Bytes of the query's string dictionary before it spills. Default: 0, by the heap. Since
   * Druid 29.
   */
  readonly maxMergingDictionarySize?: number | string | undefined
  /** Files that it may spill into. Default: no limit. Since Druid 37. */
  readonly maxSpillFileCount?: number | undefined
  /** Whether results of segments are merged by one thread. Default: false. */
  readonly groupByIsSingleThreaded?: boolean | undefined
  /** Buckets that the hash table begins with. Default: 0, which is 1024. */
  readonly bufferGrouperInitialBuckets?: number | undefined
  /** How full the hash table may become. Default: 0, which is 0.7. */
  readonly bufferGrouperMaxLoadFactor?: number | undefined
  /** Groups that the hash table may hold; for tests. Default: no limit. */
  readonly bufferGrouperMaxSize?: number | undefined
  /** Whether arrays are not used instead of the hash table. Default: false. */
  readonly forceHashAggregation?: boolean | undefined
  /** How many nodes of a parallel combine are joined. Default: 8. */
  readonly intermediateCombineDegree?: number | undefined
  /** Threads that combine spilled results; above 1 it is on. Default: 1. */
  readonly numParallelCombineThreads?: number | undefined
  /** Whether every thread has its own merge buffer. Default: false. */
  readonly mergeThreadLocal?: boolean | undefined
  /**
   * Whether a multi-value dimension makes a group for each value, rather than an error. Default:
   * true.
   */
  readonly groupByEnableMultiValueUnnesting?: boolean | undefined
  /**
   * Which expressions are computed after grouping. Default: `fixedWidthNonNumeric`. Since Druid
   * 31.
   */
  readonly deferExpressionDimensions?:
    | 'singleString'
    | 'fixedWidth'
    | 'fixedWidthNonNumeric'
    | 'always'
    | undefined
  /** Whether groups are ordered by dimensions, then by time. Default: false. */
  readonly sortByDimsFirst?: boolean | undefined
  /** Which engine. Default: `v2`. Until Druid 27. */
  readonly groupByStrategy?: 'v1' | 'v2' | undefined
  /** v1: rows of a segment. Default: 50000. Until Druid 27. */
  readonly maxIntermediateRows?: number | undefined
  /** v1: rows of the result. Default: 500000. Until Druid 27. */
  readonly maxResults?: number | undefined
}
