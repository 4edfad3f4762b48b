import { DruidError, type DruidErrorCode, type ServerErrorDetails } from './error.ts'
import { isRecord } from './record.ts'

/** A reply that is not a success, read whole (up to a limit). */
export interface ErrorReply {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** `POST /druid/v2/sql`, for the message: method and path, never a credential. */
  readonly attempted: string
  readonly queryId?: string | undefined
}

/** druidException categories, as in `org.apache.druid.error.DruidException.Category`. */
const BY_CATEGORY: Readonly<Record<string, DruidErrorCode>> = {
  INVALID_INPUT: 'INVALID_INPUT',
  UNAUTHORIZED: 'UNAUTHENTICATED',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  CAPACITY_EXCEEDED: 'CAPACITY',
  TIMEOUT: 'SERVER_TIMEOUT',
  UNSUPPORTED: 'UNSUPPORTED',
  SERVICE_UNAVAILABLE: 'SERVER',
  CANCELED: 'SERVER',
  RUNTIME_FAILURE: 'SERVER',
  DEFENSIVE: 'SERVER',
}

/** The older vocabulary, which newer servers still send inside the new envelope. */
const BY_LEGACY_CODE: Readonly<Record<string, DruidErrorCode>> = {
  'Json parse failed': 'INVALID_INPUT',
  'Query context parse failed': 'INVALID_INPUT',
  'SQL parse failed': 'INVALID_INPUT',
  'Plan validation failed': 'INVALID_INPUT',
  'SQL query is unsupported': 'UNSUPPORTED',
  'Unsupported query': 'UNSUPPORTED',
  'Unsupported operation': 'UNSUPPORTED',
  'Resource limit exceeded': 'RESOURCE_LIMIT',
  'Unauthorized request': 'UNAUTHENTICATED',
  'Query capacity exceeded': 'CAPACITY',
  'Query timeout': 'SERVER_TIMEOUT',
}

const BY_STATUS: Readonly<Record<number, DruidErrorCode>> = {
  400: 'INVALID_INPUT',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  429: 'CAPACITY',
  501: 'UNSUPPORTED',
  504: 'SERVER_TIMEOUT',
}

const ADVICE: Partial<Record<DruidErrorCode, string>> = {
  CAPACITY: 'send fewer queries at once, or try later',
  SERVER_TIMEOUT: 'raise the query context `timeout`, or ask for less',
}

/**
 * The error for a reply that is not a success. Knows both of Druid's envelopes, the smaller JSON
 * forms (`{error}`, `{error, message}`, `Access-Check-Result`), bare text, HTML pages of Jetty and
 * of proxies, and empty bodies.
 */
export function serverError(reply: ErrorReply): DruidError {
  const { status, headers, attempted, queryId } = reply
  const envelope = jsonObject(reply.body)
  const context = objectOf(envelope?.context)
  const legacyCode = text(context?.legacyErrorCode) ?? text(envelope?.error)
  const category = text(envelope?.category)
  const code =
    codeIn(BY_LEGACY_CODE, legacyCode) ??
    codeIn(BY_CATEGORY, category) ??
    codeIn(BY_STATUS, status) ??
    'SERVER'

  const said = saidIn(envelope, reply.body)
  const advice = adviceFor(code, reply)
  const message = `${attempted} failed with HTTP ${status}: ${said}${advice ? ` (${advice})` : ''}`
  const details: ServerErrorDetails & { queryId: string | undefined } = {
    status,
    queryId,
    category,
    persona: text(envelope?.persona),
    errorCode: text(envelope?.errorCode) ?? legacyCode,
    errorClass: text(envelope?.errorClass) ?? text(context?.errorClass),
    context,
  }
  if (code === 'INVALID_INPUT') {
    return new DruidError('INVALID_INPUT', message, { ...details, position: positionIn(context) })
  }
  if (code === 'CAPACITY') {
    return new DruidError('CAPACITY', message, { ...details, retryAfter: retryAfter(headers) })
  }
  const after = retryAfter(headers)
  return new DruidError(code as 'SERVER', message, {
    ...details,
    ...(code === 'SERVER' && after !== undefined && { retryAfter: after }),
    retryable: status === 502 || status === 503,
  })
}

function adviceFor(code: DruidErrorCode, { headers, attempted }: ErrorReply): string | undefined {
  if (code === 'UNAUTHENTICATED') {
    const challenge = headers.get('www-authenticate')
    const asked = challenge ? `; the server asks for ${snippet(challenge)}` : ''
    return `give valid credentials in the option \`auth\`${asked}`
  }
  if (code !== 'FORBIDDEN') return ADVICE[code]
  return `it takes ${permissionFor(attempted)}; ask for the permission, or use another identity`
}

/** What Druid checks, by the names of its authorizers: it hardly ever says what it missed. */
function permissionFor(attempted: string): string {
  const [method, url = ''] = attempted.split(' ')
  if (/\/druid\/v2\/sql(\/|$)/.test(url)) {
    return 'READ on each DATASOURCE or VIEW that is named, WRITE on one that is written, READ on EXTERNAL for EXTERN, and READ on STATE for sys.servers'
  }
  if (/\/druid\/v2(\/|$)/.test(url)) return 'READ on each DATASOURCE that is named'
  return `${method === 'GET' ? 'READ' : 'WRITE'} on the DATASOURCE, or on CONFIG or STATE where it is about the cluster`
}

/** By own keys: a server may call its error `constructor`. */
function codeIn(
  codes: Readonly<Record<string, DruidErrorCode>>,
  key: string | number | undefined,
): DruidErrorCode | undefined {
  return key !== undefined && Object.hasOwn(codes, key) ? codes[key] : undefined
}

/** The most telling sentence of a body: its own message, a page's title, or what there was of it. */
function saidIn(envelope: Record<string, unknown> | undefined, body: string): string {
  const message =
    accessCheck(envelope, body) ??
    text(envelope?.errorMessage) ??
    text(envelope?.message) ??
    text(objectOf(envelope?.error)?.errorMessage)
  if (message !== undefined) return message
  // The server may be told to hide its messages: then the rest of the envelope is all there is.
  if (envelope?.error === 'druidException') {
    return `the server sent no explanation, but ${text(envelope.errorCode)}, category ${text(envelope.category)}`
  }
  const error = text(envelope?.error)
  if (error !== undefined) return error
  const trimmed = body.trim()
  if (trimmed === '') return 'the server sent no explanation'
  if (trimmed.startsWith('<')) return `the server sent an HTML page: ${pageText(trimmed)}`
  return snippet(trimmed)
}

/** Of an `Access-Check-Result`, as JSON or as text, what is more than that it is not allowed. */
function accessCheck(
  envelope: Record<string, unknown> | undefined,
  body: string,
): string | undefined {
  const result =
    envelope?.['Access-Check-Result'] ?? /^Access-Check-Result:(.*)/s.exec(body.trim())?.[1]
  if (typeof result !== 'string') return undefined
  const said = result.trim().replace(/^Allowed:false(, Message:)?/, '')
  return snippet(said.trim()) || 'the server does not say which permission is missing'
}

/** An HTML page's title, else its text. */
export function pageText(html: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(html)?.[1]
  return snippet((title || html.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim())
}

/** At most 200 characters, without control characters (a terminal must not obey a server). */
export function snippet(content: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  const printable = content.slice(0, 400).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  return printable.length > 200 ? `${printable.slice(0, 200)}…` : printable
}

function positionIn(
  context: Record<string, unknown> | undefined,
): { line: number; column: number } | undefined {
  const line = Number(context?.line)
  const column = Number(context?.column)
  return line > 0 && column > 0 ? { line, column } : undefined
}

/** Milliseconds that a server asks to wait, by its `Retry-After`: seconds, or a date. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  const seconds = Number(value)
  const milliseconds = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1000
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds)
}

function jsonObject(body: string): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(body))
  } catch {
    return undefined
  }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return isRecord(value) ? value : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
