export type { ClientBase, ClientDefaults } from './client/base.ts'
export type { Capability } from './client/capability.ts'
export { type ConnectOptions, connect, type DruidClient } from './client/connect.ts'
export type { Plan, PlanAttributes, PlannedQuery } from './client/explain.ts'
export type { FormatMethods, FormattedResult } from './client/format.ts'
export { loadNative } from './client/load-native.ts'
export type {
  NativeCall,
  NativeElement,
  NativeOptions,
  NativeStream,
  StreamNativeCall,
} from './client/native-calls.ts'
export type {
  Auth,
  CancelOptions,
  ConnectionOptions,
  PlainRequestOptions,
  QueryOptions,
  RawOptions,
  RequestOptions,
  SchemaOptions,
  SchemaRow,
} from './client/options.ts'
export type { RawResult } from './client/raw.ts'
export type { Retry } from './client/retry.ts'
export type { CallTimeouts, Timeouts } from './client/timeouts.ts'
export type { Token, TokenProvider } from './client/token.ts'
export {
  type CancelOutcome,
  DruidError,
  type DruidErrorCode,
  type DruidErrorDetails,
  type ExtensionError,
  isDruidError,
  isExtensionError,
  type ServerErrorDetails,
  type SqlPosition,
  type UnparseableEvent,
} from './error/error.ts'
export type { OnExtensionError } from './extension/failures.ts'
export type {
  Discovered,
  DiscoveredExtension,
  DiscoveredExtensions,
  DiscoverySet,
  ExtensionPackage,
  ExtensionReport,
} from './extension/report.ts'
export type {
  Metadata,
  SchemaFilter,
  SegmentFilter,
  ServerFilter,
  ServerSegmentFilter,
  TableOptions,
  TaskFilter,
} from './metadata/metadata.ts'
export type {
  Routine,
  Schema,
  Segment,
  Server,
  ServerSegment,
  Supervisor,
  Table,
  TableColumn,
  Task,
} from './metadata/tables.ts'
export type {
  Aggregator,
  Aggregators,
} from './native/aggregator.ts'
export type { NativeContext } from './native/context.ts'
export { type Custom, custom } from './native/custom.ts'
export type { DataSource, DataSources } from './native/data-source.ts'
export type { Dimension, DimensionSpecs } from './native/dimension.ts'
export type { ExtractionFn, ExtractionFns } from './native/extraction.ts'
export type { Filter, Filters } from './native/filter.ts'
export type { Granularities, Granularity } from './native/granularity.ts'
export type { Having, Havings } from './native/having.ts'
export type { Interval, Intervals } from './native/interval.ts'
export type { LimitSpec, LimitSpecs } from './native/limit.ts'
export type { Metric, Metrics } from './native/metric.ts'
export type { PostAggregator, PostAggregators } from './native/post-aggregator.ts'
export type {
  CustomQuery,
  DataSourceMetadataQuery,
  GroupByQuery,
  NativeQueries,
  NativeQuery,
  ScanQuery,
  SearchQuery,
  SegmentMetadataQuery,
  TimeBoundaryQuery,
  TimeseriesQuery,
  TopNQuery,
  WindowOperator,
  WindowOperatorQuery,
} from './native/query.ts'
export type { NativeRequest } from './native/request.ts'
export type { SearchSpec, SearchSpecs } from './native/search.ts'
export type { VirtualColumn, VirtualColumns } from './native/virtual-column.ts'
export type {
  EndEvent,
  ErrorEvent,
  Events,
  Hooks,
  ObservedCall,
  ObservedError,
  Operation,
  RequestEvent,
  ResponseEvent,
  RetryEvent,
} from './observe/events.ts'
export type { Log, LogFunction } from './observe/log.ts'
export type {
  Tracer,
  TracerAttributes,
  TracerContext,
  TracerSpan,
  TracerSpanOptions,
} from './observe/tracer.ts'
export type { Column } from './result/column.ts'
export type { ColumnData, Columns } from './result/columns.ts'
export type {
  BySegmentElement,
  ColumnAnalysis,
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
} from './result/native-elements.ts'
export type { AggregatorTypes, PostAggregatorTypes } from './result/native-outputs.ts'
export { type RowOf, rowsOf, type SegmentColumnRow } from './result/native-rows.ts'
export type { AnyPolicy, ValuesPolicy } from './result/policy.ts'
export type { ResultFormat } from './result/raw.ts'
export type { ResultStats, Rows } from './result/rows.ts'
export type { RowSchema, SchemaIssue, SchemaUse } from './result/schema.ts'
export type { RowStream } from './result/stream.ts'
export type {
  CamelKey,
  ColumnValue,
  DefaultPolicy,
  PolicyOf,
  PolicyRow,
  TableRow,
  ValueOf,
} from './result/typed.ts'
export type { AnyVector, BigintVector, ListVector, NumberVector, Vector } from './result/vector.ts'
export type { QueryContext } from './sql/context.ts'
export type {
  ElementValue,
  ParameterType,
  ParameterValue,
  SqlParameter,
  TypedValue,
} from './sql/parameter.ts'
export { type SqlRequest, sqlRequest } from './sql/request.ts'
export type { SqlSettings } from './sql/settings.ts'
export { type Sql, sql } from './sql/sql.ts'
export type { DruidValue, Row, Statement, UntypedStatement } from './sql/statement.ts'
export type { SqlParameters } from './sql/with-parameters.ts'
export type { Pem, PoolOptions, Provided, ProxyOption, TlsOptions } from './transport/settings.ts'
export type {
  Transport,
  TransportBody,
  TransportRequest,
  TransportResponse,
} from './transport/transport.ts'
