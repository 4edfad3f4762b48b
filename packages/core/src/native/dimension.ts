import type { ExtractionFn, MapLookup } from './extraction.ts'
import type { ColumnType, OneOf } from './value.ts'

/** A column as it is. */
export interface DefaultDimension {
  /** Also what has no type is one. */
  readonly type?: 'default' | undefined
  readonly dimension: string
  /** Its name in the result. Default: that of the column. */
  readonly outputName?: string | undefined
  /** Default: `STRING`, also of a number: ask for `LONG` to get numbers. */
  readonly outputType?: ColumnType | undefined
}

/** What an extraction function makes of a column. */
export interface ExtractionDimension {
  readonly type: 'extraction'
  readonly dimension: string
  /** Default: the name of the column. */
  readonly outputName?: string | undefined
  /** Default: `STRING`. */
  readonly outputType?: ColumnType | undefined
  readonly extractionFn: ExtractionFn
}

/** Of the values of a multi-value dimension, those listed. */
export interface ListFilteredDimension {
  readonly type: 'listFiltered'
  readonly delegate: Dimension
  readonly values: readonly (string | null)[]
  /** Whether the list says which to keep, rather than which to leave out. Default: true. */
  readonly isWhitelist?: boolean | undefined
}

/** Of the values of a multi-value dimension, those that match a Java pattern. */
export interface RegexFilteredDimension {
  readonly type: 'regexFiltered'
  readonly delegate: Dimension
  readonly pattern: string
}

/** Of the values of a multi-value dimension, those that begin so. */
export interface PrefixFilteredDimension {
  readonly type: 'prefixFiltered'
  readonly delegate: Dimension
  readonly prefix: string
}

/** What a lookup has for a column: one of the cluster (`name`), or a map in the query (`lookup`). */
export interface LookupDimension {
  readonly type: 'lookup'
  readonly dimension: string
  readonly outputName: string
  readonly name?: string | undefined
  readonly lookup?: MapLookup | undefined
  /** Keep the value where the lookup has none; not with a lookup by name in older versions. Default: false. */
  readonly retainMissingValue?: boolean | undefined
  readonly replaceMissingValueWith?: string | null | undefined
  readonly optimize?: boolean | undefined
}

/** Dimension specs by `type`; an extension's are added by augmentation. */
export interface DimensionSpecs {
  default: DefaultDimension
  extraction: ExtractionDimension
  listFiltered: ListFilteredDimension
  regexFiltered: RegexFilteredDimension
  prefixFiltered: PrefixFilteredDimension
  lookup: LookupDimension
}

/**
 * What to group by: a column's name, or a spec.
 * See https://druid.apache.org/docs/latest/querying/dimensionspecs
 */
export type Dimension = string | OneOf<DimensionSpecs>
