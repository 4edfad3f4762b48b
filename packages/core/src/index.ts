export type { ClientBase, ClientDefaults } from './client/base.ts'
export { type ConnectOptions, connect, type DruidClient } from './client/connect.ts'
export type { Plan, PlanAttributes, PlannedQuery } from './client/explain.ts'
export type { FormatMethods, FormattedResult } from './client/format.ts'
export type {
  Auth,
  ConnectionOptions,
  PlainRequestOptions,
  QueryOptions,
  RawOptions,
  RequestOptions,
  SchemaOptions,
  SchemaRow,
} from './client/options.ts'
export type { RawResult } from './client/raw.ts'
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
export type { Metadata, SegmentFilter, TaskFilter } from './metadata/metadata.ts'
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
export type { NativeContext } from './native/context.ts'
export { type Custom, custom } from './native/custom.ts'
export type { Column } from './result/column.ts'
export type { ColumnData, Columns } from './result/columns.ts'
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
export type { ParameterType, ParameterValue, SqlParameter } from './sql/parameter.ts'
export { type SqlRequest, sqlRequest } from './sql/request.ts'
export { type Sql, sql } from './sql/sql.ts'
export type { DruidValue, Row, Statement, UntypedStatement } from './sql/statement.ts'
export type {
  Transport,
  TransportBody,
  TransportRequest,
  TransportResponse,
} from './transport/transport.ts'
