import type { Aggregator } from '../native/aggregator.ts'
import type { NativeContext } from '../native/context.ts'
import type { Custom } from '../native/custom.ts'
import type { Dimension } from '../native/dimension.ts'
import type { Exact, ExactEach } from '../native/exact.ts'
import type { Granularity } from '../native/granularity.ts'
import type { PostAggregator } from '../native/post-aggregator.ts'
import type {
  CustomQuery,
  DataSourceMetadataQuery,
  GroupByQuery,
  NativeQuery,
  ScanQuery,
  SearchQuery,
  SegmentMetadataQuery,
  TimeBoundaryQuery,
  TimeseriesQuery,
  TopNQuery,
  WindowOperatorQuery,
} from '../native/query.ts'
import type { Shaping } from '../native/shaping.ts'
import type {
  BySegmentElement,
  DataSourceMetadataElement,
  GroupByElement,
  NativeResult,
  NativeValue,
  ScanElement,
  SearchElement,
  SearchHit,
  SegmentAnalysis,
  TimeBoundaryElement,
  TimeseriesElement,
  TopNElement,
} from '../result/native-elements.ts'
import type { AggregateRow, GroupRow } from '../result/native-outputs.ts'
import type { SegmentColumnRow, Timed } from '../result/native-rows.ts'
import type { ValuesPolicy } from '../result/policy.ts'
import type { RowStream } from '../result/stream.ts'
import type { BigintOf, PolicyOf } from '../result/typed.ts'
import type { Row } from '../sql/statement.ts'
import type { QueryOptions } from './options.ts'

/** Options of one native query. */
export interface NativeOptions<V = ValuesPolicy, C = NativeContext>
  extends Omit<QueryOptions, 'context' | 'parameters' | 'values'> {
  /** The `queryId` to run under. Default: that of the query's own context, else a new UUID. */
  readonly queryId?: string | undefined
  /** Comes over the query's own, and that over the client's. */
  readonly context?: C | undefined
  /**
   * How integers come, by `bigint`; the other choices are for SQL. A value that the query does not
   * type (all but aggregations, post-aggregations, dimensions with `outputType`, and a scan's columns)
   * becomes something else than a number only where a number cannot hold it.
   */
  readonly values?: V | undefined
}

/** The rows of a running native query; see {@link RowStream}. */
export interface NativeStream<R extends object = Row>
  extends Omit<RowStream<R>, 'header' | 'columns'> {
  /**
   * What Druid tells of the run in the headers of its reply (`X-Druid-Response-Context`), before the
   * first row: `uncoveredIntervals`, and of `missingSegments` those known by then. `undefined` until
   * the first batch has come, or the end of an empty result.
   */
  readonly responseContext: Readonly<Record<string, unknown>> | undefined
}

/** What was written has no other keys than are known. */
type StrictContext<C> = C extends Custom
  ? C
  : Exclude<keyof C, keyof NativeContext> extends never
    ? C
    : never

/** What LONG becomes: as the call says, else as the client does. */
type Long<V, L> = V extends { readonly bigint: infer B extends NonNullable<ValuesPolicy['bigint']> }
  ? BigintOf<PolicyOf<{ readonly bigint: B }>>
  : L

/** The context of a query, or of a call, that has none. */
type NoContext = Record<never, never>
type Options<V, O> = NativeOptions<V, O & StrictContext<O>>

type Aggs = readonly Aggregator[]
type Posts = readonly PostAggregator[]
type Checked<A> = A & ExactEach<A, Aggregator>
type CheckedPost<A> = A & ExactEach<A, PostAggregator>
type CheckedDimensions<D> = D & ExactEach<D, Dimension>
type CheckedDimension<D> = D & Exact<D, Dimension>
type CheckedGranularity<G> = G & Exact<G, Granularity>

/** What a flag is, by the context of the call and that of the query. */
type Flag<C, O, K extends Shaping> = O extends { readonly [P in K]: infer B }
  ? B
  : C extends { readonly [P in K]: infer B }
    ? B
    : undefined
type If<B, Then, Else> = B extends true ? Then : Else

/** What the contexts make of times, and of elements. */
type Time<C, O> =
  | If<Flag<C, O, 'serializeDateTimeAsLong'>, number, string>
  | If<Flag<C, O, 'grandTotal'>, null, never>
type Element<C, O, E> = If<Flag<C, O, 'bySegment'>, BySegmentElement<E>, E>
type ArrayOr<C, O, E> = If<Flag<C, O, 'resultAsArray'>, readonly NativeValue[], E>
type Outputs<C, O, R> = false extends Flag<C, O, 'finalize'> ? { [K in keyof R]: NativeValue } : R

type Reply<C, O, E> = Promise<NativeResult<Element<C, O, E>>>

type EventOf<Columns, L> = Columns extends readonly (infer N extends string)[]
  ? [N] extends [never]
    ? { readonly [column: string]: NativeValue }
    : string extends N
      ? { readonly [column: string]: NativeValue }
      : { [K in N]: K extends '__time' ? L : NativeValue }
  : never
type ScanEvent<Columns, F, L> = F extends 'compactedList'
  ? readonly NativeValue[]
  : EventOf<Columns, L>

/** What a native query may give, where its type is not known. */
export type NativeElement =
  | TimeseriesElement<unknown>
  | TopNElement<unknown>
  | GroupByElement<unknown>
  | ScanElement<unknown>
  | SearchElement
  | SegmentAnalysis
  | TimeBoundaryElement
  | DataSourceMetadataElement
  | readonly NativeValue[]

/**
 * `POST /druid/v2`: the elements of Druid's array. Their type follows the query: its `queryType`, and
 * where it is written in place (or `as const`) also the names of its outputs. The types are those of
 * finalised results. An explicit type argument is the caller's claim for the elements.
 *
 * @throws DruidError `TRUNCATED` when the array is not closed. Druid 27 to 30 close it even when the
 * query fails on the way, which cannot be told from a whole result.
 */
export interface NativeCall<out L> {
  <
    const G extends Granularity,
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NoContext,
    const V extends ValuesPolicy = ValuesPolicy,
    const O extends NativeContext = NoContext,
  >(
    query: TimeseriesQuery<
      CheckedGranularity<G>,
      Checked<A>,
      CheckedPost<Post>,
      C & StrictContext<C>
    >,
    options?: Options<V, O>,
  ): Reply<C, O, TimeseriesElement<Outputs<C, O, AggregateRow<A, Post, Long<V, L>>>, Time<C, O>>>
  <
    const D extends Dimension,
    const G extends Granularity,
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NoContext,
    const V extends ValuesPolicy = ValuesPolicy,
    const O extends NativeContext = NoContext,
  >(
    query: TopNQuery<
      CheckedDimension<D>,
      CheckedGranularity<G>,
      Checked<A>,
      CheckedPost<Post>,
      C & StrictContext<C>
    >,
    options?: Options<V, O>,
  ): Reply<C, O, TopNElement<Outputs<C, O, GroupRow<D, A, Post, Long<V, L>>>, Time<C, O>>>
  <
    const G extends Granularity,
    const D extends readonly Dimension[] = readonly [],
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NoContext,
    const V extends ValuesPolicy = ValuesPolicy,
    const O extends NativeContext = NoContext,
  >(
    query: GroupByQuery<
      CheckedDimensions<D>,
      CheckedGranularity<G>,
      Checked<A>,
      CheckedPost<Post>,
      C & StrictContext<C>
    >,
    options?: Options<V, O>,
  ): Reply<
    C,
    O,
    ArrayOr<
      C,
      O,
      GroupByElement<Outputs<C, O, GroupRow<D[number], A, Post, Long<V, L>>>, Time<C, O>>
    >
  >
  <
    const Columns extends readonly string[] = readonly string[],
    const F extends 'list' | 'compactedList' = 'list',
    const C extends NativeContext = NoContext,
    const V extends ValuesPolicy = ValuesPolicy,
    const O extends NativeContext = NoContext,
  >(
    query: ScanQuery<Columns, F, C & StrictContext<C>>,
    options?: Options<V, O>,
  ): Reply<C, O, ScanElement<ScanEvent<Columns, F, Long<V, L>>>>
  <const C extends NativeContext = NoContext, const O extends NativeContext = NoContext>(
    query: SearchQuery<C & StrictContext<C>>,
    options?: Options<ValuesPolicy, O>,
  ): Reply<C, O, SearchElement<Time<C, O>>>
  <const C extends NativeContext = NoContext, const O extends NativeContext = NoContext>(
    query: SegmentMetadataQuery<C & StrictContext<C>>,
    options?: Options<ValuesPolicy, O>,
  ): Reply<C, O, SegmentAnalysis>
  <const C extends NativeContext = NoContext, const O extends NativeContext = NoContext>(
    query: TimeBoundaryQuery<C & StrictContext<C>>,
    options?: Options<ValuesPolicy, O>,
  ): Reply<C, O, TimeBoundaryElement<Time<C, O>>>
  <const C extends NativeContext = NoContext, const O extends NativeContext = NoContext>(
    query: DataSourceMetadataQuery<C & StrictContext<C>>,
    options?: Options<ValuesPolicy, O>,
  ): Reply<C, O, DataSourceMetadataElement<Time<C, O>>>
  <const C extends NativeContext = NoContext, const O extends NativeContext = NoContext>(
    query: WindowOperatorQuery<C & StrictContext<C>>,
    options?: Options<ValuesPolicy, O>,
  ): Promise<NativeResult<readonly NativeValue[]>>
  <E = unknown>(query: CustomQuery, options?: NativeOptions): Promise<NativeResult<E>>
  <E = NativeElement>(query: NativeQuery, options?: NativeOptions): Promise<NativeResult<E>>
  <E = unknown>(query: NativeQuery | CustomQuery, options?: NativeOptions): Promise<NativeResult<E>>
}

/**
 * `POST /druid/v2`: flat rows, as `rowsOf` makes them of any native result, while they come and only as
 * fast as they are taken. Of a scan and a groupBy no more is held than what has come at once. Leaving
 * the loop ends the query on the server (`DELETE /druid/v2/{queryId}`). Types as of `native`; errors,
 * too, when the rows are read.
 *
 * A groupBy is asked for array rows and a scan for the compacted list, which are smaller and give the
 * same rows, unless the query says otherwise.
 */
export interface StreamNativeCall<out L> {
  <
    const G extends Granularity,
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NoContext,
    const V extends ValuesPolicy = ValuesPolicy,
    const O extends NativeContext = NoContext,
  >(
    query: TimeseriesQuery<
      CheckedGranularity<G>,
      Checked<A>,
      CheckedPost<Post>,
      C & StrictContext<C>
    >,
    options?: Options<V, O>,
  ): NativeStream<Timed<G, Outputs<C, O, AggregateRow<A, Post, Long<V, L>>>, Time<C, O>>>
  <
    const D extends Dimension,
    const G extends Granularity,
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NoContext,
    const V extends ValuesPolicy = ValuesPolicy,
    const O extends NativeContext = NoContext,
  >(
    query: TopNQuery<
      CheckedDimension<D>,
      CheckedGranularity<G>,
      Checked<A>,
      CheckedPost<Post>,
      C & StrictContext<C>
    >,
    options?: Options<V, O>,
  ): NativeStream<Timed<G, Outputs<C, O, GroupRow<D, A, Post, Long<V, L>>>, Time<C, O>>>
  <
    const G extends Granularity,
    const D extends readonly Dimension[] = readonly [],
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NoContext,
    const V extends ValuesPolicy = ValuesPolicy,
    const O extends NativeContext = NoContext,
  >(
    query: GroupByQuery<
      CheckedDimensions<D>,
      CheckedGranularity<G>,
      Checked<A>,
      CheckedPost<Post>,
      C & StrictContext<C>
    >,
    options?: Options<V, O>,
  ): NativeStream<Timed<G, Outputs<C, O, GroupRow<D[number], A, Post, Long<V, L>>>, Time<C, O>>>
  <
    const Columns extends readonly string[] = readonly string[],
    const F extends 'list' | 'compactedList' = 'list',
    const C extends NativeContext = NoContext,
    const V extends ValuesPolicy = ValuesPolicy,
    const O extends NativeContext = NoContext,
  >(
    query: ScanQuery<Columns, F, C & StrictContext<C>>,
    options?: Options<V, O>,
  ): NativeStream<EventOf<Columns, Long<V, L>>>
  <
    const C extends NativeContext = NoContext,
    const G extends Granularity = 'all',
    const O extends NativeContext = NoContext,
  >(
    query: SearchQuery<C & StrictContext<C>> & {
      readonly granularity?: CheckedGranularity<G> | undefined
    },
    options?: Options<ValuesPolicy, O>,
  ): NativeStream<Timed<G, SearchHit, Time<C, O>>>
  <const C extends NativeContext = NoContext, const O extends NativeContext = NoContext>(
    query: SegmentMetadataQuery<C & StrictContext<C>>,
    options?: Options<ValuesPolicy, O>,
  ): NativeStream<SegmentColumnRow>
  <const C extends NativeContext = NoContext, const O extends NativeContext = NoContext>(
    query: TimeBoundaryQuery<C & StrictContext<C>>,
    options?: Options<ValuesPolicy, O>,
  ): NativeStream<TimeBoundaryElement<Time<C, O>>['result']>
  <const C extends NativeContext = NoContext, const O extends NativeContext = NoContext>(
    query: DataSourceMetadataQuery<C & StrictContext<C>>,
    options?: Options<ValuesPolicy, O>,
  ): NativeStream<DataSourceMetadataElement<Time<C, O>>['result']>
  <const C extends NativeContext = NoContext, const O extends NativeContext = NoContext>(
    query: WindowOperatorQuery<C & StrictContext<C>>,
    options?: Options<ValuesPolicy, O>,
  ): NativeStream<Record<string, NativeValue>>
  <R extends object = Row>(
    query: NativeQuery | CustomQuery,
    options?: NativeOptions,
  ): NativeStream<R>
}
