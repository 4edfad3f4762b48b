import type { UnparseableEvent } from '@druid/core/extension'
import type { RowCounts } from './report.ts'

/** A supervisor as Druid takes it: `type` and whatever that type has. */
export interface SupervisorSpec {
  /** `kafka`, `kinesis`, `rabbit`, `autocompact`, `scheduled_batch`, … */
  readonly type: string
  readonly suspended?: boolean | null | undefined
  readonly [field: string]: unknown
}

/**
 * What a supervisor is at. The types share `PENDING`, `RUNNING`, `IDLE`, `SUSPENDED`, `STOPPING`,
 * `UNHEALTHY_SUPERVISOR` and `UNHEALTHY_TASKS`; those of streams have, in `detailedState`, also
 * `CONNECTING_TO_STREAM`, `DISCOVERING_INITIAL_TASKS`, `CREATING_TASKS`, `UNABLE_TO_CONNECT_TO_STREAM`
 * and `LOST_CONTACT_WITH_STREAM`, others also `INVALID_SPEC` and `SCHEDULER_STOPPED`.
 */
export interface SupervisorState {
  readonly id: string
  readonly state: string
  readonly detailedState: string
  readonly healthy: boolean
  /** Only `system()` tells it; in other lists it is false, too, of one that is suspended. */
  readonly suspended: boolean
  /** Newer versions of Druid tell it. */
  readonly dataSource?: string
  readonly [field: string]: unknown
}

/** With the spec, all defaults filled in. */
export interface SupervisorEntry extends SupervisorState {
  readonly spec: SupervisorSpec
}

/** As the system table `sys.supervisors` is made from it. */
export interface SystemSupervisor extends SupervisorState {
  readonly type: string
  /** What it reads: the topic, or the name of the stream. */
  readonly source: string
  /** JSON. */
  readonly specString: string
}

/**
 * A position in a partition: of Kafka a number, and a bigint where a number cannot hold it; of Kinesis
 * the digits as text.
 */
export type StreamOffset = number | bigint | string

/** By partition; of a supervisor of several topics by `topic:partition`. */
export type StreamOffsets = Readonly<Record<string, StreamOffset>>

/** `GET /supervisor/{id}/status`. */
export interface SupervisorReport {
  readonly id: string
  /** ISO 8601. */
  readonly generationTime: string
  readonly payload: SupervisorStatus
}

/**
 * How a supervisor does. The fields from `stream` on are those of streams; supervisors of other types
 * have their own beside the first four.
 */
export interface SupervisorStatus {
  /** As of {@link SupervisorState}. Not every type tells it. */
  readonly state?: string
  readonly detailedState?: string
  readonly healthy?: boolean
  readonly suspended?: boolean
  readonly dataSource?: string
  /** The newest, and how many is for the Overlord's configuration to say. */
  readonly recentErrors?: readonly SupervisorError[]
  readonly stream?: string
  /** How many; 0 until it has connected. */
  readonly partitions?: number
  readonly replicas?: number
  readonly durationSeconds?: number
  readonly activeTasks?: readonly SupervisorTask[]
  /** Tasks that read no more, and publish what they have. */
  readonly publishingTasks?: readonly SupervisorTask[]
  readonly latestOffsets?: StreamOffsets | null
  /** By partition: how far the fastest task is behind the end of the stream, as of `offsetsLastUpdated`. */
  readonly minimumLag?: StreamOffsets | null
  /** The sum of it. */
  readonly aggregateLag?: number | bigint | null
  /** The same in milliseconds; of Kinesis, and of Kafka where it is switched on. */
  readonly minimumLagMillis?: StreamOffsets | null
  readonly aggregateLagMillis?: number | bigint | null
  /** ISO 8601: when the end of the stream was looked up. */
  readonly offsetsLastUpdated?: string | null
  readonly [field: string]: unknown
}

export interface SupervisorError {
  /** ISO 8601. */
  readonly timestamp: string
  readonly exceptionClass: string
  readonly message: string
  /** Whether it is of the stream rather than of Druid. */
  readonly streamException?: boolean
}

/** A task of a supervisor of a stream. */
export interface SupervisorTask {
  readonly id: string
  readonly type: 'ACTIVE' | 'PUBLISHING' | 'UNKNOWN'
  readonly startingOffsets: StreamOffsets
  /** Not known until it answers. */
  readonly currentOffsets?: StreamOffsets | null
  /** ISO 8601; none until it runs. */
  readonly startTime?: string | null
  /** Until it is to publish. */
  readonly remainingSeconds?: number | null
  readonly lag?: StreamOffsets | null
  readonly lagMillis?: StreamOffsets | null
}

/** Task group → task → rows. */
export type SupervisorStats = Readonly<Record<string, Readonly<Record<string, TaskRowStats>>>>

export interface TaskRowStats {
  /** Per second, within the last 1, 5 and 15 minutes. */
  readonly movingAverages: Readonly<
    Record<string, Readonly<Record<'1m' | '5m' | '15m', RowCounts>> | undefined>
  >
  /** Since the task began, by phase: `buildSegments`. */
  readonly totals: Readonly<Record<string, RowCounts | undefined>>
}

/** A row that the tasks could not read. */
export type SupervisorParseError = UnparseableEvent

/** A spec that was given. The one of a supervisor's end has the type `NoopSupervisorSpec`. */
export interface SupervisorVersion {
  readonly spec: SupervisorSpec
  /** When (ISO 8601). */
  readonly version: string
}

/** Offsets to begin at, of partitions of one stream. */
export interface OffsetReset {
  /** Of the supervisor: `kafka`, `kinesis`. */
  readonly type: string
  readonly partitions: {
    readonly type: 'end'
    /** The topic, its pattern, or the name of the stream. */
    readonly stream: string
    readonly partitionOffsetMap: StreamOffsets
  }
}
