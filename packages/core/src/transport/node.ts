import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { transportError } from './failure.ts'
import { chunksOf } from './node-body.ts'
import {
  attempted,
  type Transport,
  type TransportBody,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts'

/**
 * The transport of Node: `node:http` and `node:https` with keep-alive. It reads HTTP trailers,
 * where Druid puts the reason of a late failure, and knows a reused socket from a new one. Idle
 * sockets never keep the process alive.
 */
export function platformTransport(): Transport {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, scheduling: 'lifo' }),
    'https:': new HttpsAgent({ keepAlive: true, scheduling: 'lifo' }),
  }
  return {
    name: 'node',
    async request(request: TransportRequest): Promise<TransportResponse> {
      const what = attempted(request.method, request.url)
      try {
        return new NodeResponse(await send(request, agents), what, request.signal)
      } catch (error) {
        throw transportError(error, what, request.signal)
      }
    },
    async close(): Promise<void> {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

interface Agents {
  readonly 'http:': HttpAgent
  readonly 'https:': HttpsAgent
}

async function send(request: TransportRequest, agents: Agents): Promise<IncomingMessage> {
  try {
    return await sendOnce(request, agents)
  } catch (error) {
    // The server closed a kept-alive socket as we wrote to it: no byte came back, a new one serves.
    if (!(error instanceof StaleSocket) || !request.idempotent) throw causeOf(error)
    // None of the pool: others may have died with this one.
    return sendOnce(request).catch((again: unknown) => {
      throw causeOf(again)
    })
  }
}

class StaleSocket extends Error {}

function causeOf(error: unknown): unknown {
  return error instanceof StaleSocket ? error.cause : error
}

function sendOnce(request: TransportRequest, agents?: Agents): Promise<IncomingMessage> {
  const { url, method, body, signal } = request
  const secure = url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? httpsRequest : httpRequest)(url, {
      method,
      agent: agents === undefined ? false : agents[secure ? 'https:' : 'http:'],
      headers: {
        ...request.headers,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
    })
    let message: IncomingMessage | undefined
    // Not by the option `signal`: it destroys the socket with an error, of which nobody is told when
    // the whole reply has come and was not read, and which then ends the process.
    const abort = (): void => void (message ?? outgoing).destroy()
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    outgoing.on('close', () => signal?.removeEventListener('abort', abort))
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const cut = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      const stale = cut && outgoing.reusedSocket && signal?.aborted !== true
      reject(stale ? new StaleSocket('', { cause: error }) : error)
    })
    outgoing.on('response', (response) => {
      message = response
      resolve(response)
    })
    // Where there is neither reply nor error: the server switched protocols unasked.
    outgoing.on('close', () => {
      if (message === undefined) reject(new Error('the server ended the exchange without a reply'))
    })
    outgoing.end(body)
  })
}

/** Its headers are made when they are asked for: most results need none of them. */
class NodeResponse implements TransportResponse {
  readonly status: number
  readonly body: TransportBody
  readonly #raw: readonly string[]
  #headers: Headers | undefined

  constructor(message: IncomingMessage, what: string, signal: AbortSignal | undefined) {
    this.status = message.statusCode ?? 0
    this.#raw = message.rawHeaders
    this.body = {
      [Symbol.asyncIterator]: () =>
        chunksOf(message, (cause) => transportError(cause, what, signal)),
      discard: () => message.destroy(),
      trailers: () => (message.complete ? headersOf(message.rawTrailers) : undefined),
    }
  }

  get headers(): Headers {
    this.#headers ??= headersOf(this.#raw)
    return this.#headers
  }
}

/** From the raw pairs, so that nothing is joined or dropped; a Node header object would do both. */
function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < raw.length; i += 2) headers.append(raw[i] ?? '', raw[i + 1] ?? '')
  return headers
}
