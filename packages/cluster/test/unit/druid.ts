import type { Transport, TransportRequest, TransportResponse } from '@druid/core'
import type { ServerRow } from '../../src/service.ts'

/** A row of `sys.servers`, as druid-api.md §14 has its columns. */
export function row(role: string, host: string, more: Partial<ServerRow> = {}): ServerRow {
  return {
    server: `${host}:8081`,
    host,
    plaintext_port: 8081,
    tls_port: -1,
    server_type: role,
    tier: null,
    is_leader: null,
    ...more,
  }
}

/** The reply to a query: `arrayLines` with its three header rows. */
export function result(rows: readonly object[], names = Object.keys(rows[0] ?? { x: 1 })): string {
  const types = JSON.stringify(names.map(() => null))
  const lines = rows.map((one) => JSON.stringify(names.map((name) => Reflect.get(one, name))))
  return [JSON.stringify(names), types, types, ...lines, '', ''].join('\n')
}

export type Answer = [status: number, body: string]
export interface FakeDruid {
  readonly transport: Transport
  readonly asked: string[]
}

/** A cluster without a network: what each request is answered. `undefined` is never answered. */
export function fakeDruid(
  answer: (what: string, body: string) => Answer | undefined | Promise<Answer | undefined>,
): FakeDruid {
  const asked: string[] = []
  return {
    asked,
    transport: {
      name: 'fake',
      async request({ method, url, body, signal }: TransportRequest): Promise<TransportResponse> {
        const what = `${method} ${url.host}${url.pathname}`
        asked.push(what)
        const never = new Promise<never>((_, reject) => {
          if (signal?.aborted) reject(signal.reason)
          signal?.addEventListener('abort', () => reject(signal.reason))
        })
        const [status, text] =
          (await Promise.race([answer(what, body ?? ''), never])) ?? (await never)
        return {
          status,
          headers: new Headers(),
          body: {
            async *[Symbol.asyncIterator]() {
              yield new TextEncoder().encode(text)
            },
            discard() {},
            trailers: () => undefined,
          },
        }
      },
      async close() {},
    },
  }
}

export const ROUTER = 'http://router:8888'
