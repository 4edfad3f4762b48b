import type { SqlRequest, Transport } from '@druid/core'

export interface Answering extends Transport {
  /** The bodies of the queries that came. */
  readonly asked: SqlRequest[]
}

/**
 * A transport that answers every query with one result, in Druid's `arrayLines` with three header
 * rows: columns as name → native type, and rows of values as Druid writes them.
 */
export function answering(
  columns: Readonly<Record<string, string>>,
  ...rows: readonly (readonly unknown[])[]
): Answering {
  const types = Object.values(columns)
  const sqlTypes = types.map((type) => (type.startsWith('COMPLEX') ? 'OTHER' : 'VARCHAR'))
  const lines = [Object.keys(columns), types, sqlTypes, ...rows].map((row) => JSON.stringify(row))
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n\n`)
  const asked: SqlRequest[] = []
  return {
    name: 'answering',
    asked,
    async request({ body }) {
      asked.push(JSON.parse(body ?? '') as SqlRequest)
      return {
        status: 200,
        headers: new Headers(),
        body: {
          async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
            yield bytes
          },
          discard() {},
          trailers: () => undefined,
        },
      }
    },
    async close() {},
  }
}
