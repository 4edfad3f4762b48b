import { DruidError } from '../error/error.ts'
import { pageText, snippet } from '../error/server.ts'
import { asArrayLines } from '../result/array-lines.ts'
import { exactJson, parseExact } from '../result/json.ts'
import { valuesPolicy } from '../result/policy.ts'
import { Reading, type ReadOptions } from '../result/read.ts'
import { rowDecoder } from '../result/row-body.ts'
import { asRows, type Rows } from '../result/rows.ts'
import { transportError } from '../transport/failure.ts'
import { decodersOf } from './codecs.ts'
import type { Connection, Reply } from './connection.ts'
import { mergedHeaders } from './headers.ts'
import type { PlainRequestOptions, RequestOptions } from './options.ts'
import { Clock, callTimeouts } from './timeouts.ts'

const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

/**
 * One request whose reply is read whole: everything of Druid's API that is no query. The body is
 * sent as JSON. See {@link PlainRequestOptions} for what comes back.
 */
export async function plainRequest(
  connection: Connection,
  method: string,
  target: string | URL,
  body: unknown,
  options: PlainRequestOptions,
  defaults: RequestOptions,
): Promise<unknown> {
  checkCall(method, body, options)
  const link = connection.link([options.signal, defaults.signal])
  const clock = new Clock(link.abort, callTimeouts(connection.timeouts, defaults, options))
  const start = performance.now()
  const opening = connection.observe('request')
  const observed = opening && (await opening)
  try {
    const reply = await connection.send({
      method,
      target,
      headers: mergedHeaders(defaults.headers, options.headers),
      body: body === undefined ? undefined : json(body, method),
      signal: link.signal,
      idempotent: options.idempotent ?? REPEATABLE.has(method),
      onSend: () => clock.sent(),
      replied: () => clock.replied(),
      paused: () => clock.replied(),
      until: clock.until,
      clock,
      observed,
    })
    if (options.expect === 'rows') {
      const rows = await rowsOf(reply, connection, { start, clock })
      observed?.end('done', rows.stats)
      return rows
    }
    if (options.expect === 'bytes') {
      const bytes = await bytesOf(reply, link.signal, clock)
      observed?.end('done')
      return bytes
    }
    const text = await textOf(reply, link.signal, clock)
    const answer = options.expect === 'text' ? text : parsed(text, reply)
    observed?.end('done')
    return answer
  } catch (error) {
    observed?.failed(error)
    throw error
  } finally {
    clock.release()
    link.release()
  }
}

function checkCall(method: string, body: unknown, { expect }: PlainRequestOptions): void {
  const wrong = (why: string, option: string): DruidError =>
    new DruidError('CONFIG', `request: ${why}`, { option })
  if (typeof method !== 'string' || !/^[A-Z]+$/.test(method)) {
    throw wrong('the method must be one in upper case, e.g. GET', 'method')
  }
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw wrong(`${method} has no body; put what you ask for into the path`, 'body')
  }
  if (expect !== undefined && !['json', 'text', 'bytes', 'rows'].includes(expect)) {
    throw wrong("expect is 'json', 'text', 'bytes' or 'rows'", 'expect')
  }
}

function json(body: unknown, method: string): string {
  const refused = (cause?: unknown): DruidError =>
    new DruidError('INVALID_INPUT', `${method}: the request body cannot be written as JSON`, {
      cause,
    })
  let text: string | undefined
  try {
    text = exactJson(body)
  } catch (cause) {
    throw refused(cause)
  }
  // A function, say, is nothing in JSON.
  if (text === undefined) throw refused()
  return text
}

async function rowsOf(
  reply: Reply,
  { parts }: Connection,
  options: ReadOptions,
): Promise<Rows<object>> {
  const decoder = rowDecoder({
    what: reply.attempted,
    policy: valuesPolicy(),
    decoders: decodersOf(parts.codecs),
  })
  const reading = new Reading(asArrayLines(reply.response.body), decoder, options)
  const rows: object[] = []
  for await (const batch of reading.batches) for (const row of batch) rows.push(row)
  return asRows(rows, {
    columns: decoder.columns(),
    queryId: reply.response.headers.get('x-druid-sql-query-id') ?? '',
    stats: reading.stats(),
  })
}

async function bytesOf(reply: Reply, signal: AbortSignal, clock: Clock): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    clock.waiting()
    for await (const chunk of reply.response.body) {
      chunks.push(chunk)
      length += chunk.length
      clock.waiting()
    }
  } catch (cause) {
    throw transportError(cause, reply.attempted, signal)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

async function textOf(reply: Reply, signal: AbortSignal, clock: Clock): Promise<string> {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  try {
    clock.waiting()
    for await (const chunk of reply.response.body) {
      text += utf8.decode(chunk, { stream: true })
      clock.waiting()
    }
    return text + utf8.decode()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw transportError(cause, reply.attempted, signal)
    throw new DruidError('DECODE', `${reply.attempted}: the reply is not UTF-8`, { cause })
  }
}

function parsed(text: string, reply: Reply): unknown {
  if (text === '') return undefined
  try {
    return parseExact(text, (digits) => BigInt(digits))
  } catch (cause) {
    const what = text.trimStart().startsWith('<')
      ? `an HTML page: ${pageText(text)}`
      : snippet(text)
    throw new DruidError(
      'DECODE',
      `${reply.attempted} answered ${reply.response.status} with what is no JSON (${what}). If the endpoint sends plain text, ask with { expect: 'text' }`,
      { snippet: snippet(text), cause },
    )
  }
}
