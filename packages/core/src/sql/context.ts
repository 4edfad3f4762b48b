import type { NativeContext } from '../native/context.ts'

/** Keys of Dart (`engine: 'msq-dart'`, since Druid 34), at the same endpoint. */
interface DartContext {
  /** Whether sketches in the result are finalised. Default: true. */
  readonly finalizeAggregations?: boolean | undefined
  /** Whether segments still being ingested are read, too. Default: `REALTIME`. */
  readonly includeSegmentSource?: 'NONE' | 'REALTIME' | undefined
  /** Whether null bytes in text are removed rather than an error. Default: false. */
  readonly removeNullBytes?: boolean | undefined
  /** Stages that may run at once. Default: 2. */
  readonly maxConcurrentStages?: number | undefined
  /** Workers of the stages that read no segments. Default: 1. */
  readonly maxNonLeafWorkers?: number | undefined
  /** Partitions for each worker. Default: 1. */
  readonly targetPartitionsPerWorker?: number | undefined
  /**
   * Whether the query's report is kept, for `GET /druid/v2/sql/queries/{sqlQueryId}/report`.
   * Default: false. In Druid 36, not in 33.
   */
  readonly fullReport?: boolean | undefined
}

/**
 * The query context of SQL queries, and the default of a connection: it has the keys of native
 * queries as well, which reach the queries that a SQL query becomes. Keys that it does not know, of an
 * extension or a later Druid, are added by `custom({ … })`, or by augmentation.
 * See https://druid.apache.org/docs/latest/querying/sql-query-context
 */
export interface QueryContext extends NativeContext, DartContext {
  /**
   * The id of a SQL query, by which it can be cancelled. Default: a new UUID, made by the
   * client; the option `queryId` sets it, too, and wins. No default of a client: each query has its own.
   */
  readonly sqlQueryId?: string | undefined
  /**
   * The time zone of time functions and of TIMESTAMP in results, e.g. `America/Los_Angeles` or
   * `-08:00`. Default: `druid.sql.planner.sqlTimeZone`, UTC.
   */
  readonly sqlTimeZone?: string | undefined
  /** What CURRENT_TIMESTAMP is, in ISO 8601; for tests. Default: now. */
  readonly sqlCurrentTimestamp?: string | undefined
  /** Rows that the result has at most, whatever the statement says. Default: none. */
  readonly sqlOuterLimit?: number | undefined
  /** Whether ARRAY values come as JSON text rather than as arrays; both are read. Default: true. */
  readonly sqlStringifyArrays?: boolean | undefined
  /** What runs the query. Default: `native`. Since Druid 34. */
  readonly engine?: 'native' | 'msq-dart' | (string & {}) | undefined
  /** How MSQ and Dart join. Default: `broadcast`. */
  readonly sqlJoinAlgorithm?: 'broadcast' | 'sortMerge' | undefined
  /**
   * Whether a late failure is written as a last row: the result then looks whole, so that SQL queries
   * refuse `true` (`CONFIG`). Default: false. Since Druid 35.
   */
  readonly writeExceptionBodyAsResponseRow?: false | undefined
  /** Whether COUNT(DISTINCT x) is approximate. Default: true. */
  readonly useApproximateCountDistinct?: boolean | undefined
  /** Whether several exact COUNT(DISTINCT x) become grouping sets. Default: false. */
  readonly useGroupingSetForExactDistinct?: boolean | undefined
  /** Whether ORDER BY with LIMIT over one dimension becomes an approximate topN. Default: true. */
  readonly useApproximateTopN?: boolean | undefined
  /** The same for an order by the dimension itself. Default: false. Since Druid 34. */
  readonly useLexicographicTopN?: boolean | undefined
  /** Whether MIN and MAX of `__time` become a timeBoundary query. Default: false. */
  readonly enableTimeBoundaryPlanning?: boolean | undefined
  /** Whether EXPLAIN gives native queries rather than Calcite's plan. Default: true. */
  readonly useNativeQueryExplain?: boolean | undefined
  /** Whether sketches in the result are finalised, as until Druid 24. Default: false. */
  readonly sqlFinalizeOuterSketches?: boolean | undefined
  /**
   * Whether the older filters `bound` and `selector` are used. Default: false; in Druid 27 as
   * `druid.generic.useDefaultValueForNull` is. Since Druid 27.
   */
  readonly sqlUseBoundAndSelectors?: boolean | undefined
  /**
   * Whether TIME_FLOOR in GROUP BY becomes a granularity. Default: true. Since Druid 33 at the
   * latest, not in 29.
   */
  readonly sqlUseGranularity?: boolean | undefined
  /** Whether LOOKUP in a condition is reversed to the keys. Default: true. Since Druid 29. */
  readonly sqlReverseLookup?: boolean | undefined
  /** Keys that such a condition may have. Default: 10000. Since Druid 29. */
  readonly sqlReverseLookupThreshold?: number | undefined
  /**
   * Whether LOOKUP is applied after grouping where that is the same. Default: true. Since Druid
   * 29.
   */
  readonly sqlPullUpLookup?: boolean | undefined
  /** Whether a join whose left side is a plain scan is left to the data servers. Default: false. */
  readonly enableJoinLeftTableScanDirect?: boolean | undefined
  /** Numbers that an OR over a text column may compare with; -1: no limit. Default: -1. */
  readonly maxNumericInFilters?: number | undefined
  /** From how many values on IN becomes a join. Default: 2147483647, never. */
  readonly inSubQueryThreshold?: number | undefined
  /** From how many values on IN becomes SCALAR_IN_ARRAY. Default: 100. Since Druid 31. */
  readonly inFunctionThreshold?: number | undefined
  /** The same within expressions. Default: 2. Since Druid 31. */
  readonly inFunctionExprThreshold?: number | undefined
  /** Which planner; `DECOUPLED` is experimental. Default: `COUPLED`. */
  readonly plannerStrategy?: 'COUPLED' | 'DECOUPLED' | undefined
  /**
   * How complex a merge of two projections may become, against "There are not enough rules".
   * Default: 1000. Since Druid 33 at the latest, not in 29.
   */
  readonly sqlPlannerBloat?: number | undefined
  /** Whether INSERT and REPLACE are checked against the catalog. Default: true. Since Druid 31. */
  readonly catalogValidationEnabled?: boolean | undefined
  /**
   * Whether SUM of CASE becomes a filtered sum in more cases. Default: true. Since Druid 33, or
   * 32.
   */
  readonly extendedFilteredSumRewrite?: boolean | undefined
  /** Whether an inner join is costed as a filter. Default: true. */
  readonly computeInnerJoinCostAsFilter?: boolean | undefined
  /** Whether every expression becomes a virtual column; for tests. Default: false. */
  readonly forceExpressionVirtualColumns?: boolean | undefined
  /**
   * Whether rows go between servers in a compact form, for window functions. Default: false.
   * Since Druid 33 at the latest, not in 29.
   */
  readonly enableRACOverWire?: boolean | undefined
  /**
   * Whether window functions may be used. Default: false. Druid 28 to 30; they always may since
   * 31.
   */
  readonly enableWindowing?: boolean | undefined
  /**
   * Whether window frames that would give wrong results are refused. Default: true. Druid 29 and
   * 30.
   */
  readonly windowingStrictValidation?: boolean | undefined
}
