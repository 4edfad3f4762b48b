import type { ColumnType, OneOf } from './value.ts'

interface MaybeNamed {
  /** Its name in the result; needed unless it stands within another. */
  readonly name?: string | undefined
}

/** Of several, from left to right. */
export interface ArithmeticPostAggregator extends MaybeNamed {
  readonly type: 'arithmetic'
  /** `/` by zero is 0; `quotient` by zero is infinite, or NaN. */
  readonly fn: '+' | '-' | '*' | '/' | 'quotient' | 'pow'
  readonly fields: readonly PostAggregator[]
  /** How a topN orders by it: `numericFirst` puts NaN and infinities last. */
  readonly ordering?: 'numericFirst' | null | undefined
}

/** An aggregation, not finalised: of a sketch, the sketch. */
export interface FieldAccessPostAggregator extends MaybeNamed {
  readonly type: 'fieldAccess'
  readonly fieldName: string
}

/** An aggregation, finalised: of a sketch, its estimate. */
export interface FinalizingFieldAccessPostAggregator extends MaybeNamed {
  readonly type: 'finalizingFieldAccess'
  readonly fieldName: string
}

/** A number. */
export interface ConstantPostAggregator extends MaybeNamed {
  readonly type: 'constant'
  readonly value: number | bigint
}

/** A native expression over aggregations. */
export interface ExpressionPostAggregator extends MaybeNamed {
  readonly type: 'expression'
  /** See https://druid.apache.org/docs/latest/querying/math-expr */
  readonly expression: string
  readonly ordering?: 'numericFirst' | null | undefined
  /** Since Druid 28. */
  readonly outputType?: ColumnType | undefined
}

/** A function in JavaScript; off unless the server allows it. */
export interface JavaScriptPostAggregator extends MaybeNamed {
  readonly type: 'javascript'
  readonly fieldNames: readonly string[]
  readonly function: string
}

/** The estimate of a `hyperUnique` or `cardinality` aggregation. */
export interface HyperUniqueCardinalityPostAggregator extends MaybeNamed {
  readonly type: 'hyperUniqueCardinality'
  readonly fieldName: string
}

/** The greatest or least of several. */
export interface ExtremePostAggregator<Type extends string> extends MaybeNamed {
  readonly type: Type
  readonly fields: readonly PostAggregator[]
}

/** Post-aggregators by `type`; an extension's are added by augmentation. */
export interface PostAggregators {
  arithmetic: ArithmeticPostAggregator
  fieldAccess: FieldAccessPostAggregator
  finalizingFieldAccess: FinalizingFieldAccessPostAggregator
  constant: ConstantPostAggregator
  expression: ExpressionPostAggregator
  javascript: JavaScriptPostAggregator
  hyperUniqueCardinality: HyperUniqueCardinalityPostAggregator
  doubleGreatest: ExtremePostAggregator<'doubleGreatest'>
  doubleLeast: ExtremePostAggregator<'doubleLeast'>
  longGreatest: ExtremePostAggregator<'longGreatest'>
  longLeast: ExtremePostAggregator<'longLeast'>
}

/**
 * What is computed of aggregations.
 * See https://druid.apache.org/docs/latest/querying/post-aggregations
 */
export type PostAggregator = OneOf<PostAggregators>
