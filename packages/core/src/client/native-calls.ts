import type { Aggregator, Aggregators } from '../native/aggregator.ts'
import type { NativeContext } from '../native/context.ts'
import type { Custom } from '../native/custom.ts'
import type { Dimension, DimensionSpecs } from '../native/dimension.ts'
import type { Granularity } from '../native/granularity.ts'
import type { PostAggregator, PostAggregators } from '../native/post-aggregator.ts'
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
} from '../native/query.ts'
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
export interface NativeOptions<V = ValuesPolicy> extends Omit<QueryOptions, 'context' | 'values'> {
  /** The `queryId` to run under. Default: that of the query's own context, else a new UUID. */
  readonly queryId?: string | undefined
  /** Comes over the query's own, and that over the client's. */
  readonly context?: NativeContext | undefined
  /**
   * How integers come, by `bigint`; the other choices are for SQL. A value that the query does not
   * type (all but aggregations, post-aggregations, dimensions with `outputType`, and a scan's columns)
   * becomes something else than a number only where a number cannot hold it.
   */
  readonly values?: V | undefined
}

/** The rows of a running native query; see {@link RowStream}. */
export interface NativeStream<R extends object = Row>
  extends Omit<RowStream<R>, 'header' | 'columns'> {}

/** Parts whose type is known have no other keys than that type. */
type Strict<L, Kinds> = {
  [I in keyof L]: L[I] extends Custom
    ? L[I]
    : L[I] extends { readonly type: infer T extends keyof Kinds }
      ? Exclude<keyof L[I], keyof Kinds[T]> extends never
        ? L[I]
        : never
      : L[I]
}
type StrictContext<C> = C extends Custom
  ? C
  : Exclude<keyof C, keyof NativeContext> extends never
    ? C
    : never

/** What LONG becomes: as the call says, else as the client does. */
type Long<V, L> = V extends { readonly bigint: infer B extends NonNullable<ValuesPolicy['bigint']> }
  ? BigintOf<PolicyOf<{ readonly bigint: B }>>
  : L

type Aggs = readonly Aggregator[]
type Posts = readonly PostAggregator[]
type Checked<A> = A & Strict<A, Aggregators>
type CheckedPost<A> = A & Strict<A, PostAggregators>
type CheckedDimensions<D> = D & Strict<D, DimensionSpecs>

/** What the context makes of times, and of elements. */
type Time<C> =
  | (C extends { readonly serializeDateTimeAsLong: true } ? number : string)
  | (C extends { readonly grandTotal: true } ? null : never)
type Element<C, E> = C extends { readonly bySegment: true } ? BySegmentElement<E> : E
type ArrayOr<C, E> = C extends { readonly resultAsArray: true } ? readonly NativeValue[] : E
type Outputs<C, R> = C extends { readonly finalize: false } ? { [K in keyof R]: NativeValue } : R

type Reply<C, E> = Promise<NativeResult<Element<C, E>>>

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
    const C extends NativeContext = NativeContext,
    const V extends ValuesPolicy = ValuesPolicy,
  >(
    query: TimeseriesQuery<G, Checked<A>, CheckedPost<Post>, C & StrictContext<C>>,
    options?: NativeOptions<V>,
  ): Reply<C, TimeseriesElement<Outputs<C, AggregateRow<A, Post, Long<V, L>>>, Time<C>>>
  <
    const D extends Dimension,
    const G extends Granularity,
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NativeContext,
    const V extends ValuesPolicy = ValuesPolicy,
  >(
    query: TopNQuery<D, G, Checked<A>, CheckedPost<Post>, C & StrictContext<C>>,
    options?: NativeOptions<V>,
  ): Reply<C, TopNElement<Outputs<C, GroupRow<D, A, Post, Long<V, L>>>, Time<C>>>
  <
    const D extends readonly Dimension[],
    const G extends Granularity,
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NativeContext,
    const V extends ValuesPolicy = ValuesPolicy,
  >(
    query: GroupByQuery<
      CheckedDimensions<D>,
      G,
      Checked<A>,
      CheckedPost<Post>,
      C & StrictContext<C>
    >,
    options?: NativeOptions<V>,
  ): Reply<
    C,
    ArrayOr<C, GroupByElement<Outputs<C, GroupRow<D[number], A, Post, Long<V, L>>>, Time<C>>>
  >
  <
    const Columns extends readonly string[] = readonly string[],
    const F extends 'list' | 'compactedList' = 'list',
    const C extends NativeContext = NativeContext,
    const V extends ValuesPolicy = ValuesPolicy,
  >(
    query: ScanQuery<Columns, F, C & StrictContext<C>>,
    options?: NativeOptions<V>,
  ): Reply<C, ScanElement<ScanEvent<Columns, F, Long<V, L>>>>
  <const C extends NativeContext = NativeContext>(
    query: SearchQuery<C & StrictContext<C>>,
    options?: NativeOptions,
  ): Reply<C, SearchElement<Time<C>>>
  <const C extends NativeContext = NativeContext>(
    query: SegmentMetadataQuery<C & StrictContext<C>>,
    options?: NativeOptions,
  ): Promise<NativeResult<SegmentAnalysis>>
  <const C extends NativeContext = NativeContext>(
    query: TimeBoundaryQuery<C & StrictContext<C>>,
    options?: NativeOptions,
  ): Promise<NativeResult<TimeBoundaryElement<Time<C>>>>
  <const C extends NativeContext = NativeContext>(
    query: DataSourceMetadataQuery<C & StrictContext<C>>,
    options?: NativeOptions,
  ): Promise<NativeResult<DataSourceMetadataElement<Time<C>>>>
  <E = unknown>(query: CustomQuery, options?: NativeOptions): Promise<NativeResult<E>>
  <E = NativeElement>(query: NativeQuery, options?: NativeOptions): Promise<NativeResult<E>>
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
    const C extends NativeContext = NativeContext,
    const V extends ValuesPolicy = ValuesPolicy,
  >(
    query: TimeseriesQuery<G, Checked<A>, CheckedPost<Post>, C & StrictContext<C>>,
    options?: NativeOptions<V>,
  ): NativeStream<Timed<G, Outputs<C, AggregateRow<A, Post, Long<V, L>>>, Time<C>>>
  <
    const D extends Dimension,
    const G extends Granularity,
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NativeContext,
    const V extends ValuesPolicy = ValuesPolicy,
  >(
    query: TopNQuery<D, G, Checked<A>, CheckedPost<Post>, C & StrictContext<C>>,
    options?: NativeOptions<V>,
  ): NativeStream<Timed<G, Outputs<C, GroupRow<D, A, Post, Long<V, L>>>, Time<C>>>
  <
    const D extends readonly Dimension[],
    const G extends Granularity,
    const A extends Aggs = readonly [],
    const Post extends Posts = readonly [],
    const C extends NativeContext = NativeContext,
    const V extends ValuesPolicy = ValuesPolicy,
  >(
    query: GroupByQuery<
      CheckedDimensions<D>,
      G,
      Checked<A>,
      CheckedPost<Post>,
      C & StrictContext<C>
    >,
    options?: NativeOptions<V>,
  ): NativeStream<Timed<G, Outputs<C, GroupRow<D[number], A, Post, Long<V, L>>>, Time<C>>>
  <
    const Columns extends readonly string[] = readonly string[],
    const F extends 'list' | 'compactedList' = 'list',
    const C extends NativeContext = NativeContext,
    const V extends ValuesPolicy = ValuesPolicy,
  >(
    query: ScanQuery<Columns, F, C & StrictContext<C>>,
    options?: NativeOptions<V>,
  ): NativeStream<EventOf<Columns, Long<V, L>>>
  <const C extends NativeContext = NativeContext, const G extends Granularity = 'all'>(
    query: SearchQuery<C & StrictContext<C>> & { readonly granularity?: G | undefined },
    options?: NativeOptions,
  ): NativeStream<Timed<G, SearchHit, Time<C>>>
  <const C extends NativeContext = NativeContext>(
    query: SegmentMetadataQuery<C & StrictContext<C>>,
    options?: NativeOptions,
  ): NativeStream<SegmentColumnRow>
  <const C extends NativeContext = NativeContext>(
    query: TimeBoundaryQuery<C & StrictContext<C>>,
    options?: NativeOptions,
  ): NativeStream<TimeBoundaryElement<Time<C>>['result']>
  <const C extends NativeContext = NativeContext>(
    query: DataSourceMetadataQuery<C & StrictContext<C>>,
    options?: NativeOptions,
  ): NativeStream<DataSourceMetadataElement<Time<C>>['result']>
  <R extends object = Row>(query: CustomQuery, options?: NativeOptions): NativeStream<R>
  <R extends object = Row>(query: NativeQuery, options?: NativeOptions): NativeStream<R>
}
