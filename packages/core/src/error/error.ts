/**
 * The one error class of the platform. Told apart by `code`; each code has a paragraph in
 * `docs/errors.md`. Recognise it with {@link isDruidError}, which also knows errors made by another
 * installed copy of this package.
 */

/** What a failure inside Druid carries: the parts of its two error envelopes, where it sent them. */
export interface ServerErrorDetails {
  /** HTTP status of the reply. */
  readonly status: number
  /** `category` of a druidException, e.g. `INVALID_INPUT`, `RUNTIME_FAILURE`. */
  readonly category?: string | undefined
  /** Whom Druid thinks the message is for: `USER`, `ADMIN`, `OPERATOR` or `DEVELOPER`. */
  readonly persona?: string | undefined
  /** Druid's own code, e.g. `invalidInput`, `legacyQueryException`, `Query timeout`. */
  readonly errorCode?: string | undefined
  /** Java class of the failure, where Druid tells it. */
  readonly errorClass?: string | undefined
  /** The `context` of a druidException. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/** Where in the SQL text Druid saw the mistake; lines and columns count from 1. */
export interface SqlPosition {
  readonly line: number
  readonly column: number
}

/** A row that a task could not read, or not in all its fields, as its report has it. */
export interface UnparseableEvent {
  /** `unparseable`, or `processedWithError` where some of its fields could be read. */
  readonly errorType?: string | undefined
  /** The row: as text where it could not be taken apart. */
  readonly input?: unknown
  /** What is wrong, a sentence each. */
  readonly details?: readonly string[] | undefined
  readonly timeOfExceptionMillis?: number | undefined
}

/** What each code adds to an error. */
export interface DruidErrorDetails {
  /** An option or argument given to this library is wrong. */
  CONFIG: { readonly option?: string | undefined }
  /** The connection, or the stream, was already closed or used up. */
  CLOSED: object
  /** No connection, or one that broke before a reply. */
  CONNECT: { readonly reason: 'dns' | 'refused' | 'reset' | 'network' }
  /** What is wrong: about the server's certificate the first four. */
  TLS: {
    readonly reason:
      | 'name'
      | 'untrusted'
      | 'expired'
      | 'fingerprint'
      | 'clientCertificate'
      | 'protocol'
      | 'other'
  }
  TIMEOUT: { readonly phase: 'connect' | 'firstByte' | 'idle' | 'total' }
  /** The caller gave up. `serverCancel` settles, never rejects, with what became of the query. */
  CANCELLED: { readonly serverCancel?: Promise<CancelOutcome> | undefined }
  UNAUTHENTICATED: ServerErrorDetails
  FORBIDDEN: ServerErrorDetails
  /** Druid, or this library before sending, refused the statement or a value in it. */
  INVALID_INPUT: Partial<ServerErrorDetails> & { readonly position?: SqlPosition | undefined }
  NOT_FOUND: Partial<ServerErrorDetails>
  CONFLICT: ServerErrorDetails
  /** Too many queries; `retryAfter` in milliseconds, where the server said. */
  CAPACITY: ServerErrorDetails & { readonly retryAfter?: number | undefined }
  RESOURCE_LIMIT: ServerErrorDetails
  SERVER_TIMEOUT: ServerErrorDetails
  UNSUPPORTED: Partial<ServerErrorDetails>
  /** `retryAfter` in milliseconds, where the server said. */
  SERVER: ServerErrorDetails & { readonly retryAfter?: number | undefined }
  /** `unparseableEvents`: the first rows that it could not read, where its report has them. */
  TASK_FAILED: {
    readonly taskId: string
    readonly dataSource?: string | undefined
    readonly unparseableEvents?: readonly UnparseableEvent[] | undefined
  }
  /** The reply ended before its end mark. `rows` were whole before that; `reason` is the server's. */
  TRUNCATED: { readonly rows: number; readonly reason?: string | undefined }
  /** The reply is not what Druid sends. `line` counts from 1; `snippet` is at most 200 characters. */
  DECODE: { readonly line?: number | undefined; readonly snippet?: string | undefined }
  /** An integer beyond ±(2^53 − 1) that a number cannot hold. */
  INEXACT: { readonly column: string; readonly value: string }
  LIMIT: { readonly limit: number }
  /** `issues`: what the schema says. */
  SCHEMA: { readonly issues: readonly { readonly message: string }[] }
  NO_SERVICE: { readonly role: string }
  /** An extension failed; `extension` is its name. */
  EXTENSION: { readonly extension: string }
}

/** What the server said to the DELETE that follows a cancelled query. */
export type CancelOutcome = 'accepted' | 'unknown' | 'failed'

export type DruidErrorCode = keyof DruidErrorDetails

interface CommonDetails {
  /** The `sqlQueryId` or native `queryId` of the query that failed. */
  readonly queryId?: string | undefined
  /** Which attempt failed, from 1. */
  readonly attempt?: number | undefined
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable?: boolean | undefined
  readonly cause?: unknown
}

const BRAND = '~druidError'

/** Codes after which the same call may well succeed. */
const RETRYABLE: ReadonlySet<string> = new Set<DruidErrorCode>(['CONNECT', 'CAPACITY'])

class DruidErrorClass extends Error {
  readonly code: DruidErrorCode
  readonly queryId: string | undefined
  readonly attempt: number
  readonly retryable: boolean

  constructor(code: DruidErrorCode, message: string, details: CommonDetails = {}) {
    const { cause, queryId, attempt, retryable, ...own } = details
    super(printable(String(message)), cause === undefined ? undefined : { cause })
    this.code = code
    this.queryId = queryId
    this.attempt = attempt ?? 1
    this.retryable = retryable ?? RETRYABLE.has(code)
    Object.assign(this, own)
  }

  /** Everything but the stack and the cause's internals; never a credential. */
  toJSON(): Record<string, unknown> {
    const { serverCancel: _, ...own } = { ...this } as Record<string, unknown>
    const cause = isError(this.cause) ? messageOf(this.cause) : undefined
    return { name: this.name, message: this.message, ...own, ...(cause && { cause }) }
  }
}
Object.defineProperty(DruidErrorClass, 'name', { value: 'DruidError' })
Object.defineProperty(DruidErrorClass.prototype, 'name', { value: 'DruidError' })
Object.defineProperty(DruidErrorClass.prototype, BRAND, { value: true })

/**
 * A failure of any call of this platform. `code` decides which further fields there are, so
 * `if (error.code === 'TRUNCATED') error.rows` is typed.
 */
export type DruidError<Code extends DruidErrorCode = DruidErrorCode> = Code extends DruidErrorCode
  ? DruidErrorClass & { readonly code: Code } & DruidErrorDetails[Code]
  : never

type Optional<T> = object extends T ? [details?: T] : [details: T]

/** `new DruidError(code, message, details)`; details by code. `instanceof` works within one copy. */
export const DruidError = DruidErrorClass as unknown as new <Code extends DruidErrorCode>(
  code: Code,
  message: string,
  ...details: Optional<DruidErrorDetails[Code] & CommonDetails>
) => DruidError<Code>

/** Whether it is an error of this platform (of any installed copy), and of that code if one is given. */
export function isDruidError<Code extends DruidErrorCode = DruidErrorCode>(
  error: unknown,
  code?: Code,
): error is DruidError<Code> {
  try {
    if (typeof error !== 'object' || error === null || !(BRAND in error)) return false
    return code === undefined || (error as { code?: unknown }).code === code
  } catch {
    // A proxy that throws is none of ours.
    return false
  }
}

/** The failure of an extension: code `EXTENSION`, and the extension's name in `extension`. */
export type ExtensionError = DruidError<'EXTENSION'>

/** Whether an extension is what failed. */
export function isExtensionError(error: unknown): error is ExtensionError {
  return isDruidError(error, 'EXTENSION')
}

/** `instanceof` asks a proxy, which may throw. */
function isError(error: unknown): boolean {
  try {
    return error instanceof Error
  } catch {
    return false
  }
}

/** Lines stay; of the other control characters a terminal sees only the code: it must not obey a server. */
function printable(message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it replaces
  return message.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The message of whatever was thrown: also of what cannot become a string. Never throws. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error)
  } catch {
    return 'something was thrown that is no error and cannot be shown'
  }
}
