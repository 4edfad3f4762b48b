import type { Fault } from './fault.ts'

/** A request as it arrived at a fault server or proxy, and what became of it. */
export interface ArrivedRequest {
  readonly method: string
  /** Without the query. As it was sent: percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** What came of it: none of it where the faults cut the request before. */
  readonly body: string
  /** Number of the connection that it came on, from 1: equal where a client used one again. */
  readonly connection: number
  /** What went wrong with it on purpose. */
  readonly faults: readonly Fault[]
  /**
   * It is `answering`; has `answered` to the end; the faults, or the Druid behind,
   * `cut` it; or its client `left` before.
   */
  readonly state: 'answering' | 'answered' | 'cut' | 'left'
  /** Of the reply; `undefined` before it, or without one. */
  readonly status: number | undefined
}

/** The same for the server, which writes it. */
export type OwnArrived = { -readonly [K in keyof ArrivedRequest]: ArrivedRequest[K] }

/** Headers as they were sent, names and values in turn; of two with one name the values are joined. */
export function headersOf(raw: readonly string[]): Record<string, string> {
  const headers = new Headers()
  for (let i = 0; i + 1 < raw.length; i += 2) headers.append(raw[i] ?? '', raw[i + 1] ?? '')
  return Object.fromEntries(headers)
}
