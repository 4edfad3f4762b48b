import type { OneOf, Ordering } from './value.ts'

/** A column of the result to order by. */
export interface OrderByColumn {
  /** The output name of a dimension, or the name of an aggregation or post-aggregation. */
  readonly dimension: string
  /** Default: `ascending`. */
  readonly direction?: 'ascending' | 'descending' | undefined
  /** Default: `lexicographic` for text. */
  readonly dimensionOrder?: Ordering | undefined
}

/** Order, offset and limit. */
export interface DefaultLimit {
  /** Also what has no type is one. */
  readonly type?: 'default' | undefined
  readonly columns?: readonly (string | OrderByColumn)[] | undefined
  /** Groups to leave out at the beginning. Default: 0. */
  readonly offset?: number | undefined
  /** Groups to give back. Default: all. */
  readonly limit?: number | undefined
}

/** None: what Druid writes in a plan where there is no limit. */
export interface NoopLimit {
  readonly type: 'NoopLimitSpec'
}

/** Limit specs by `type`; an extension's are added by augmentation. */
export interface LimitSpecs {
  default: DefaultLimit
  NoopLimitSpec: NoopLimit
}

/**
 * The order of a groupBy's groups, and how many.
 * See https://druid.apache.org/docs/latest/querying/limitspec
 */
export type LimitSpec = OneOf<LimitSpecs>
