export { abortable, sleep } from './client/abort.ts'
export { pathSegment } from './client/address.ts'
export type { DruidClient } from './client/connect.ts'
export type { FormatMethods, FormattedResult } from './client/format.ts'
export type { NativeOptions, NativeStream } from './client/native-calls.ts'
export type { PlainRequestOptions, QueryOptions, RequestOptions } from './client/options.ts'
export { abortError } from './error/abort.ts'
export {
  DruidError,
  type DruidErrorCode,
  type ExtensionError,
  isDruidError,
  isExtensionError,
  messageOf,
  type UnparseableEvent,
} from './error/error.ts'
export { isRecord } from './error/record.ts'
export { snippet } from './error/server.ts'
export { checkNames } from './error/unknown-name.ts'
export {
  type CheckName,
  defineExtension,
  type ExtensionFrom,
  fromModule,
  renamed,
} from './extension/define.ts'
export {
  type AnyExtension,
  type ClientClass,
  type ClusterClass,
  type Configurable,
  EXTENSION_API,
  type Extension,
  type ExtensionSpec,
  type MethodClass,
  type Provided,
  type Registration,
  type RegistrationContext,
  type RoleClass,
} from './extension/definition.ts'
export type {
  ClusterContext,
  ClusterHost,
  ExtensionHost,
  MappedUrl,
  ServiceHost,
} from './extension/host.ts'
export type {
  ClientOf,
  ClusterMethodsOf,
  ClusterOf,
  DruidCluster,
  ProvidesOf,
  RolesOf,
} from './extension/methods.ts'
export { clientMethod } from './extension/names.ts'
export type {
  AuthProvider,
  AuthRequest,
  Codec,
  Formatter,
  FormatterInput,
  FormatterOptions,
  HookCall,
  MapUrl,
  Middleware,
  MiddlewareOptions,
  QueryHooks,
  Requirements,
} from './extension/points.ts'
export { type Recorded, recordExtension } from './extension/record.ts'
export type { ExtensionReport } from './extension/report.ts'
export { versionFits } from './extension/requirements.ts'
export type { Segment, TableColumn } from './metadata/tables.ts'
export type { Aggregator } from './native/aggregator.ts'
export { type Custom, custom } from './native/custom.ts'
export type { Filter } from './native/filter.ts'
export type { Granularity } from './native/granularity.ts'
export type { CustomQuery, NativeQuery } from './native/query.ts'
export type { NativeRequest } from './native/request.ts'
export type { VirtualColumn } from './native/virtual-column.ts'
export type { ColumnData, Columns } from './result/columns.ts'
export { exactJson } from './result/json.ts'
export type { NativeResult } from './result/native-elements.ts'
export { rowsOf } from './result/native-rows.ts'
export type { Rows } from './result/rows.ts'
export type { RowStream } from './result/stream.ts'
export { type SqlRequest, sqlRequest } from './sql/request.ts'
export { type Sql, sql } from './sql/sql.ts'
export type { DruidValue, Row, Statement, UntypedStatement } from './sql/statement.ts'
