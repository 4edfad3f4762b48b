import { checkNames, isRecord, messageOf } from '@druid/core/extension'
import { wrongFake } from './problem.ts'

/** A reply of the fake, whole; made by {@link reply} and the functions after it. */
export interface FakeReply {
  readonly '~fake': 'reply'
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | (() => AsyncIterable<string>)
  /** After the body, where the server sends them. */
  readonly trailers?: () => Readonly<Record<string, string>>
  /** Whether Druid itself wrote it: to a query it then has the query's id in its headers. */
  readonly ofDruid: boolean
}

/** What {@link reply} sends. */
export interface ReplySpec {
  /** Default 200. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Text and bytes as they are; anything else as JSON. Default: no body. */
  readonly body?: unknown
}

/**
 * Any reply at all. `content-type` is `text/plain` for text and `application/json` for JSON, unless
 * `headers` say otherwise.
 *
 * @example fakeDruid({ routes: { 'DELETE /druid-ext/ranger/{id}': reply({ status: 202 }) } })
 */
export function reply(spec: ReplySpec = {}): FakeReply {
  checkNames(spec, ['status', 'headers', 'body'], 'reply')
  const { status = 200, headers = {}, body } = spec
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw wrongFake(`reply: a status is an integer from 200 to 599, not ${status}`, 'status')
  }
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const type = raw ? 'text/plain' : 'application/json'
  return {
    '~fake': 'reply',
    status,
    headers: { ...(body !== undefined && { 'content-type': type }), ...lowerCased(headers) },
    body: raw ? body : body === undefined ? '' : jsonText(body),
    ofDruid: false,
  }
}

export function isReply(value: unknown): value is FakeReply {
  return isRecord(value) && value['~fake'] === 'reply'
}

/** JSON that Druid itself writes. */
export function druidReply(
  status: number,
  body: unknown,
  headers?: Readonly<Record<string, string>>,
): FakeReply {
  return { ...reply({ status, body, headers }), ofDruid: true }
}

/** The page of something between client and Druid, e.g. `htmlPage(502)` of a proxy. */
export function htmlPage(status: number, title = TITLES[status] ?? 'Error'): FakeReply {
  const page = `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`
  return reply({ status, headers: { 'content-type': 'text/html' }, body: page })
}

const TITLES: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
}

function jsonText(body: unknown): string {
  let text: string | undefined
  let cause: unknown
  try {
    text = JSON.stringify(body)
  } catch (error) {
    cause = error
  }
  if (text !== undefined) return text
  const why = cause === undefined ? '' : ` (${messageOf(cause)})`
  throw wrongFake(`an answer cannot be written as JSON${why}`, 'body', cause)
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(new Headers({ ...headers }))
  } catch (cause) {
    throw wrongFake(`reply: headers that cannot be sent (${messageOf(cause)})`, 'headers', cause)
  }
}
