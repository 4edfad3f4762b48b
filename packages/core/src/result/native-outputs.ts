import { isRecord } from '../error/record.ts'
import type { Aggregator } from '../native/aggregator.ts'
import type { Dimension } from '../native/dimension.ts'
import type { PostAggregator } from '../native/post-aggregator.ts'
import type { NativeValue } from './native-elements.ts'

const AGGREGATOR_TYPES = {
  count: 'BIGINT',
  longSum: 'BIGINT?',
  longMin: 'BIGINT?',
  longMax: 'BIGINT?',
  longFirst: 'BIGINT?',
  longLast: 'BIGINT?',
  longAny: 'BIGINT?',
  grouping: 'BIGINT',
  doubleSum: 'DOUBLE?',
  doubleMin: 'DOUBLE?',
  doubleMax: 'DOUBLE?',
  doubleFirst: 'DOUBLE?',
  doubleLast: 'DOUBLE?',
  doubleAny: 'DOUBLE?',
  doubleMean: 'DOUBLE?',
  floatSum: 'DOUBLE?',
  floatMin: 'DOUBLE?',
  floatMax: 'DOUBLE?',
  floatFirst: 'DOUBLE?',
  floatLast: 'DOUBLE?',
  floatAny: 'DOUBLE?',
  cardinality: 'DOUBLE',
  hyperUnique: 'DOUBLE',
  stringFirst: 'VARCHAR?',
  stringLast: 'VARCHAR?',
  stringAny: 'VARCHAR?',
} as const

const POST_AGGREGATOR_TYPES = {
  arithmetic: 'DOUBLE?',
  constant: 'DOUBLE',
  hyperUniqueCardinality: 'DOUBLE?',
  doubleGreatest: 'DOUBLE?',
  doubleLeast: 'DOUBLE?',
  longGreatest: 'BIGINT?',
  longLeast: 'BIGINT?',
} as const

/**
 * What aggregators give, by `type`, as SQL types; with `?` where it can be null. An extension's are
 * added by augmentation; of one that is not listed a value is of any type.
 */
export interface AggregatorTypes extends Readonly<typeof AGGREGATOR_TYPES> {}

/** The same of post-aggregators. */
export interface PostAggregatorTypes extends Readonly<typeof POST_AGGREGATOR_TYPES> {}

type TypeIn<Types, E> = E extends { readonly type: infer T extends keyof Types } ? Types[T] : never

/** What a value becomes, by its SQL type with `?` where it can be null. `L`: what BIGINT becomes. */
type Typed<T, L> = T extends `${infer Inner}?`
  ? Typed<Inner, L> | null
  : T extends 'BIGINT'
    ? L
    : T extends 'DOUBLE'
      ? number
      : T extends 'VARCHAR'
        ? string
        : NativeValue

/** The same by the type of a column. */
type OfColumn<T, L> = T extends 'LONG'
  ? L | null
  : T extends 'STRING'
    ? string | null
    : T extends 'DOUBLE' | 'FLOAT'
      ? number | null
      : T extends `ARRAY<${infer Element}>`
        ? readonly OfColumn<Element, L>[] | null
        : NativeValue

/** A part within another, unless it may be any: that has no end. */
type Inner<E, Key extends string, Any> = E extends { readonly [K in Key]: infer I }
  ? [Any] extends [I]
    ? never
    : I
  : never

type AggregatorName<E> = E extends { readonly name: infer N extends string }
  ? N
  : [Inner<E, 'aggregator', Aggregator>] extends [never]
    ? string
    : AggregatorName<Inner<E, 'aggregator', Aggregator>>

type AggregatorValue<E, L> = E extends { readonly aggregator: unknown }
  ? [Inner<E, 'aggregator', Aggregator>] extends [never]
    ? NativeValue
    : AggregatorValue<Inner<E, 'aggregator', Aggregator>, L>
  : E extends { readonly type: 'singleValue'; readonly columnType: infer T extends string }
    ? OfColumn<T, L>
    : [TypeIn<AggregatorTypes, E>] extends [never]
      ? NativeValue
      : Typed<TypeIn<AggregatorTypes, E>, L>

type PostAggregatorName<E> = E extends { readonly name: infer N extends string } ? N : string

type PostAggregatorValue<E, L> = E extends {
  readonly type: 'expression'
  readonly outputType: infer T extends string
}
  ? OfColumn<T, L>
  : E extends { readonly type: 'constant'; readonly value: infer C }
    ? Constant<C, L>
    : [TypeIn<PostAggregatorTypes, E>] extends [never]
      ? NativeValue
      : Typed<TypeIn<PostAggregatorTypes, E>, L>

/** A bigint may come as one. */
type Constant<C, L> = C extends bigint ? L : number

type DimensionName<E> = E extends string
  ? E
  : E extends { readonly outputName: infer N extends string }
    ? N
    : E extends { readonly delegate: unknown }
      ? [Inner<E, 'delegate', Dimension>] extends [never]
        ? string
        : DimensionName<Inner<E, 'delegate', Dimension>>
      : E extends { readonly dimension: infer N extends string }
        ? N
        : string

type DimensionValue<E, L> = E extends string
  ? string | null
  : E extends { readonly delegate: unknown }
    ? [Inner<E, 'delegate', Dimension>] extends [never]
      ? NativeValue
      : DimensionValue<Inner<E, 'delegate', Dimension>, L>
    : E extends { readonly outputType: infer T extends string }
      ? OfColumn<T, L>
      : string | null

type Each<List> = List extends readonly (infer E)[] ? E : never

/** Where a name is not known, neither are the others: any key, any value. */
type Known<Names, Row> = [Names] extends [never]
  ? Row
  : string extends Names
    ? { readonly [output: string]: NativeValue }
    : Row

/** The outputs of aggregations and post-aggregations, where the query tells their names. */
export type AggregateRow<A, Post, L> = Known<
  AggregatorName<Each<A>> | PostAggregatorName<Each<Post>>,
  { [E in Each<A> as AggregatorName<E>]: AggregatorValue<E, L> } & {
    [E in Each<Post> as PostAggregatorName<E>]: PostAggregatorValue<E, L>
  }
>

/** The same with dimensions. `D`: the type of one of them. */
export type GroupRow<D, A, Post, L> = Known<
  DimensionName<D> | AggregatorName<Each<A>> | PostAggregatorName<Each<Post>>,
  { [E in D as DimensionName<E>]: DimensionValue<E, L> } & AggregateRow<A, Post, L>
>

/** An output of a query: its name, and the type of its values where that is known. */
export interface Output {
  readonly name: string
  readonly type: 'BIGINT' | 'DOUBLE' | undefined
}

interface Aggregating {
  readonly dimensions?: readonly Dimension[] | undefined
  readonly dimension?: Dimension | undefined
  readonly aggregations?: readonly Aggregator[] | undefined
  readonly postAggregations?: readonly PostAggregator[] | undefined
}

/**
 * What a query names its outputs, in the order of a groupBy's array rows; `undefined` where one of
 * the names cannot be told, as that of an extension's dimension.
 */
export function outputsOf(query: Aggregating): Output[] | undefined {
  const { dimension, dimensions, aggregations, postAggregations } = query
  const lists = [dimensions ?? [], aggregations ?? [], postAggregations ?? []]
  // Druid says what is wrong with it.
  if (!lists.every(Array.isArray)) return undefined
  const [of = [], aggregators = [], posts = []] = lists
  const outputs = [
    ...[...of, ...(dimension === undefined ? [] : [dimension])].map(dimensionOutput),
    ...aggregators.map(aggregatorOutput),
    ...posts.map(postAggregatorOutput),
  ]
  return outputs.every((it) => it !== undefined) ? outputs : undefined
}

function dimensionOutput(spec: unknown): Output | undefined {
  if (typeof spec === 'string') return { name: spec, type: undefined }
  if (!isRecord(spec)) return undefined
  const inner = spec.delegate === undefined ? undefined : dimensionOutput(spec.delegate)
  const name = spec.outputName ?? inner?.name ?? spec.dimension
  return typeof name === 'string'
    ? { name, type: inner ? inner.type : columnType(spec.outputType) }
    : undefined
}

function aggregatorOutput(spec: unknown): Output | undefined {
  if (!isRecord(spec)) return undefined
  const inner = spec.aggregator === undefined ? undefined : aggregatorOutput(spec.aggregator)
  const name = spec.name || inner?.name
  if (typeof name !== 'string') return undefined
  if (inner) return { name, type: inner.type }
  const { type } = spec
  return {
    name,
    type: type === 'singleValue' ? columnType(spec.columnType) : typeIn(AGGREGATOR_TYPES, type),
  }
}

function postAggregatorOutput(spec: unknown): Output | undefined {
  if (!isRecord(spec) || typeof spec.name !== 'string') return undefined
  const { name, type, outputType } = spec
  if (type === 'constant' && typeof spec.value === 'bigint') return { name, type: 'BIGINT' }
  return { name, type: typeIn(POST_AGGREGATOR_TYPES, type) ?? columnType(outputType) }
}

function typeIn(types: Readonly<Record<string, string>>, type: unknown): Output['type'] {
  const known = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : undefined
  if (known?.startsWith('BIGINT')) return 'BIGINT'
  return known?.startsWith('DOUBLE') ? 'DOUBLE' : undefined
}

/** Of a native column type. */
export function columnType(type: unknown): Output['type'] {
  if (type === 'LONG') return 'BIGINT'
  return type === 'DOUBLE' || type === 'FLOAT' ? 'DOUBLE' : undefined
}
