export { type CheckOptions, checkExtension } from './check/check.ts'
export type { Problem, Rule } from './check/problem.ts'
export type { ColumnSpec, FakeColumn } from './fake/column.ts'
export {
  capacityExceeded,
  type DruidErrorCategory,
  type DruidErrorSpec,
  druidError,
  forbidden,
  type LegacyErrorCode,
  type LegacyErrorSpec,
  legacyError,
  unauthorized,
} from './fake/error.ts'
export { type FakeDruid, type FakeDruidOptions, type FakeGate, fakeDruid } from './fake/fake.ts'
export {
  connectionReset,
  delayed,
  type FakeFault,
  noAnswer,
  type TruncatedOptions,
  truncated,
} from './fake/fault.ts'
export { type FakeReply, htmlPage, type ReplySpec, reply } from './fake/reply.ts'
export type { FakeRequest, RequestState } from './fake/request.ts'
export type { ResultFormat } from './fake/result.ts'
export { resultReply } from './fake/result-reply.ts'
export type { RouteAnswer, RouteData, RouteHandler, Routes } from './fake/route.ts'
export type { ServerInput, ServerRow, ServerSpec } from './fake/server.ts'
export type { FakeQuery, SqlAnswer, SqlHandler, SqlRule } from './fake/sql-rules.ts'
export type { FakeResult, FakeRow, FakeTable } from './fake/table.ts'
export type { ArrivedRequest } from './fault/arrived.ts'
export {
  bandwidth,
  type CutBy,
  type CutFault,
  type CutOptions,
  cutAfter,
  drip,
  type Fault,
  type FaultPlace,
  failedTrailers,
  type GzipFault,
  gzipped,
  type HeaderRowsFault,
  type HeadersFault,
  hugeRow,
  type InsertFault,
  invalidUtf8,
  type LatencyFault,
  latency,
  type PaceFault,
  type RedirectFault,
  redirect,
  type SplitFault,
  type StaleFault,
  type StallFault,
  type StallOptions,
  split,
  staleSocket,
  stallAfter,
  type TrailersFault,
  withoutHeaderRows,
  wrongHeaders,
} from './fault/fault.ts'
export type { Faults } from './fault/faults.ts'
export { type FaultProxyOptions, faultProxy } from './fault/proxy.ts'
export type { FaultOptions, NextFaultOptions } from './fault/rule.ts'
export { type FaultServer, type FaultServerOptions, faultServer } from './fault/server.ts'
export type { TlsFiles, TlsMode } from './fault/tls.ts'
export { type DescribeOptions, describeExtension } from './suite/describe.ts'
export { type RecordedRegistration, recordRegistration } from './suite/record.ts'
