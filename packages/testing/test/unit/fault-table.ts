import type { ConnectionOptions, DruidErrorCode } from '@druid/core'
import {
  bandwidth,
  cutAfter,
  drip,
  druidError,
  type Fault,
  failedTrailers,
  gzipped,
  htmlPage,
  hugeRow,
  invalidUtf8,
  latency,
  legacyError,
  redirect,
  reply,
  split,
  staleSocket,
  stallAfter,
  type TlsMode,
  withoutHeaderRows,
  wrongHeaders,
} from '@druid/testing'

/** `whole`: all of it, unharmed; `none`: nothing, which is what an empty reply to `request` is. */
export type Outcome = DruidErrorCode | 'whole' | 'none'

/** Of both transports, or of each. */
export type Outcomes = Outcome | { readonly node: Outcome; readonly fetch: Outcome }

/** Where things stand in the body of a reply, in bytes. */
export interface Marks {
  /** Behind what comes before the first row. */
  readonly head: number
  /** Behind the first row. */
  readonly row: number
  readonly whole: number
}

export interface Case {
  readonly what: string
  /** Of every exchange (the DELETE that ends a query left out); how the server speaks TLS; or that there is none. */
  readonly fault: ((marks: Marks) => Fault | readonly Fault[]) | { readonly tls: TlsMode } | 'down'
  /** Of the first one only. */
  readonly once?: true
  /** Milliseconds after which the caller gives up. */
  readonly bound?: number
  /** An option of the client. */
  readonly timeout?: ConnectionOptions['timeout']
  /**
   * Rows that are whole before the error: what a stream hands out, and `rows` of a TRUNCATED says.
   * `last`: all, but the last of a native result, as nothing comes behind it.
   */
  readonly rows?: 0 | 1 | 'all' | 'last'
  /** `query`, `one`, `value`, `stream`, its batches and columns, and `columns`. */
  readonly sql: Outcomes
  /** Of `value`, where a single text makes a difference. Default: as `sql`. */
  readonly value?: Outcomes
  /** Default: as `sql`. */
  readonly raw?: Outcomes
  /** `native` and `streamNative`. Default: as `sql`. */
  readonly native?: Outcomes
  readonly request: Outcomes
}

/** Less than the slow cases take, more than the others do on a busy machine. */
const SHORT = 1_000

export const TABLE: Readonly<Record<string, readonly Case[]>> = {
  'The connection': [
    { what: 'nothing listens', fault: 'down', sql: 'CONNECT', request: 'CONNECT' },
    {
      what: 'reset before Druid has the request',
      fault: () => cutAfter(0, { in: 'request' }),
      sql: 'CONNECT',
      request: 'CONNECT',
    },
    {
      what: 'reset when Druid has the request',
      fault: () => cutAfter(0, { in: 'reply' }),
      sql: 'CONNECT',
      request: 'CONNECT',
    },
    {
      what: 'closed when Druid has the request',
      fault: () => cutAfter(0, { in: 'reply', by: 'close' }),
      sql: 'CONNECT',
      request: 'CONNECT',
    },
    {
      what: 'closed within the head of the reply',
      fault: () => cutAfter(30, { in: 'reply', by: 'close' }),
      sql: 'CONNECT',
      request: 'CONNECT',
    },
    {
      what: 'no HTTP',
      fault: () => cutAfter(0, { in: 'reply', by: 'garbage' }),
      sql: 'CONNECT',
      request: 'CONNECT',
    },
    {
      what: 'a kept connection that the server has just closed',
      fault: () => staleSocket(),
      sql: { node: 'whole', fetch: 'CONNECT' },
      request: { node: 'whole', fetch: 'CONNECT' },
    },
    {
      what: 'the same, reset',
      fault: () => staleSocket('reset'),
      sql: { node: 'whole', fetch: 'CONNECT' },
      request: { node: 'whole', fetch: 'CONNECT' },
    },
  ],
  'A result that breaks off': [
    ...(['end', 'close', 'reset', 'garbage'] as const).flatMap((by) => {
      const how = {
        end: 'with a proper end of HTTP',
        close: 'by a closed connection',
        reset: 'by a reset',
        garbage: 'into bytes that are no HTTP',
      }[by]
      const request = by === 'end' ? 'DECODE' : 'CONNECT'
      return [
        {
          what: `before the first row, ${how}`,
          fault: ({ head }: Marks) => cutAfter(Math.max(1, head - 1), { by }),
          rows: 0,
          sql: 'TRUNCATED',
          request,
        },
        {
          what: `after the first row, ${how}`,
          fault: ({ row }: Marks) => cutAfter(row, { by }),
          rows: 1,
          sql: 'TRUNCATED',
          request,
        },
        {
          what: `before its last byte, ${how}`,
          fault: ({ whole }: Marks) => cutAfter(whole - 1, { by }),
          rows: 'last',
          sql: 'TRUNCATED',
          request,
        },
      ] satisfies Case[]
    }),
    {
      what: 'after the first row, and trailers say why',
      fault: ({ row }) => [cutAfter(row, { by: 'end' }), failedTrailers()],
      rows: 1,
      sql: 'TRUNCATED',
      request: 'DECODE',
    },
    {
      what: 'not at all, but trailers say that it failed',
      fault: () => failedTrailers(),
      rows: 'all',
      sql: { node: 'TRUNCATED', fetch: 'whole' },
      request: 'whole',
    },
    {
      what: 'compressed, after some bytes',
      fault: () => [gzipped(), cutAfter(15)],
      rows: 0,
      sql: 'TRUNCATED',
      native: { node: 'DECODE', fetch: 'TRUNCATED' },
      request: { node: 'DECODE', fetch: 'CONNECT' },
    },
  ],
  Time: [
    {
      what: 'no reply, until the caller gives up',
      fault: () => stallAfter(0, { in: 'reply' }),
      bound: SHORT,
      rows: 0,
      sql: 'TIMEOUT',
      request: 'TIMEOUT',
    },
    {
      what: 'nothing more after the first row, until the caller gives up',
      fault: ({ row }) => stallAfter(row),
      bound: SHORT,
      rows: 1,
      sql: 'TIMEOUT',
      request: 'TIMEOUT',
    },
    {
      what: 'no reply, and `timeout: { firstByte }`',
      fault: () => stallAfter(0, { in: 'reply' }),
      timeout: { firstByte: SHORT },
      rows: 0,
      sql: 'TIMEOUT',
      request: 'TIMEOUT',
    },
    {
      what: 'nothing more after the first row, and `timeout: { idle }`',
      fault: ({ row }) => stallAfter(row),
      timeout: { idle: SHORT },
      rows: 1,
      sql: 'TIMEOUT',
      request: 'TIMEOUT',
    },
    {
      what: 'byte by byte, and `timeout: { total }`',
      fault: () => drip({ every: 100 }),
      timeout: { total: SHORT },
      rows: 0,
      sql: 'TIMEOUT',
      request: 'TIMEOUT',
    },
    {
      what: 'nothing for a while after the first row',
      fault: ({ row }) => stallAfter(row, { lasting: 50 }),
      sql: 'whole',
      request: 'whole',
    },
    {
      what: 'latency',
      fault: () => latency(50, { jitter: 20 }),
      sql: 'whole',
      request: 'whole',
    },
    {
      what: 'latency beyond what the caller waits',
      fault: () => latency(60_000),
      bound: SHORT,
      rows: 0,
      sql: 'TIMEOUT',
      request: 'TIMEOUT',
    },
    {
      what: 'little bandwidth',
      fault: () => bandwidth(20_000),
      sql: 'whole',
      request: 'whole',
    },
    {
      what: 'byte by byte, so slowly that the caller gives up',
      fault: () => drip({ every: 100 }),
      bound: SHORT,
      rows: 0,
      sql: 'TIMEOUT',
      request: 'TIMEOUT',
    },
    {
      what: 'a chunk for every byte',
      fault: () => split(),
      sql: 'whole',
      request: 'whole',
    },
  ],
  'Headers of HTTP': [
    {
      what: 'the type of another thing',
      fault: () => wrongHeaders({ 'content-type': 'text/html; charset=iso-8859-1' }),
      sql: 'whole',
      request: 'whole',
    },
    {
      what: "neither type nor Druid's own",
      fault: () =>
        wrongHeaders({
          'content-type': null,
          'x-druid-query-id': null,
          'x-druid-sql-query-id': null,
          'x-druid-sql-header-included': null,
          'x-druid-response-context': null,
        }),
      sql: 'whole',
      request: 'whole',
    },
    {
      what: 'a response context that is no JSON',
      fault: () => wrongHeaders({ 'x-druid-response-context': '{"missingSegments":[' }),
      sql: 'whole',
      request: 'whole',
    },
    {
      what: 'a content-length that is too long, until the caller gives up',
      fault: () => wrongHeaders({ 'content-length': '100000' }),
      bound: SHORT,
      rows: 'all',
      sql: 'TIMEOUT',
      request: 'TIMEOUT',
    },
    {
      what: 'a content-length that is too long, then closed',
      fault: ({ whole }) => [
        wrongHeaders({ 'content-length': '100000' }),
        cutAfter(whole, { by: 'close' }),
      ],
      rows: 'all',
      sql: 'TRUNCATED',
      request: 'CONNECT',
    },
    {
      what: 'a content-length that is too short',
      fault: ({ row }) => wrongHeaders({ 'content-length': String(row) }),
      rows: 1,
      sql: 'TRUNCATED',
      request: 'DECODE',
    },
    {
      what: 'a content-length beside chunks',
      fault: () => wrongHeaders({ 'content-length': '10', 'transfer-encoding': 'chunked' }),
      sql: 'CONNECT',
      request: 'CONNECT',
    },
    {
      what: 'compressed, although not asked for',
      fault: () => gzipped(),
      rows: 0,
      sql: { node: 'DECODE', fetch: 'whole' },
      raw: { node: 'TRUNCATED', fetch: 'whole' },
      request: { node: 'DECODE', fetch: 'whole' },
    },
    {
      what: 'said to be compressed, and is not',
      fault: () => wrongHeaders({ 'content-encoding': 'gzip' }),
      rows: 0,
      sql: { node: 'whole', fetch: 'TRUNCATED' },
      request: { node: 'whole', fetch: 'CONNECT' },
    },
  ],
  'What the reply says': [
    {
      what: 'no header rows',
      fault: () => withoutHeaderRows(),
      rows: 0,
      sql: 'DECODE',
      value: 'TRUNCATED',
      raw: 'whole',
      native: 'whole',
      request: 'whole',
    },
    {
      what: 'one header row of three',
      fault: () => withoutHeaderRows(1),
      rows: 0,
      sql: 'DECODE',
      raw: 'whole',
      native: 'whole',
      request: 'whole',
    },
    {
      what: 'two header rows of three',
      fault: () => withoutHeaderRows(2),
      rows: 0,
      sql: 'DECODE',
      raw: 'whole',
      native: 'whole',
      request: 'whole',
    },
    {
      what: 'bytes that are no UTF-8 in the first row',
      fault: ({ head }) => invalidUtf8(head),
      rows: 0,
      sql: 'DECODE',
      raw: 'whole',
      request: 'DECODE',
    },
    {
      what: 'a row beyond `maxRowBytes`',
      fault: ({ head }) => hugeRow(200_000, head),
      rows: 0,
      sql: 'LIMIT',
      raw: 'whole',
      request: 'whole',
    },
    {
      what: '200 without a body',
      fault: () => reply({ status: 200, headers: { 'content-type': 'application/json' } }),
      rows: 0,
      sql: 'TRUNCATED',
      request: 'none',
    },
    {
      what: '200 with the page of a proxy',
      fault: () => htmlPage(200, 'Welcome'),
      rows: 0,
      sql: 'DECODE',
      request: 'DECODE',
    },
  ],
  'Other statuses': [
    ...(
      [
        [429, 'CAPACITY', legacyError({ error: 'Query capacity exceeded', errorMessage: 'full' })],
        [502, 'SERVER', reply({ status: 502, body: { error: 'no upstream' } })],
        [503, 'SERVER', druidError({ category: 'SERVICE_UNAVAILABLE', errorMessage: 'later' })],
        [504, 'SERVER_TIMEOUT', legacyError({ error: 'Query timeout', errorMessage: 'late' })],
      ] as const
    ).flatMap(([status, code, json]): Case[] => [
      { what: `${status} with JSON`, fault: () => json, rows: 0, sql: code, request: code },
      {
        what: `${status} with a page`,
        fault: () => htmlPage(status),
        rows: 0,
        sql: code,
        request: code,
      },
      {
        what: `${status} with nothing`,
        fault: () => reply({ status }),
        rows: 0,
        sql: code,
        request: code,
      },
    ]),
    {
      what: '307 to the same place, for ever',
      fault: () => redirect(),
      rows: 0,
      sql: 'SERVER',
      request: 'SERVER',
    },
  ],
  'Once, and then all is well': [
    {
      what: '429',
      once: true,
      fault: () => htmlPage(429),
      sql: 'whole',
      request: 'whole',
    },
    {
      what: '503',
      once: true,
      fault: () => htmlPage(503),
      sql: 'whole',
      request: 'whole',
    },
    {
      what: '307 to the same place',
      once: true,
      fault: () => redirect(),
      sql: 'whole',
      request: 'whole',
    },
    {
      what: '502',
      once: true,
      fault: () => htmlPage(502),
      rows: 0,
      sql: 'SERVER',
      request: 'SERVER',
    },
    {
      what: '504',
      once: true,
      fault: () => htmlPage(504),
      rows: 0,
      sql: 'SERVER_TIMEOUT',
      request: 'SERVER_TIMEOUT',
    },
    {
      what: 'reset when Druid has the request',
      once: true,
      fault: () => cutAfter(0, { in: 'reply' }),
      sql: 'CONNECT',
      request: 'CONNECT',
    },
    {
      what: 'a result that breaks off after the first row',
      once: true,
      fault: ({ row }) => cutAfter(row),
      rows: 1,
      sql: 'TRUNCATED',
      request: 'CONNECT',
    },
  ],
  TLS: [
    { what: 'all is well', fault: { tls: 'trusted' }, sql: 'whole', request: 'whole' },
    {
      what: 'a certificate that signed itself',
      fault: { tls: 'selfSigned' },
      sql: 'TLS',
      request: 'TLS',
    },
    {
      what: 'a certificate of an unknown CA',
      fault: { tls: 'unknownCa' },
      sql: 'TLS',
      request: 'TLS',
    },
    {
      what: 'a certificate for another host',
      fault: { tls: 'wrongName' },
      sql: 'TLS',
      request: 'TLS',
    },
    {
      what: 'a certificate that has expired',
      fault: { tls: 'expired' },
      sql: 'TLS',
      request: 'TLS',
    },
    {
      what: 'a certificate of the client is missing',
      fault: { tls: 'clientCertificate' },
      sql: 'TLS',
      request: 'TLS',
    },
    {
      what: 'reset within the handshake',
      fault: { tls: 'handshakeCut' },
      sql: 'CONNECT',
      request: 'CONNECT',
    },
    {
      what: 'plain HTTP where TLS is expected',
      fault: { tls: 'notTls' },
      sql: 'TLS',
      request: 'TLS',
    },
  ],
}
