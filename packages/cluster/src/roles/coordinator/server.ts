import type { DataSegment } from '../segment.ts'

/** A service that has announced itself. */
export interface ClusterNode {
  readonly host: string
  /** `druid/broker`. */
  readonly service: string
  /** None where it serves no plain HTTP. */
  readonly plaintextPort?: number
  /** None where it serves no TLS. */
  readonly tlsPort?: number
}

/** With all that it announced. Ports are −1 where it serves none. */
export interface ClusterNodeDetail {
  readonly druidNode: {
    readonly service: string
    readonly host: string
    readonly plaintextPort: number
    readonly tlsPort: number
    readonly enablePlaintextPort: boolean
    readonly enableTlsPort: boolean
    readonly [field: string]: unknown
  }
  /** As in `sys.servers`, but `middleManager`. */
  readonly nodeType: string
  /** Of a data node: its type, tier and size. */
  readonly services: Readonly<Record<string, unknown>>
  /** ISO 8601. */
  readonly startTime: string
  readonly [field: string]: unknown
}

/** Druid's names in this place: those of `sys.servers`, but `middleManager`. */
export type NodeRole =
  | 'coordinator'
  | 'overlord'
  | 'broker'
  | 'router'
  | 'historical'
  | 'middleManager'
  | 'indexer'
  | 'peon'
  | (string & {})

/** A server that holds segments. */
export interface ServerSummary {
  /** `host:port`. */
  readonly host: string
  readonly tier: string
  /** `historical`, `indexer-executor`, `realtime`, `broker`, … */
  readonly type: string
  /** The greater one is asked first. */
  readonly priority: number
  /** Bytes of segments that it has. */
  readonly currSize: number
  /** Bytes of segments that it takes; 0 of one that reads streams. */
  readonly maxSize: number
}

/** With its segments, by id. */
export interface ServerDetail extends ServerSummary {
  readonly segments: Readonly<Record<string, DataSegment>>
}

/** Bytes. */
export interface TierSize {
  readonly currSize: number
  readonly maxSize: number
}

/** Ids of segments. */
export interface LoadQueue {
  readonly segmentsToLoad: readonly string[]
  readonly segmentsToDrop: readonly string[]
}

export interface LoadQueueCounts {
  readonly segmentsToLoad: number
  readonly segmentsToDrop: number
  /** Bytes. */
  readonly segmentsToLoadSize: number
  /** Bytes. */
  readonly segmentsToDropSize: number
  /** Milliseconds; versions after 27 tell it. */
  readonly expectedLoadTimeMillis?: number
}

export interface LoadQueueSegments {
  readonly segmentsToLoad?: readonly DataSegment[]
  readonly segmentsToDrop?: readonly DataSegment[]
  readonly [field: string]: unknown
}

/** Work that the Coordinator repeats. */
export interface DutyGroup {
  readonly name: string
  /** ISO 8601: how often. */
  readonly period: string
  /** Java classes, in the order in which they run. */
  readonly dutyNames: readonly string[]
  /** ISO 8601. */
  readonly lastRunStart: string | null
  readonly lastRunEnd: string | null
  readonly avgRuntimeMillis: number
  readonly avgRunGapMillis: number
}
