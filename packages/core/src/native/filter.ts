import type { Dimension } from './dimension.ts'
import type { ExtractionFn } from './extraction.ts'
import type { Interval } from './interval.ts'
import type { SearchSpec } from './search.ts'
import type { ColumnType, LiteralValue, OneOf, Ordering } from './value.ts'

/** How a filter uses indexes; for experts. */
export interface FilterTuning {
  readonly useBitmapIndex?: boolean | undefined
  readonly minCardinalityToUseBitmapIndex?: number | undefined
  readonly maxCardinalityToUseBitmapIndex?: number | undefined
}

interface Tuned {
  readonly filterTuning?: FilterTuning | undefined
}

interface Extracted extends Tuned {
  /** What the values are turned into before they are compared. */
  readonly extractionFn?: ExtractionFn | undefined
}

/** All of them hold. */
export interface AndFilter {
  readonly type: 'and'
  readonly fields: readonly Filter[]
}

/** At least one of them holds. */
export interface OrFilter {
  readonly type: 'or'
  readonly fields: readonly Filter[]
}

/** It does not hold. */
export interface NotFilter {
  readonly type: 'not'
  readonly field: Filter
}

/** It is true, rather than false or unknown. Since Druid 28. */
export interface IsTrueFilter {
  readonly type: 'istrue'
  readonly field: Filter
}

/** It is false, rather than true or unknown. Since Druid 28. */
export interface IsFalseFilter {
  readonly type: 'isfalse'
  readonly field: Filter
}

/** Every row. */
export interface TrueFilter {
  readonly type: 'true'
}

/** No row. */
export interface FalseFilter {
  readonly type: 'false'
}

/** The column is null. Since Druid 27. */
export interface NullFilter extends Tuned {
  readonly type: 'null'
  readonly column: string
}

/** The column has this value, which is not null; compared as its type says. Since Druid 27. */
export interface EqualsFilter extends Tuned {
  readonly type: 'equals'
  readonly column: string
  readonly matchValueType: ColumnType
  readonly matchValue: LiteralValue
}

/** The column lies between bounds, of which one may be left out. Since Druid 27. */
export interface RangeFilter extends Tuned {
  readonly type: 'range'
  readonly column: string
  readonly matchValueType: ColumnType
  readonly lower?: LiteralValue | undefined
  readonly upper?: LiteralValue | undefined
  /** Whether the bound itself is left out. Default: false. */
  readonly lowerOpen?: boolean | undefined
  readonly upperOpen?: boolean | undefined
}

/** The column has one of these values, compared as their type says. Since Druid 30. */
export type InTypeFilter = Tuned & {
  readonly type: 'inType'
  readonly column: string
  readonly matchValueType: ColumnType
} & (
    | { readonly values: readonly LiteralValue[]; readonly sortedValues?: undefined }
    /** Instead of `values`: in order, and each once. */
    | { readonly sortedValues: readonly LiteralValue[]; readonly values?: undefined }
  )

/** The array contains this element. Since Druid 29. */
export interface ArrayContainsElementFilter extends Tuned {
  readonly type: 'arrayContainsElement'
  readonly column: string
  readonly elementMatchValueType: ColumnType
  /** Default: null. */
  readonly elementMatchValue?: LiteralValue | undefined
}

/** The dimension has this value as text; null stands for NULL. `equals` and `null` are newer. */
export interface SelectorFilter extends Extracted {
  readonly type: 'selector'
  readonly dimension: string
  readonly value: string | number | bigint | null
}

/** The dimension has one of these values as text. */
export interface InFilter extends Extracted {
  readonly type: 'in'
  readonly dimension: string
  readonly values: readonly (string | number | bigint | null)[]
}

/** The dimension lies between bounds as text, or as `ordering` says. `range` is newer. */
export interface BoundFilter extends Extracted {
  readonly type: 'bound'
  readonly dimension: string
  readonly lower?: string | undefined
  readonly upper?: string | undefined
  /** Whether the bound itself is left out. Default: false. */
  readonly lowerStrict?: boolean | undefined
  readonly upperStrict?: boolean | undefined
  /** Default: `lexicographic`. */
  readonly ordering?: Ordering | undefined
}

/** The dimension matches as SQL's LIKE. */
export interface LikeFilter extends Extracted {
  readonly type: 'like'
  readonly dimension: string
  /** `%`: anything; `_`: one character. */
  readonly pattern: string
  /** A character that takes the meaning from the next. */
  readonly escape?: string | undefined
}

/** A Java pattern is found in the dimension. */
export interface RegexFilter extends Extracted {
  readonly type: 'regex'
  readonly dimension: string
  readonly pattern: string
}

/** The search finds the dimension's value. */
export interface SearchFilter extends Extracted {
  readonly type: 'search'
  readonly dimension: string
  readonly query: SearchSpec
}

/** The time lies in one of these intervals; the column holds milliseconds. */
export interface IntervalFilter extends Extracted {
  readonly type: 'interval'
  readonly dimension: string
  readonly intervals: readonly Interval[]
}

/** Columns that are equal to each other. */
export interface ColumnComparisonFilter {
  readonly type: 'columnComparison'
  readonly dimensions: readonly Dimension[]
}

/** A native expression that is true. */
export interface ExpressionFilter extends Tuned {
  readonly type: 'expression'
  readonly expression: string
}

/** A function in JavaScript; off unless the server allows it. */
export interface JavaScriptFilter extends Extracted {
  readonly type: 'javascript'
  readonly dimension: string
  readonly function: string
}

/** @deprecated A `selector` with an `extractionFn` is the same. */
export interface ExtractionFilter {
  readonly type: 'extraction'
  readonly dimension: string
  readonly value?: string | null | undefined
  readonly extractionFn: ExtractionFn
}

/** Coordinates within a box. */
export interface RectangularBound {
  readonly type: 'rectangular'
  readonly minCoords: readonly number[]
  readonly maxCoords: readonly number[]
  readonly limit?: number | undefined
}

/** Coordinates within a circle. */
export interface RadiusBound {
  readonly type: 'radius'
  readonly coords: readonly number[]
  readonly radius: number
  readonly limit?: number | undefined
  /** Default: `euclidean`. Since Druid 30. */
  readonly radiusUnit?: 'euclidean' | 'meters' | 'miles' | 'kilometers' | undefined
}

/** Coordinates within a polygon. */
export interface PolygonBound {
  readonly type: 'polygon'
  readonly abscissa: readonly number[]
  readonly ordinate: readonly number[]
  readonly limit?: number | undefined
}

/** A spatial dimension lies within a bound. */
export interface SpatialFilter extends Tuned {
  readonly type: 'spatial'
  readonly dimension: string
  readonly bound: RectangularBound | RadiusBound | PolygonBound
}

/** Filters by `type`; an extension's are added by augmentation. */
export interface Filters {
  and: AndFilter
  or: OrFilter
  not: NotFilter
  istrue: IsTrueFilter
  isfalse: IsFalseFilter
  true: TrueFilter
  false: FalseFilter
  null: NullFilter
  equals: EqualsFilter
  range: RangeFilter
  inType: InTypeFilter
  arrayContainsElement: ArrayContainsElementFilter
  selector: SelectorFilter
  in: InFilter
  bound: BoundFilter
  like: LikeFilter
  regex: RegexFilter
  search: SearchFilter
  interval: IntervalFilter
  columnComparison: ColumnComparisonFilter
  expression: ExpressionFilter
  javascript: JavaScriptFilter
  extraction: ExtractionFilter
  spatial: SpatialFilter
}

/**
 * Which rows a query reads.
 * See https://druid.apache.org/docs/latest/querying/filters
 */
export type Filter = OneOf<Filters>
