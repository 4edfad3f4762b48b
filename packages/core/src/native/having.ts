import type { ExtractionFn } from './extraction.ts'
import type { Filter } from './filter.ts'
import type { OneOf } from './value.ts'

interface Comparison {
  /** The name of an aggregation or post-aggregation. */
  readonly aggregation: string
  readonly value: number | bigint
}

export interface GreaterThanHaving extends Comparison {
  readonly type: 'greaterThan'
}

export interface LessThanHaving extends Comparison {
  readonly type: 'lessThan'
}

export interface EqualToHaving extends Comparison {
  readonly type: 'equalTo'
}

/** The dimension has this value. */
export interface DimensionHaving {
  readonly type: 'dimSelector'
  readonly dimension: string
  readonly value: string | null
  readonly extractionFn?: ExtractionFn | undefined
}

/** A filter on the result's own columns. */
export interface FilterHaving {
  readonly type: 'filter'
  readonly filter: Filter
  /** Whether aggregations are finalised before they are compared. Default: true. */
  readonly finalize?: boolean | undefined
}

/** All of them hold. */
export interface AndHaving {
  readonly type: 'and'
  readonly havingSpecs: readonly Having[]
}

/** At least one of them holds. */
export interface OrHaving {
  readonly type: 'or'
  readonly havingSpecs: readonly Having[]
}

/** It does not hold. */
export interface NotHaving {
  readonly type: 'not'
  readonly havingSpec: Having
}

/** Every group. */
export interface AlwaysHaving {
  readonly type: 'always'
}

/** Having specs by `type`; an extension's are added by augmentation. */
export interface Havings {
  greaterThan: GreaterThanHaving
  lessThan: LessThanHaving
  equalTo: EqualToHaving
  dimSelector: DimensionHaving
  filter: FilterHaving
  and: AndHaving
  or: OrHaving
  not: NotHaving
  always: AlwaysHaving
}

/**
 * Which groups of a groupBy are given back.
 * See https://druid.apache.org/docs/latest/querying/having
 */
export type Having = OneOf<Havings>
