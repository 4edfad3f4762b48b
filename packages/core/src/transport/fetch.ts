import ky from 'ky'
import { DruidError } from '../error/error.ts'
import { transportError } from './failure.ts'
import { firstSetting, type TransportSettings } from './settings.ts'
import {
  attempted,
  type Transport,
  type TransportBody,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts'

/**
 * The transport over `fetch` (ky), for browsers, workers, Deno and Bun, and for Node where asked
 * for: `connect(url, { transport: fetchTransport() })`. fetch hides HTTP trailers, so the reason of
 * a result that broke off late stays unknown here; that it broke off is still found. Its sockets are
 * the platform's: closing the connection leaves idle ones to it.
 */
export function fetchTransport(): Transport {
  return {
    name: 'fetch',
    async request(request: TransportRequest): Promise<TransportResponse> {
      const what = attempted(request.method, request.url)
      try {
        // ky's own rules are off: it would retry by status and method, and limit a query to 10 s.
        const response = await ky(request.url, {
          method: request.method,
          headers: { ...request.headers },
          ...(request.body !== undefined && { body: request.body }),
          ...(request.signal && { signal: request.signal }),
          retry: 0,
          timeout: false,
          throwHttpErrors: false,
          redirect: 'manual',
        })
        return {
          status: response.status,
          headers: response.headers,
          body: fetchBody(response.body, what, request.signal),
        }
      } catch (error) {
        throw transportError(withoutRequest(error), what, request.signal)
      }
    },
    // Idle sockets are the platform's: it closes them when it likes.
    async close(): Promise<void> {},
  }
}

/**
 * The platform's own transport: this one, where Node's conditions do not choose `node.ts`. Throws
 * `CONFIG` for any setting: fetch leaves all of that to the platform.
 */
export function platformTransport(settings: TransportSettings = {}): Transport {
  const option = firstSetting(settings)
  if (option === undefined) return fetchTransport()
  throw new DruidError(
    'CONFIG',
    `connect: ${option} cannot be set here: the connections of fetch are the platform's own; leave it out, or run on Node`,
    { option },
  )
}

/** ky's errors hold the request, and that the credentials: a logged cause must not show them. */
function withoutRequest(error: unknown): unknown {
  return error instanceof Error && 'request' in error
    ? (error.cause ?? new Error(error.message))
    : error
}

function fetchBody(
  stream: ReadableStream<Uint8Array> | null,
  what: string,
  signal: AbortSignal | undefined,
): TransportBody {
  return {
    [Symbol.asyncIterator]: () => chunksOf(stream, what, signal),
    discard: () => void stream?.cancel().catch(() => {}),
    trailers: () => undefined,
  }
}

/** By a reader rather than the stream's own iterator, which not every browser has. */
async function* chunksOf(
  stream: ReadableStream<Uint8Array> | null,
  what: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (stream === null) return
  const reader = stream.getReader()
  // ky's own request, which holds the signal, may be collected before its body is read.
  const abort = (): void => void reader.cancel(signal?.reason).catch(() => {})
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (signal?.aborted) throw signal.reason
      if (done) return
      yield value
    }
  } catch (error) {
    throw transportError(error, what, signal)
  } finally {
    signal?.removeEventListener('abort', abort)
    await reader.cancel().catch(() => {})
  }
}
