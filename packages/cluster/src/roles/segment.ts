/** A segment as Druid describes it (`DataSegment`); fields beyond these depend on version and storage. */
export interface DataSegment {
  readonly dataSource: string
  /** ISO 8601, `start/end`. */
  readonly interval: string
  /** When its time chunk was locked; the greater one overshadows the others. */
  readonly version: string
  readonly loadSpec: Readonly<Record<string, unknown>> | null
  /** Names, joined by commas. */
  readonly dimensions: string
  /** Names, joined by commas. */
  readonly metrics: string
  readonly shardSpec: { readonly type: string; readonly [field: string]: unknown }
  readonly lastCompactionState?: Readonly<Record<string, unknown>> | null
  readonly binaryVersion: number | null
  /** Bytes. */
  readonly size: number
  /** Its id. */
  readonly identifier: string
  readonly [field: string]: unknown
}

/** Which segments of a data source to change. */
export type SegmentSelection =
  | {
      /** ISO 8601, `start/end`: those that lie within it. */
      readonly interval: string
      /** Only those of these versions. Druid 30 and later. */
      readonly versions?: readonly string[] | undefined
    }
  | { readonly segmentIds: readonly string[] }
