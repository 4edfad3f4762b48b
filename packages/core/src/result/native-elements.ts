import type { ResultStats } from './rows.ts'

/** What JSON holds, and a bigint where it is asked for. */
export type NativeValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly NativeValue[]
  | { readonly [key: string]: NativeValue }

/**
 * What a native query gives: the elements of Druid's array, with what else is known beside them (not
 * enumerable).
 */
export interface NativeResult<E> extends Array<E> {
  /** The `queryId` that the query ran under. */
  readonly queryId: string
  /** `rows` counts the elements. */
  readonly stats: ResultStats
  /**
   * What Druid tells of the run (`X-Druid-Response-Context`), e.g. `uncoveredIntervals` and
   * `missingSegments`; it cuts what is longer than 7 KiB, and says so by `truncated`.
   */
  readonly responseContext: Readonly<Record<string, unknown>>
}

/** A bucket of time. */
export interface TimeseriesElement<R = AnyOutputs, T = string> {
  /** ISO 8601; null for the element that `grandTotal` adds; a number by `serializeDateTimeAsLong`. */
  readonly timestamp: T
  readonly result: R
}

/** The greatest of a bucket of time, in their order. */
export interface TopNElement<R = AnyOutputs, T = string> {
  readonly timestamp: T
  readonly result: readonly R[]
}

/** A group. */
export interface GroupByElement<R = AnyOutputs, T = string> {
  readonly version: 'v1'
  readonly timestamp: T
  readonly event: R
}

/** Rows of a segment. `columns` and `rowSignature` say what they hold. */
export interface ScanElement<E = AnyOutputs> {
  /** null where an ordered scan merged segments. */
  readonly segmentId: string | null
  readonly columns: readonly string[]
  /** `__time` is a number of milliseconds. */
  readonly events: readonly E[]
  readonly rowSignature?: readonly { readonly name: string; readonly type?: string }[]
}

/** A value that a search found. */
export interface SearchHit {
  readonly dimension: string
  readonly value: string | null
  /** Rows that have it. */
  readonly count: number
}

/** What a search found in a bucket of time. */
export interface SearchElement<T = string> {
  readonly timestamp: T
  readonly result: readonly SearchHit[]
}

/** What a segmentMetadata query finds out of a column; null what was not asked for. */
export interface ColumnAnalysis {
  readonly typeSignature: string
  /** The same, without what the type is of. */
  readonly type: string
  readonly hasMultipleValues: boolean
  readonly hasNulls: boolean
  /** Bytes that the values would take as text; 0 if not asked for. */
  readonly size: number
  readonly cardinality: number | null
  readonly minValue: NativeValue
  readonly maxValue: NativeValue
  /** Why it could not be analysed, e.g. `error:cannot_merge_diff_types`. */
  readonly errorMessage: string | null
}

/** A segment, or with `merge` all of them (then `id` ends with `merged`). */
export interface SegmentAnalysis {
  readonly id: string
  readonly intervals: readonly string[] | null
  readonly columns: { readonly [column: string]: ColumnAnalysis }
  /** Bytes; 0 if not asked for. */
  readonly size: number
  readonly numRows: number
  readonly aggregators: { readonly [name: string]: NativeValue } | null
  /** In Druid 36, not in 33. */
  readonly projections?: { readonly [name: string]: NativeValue } | null
  readonly timestampSpec: NativeValue
  readonly queryGranularity: NativeValue
  readonly rollup: boolean | null
}

/** The earliest and the latest time, as far as asked for. An empty result: there is no data. */
export interface TimeBoundaryElement<T = string> {
  readonly timestamp: T
  readonly result: { readonly minTime?: T; readonly maxTime?: T }
}

/** The latest time that was ingested. */
export interface DataSourceMetadataElement<T = string> {
  readonly timestamp: T
  readonly result: { readonly maxIngestedEventTime: T }
}

/** With `bySegment`: what one segment gives. */
export interface BySegmentElement<E> {
  readonly timestamp: string
  readonly result: {
    readonly results: readonly E[]
    readonly segment: string
    readonly interval: string
  }
}

/** Outputs whose names are not known. */
export interface AnyOutputs {
  readonly [output: string]: NativeValue
}

export function asNativeResult<E>(
  elements: E[],
  facts: Omit<NativeResult<E>, keyof E[]>,
): NativeResult<E> {
  for (const [name, value] of Object.entries(facts)) {
    Object.defineProperty(elements, name, { value, enumerable: false })
  }
  return elements as NativeResult<E>
}
