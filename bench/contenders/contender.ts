import type { Sums } from '../rows.ts'

/** What a contender is asked to do, each in a process of its own. */
export interface Contender {
  /** Sees every row once and drops it. `first` is called at the first one. */
  stream?(url: string, query: string, first: () => void): Promise<Sums>
  /** Has all rows at once. */
  query?(url: string, query: string): Promise<Sums>
  /** Has all columns at once. */
  columns?(url: string, query: string): Promise<Sums>
  /** What sends one small query; made once. */
  small?(url: string): (query: string) => Promise<unknown>
}

/** Adds rows up. */
export class Adding implements Sums {
  rows = 0
  added = 0
  bytes = 0
  add(added: number, bytes: number): void {
    this.rows += 1
    this.added += added
    this.bytes += bytes
  }
}

/** One request by `fetch`, as a program without a client sends it. */
export function post(url: string, body: object): Promise<Response> {
  return fetch(`${url}/druid/v2/sql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-encoding': 'identity' },
    body: JSON.stringify(body),
  })
}

export interface BenchRow {
  readonly added: number
  readonly bytes: number
}
