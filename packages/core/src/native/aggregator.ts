import type { Dimension } from './dimension.ts'
import type { Filter } from './filter.ts'
import type { ColumnType, OneOf } from './value.ts'

interface Named {
  /** Its name in the result. */
  readonly name: string
}

interface OfField extends Named {
  readonly fieldName: string
}

/** Of a column, or of what a native expression makes of columns: one of the two. */
type OfFieldOrExpression = Named &
  (
    | { readonly fieldName: string; readonly expression?: undefined }
    | { readonly expression: string; readonly fieldName?: undefined }
  )

interface ByTime extends OfField {
  /** The time that says what is first or last. Default: `__time`. */
  readonly timeColumn?: string | undefined
}

interface TextByTime extends ByTime {
  /** Longer text is cut. Default: 1024 bytes. */
  readonly maxStringBytes?: number | undefined
}

/** Rows of Druid, which after roll-up are fewer than were ingested. */
export interface CountAggregator extends Named {
  readonly type: 'count'
}

/** Sum, minimum or maximum, computed as a 64-bit integer, a double or a float. */
export type NumberAggregator<Type extends string> = OfFieldOrExpression & { readonly type: Type }

/** The mean of a column. */
export interface DoubleMeanAggregator extends OfField {
  readonly type: 'doubleMean'
}

/** The value at the earliest or latest time; by roll-up, of the `…First` or `…Last` that was stored. */
export interface NumberByTimeAggregator<Type extends string> extends ByTime {
  readonly type: Type
}

/** The text at the earliest or latest time. */
export interface TextByTimeAggregator<Type extends string> extends TextByTime {
  readonly type: Type
}

/** Any value of the column. */
export interface AnyAggregator<Type extends string> extends OfField {
  readonly type: Type
}

/** Any text of the column. */
export interface StringAnyAggregator extends OfField {
  readonly type: 'stringAny'
  /** Longer text is cut. Default: 1024 bytes. */
  readonly maxStringBytes?: number | undefined
  /** Whether the values of a multi-value dimension become one text. Default: true. Since Druid 29. */
  readonly aggregateMultipleValues?: boolean | undefined
}

/** About how many distinct values, by HyperLogLog. Sketches of `druid-datasketches` are better. */
export type CardinalityAggregator = Named & {
  readonly type: 'cardinality'
  /** Whether rows (combinations) are counted, rather than values of all fields. Default: false. */
  readonly byRow?: boolean | undefined
  /** Whether to round to whole numbers. Default: false. */
  readonly round?: boolean | undefined
} & (
    | { readonly fields: readonly Dimension[]; readonly fieldNames?: undefined }
    /** Instead of `fields`, names only. */
    | { readonly fieldNames: readonly string[]; readonly fields?: undefined }
  )

/** About how many distinct values, of a `hyperUnique` column. */
export interface HyperUniqueAggregator extends OfField {
  readonly type: 'hyperUnique'
  readonly isInputHyperUnique?: boolean | undefined
  /** Whether to round to whole numbers. Default: false. */
  readonly round?: boolean | undefined
}

/** How many values lie between the breaks. */
export interface HistogramAggregator extends OfField {
  readonly type: 'histogram'
  readonly breaks: readonly number[]
}

/** Functions in JavaScript; off unless the server allows it. */
export interface JavaScriptAggregator extends Named {
  readonly type: 'javascript'
  readonly fieldNames: readonly string[]
  readonly fnAggregate: string
  readonly fnCombine: string
  readonly fnReset: string
}

/** An aggregator that sees only the rows of a filter. */
export interface FilteredAggregator {
  readonly type: 'filtered'
  readonly aggregator: Aggregator
  readonly filter: Filter
  /** Default: the aggregator's own. */
  readonly name?: string | undefined
}

/** Which of the dimensions a row of subtotals does not group by, as bits. For groupBy. */
export interface GroupingAggregator extends Named {
  readonly type: 'grouping'
  readonly groupings: readonly string[]
}

/** A fold of native expressions. */
export interface ExpressionAggregator extends Named {
  readonly type: 'expression'
  readonly fields?: readonly string[] | undefined
  /** Default: `__acc`. */
  readonly accumulatorIdentifier?: string | undefined
  readonly initialValue: string
  /** Default: `initialValue`. */
  readonly initialCombineValue?: string | undefined
  readonly fold: string
  /** Default: `fold`, where it has one field. */
  readonly combine?: string | undefined
  readonly compare?: string | undefined
  readonly finalize?: string | undefined
  /** Default: true in SQL-compatible null handling. */
  readonly isNullUnlessAggregated?: boolean | undefined
  readonly shouldAggregateNullInputs?: boolean | undefined
  readonly shouldCombineAggregateNullInputs?: boolean | undefined
  /** Bytes, e.g. 1024 or `1KiB`. Default: 1 KiB. */
  readonly maxSizeBytes?: number | string | undefined
}

/** The only value; more than one is an error. For subqueries. Since Druid 30. */
export interface SingleValueAggregator extends OfField {
  readonly type: 'singleValue'
  readonly columnType: ColumnType
}

/** Aggregators by `type`; an extension's are added by augmentation. */
export interface Aggregators {
  count: CountAggregator
  longSum: NumberAggregator<'longSum'>
  longMin: NumberAggregator<'longMin'>
  longMax: NumberAggregator<'longMax'>
  doubleSum: NumberAggregator<'doubleSum'>
  doubleMin: NumberAggregator<'doubleMin'>
  doubleMax: NumberAggregator<'doubleMax'>
  floatSum: NumberAggregator<'floatSum'>
  floatMin: NumberAggregator<'floatMin'>
  floatMax: NumberAggregator<'floatMax'>
  doubleMean: DoubleMeanAggregator
  longFirst: NumberByTimeAggregator<'longFirst'>
  longLast: NumberByTimeAggregator<'longLast'>
  doubleFirst: NumberByTimeAggregator<'doubleFirst'>
  doubleLast: NumberByTimeAggregator<'doubleLast'>
  floatFirst: NumberByTimeAggregator<'floatFirst'>
  floatLast: NumberByTimeAggregator<'floatLast'>
  stringFirst: TextByTimeAggregator<'stringFirst'>
  stringLast: TextByTimeAggregator<'stringLast'>
  longAny: AnyAggregator<'longAny'>
  doubleAny: AnyAggregator<'doubleAny'>
  floatAny: AnyAggregator<'floatAny'>
  stringAny: StringAnyAggregator
  cardinality: CardinalityAggregator
  hyperUnique: HyperUniqueAggregator
  histogram: HistogramAggregator
  javascript: JavaScriptAggregator
  filtered: FilteredAggregator
  grouping: GroupingAggregator
  expression: ExpressionAggregator
  singleValue: SingleValueAggregator
}

/**
 * What is computed of the rows of a group. Those of Druid extensions are added by augmentation, or
 * written `custom({ type: 'variance', name: 'x', … })`.
 * See https://druid.apache.org/docs/latest/querying/aggregations
 */
export type Aggregator = OneOf<Aggregators>
