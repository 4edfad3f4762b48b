import type { RequestOptions } from '@druid/core/extension'
import type { DataSegment } from '../segment.ts'

/** Segments of an interval: bytes, and how many. */
export interface SegmentsSize {
  readonly size: number
  readonly count: number
}

/** Interval (ISO 8601, `start/end`) → size of its segments. */
export type IntervalSizes = Readonly<Record<string, SegmentsSize>>

/** What is served of a data source. Sizes are bytes; replicated ones count each copy. */
export interface ServedProperties {
  readonly tiers: Readonly<
    Record<
      string,
      { readonly segmentCount: number; readonly size: number; readonly replicatedSize: number }
    >
  >
  readonly segments: {
    readonly count: number
    readonly size: number
    readonly replicatedSize: number
    /** ISO 8601: where its first segment begins, and its last one ends. */
    readonly minTime?: string
    readonly maxTime?: string
  }
}

export interface ServedSummary {
  readonly name: string
  readonly properties: ServedProperties
}

export interface ServedDetail {
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly segments: readonly DataSegment[]
}

/** A segment, and the servers (`host:port`) that have it. */
export interface ServedSegment {
  readonly metadata: DataSegment
  readonly servers: readonly string[]
}

/** Interval → id → segment. */
export type ServedIntervals = Readonly<Record<string, Readonly<Record<string, ServedSegment>>>>

export interface SegmentLocations {
  readonly segment: DataSegment
  readonly servers: readonly {
    readonly name: string
    readonly host: string | null
    readonly hostAndTlsPort: string | null
    /** Bytes. */
    readonly maxSize: number
    readonly type: string
    readonly tier: string
    readonly priority: number
  }[]
}

export interface DataSourceLoadOptions extends RequestOptions {
  /** ISO 8601, `start/end`. Default: all of time. (Druid's own default is the last two weeks.) */
  readonly interval?: string | undefined
  /** Whether the Coordinator reads the metadata store first. Default true: else it may not know yet. */
  readonly refresh?: boolean | undefined
}

export interface ClusterViewOptions extends RequestOptions {
  /** Whether to count as the Coordinator balances, for which a tier's servers limit its replicas. */
  readonly computeUsingClusterView?: boolean | undefined
}

/** A segment of a stream, of which a task waits to hear that a Historical has it. */
export interface HandoffSegment {
  /** ISO 8601, `start/end`. */
  readonly interval: string
  readonly partitionNumber: number
  readonly version: string
}
