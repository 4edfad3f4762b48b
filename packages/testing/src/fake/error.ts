import { checkNames } from '@druid/core/extension'
import { wrongFake } from './problem.ts'
import { druidReply, type FakeReply } from './reply.ts'

/** `org.apache.druid.error.DruidException.Category`: its HTTP status, code and persona. */
const CATEGORIES = {
  INVALID_INPUT: [400, 'invalidInput', 'USER'],
  UNAUTHORIZED: [401, 'general', 'USER'],
  FORBIDDEN: [403, 'forbidden', 'USER'],
  NOT_FOUND: [404, 'notFound', 'USER'],
  CONFLICT: [409, 'general', 'USER'],
  CAPACITY_EXCEEDED: [429, 'general', 'OPERATOR'],
  CANCELED: [500, 'general', 'USER'],
  RUNTIME_FAILURE: [500, 'general', 'OPERATOR'],
  DEFENSIVE: [500, 'general', 'DEVELOPER'],
  UNCATEGORIZED: [500, 'general', 'ADMIN'],
  UNSUPPORTED: [501, 'general', 'USER'],
  SERVICE_UNAVAILABLE: [503, 'general', 'OPERATOR'],
  TIMEOUT: [504, 'general', 'USER'],
} as const

/** Who or what an error is about, in Druid's words: `INVALID_INPUT`, `NOT_FOUND`, … */
export type DruidErrorCategory = keyof typeof CATEGORIES

/** What {@link druidError} writes; the rest follows from the category. */
export interface DruidErrorSpec {
  readonly category: DruidErrorCategory
  readonly errorMessage: string
  /** Default: Druid's usual one for the category, e.g. `invalidInput`. */
  readonly errorCode?: string | undefined
  /** `USER`, `ADMIN`, `OPERATOR` or `DEVELOPER`. Default: the usual one for the category. */
  readonly persona?: string | undefined
  /** Texts, e.g. `{ sourceType: 'sql', line: '1', column: '8' }`. */
  readonly context?: Readonly<Record<string, string>> | undefined
  /** Default: that of the category. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * Druid's error envelope, `druidException`: all SQL, and newer endpoints.
 *
 * @example druidError({ category: 'INVALID_INPUT', errorMessage: "Object 'x' not found" })
 */
export function druidError(spec: DruidErrorSpec): FakeReply {
  const known = ['category', 'errorMessage', 'errorCode', 'persona', 'context', 'status', 'headers']
  checkNames(spec, known, 'druidError')
  const usual = entryOf(CATEGORIES, spec.category, 'druidError', 'category')
  const [status, errorCode, persona] = usual
  const body = {
    error: 'druidException',
    errorCode: spec.errorCode ?? errorCode,
    persona: spec.persona ?? persona,
    category: spec.category,
    errorMessage: spec.errorMessage,
    context: spec.context ?? {},
  }
  return druidReply(spec.status ?? status, body, spec.headers)
}

/** The older vocabulary: HTTP status, the category it is given today, and a class that throws it. */
const LEGACY = {
  'Json parse failed': [400, 'INVALID_INPUT', 'com.fasterxml.jackson.core.JsonParseException'],
  'Query context parse failed': [400, 'INVALID_INPUT', 'BadQueryContextException'],
  'Resource limit exceeded': [400, 'INVALID_INPUT', 'ResourceLimitExceededException'],
  'SQL parse failed': [400, 'INVALID_INPUT', 'org.apache.calcite.sql.parser.SqlParseException'],
  'Plan validation failed': [400, 'INVALID_INPUT', 'org.apache.calcite.tools.ValidationException'],
  'SQL query is unsupported': [400, 'INVALID_INPUT', 'QueryUnsupportedException'],
  'Unauthorized request': [401, 'UNAUTHORIZED', 'QueryException'],
  'Query capacity exceeded': [429, 'CAPACITY_EXCEEDED', 'QueryCapacityExceededException'],
  'Query cancelled': [500, 'CANCELED', 'java.util.concurrent.CancellationException'],
  'Query interrupted': [500, 'RUNTIME_FAILURE', 'QueryInterruptedException'],
  'Truncated response context': [500, 'RUNTIME_FAILURE', 'TruncatedResponseContextException'],
  'Unknown exception': [500, 'RUNTIME_FAILURE', 'java.lang.IllegalStateException'],
  'Unsupported operation': [500, 'RUNTIME_FAILURE', 'java.lang.UnsupportedOperationException'],
  'Unsupported query': [501, 'UNSUPPORTED', 'QueryUnsupportedException'],
  'Query timeout': [504, 'TIMEOUT', 'QueryTimeoutException'],
} as const

/** The field `error` of Druid's older errors: `Query timeout`, `Resource limit exceeded`, … */
export type LegacyErrorCode = keyof typeof LEGACY

/** What {@link legacyError} writes; the rest follows from the code. */
export interface LegacyErrorSpec {
  readonly error: LegacyErrorCode
  readonly errorMessage?: string | null | undefined
  /** Java class. Default: one that fits. */
  readonly errorClass?: string | null | undefined
  /** `host:port` of the server that failed. Default null. */
  readonly host?: string | null | undefined
  /** Default: that of the code. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * `wrapped` (default): both vocabularies in one object, as Druid 27 and later answer to queries.
   * `bare`: the old one alone, as older servers and some paths do.
   */
  readonly envelope?: 'wrapped' | 'bare' | undefined
}

/**
 * Druid's older error envelope.
 *
 * @example legacyError({ error: 'Query timeout', errorMessage: 'Query [x] timed out!' })
 */
export function legacyError(spec: LegacyErrorSpec): FakeReply {
  const known = ['error', 'errorMessage', 'errorClass', 'host', 'status', 'headers', 'envelope']
  checkNames(spec, known, 'legacyError')
  const { error, errorMessage = null, host = null, envelope = 'wrapped' } = spec
  const [status, category, usual] = entryOf(LEGACY, error, 'legacyError', 'error')
  const usualClass = usual.includes('.') ? usual : `org.apache.druid.query.${usual}`
  const errorClass = spec.errorClass === undefined ? usualClass : spec.errorClass
  if (envelope !== 'wrapped' && envelope !== 'bare') {
    throw wrongFake("legacyError: envelope is 'wrapped' or 'bare'", 'envelope')
  }
  const body =
    envelope === 'bare'
      ? { error, errorMessage, errorClass, host }
      : {
          error,
          errorClass,
          host,
          errorCode: 'legacyQueryException',
          persona: 'OPERATOR',
          category,
          errorMessage,
          context: { host, errorClass, legacyErrorCode: error },
        }
  return druidReply(spec.status ?? status, body, spec.headers)
}

/** 401 as Druid answers a request without credentials, with a challenge. */
export function unauthorized(): FakeReply {
  const error = 'Unauthorized request'
  const headers = { 'www-authenticate': 'Basic' }
  return legacyError({ error, errorClass: null, envelope: 'bare', headers })
}

/** 403 of everything but SQL, which answers `druidError({ category: 'FORBIDDEN', … })`. */
export function forbidden(reason = 'Unauthorized'): FakeReply {
  return druidReply(403, { 'Access-Check-Result': reason })
}

/** 429: too many queries. `retryAfter`: seconds, or a date as HTTP writes it; Druid sends none. */
export function capacityExceeded({
  retryAfter,
}: {
  readonly retryAfter?: number | string | undefined
} = {}): FakeReply {
  return legacyError({
    error: 'Query capacity exceeded',
    errorMessage: 'Too many concurrent queries, total query capacity of 1 exceeded.',
    ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
  })
}

function entryOf<T extends object, K extends keyof T>(
  table: T,
  key: K,
  where: string,
  option: string,
): T[K] {
  if (Object.hasOwn(table, key)) return table[key]
  const all = Object.keys(table).join(', ')
  throw wrongFake(`${where}: ${option} is one of ${all}; not ${String(key)}`, option)
}
