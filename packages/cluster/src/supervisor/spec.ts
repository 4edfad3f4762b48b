import type { Aggregator } from '@druid/core/extension'
import type {
  DimensionsSpec,
  GranularitySpec,
  Projection,
  TimestampSpec,
  TransformSpec,
} from '../ingest/data-schema.ts'
import type { InputFormat } from '../ingest/input-format.ts'
import type { OneOf } from '../ingest/one-of.ts'

/** What messages become. */
export interface StreamDataSchema {
  readonly dataSource: string
  readonly timestampSpec?: TimestampSpec | undefined
  readonly dimensionsSpec?: DimensionsSpec | undefined
  readonly metricsSpec?: readonly Aggregator[] | undefined
  readonly granularitySpec?: GranularitySpec | undefined
  readonly transformSpec?: TransformSpec | undefined
  readonly projections?: readonly Projection[] | undefined
}

/** What the supervisors of all streams have. Periods are ISO 8601. */
interface StreamIoConfig {
  readonly inputFormat: InputFormat
  /** Tasks that read the same, so that one may fail. Default 1. */
  readonly replicas?: number | undefined
  /** Tasks that read at the same time, each some of the partitions. Default 1. */
  readonly taskCount?: number | undefined
  /** How long a task reads before it publishes. Default `PT1H`. */
  readonly taskDuration?: string | undefined
  /** Before it begins. Default `PT5S`. */
  readonly startDelay?: string | undefined
  /** How often it looks after its tasks. Default `PT30S`. */
  readonly period?: string | undefined
  /** How long publishing may take before it is taken for failed. Default `PT30M`. */
  readonly completionTimeout?: string | undefined
  /** Rows that are older than this when their task begins are left out. Default: none are. */
  readonly lateMessageRejectionPeriod?: string | undefined
  /** Rows that are older than this moment are left out. */
  readonly lateMessageRejectionStartDateTime?: string | undefined
  /** Rows that are newer than this when their task ends are left out. */
  readonly earlyMessageRejectionPeriod?: string | undefined
  readonly autoScalerConfig?: AutoScalerConfig | undefined
  /** How many tasks may end at a time, of those whose duration is over. Default: all. */
  readonly stopTaskCount?: number | undefined
  readonly [field: string]: unknown
}

/** How the number of tasks follows the lag. */
export interface AutoScalerConfig {
  readonly enableTaskAutoScaler?: boolean | undefined
  readonly taskCountMax: number
  readonly taskCountMin: number
  /** Default: `taskCountMin`. */
  readonly taskCountStart?: number | undefined
  /** Default 600,000. */
  readonly minTriggerScaleActionFrequencyMillis?: number | undefined
  readonly autoScalerStrategy?: 'lagBased' | 'costBased' | (string & {}) | undefined
  /** At least 1: Druid ends the supervisor that ran before over a 0. Default 30,000. */
  readonly lagCollectionIntervalMillis?: number | undefined
  /** Default 600,000. */
  readonly lagCollectionRangeMillis?: number | undefined
  /** Messages behind. Default 6,000,000. */
  readonly scaleOutThreshold?: number | undefined
  /** Messages behind. Default 1,000,000. */
  readonly scaleInThreshold?: number | undefined
  readonly [field: string]: unknown
}

/** What rests while there are no messages. */
export interface IdleConfig {
  /** Default false. */
  readonly enabled?: boolean | undefined
  /** Default 600,000. */
  readonly inactiveAfterMillis?: number | undefined
}

/** How tasks work. */
export interface StreamTuningConfig {
  readonly type: string
  readonly maxRowsInMemory?: number | undefined
  readonly maxRowsPerSegment?: number | undefined
  /** How often what is in memory is written to disk. Default `PT10M`. */
  readonly intermediatePersistPeriod?: string | undefined
  /** Rows that cannot be read, of each task, before it fails. Default: any number. */
  readonly maxParseExceptions?: number | undefined
  /** As many of them are kept for `parseErrors()`. Default 0. */
  readonly maxSavedParseExceptions?: number | undefined
  readonly logParseExceptions?: boolean | undefined
  /** Whether to begin anew, by itself, where the offset to go on at is gone. Default false. */
  readonly resetOffsetAutomatically?: boolean | undefined
  /** How often the end of the stream is looked up, from which the lag is known. Default `PT30S`. */
  readonly offsetFetchPeriod?: string | undefined
  readonly [field: string]: unknown
}

interface StreamSpec<Type extends string, IoConfig> {
  readonly type: Type
  /** Default: the data source. Druid 37 and later; experimental from 34 on. */
  readonly id?: string | undefined
  readonly spec: {
    readonly dataSchema: StreamDataSchema
    readonly ioConfig: IoConfig
    readonly tuningConfig?: StreamTuningConfig | undefined
  }
  /** Whether it is to wait for `resume()`. Default false. */
  readonly suspended?: boolean | undefined
  /** Of its tasks. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/** Reads one topic, or all whose names match a regular expression of Java. */
export type KafkaSupervisorSpec = StreamSpec<
  'kafka',
  StreamIoConfig & {
    /** Properties of Kafka's consumer. */
    readonly consumerProperties: {
      readonly 'bootstrap.servers': string
      readonly [property: string]: unknown
    }
    /** Milliseconds. Default 100. */
    readonly pollTimeout?: number | undefined
    /** Whether to begin at the earliest message, not the latest, where there are no offsets yet. Default false. */
    readonly useEarliestOffset?: boolean | undefined
    readonly idleConfig?: IdleConfig | undefined
    /** Whether the lag is told in milliseconds, too. Default false. Druid 31 and later. */
    readonly emitTimeLagMetrics?: boolean | undefined
  } & (
      | { readonly topic: string; readonly topicPattern?: undefined }
      | { readonly topicPattern: string; readonly topic?: undefined }
    )
>

/** Of the extension `druid-kinesis-indexing-service`. */
export type KinesisSupervisorSpec = StreamSpec<
  'kinesis',
  StreamIoConfig & {
    readonly stream: string
    /** Default: of `us-east-1`. */
    readonly endpoint?: string | undefined
    readonly useEarliestSequenceNumber?: boolean | undefined
    readonly recordsPerFetch?: number | undefined
    readonly fetchDelayMillis?: number | undefined
    readonly awsAssumedRoleArn?: string | undefined
    readonly awsExternalId?: string | undefined
  }
>

/** Of the extension `druid-rabbit-indexing-service`. */
export type RabbitSupervisorSpec = StreamSpec<
  'rabbit',
  StreamIoConfig & {
    readonly stream: string
    readonly uri: string
    readonly consumerProperties?: Readonly<Record<string, unknown>> | undefined
    readonly useEarliestSequenceNumber?: boolean | undefined
    readonly pollTimeout?: number | undefined
  }
>

/** Compacts a data source again and again. Druid 31 and later. Its id is `autocompact__` and the data source. */
export interface CompactionSupervisorSpec {
  readonly type: 'autocompact'
  readonly spec: {
    readonly dataSource: string
    /** ISO 8601. Default `P1D`. */
    readonly skipOffsetFromLatest?: string | undefined
    readonly engine?: 'native' | 'msq' | undefined
    readonly [field: string]: unknown
  }
  readonly suspended?: boolean | undefined
}

/** Runs a query that ingests at given times. Druid 33 and later. */
export interface ScheduledBatchSupervisorSpec {
  readonly type: 'scheduled_batch'
  /** Default: one that Druid makes. */
  readonly id?: string | undefined
  readonly schedulerConfig: {
    /** Whose notation: five fields, or the six or seven of Quartz. */
    readonly type: 'unix' | 'quartz'
    readonly schedule: string
  }
  /** A request of `POST /druid/v2/sql/task`. */
  readonly spec: {
    readonly query: string
    readonly context?: Readonly<Record<string, unknown>> | undefined
    readonly [field: string]: unknown
  }
  readonly suspended?: boolean | undefined
}

/** Supervisors by `type`; those of further Druid extensions are added by augmentation. */
export interface SupervisorSpecs {
  kafka: KafkaSupervisorSpec
  kinesis: KinesisSupervisorSpec
  rabbit: RabbitSupervisorSpec
  autocompact: CompactionSupervisorSpec
  scheduled_batch: ScheduledBatchSupervisorSpec
}

/** What `submitSupervisor` takes. */
export type AnySupervisorSpec = OneOf<SupervisorSpecs>
