import type { ServerResponse } from 'node:http'
import type { Transport, TransportResponse } from '@druid/core'

/** Name, native type, SQL type. */
export type ColumnHead = readonly [name: string, native: string | null, sql: string | null]

/** The three header rows of an `arrayLines` result, each with its line feed. */
export function headerRows(columns: readonly ColumnHead[]): string {
  return [0, 1, 2].map((i) => `${JSON.stringify(columns.map((column) => column[i]))}\n`).join('')
}

/** A whole `arrayLines` result: a row a line, as JSON text, and the blank line that ends it. */
export function arrayLines(columns: readonly ColumnHead[], ...rows: readonly string[]): string {
  return `${headerRows(columns)}${rows.map((row) => `${row}\n`).join('')}\n`
}

/** The head of every reply to a query that began well. */
export function beginResult(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'x-druid-sql-query-id': 'an-id',
    'x-druid-sql-header-included': 'yes',
    ...headers,
  })
  response.flushHeaders()
}

export interface CannedReply {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string | readonly Uint8Array[]
}

/** A transport without a network: every query gets this reply, every DELETE is accepted. */
export function canned(reply: CannedReply): Transport {
  const { status = 200, headers = {}, body = '' } = reply
  const chunks = typeof body === 'string' ? [new TextEncoder().encode(body)] : body
  return {
    name: 'canned',
    async request({ method }): Promise<TransportResponse> {
      const deleted = method === 'DELETE'
      return {
        status: deleted ? 202 : status,
        headers: new Headers(headers),
        body: {
          async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
            if (!deleted) yield* chunks
          },
          discard() {},
          trailers: () => undefined,
        },
      }
    },
    async close() {},
  }
}
