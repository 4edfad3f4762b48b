import type { Dimension } from './dimension.ts'
import type { ColumnType, OneOf } from './value.ts'

/** What a native expression makes of other columns. */
export interface ExpressionColumn {
  readonly type: 'expression'
  readonly name: string
  /** See https://druid.apache.org/docs/latest/querying/math-expr */
  readonly expression: string
  /** Default: `FLOAT`, or what the expression's type is known to be. */
  readonly outputType?: ColumnType | undefined
}

/** The first of these columns that there is. */
export interface FallbackColumn {
  readonly type: 'fallback'
  readonly name: string
  readonly columns: readonly Dimension[]
}

/** Of the values of a multi-value dimension, those listed. */
export interface ListFilteredColumn {
  readonly type: 'mv-filtered'
  readonly name: string
  readonly delegate: Dimension
  readonly values: readonly (string | null)[]
  /** Whether the list says which to keep, rather than which to leave out. Default: true. */
  readonly isAllowList?: boolean | undefined
}

/** Of the values of a multi-value dimension, those that match a Java pattern. In Druid 36, not in 33. */
export interface RegexFilteredColumn {
  readonly type: 'mv-regex-filtered'
  readonly name: string
  readonly delegate: Dimension
  readonly pattern: string
}

/** Of the values of a multi-value dimension, those that begin so. In Druid 36, not in 33. */
export interface PrefixFilteredColumn {
  readonly type: 'mv-prefix-filtered'
  readonly name: string
  readonly delegate: Dimension
  readonly prefix: string
}

/** A step into a nested value: a field's name, or an element's index. */
export type NestedPathPart =
  | { readonly type: 'field'; readonly field: string }
  | { readonly type: 'arrayElement'; readonly index: number }

/** A value within a `COMPLEX<json>` column, by `path` or `pathParts`. */
export interface NestedFieldColumn {
  readonly type: 'nested-field'
  readonly columnName: string
  readonly outputName: string
  /** Default: `STRING`, or that of the value where it is known. */
  readonly expectedType?: ColumnType | undefined
  /** JSONPath, e.g. `$.a.b[1]`. */
  readonly path?: string | undefined
  readonly pathParts?: readonly NestedPathPart[] | undefined
  /** Whether `path` is jq's, e.g. `.a.b[1]`. Default: false. */
  readonly useJqSyntax?: boolean | undefined
  /** Read the raw value rather than the columns made of it. Default: false. */
  readonly processFromRaw?: boolean | undefined
}

/** Virtual columns by `type`; an extension's are added by augmentation. */
export interface VirtualColumns {
  expression: ExpressionColumn
  fallback: FallbackColumn
  'mv-filtered': ListFilteredColumn
  'mv-regex-filtered': RegexFilteredColumn
  'mv-prefix-filtered': PrefixFilteredColumn
  'nested-field': NestedFieldColumn
}

/**
 * A column that is made while the query runs.
 * See https://druid.apache.org/docs/latest/querying/virtual-columns
 */
export type VirtualColumn = OneOf<VirtualColumns>
