/** What to sample: the spec of an ingestion, of which a few rows are read and nothing is written. */
export interface SamplerSpec {
  /** `index` for batch input sources, `kafka`, `kinesis`. */
  readonly type: string
  readonly spec: Readonly<Record<string, unknown>>
  readonly samplerConfig?:
    | {
        /** Rows to read at most. Default 500. */
        readonly numRows?: number | undefined
        /** Milliseconds. Default 10,000. */
        readonly timeoutMs?: number | undefined
        /** Of rows that are held in memory. */
        readonly maxBytesInMemory?: number | undefined
        /** Of the reply: it has fewer rows then. */
        readonly maxClientResponseBytes?: number | undefined
      }
    | undefined
}

/** What was read. */
export interface SamplerResult {
  readonly numRowsRead: number
  readonly numRowsIndexed: number
  /** Dimensions with the types that their values have. */
  readonly logicalDimensions: readonly SampledDimension[]
  /** Dimensions as they would be stored. */
  readonly physicalDimensions: readonly SampledDimension[]
  /** Columns with `__time` first, and their types: `LONG`, `ARRAY<STRING>`, `COMPLEX<json>`, … */
  readonly logicalSegmentSchema: readonly { readonly name: string; readonly type: string }[]
  readonly data: readonly SampledRow[]
}

export interface SampledDimension {
  /** `string`, `long`, `double`, `auto`, `json`, … */
  readonly type: string
  readonly name: string
  readonly [field: string]: unknown
}

/** A row: as it came, and as it would be stored, with `__time` in milliseconds. */
export interface SampledRow {
  readonly input?: Readonly<Record<string, unknown>>
  readonly parsed?: Readonly<Record<string, unknown>>
  readonly unparseable?: boolean
  /** Why it could not be read. */
  readonly error?: string
}
