import type { UnparseableEvent } from '@druid/core/extension'

/** Rows of one phase of an ingestion. */
export interface RowCounts {
  /** Read, and written. */
  readonly processed: number
  /** Bytes read. */
  readonly processedBytes?: number
  /** Written although some of their fields could not be read. */
  readonly processedWithError: number
  /** Left out by a filter, or outside of the intervals. */
  readonly thrownAway: number
  /** Could not be read; not in the data. */
  readonly unparseable: number
  readonly [field: string]: unknown
}

/** Rows by phase; `totals` of it in the live report of a task that still runs. */
export interface RowStats {
  readonly determinePartitions?: RowCounts
  readonly buildSegments?: RowCounts
  readonly totals?: { readonly determinePartitions?: RowCounts; readonly buildSegments?: RowCounts }
  /** Rows per second within the last minutes: `1m`, `5m`, `15m`. */
  readonly movingAverages?: Readonly<Record<string, unknown>>
}

/** Of a batch ingestion or a compaction. */
export interface IngestionReport {
  readonly type: 'ingestionStatsAndErrors'
  readonly taskId: string
  readonly payload: {
    readonly ingestionState:
      | 'NOT_STARTED'
      | 'DETERMINE_PARTITIONS'
      | 'BUILD_SEGMENTS'
      | 'SEGMENT_AVAILABILITY_WAIT'
      | 'COMPLETED'
    /** As many as the `maxSavedParseExceptions` of its tuning says; 0 by default. */
    readonly unparseableEvents?: {
      readonly determinePartitions?: readonly UnparseableEvent[] | null
      readonly buildSegments?: readonly UnparseableEvent[] | null
    } | null
    readonly rowStats?: RowStats | null
    readonly errorMsg?: string | null
    readonly segmentAvailabilityConfirmed?: boolean
    /** Milliseconds. */
    readonly segmentAvailabilityWaitTimeMs?: number
    readonly recordsProcessed?: Readonly<Record<string, number>> | null
    /** Segments. Of a compaction. */
    readonly segmentsRead?: number | null
    /** Segments. Druid 30 and later. */
    readonly segmentsPublished?: number | null
    readonly [field: string]: unknown
  }
}

/** Of a `kill` task. Druid 29 and later. */
export interface KillReport {
  readonly type: 'killUnusedSegments'
  readonly taskId: string
  readonly payload: {
    readonly numSegmentsKilled: number
    readonly numBatchesProcessed: number
    readonly [field: string]: unknown
  }
}

/** Its context, as it ran. Druid 28 and later. */
export interface ContextReport {
  readonly type: 'taskContext'
  readonly taskId: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** Of a multi-stage query. */
export interface QueryReport {
  readonly type: 'multiStageQuery'
  readonly taskId: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** One of the reports of a task, told apart by `type`. */
export type AnyTaskReport = IngestionReport | KillReport | ContextReport | QueryReport

/** Reports by key, which is the `type`; of a compaction also with a number: `ingestionStatsAndErrors_0`. */
export interface TaskReport {
  readonly ingestionStatsAndErrors?: IngestionReport
  readonly killUnusedSegments?: KillReport
  readonly taskContext?: ContextReport
  readonly multiStageQuery?: QueryReport
  readonly [key: string]: AnyTaskReport | undefined
}
