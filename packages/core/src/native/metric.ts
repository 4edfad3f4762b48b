import type { OneOf, Ordering } from './value.ts'

/** By an aggregation or post-aggregation, the greatest first; its name alone says the same. */
export interface NumericMetric {
  /** Also what has no type is one. */
  readonly type?: 'numeric' | undefined
  readonly metric: string
}

/** By the dimension's value. */
export interface DimensionMetric {
  readonly type: 'dimension'
  /** Default: `lexicographic`. */
  readonly ordering?: Ordering | undefined
  /** Values after this one only. */
  readonly previousStop?: string | undefined
}

/** The other way round: the least first. */
export interface InvertedMetric {
  readonly type: 'inverted'
  readonly metric: Metric
}

/** @deprecated `dimension` is the same. */
export interface LexicographicMetric {
  readonly type: 'lexicographic'
  readonly previousStop?: string | undefined
}

/** @deprecated `dimension` with the ordering `alphanumeric` is the same. */
export interface AlphaNumericMetric {
  readonly type: 'alphaNumeric'
  readonly previousStop?: string | undefined
}

/** TopN metrics by `type`; an extension's are added by augmentation. */
export interface Metrics {
  numeric: NumericMetric
  dimension: DimensionMetric
  inverted: InvertedMetric
  lexicographic: LexicographicMetric
  alphaNumeric: AlphaNumericMetric
}

/**
 * By what a topN orders.
 * See https://druid.apache.org/docs/latest/querying/topnmetricspec
 */
export type Metric = string | OneOf<Metrics>
