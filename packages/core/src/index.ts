export type { ClientBase, ClientDefaults } from './client/client.ts'
export { type ConnectOptions, connect, type DruidClient } from './client/connect.ts'
export type { FormatMethods, FormattedResult } from './client/format.ts'
export type {
  Auth,
  ConnectionOptions,
  PlainRequestOptions,
  QueryContext,
  QueryOptions,
  RequestOptions,
} from './client/options.ts'
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
export type { Column } from './result/column.ts'
export type { ResultStats, Rows } from './result/rows.ts'
export type { RowStream } from './result/stream.ts'
export type { ParameterValue, SqlParameter } from './sql/parameter.ts'
export { type SqlRequest, sqlRequest } from './sql/request.ts'
export { type DruidValue, type Row, type Statement, sql } from './sql/statement.ts'
export type {
  Transport,
  TransportBody,
  TransportRequest,
  TransportResponse,
} from './transport/transport.ts'
