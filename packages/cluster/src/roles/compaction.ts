import { DruidError } from '@druid/core/extension'

/** How a data source is compacted. */
export interface CompactionOptions {
  /** `inline`, or `catalog` where the catalog has it. Not in Druid 27. */
  readonly type?: string
  /** Default 25. */
  readonly taskPriority?: number
  /** Bytes of one interval that are compacted at most. */
  readonly inputSegmentSizeBytes?: number
  /** @deprecated By Druid, for `tuningConfig.partitionsSpec`. */
  readonly maxRowsPerSegment?: number | null
  /** ISO 8601: so much before the newest data is left alone. Default `P1D`. */
  readonly skipOffsetFromLatest?: string
  readonly tuningConfig?: Readonly<Record<string, unknown>> | null
  readonly granularitySpec?: {
    readonly segmentGranularity?: unknown
    readonly queryGranularity?: unknown
    readonly rollup?: boolean | null
  } | null
  readonly dimensionsSpec?: Readonly<Record<string, unknown>> | null
  readonly metricsSpec?: readonly Readonly<Record<string, unknown>>[] | null
  readonly transformSpec?: Readonly<Record<string, unknown>> | null
  readonly projections?: readonly Readonly<Record<string, unknown>>[] | null
  readonly ioConfig?: Readonly<Record<string, unknown>> | null
  /** `native`, or `msq` where supervisors compact. Not in Druid 27. */
  readonly engine?: string | null
  readonly taskContext?: Readonly<Record<string, unknown>> | null
  readonly [field: string]: unknown
}

/** Auto-compaction of a data source (`DataSourceCompactionConfig`). */
export interface CompactionConfig extends CompactionOptions {
  readonly dataSource: string
}

/** How all data sources are compacted (`ClusterCompactionConfig`). */
export interface ClusterCompactionConfig {
  /** Of all slots, 0 to 1, for compaction tasks. Default 0.1. */
  readonly compactionTaskSlotRatio?: number | null
  readonly maxCompactionTaskSlots?: number | null
  /** Which intervals come first. Not in Druid 27. */
  readonly compactionPolicy?: {
    /** `newestSegmentFirst`, `fixedIntervalOrder`, `mostFragmentedFirst`. */
    readonly type: string
    readonly [field: string]: unknown
  } | null
  /** Whether the Overlord compacts by supervisors, rather than the Coordinator. Not in Druid 27. */
  readonly useSupervisors?: boolean | null
  /** Not in Druid 27. */
  readonly engine?: string | null
  readonly [field: string]: unknown
}

/** All of it, as the Coordinator has it. */
export interface CompactionConfigs extends ClusterCompactionConfig {
  readonly compactionConfigs: readonly CompactionConfig[]
}

/** How far the auto-compaction of a data source is (`AutoCompactionSnapshot`). */
export interface CompactionStatus {
  readonly dataSource: string
  readonly scheduleStatus: 'NOT_ENABLED' | 'RUNNING' | 'AWAITING_FIRST_RUN'
  /** Not in Druid 27. */
  readonly message?: string | null
  readonly bytesAwaitingCompaction: number
  readonly bytesCompacted: number
  readonly bytesSkipped: number
  readonly segmentCountAwaitingCompaction: number
  readonly segmentCountCompacted: number
  readonly segmentCountSkipped: number
  readonly intervalCountAwaitingCompaction: number
  readonly intervalCountCompacted: number
  readonly intervalCountSkipped: number
  readonly [field: string]: unknown
}

/** A change to the auto-compaction of a data source, with what was in force after it. */
export interface CompactionAuditEntry {
  readonly globalConfig: ClusterCompactionConfig | null
  /** `null` after it was deleted. */
  readonly compactionConfig: CompactionConfig | null
  readonly auditInfo: {
    readonly author: string
    readonly comment: string
    readonly ip: string
    readonly identity?: string | null
  }
  /** ISO 8601. */
  readonly auditTime: string
}

/** What would be compacted: state of the intervals → table. */
export type CompactionSimulation = Readonly<
  Record<
    string,
    {
      readonly columnNames: readonly string[]
      readonly rows: readonly (readonly unknown[])[]
    }
  >
>

/** Druid 27 answers the list; newer versions an object that has it. */
export function compactionHistory(
  answer: readonly CompactionAuditEntry[] | { readonly entries?: readonly CompactionAuditEntry[] },
): CompactionAuditEntry[] {
  return [...('map' in answer ? answer : (answer.entries ?? []))]
}

export function unknownCompaction(attempted: string, dataSource: string): DruidError {
  return new DruidError(
    'NOT_FOUND',
    `${attempted}: data source ${dataSource} is not compacted, or was not looked at yet`,
  )
}
