import { DruidError, messageOf } from '../error/error.ts'
import { pageText, snippet } from '../error/server.ts'

/** The query, for messages (e.g. `query 0815…`) and errors. */
export interface Asked {
  readonly what: string
  readonly queryId?: string | undefined
}

/** What is known of a result that broke off. */
export interface Rest {
  /** Whether nothing at all has come. */
  readonly empty: boolean
  /** How many were whole. */
  readonly rows: number
  /** Where rows are not counted: the bytes that came. */
  readonly bytes?: number | undefined
  /** What the server says in its trailers. */
  readonly reason?: string | undefined
  readonly cause?: unknown
}

/** The error for a result that ends before its end mark. */
export function truncated(
  { what, queryId }: Asked,
  { empty, rows, bytes, reason, cause }: Rest,
): DruidError<'TRUNCATED'> {
  const said = reason ?? (cause === undefined ? undefined : messageOf(cause))
  const [count, unit] = bytes === undefined ? [rows, 'row'] : [bytes, 'byte']
  const how = empty
    ? 'the reply is empty'
    : `the result broke off after ${count} ${unit}${count === 1 ? '' : 's'}`
  const why = said ? `: ${snippet(said)}` : ''
  return new DruidError(
    'TRUNCATED',
    `${what}: ${how}${why}. Druid answered 200 and failed later, or something between cut it off; the ${unit}s before it are not the whole result`,
    { queryId, rows, reason, cause },
  )
}

/** The error for a success of somebody else. */
export function notDruid({ what, queryId }: Asked, text: string): DruidError<'DECODE'> {
  const html = text.trimStart().startsWith('<')
  const said = html ? `an HTML page: ${pageText(text)}` : snippet(text)
  return new DruidError(
    'DECODE',
    `${what}: the reply has status 200 but is no Druid result (${said}). Is the URL that of a Druid Router or Broker, and does a proxy answer in its place?`,
    { queryId, line: 1, snippet: snippet(text) },
  )
}

/** What Druid says of a result in its trailers, where there are any. */
export interface Verdict {
  /** It says that the result is not whole. */
  readonly failed: boolean
  readonly reason: string | undefined
}

export function verdictIn(trailers: Headers | undefined): Verdict {
  return {
    failed: trailers?.get('x-druid-response-complete') === 'false',
    reason: trailers?.get('x-error-message') ?? undefined,
  }
}
