import type { Custom } from './custom.ts'
import type { GroupByContext } from './groupby-context.ts'

/** Keys of a native query's context that all query types have. */
interface GeneralContext extends Partial<Custom> {
  /**
   * Milliseconds after which Druid gives the query up; 0: no limit but the server's
   * `maxQueryTimeout`, above which it is refused. Default:
   * `druid.server.http.defaultQueryTimeout`, 300000.
   */
  readonly timeout?: number | undefined
  /** Milliseconds that one segment may take; at most `timeout`. Default: none. Since Druid 35. */
  readonly perSegmentTimeout?: number | undefined
  /** Of queries that wait for a thread, the higher goes first. Default: 0. */
  readonly priority?: number | undefined
  /**
   * The lane whose capacity it counts for. Default: none, or what the server's laning strategy
   * says.
   */
  readonly lane?: string | undefined
  /**
   * The id of a native query, by which it can be cancelled. Default: a new UUID, made by the
   * client. Of no effect for SQL, which has `sqlQueryId`.
   */
  readonly queryId?: string | undefined
  /** The id of a query within another. Default: made by Druid. */
  readonly subQueryId?: string | undefined
  /**
   * The Broker that the Router sends it to, e.g. `druid:broker-hot`, where its strategy is
   * `manual`. Default: none.
   */
  readonly brokerService?: string | undefined
  /** Whether the server logs the stack trace of a failure. Default: false. */
  readonly debug?: boolean | undefined
  /**
   * Whether threads are named after the query they work for, for thread dumps. Default: true;
   * false in later versions.
   */
  readonly setProcessingThreadNames?: boolean | undefined
  /** Whether results of segments may come from the cache. Default: true, if the server caches. */
  readonly useCache?: boolean | undefined
  /** Whether results of segments are put into the cache. Default: true, if the server caches. */
  readonly populateCache?: boolean | undefined
  /**
   * Whether the whole result may come from the Broker's cache. Default: true, if the server
   * caches.
   */
  readonly useResultLevelCache?: boolean | undefined
  /**
   * Whether the whole result is put into the Broker's cache. Default: true, if the server
   * caches.
   */
  readonly populateResultLevelCache?: boolean | undefined
  /**
   * Bytes that data servers may send to the Broker before the query fails. Default:
   * `druid.server.http.maxScatterGatherBytes`, no limit; it can only be lowered.
   */
  readonly maxScatterGatherBytes?: number | string | undefined
  /**
   * Bytes that wait at the Broker before a data server is slowed down; 0: never. Default:
   * `druid.broker.http.maxQueuedBytes`, 25 MB.
   */
  readonly maxQueuedBytes?: number | string | undefined
  /** Rows that a subquery may give. Default: `druid.server.http.maxSubqueryRows`, 100000. */
  readonly maxSubqueryRows?: number | undefined
  /**
   * Bytes that the subqueries may take, instead of rows: a number, `auto`, or `disabled`.
   * Default: `druid.server.http.maxSubqueryBytes`, `disabled`. Experimental; since Druid 27.
   */
  readonly maxSubqueryBytes?: number | 'disabled' | 'auto' | (string & {}) | undefined
  /**
   * Whether columns of unknown type in a subquery are held as nested values, which
   * `maxSubqueryBytes` needs. Default: false. Since Druid 27.
   */
  readonly useNestedForUnknownTypeInSubquery?: boolean | undefined
  /** How many intervals without segments the response context lists. Default: 0. */
  readonly uncoveredIntervalsLimit?: number | undefined
  /**
   * How often the Broker asks again for segments that a data server no longer has. Default:
   * `druid.broker.retryPolicy.numTries`, 1.
   */
  readonly numRetriesOnMissingSegments?: number | undefined
  /** Whether segments that stay missing are left out rather than fail the query. Default: false. */
  readonly returnPartialResults?: boolean | undefined
  /**
   * Whether a late failure is written as a last element of the result, which `native()` and
   * `streamNative()` read as the failure that it is (`TRUNCATED`). SQL queries refuse it. Default:
   * false. Since Druid 35.
   */
  readonly writeExceptionBodyAsResponseRow?: boolean | undefined
  /**
   * Whether every segment's own result is given, for debugging. Native queries only. Default:
   * false.
   */
  readonly bySegment?: boolean | undefined
  /** Whether sketches are finalised: `false` gives them as base64 text. Default: true. */
  readonly finalize?: boolean | undefined
  /** Whether times in the result are milliseconds. Default: false. */
  readonly serializeDateTimeAsLong?: boolean | undefined
  /** The same between Druid's servers only. Default: false. */
  readonly serializeDateTimeAsLongInner?: boolean | undefined
  /** Whether the Broker merges with several threads. Default: true. */
  readonly enableParallelMerge?: boolean | undefined
  /** With how many. Default: `druid.processing.merge.parallelism`. */
  readonly parallelMergeParallelism?: number | undefined
  /**
   * Rows that a merging task gives before it divides. Default:
   * `druid.processing.merge.initialYieldNumRows`, 16384.
   */
  readonly parallelMergeInitialYieldRows?: number | undefined
  /**
   * Rows that merging tasks work on at a time. Default:
   * `druid.processing.merge.smallBatchNumRows`, 4096.
   */
  readonly parallelMergeSmallBatchRows?: number | undefined
  /** Whether rows are processed in batches; `force` fails where they cannot be. Default: true. */
  readonly vectorize?: boolean | 'force' | undefined
  /** The same for queries with virtual columns. Default: true. */
  readonly vectorizeVirtualColumns?: boolean | 'force' | undefined
  /** Rows in such a batch. Default: 512. */
  readonly vectorSize?: number | undefined
  /** Whether the filter is turned into conjunctive normal form. Default: false. */
  readonly useFilterCNF?: boolean | undefined
  /** Whether cheap filters are tried first. Default: false. Since Druid 31. */
  readonly cursorAutoArrangeFilters?: boolean | undefined
  /** Whether the Broker leaves out segments by hash or range partition. Default: true. */
  readonly secondaryPartitionPruning?: boolean | undefined
  /** Whether filters are applied before a join. Default: true. */
  readonly enableJoinFilterPushDown?: boolean | undefined
  /** Whether filters on joined columns are rewritten to ones on the left side. Default: true. */
  readonly enableJoinFilterRewrite?: boolean | undefined
  /**
   * The same for columns that are no join keys, for which the right side is scanned. Default:
   * false.
   */
  readonly enableJoinFilterRewriteValueColumnFilters?: boolean | undefined
  /** Whether a join may become a filter on the left side. Default: true. */
  readonly enableRewriteJoinToFilter?: boolean | undefined
  /** Values that such a filter may have. Default: 10000. */
  readonly joinFilterRewriteMaxSize?: number | undefined
  /** Whether Historicals that clone another are asked. Default: `excludeClones`. Since Druid 34. */
  readonly cloneQueryMode?: 'excludeClones' | 'includeClones' | 'preferClones' | undefined
  /** Whether projections are left unused. Default: false. Since Druid 31. */
  readonly noProjections?: boolean | undefined
  /** Whether the query fails where no projection fits. Default: false. Since Druid 31. */
  readonly forceProjections?: boolean | undefined
  /** The name of the projection to use. Default: the best. Since Druid 31. */
  readonly useProjection?: string | undefined
  /**
   * Whether only segments still being ingested are read. Default: false. Since Druid 35;
   * `realtimeSegmentsMode` replaces it.
   */
  readonly realtimeSegmentsOnly?: boolean | undefined
  /**
   * Whether segments still being ingested are read: with all others, not, or alone. Default:
   * `include`. Since Druid 38.
   */
  readonly realtimeSegmentsMode?: 'include' | 'exclude' | 'exclusive' | undefined
}

/** Keys of one query type. */
interface TypeContext {
  /** timeseries: whether buckets without rows are left out. Default: false. */
  readonly skipEmptyBuckets?: boolean | undefined
  /** timeseries: whether a last element, its `timestamp` null, has the total. Default: false. */
  readonly grandTotal?: boolean | undefined
  /** topN: how many values each segment gives at least, for the accuracy. Default: 1000. */
  readonly minTopNThreshold?: number | undefined
  /**
   * topN: whether its buckets of time are read in several passes. Default: false. Since Druid
   * 33, or 32.
   */
  readonly useTopNMultiPassPooledQueryGranularity?: boolean | undefined
  /**
   * scan: rows that an ordered scan may hold. Default:
   * `druid.query.scan.maxRowsQueuedForOrdering`, 100000.
   */
  readonly maxRowsQueuedForOrdering?: number | undefined
  /**
   * scan: partitions of a time chunk that an ordered scan may merge. Default:
   * `druid.query.scan.maxSegmentPartitionsOrderedInMemory`, 50.
   */
  readonly maxSegmentPartitionsOrderedInMemory?: number | undefined
  /** search: whether indexes are used. Default: `useIndexes`. `auto` until Druid 28. */
  readonly searchStrategy?: 'useIndexes' | 'cursorOnly' | 'auto' | undefined
}

/**
 * The query context of native queries, and of those that a SQL query becomes. Keys that it does not
 * know, of an extension or a later Druid, are added by `custom({ … })`, or by augmentation.
 * See https://druid.apache.org/docs/latest/querying/query-context-reference
 */
export interface NativeContext extends GeneralContext, TypeContext, GroupByContext {}
