import {
  Agent,
  type AgentOptions,
  type ClientRequestArgs,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import type { Duplex } from 'node:stream'
import { DruidError } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'
import { transportError } from './failure.ts'
import { chunksOf } from './node-body.ts'
import { openSockets, type Sockets } from './node-socket.ts'
import { tlsFacts } from './node-tls.ts'
import type { PoolOptions, TransportSettings } from './settings.ts'
import { type Slots, slots } from './slots.ts'
import { markStale } from './stale.ts'
import {
  attempted,
  type Transport,
  type TransportBody,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts'
import { hostOf } from './url-parts.ts'

/**
 * The transport of Node: `node:http` over sockets of our own, with keep-alive. It reads HTTP trailers,
 * where Druid puts the reason of a late failure, and knows a reused socket from a new one. Idle
 * sockets never keep the process alive. Throws `CONFIG` for wrong settings.
 */
export function platformTransport(settings: TransportSettings = {}): Transport {
  const sockets = openSockets(settings)
  const { kept, turns } = pool(settings.pool)
  const agents: Agents = { kept: agentsOf(kept, sockets), fresh: agentsOf({}, sockets) }
  return {
    name: 'node',
    tellsSending: true,
    async request(request: TransportRequest): Promise<TransportResponse> {
      try {
        return new NodeResponse(await inTurn(request, agents, turns), request)
      } catch (error) {
        throw transportError(error, attempted(request.method, request.url), request.signal)
      }
    },
    async close(): Promise<void> {
      sockets.close()
      for (const { http, https } of [agents.kept, agents.fresh]) {
        http.destroy()
        https.destroy()
      }
    },
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are ASCII
const NOT_ASCII = /[^\x00-\x7f]/

interface Agents {
  readonly kept: ByProtocol
  /** A socket for each request, and for no other. */
  readonly fresh: ByProtocol
}

interface ByProtocol {
  readonly http: Agent
  readonly https: Agent
}

const IDLE = 30_000

function pool(options: PoolOptions = {}): { kept: AgentOptions; turns: Slots | undefined } {
  checkNames(options, ['connections', 'idle'], 'connect: pool')
  const { connections, idle = IDLE } = options
  if (typeof idle !== 'number' || !(idle >= 0 && idle < 2 ** 31)) {
    throw new DruidError('CONFIG', 'connect: pool.idle must be milliseconds, from 0 on', {
      option: 'pool.idle',
    })
  }
  if (connections !== undefined && !(Number.isSafeInteger(connections) && connections > 0)) {
    throw new DruidError('CONFIG', 'connect: pool.connections must be a whole number from 1 on', {
      option: 'pool.connections',
    })
  }
  return {
    // For an agent no timeout at all is 0.
    kept: idle === 0 ? {} : { keepAlive: true, scheduling: 'lifo', timeout: idle },
    // Of our own: an agent does not count the sockets that are still connecting.
    turns: connections === undefined ? undefined : slots(connections),
  }
}

function agentsOf(options: AgentOptions, sockets: Sockets): ByProtocol {
  const own = { createConnection }
  return {
    http: Object.assign(new Agent(options), own),
    https: Object.assign(new Agent(options), { ...own, protocol: 'https:', defaultPort: 443 }),
  }

  function createConnection(
    options: ClientRequestArgs,
    created?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { exchange } = options as Exchange
    const { request } = exchange
    // The agent keeps these options as long as the socket.
    exchange.request = undefined
    sockets.open(request as TransportRequest).then(
      (socket) => created?.(null, socket),
      (error: Error) => created?.(error, undefined as never),
    )
  }
}

/** An agent hands the options of a request on to what makes its socket. */
interface Exchange extends ClientRequestArgs {
  readonly exchange: { request: TransportRequest | undefined }
}

async function inTurn(
  request: TransportRequest,
  agents: Agents,
  turns: Slots | undefined,
): Promise<IncomingMessage> {
  // What ends a query does not wait for the queries.
  if (turns === undefined || request.method === 'DELETE') return send(request, agents)
  const free = await turns.take(request.url.origin, request.signal)
  try {
    const message = await send(request, agents)
    if (message.destroyed) free()
    else message.once('close', free)
    return message
  } catch (error) {
    free()
    throw error
  }
}

function send(request: TransportRequest, agents: Agents): Promise<IncomingMessage> {
  // What must not be sent twice goes on no socket that the server may be closing just now.
  const { fresh, kept } = agents
  const { url, method, body, signal, idempotent } = request
  const byProtocol = idempotent && request.fresh !== true ? kept : fresh
  const secure = url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    const options: Exchange = {
      protocol: url.protocol,
      host: hostOf(url),
      port: url.port,
      path: url.pathname + url.search,
      method,
      agent: secure ? byProtocol.https : byProtocol.http,
      headers:
        body === undefined
          ? request.headers
          : { ...request.headers, 'content-length': Buffer.byteLength(body) },
      exchange: { request },
    }
    const outgoing = httpRequest(options)
    // Its socket is connected then.
    let before = 0
    outgoing.once('socket', (socket) => {
      before = socket.bytesRead
      request.onSend?.()
    })
    let message: IncomingMessage | undefined
    // Not by the option `signal`: it destroys the socket with an error, of which nobody is told when
    // the whole reply has come and was not read, and which then ends the process.
    const abort = (): void => void (message ?? outgoing).destroy()
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const cut = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      const { socket, reusedSocket } = outgoing
      const failure = transportError(error, attempted(method, url), signal, tlsFacts(socket))
      // The server closed a kept-alive socket as we wrote to it: no byte came back.
      const isStale = cut && reusedSocket && socket?.bytesRead === before && !signal?.aborted
      reject(isStale ? markStale(failure) : failure)
    })
    outgoing.on('response', (response) => {
      message = response
      resolve(response)
    })
    outgoing.on('close', () => {
      signal?.removeEventListener('abort', abort)
      // Where there is neither reply nor error: the server switched protocols unasked.
      if (message === undefined) reject(new Error('the server ended the exchange without a reply'))
    })
    // Of a text Node writes head and body in one piece, and both in UTF-8: a header is Latin-1.
    const isAscii = Object.values(request.headers).every((value) => !NOT_ASCII.test(value))
    outgoing.end(body === undefined || isAscii ? body : Buffer.from(body))
  })
}

/** Its headers are made when they are asked for: most results need none of them. */
class NodeResponse implements TransportResponse {
  readonly status: number
  readonly body: TransportBody
  readonly #raw: readonly string[]
  #headers: Headers | undefined

  constructor(message: IncomingMessage, request: TransportRequest) {
    this.status = message.statusCode ?? 0
    this.#raw = message.rawHeaders
    this.body = new NodeBody(message, request)
  }

  get headers(): Headers {
    this.#headers ??= headersOf(this.#raw)
    return this.#headers
  }
}

class NodeBody implements TransportBody {
  readonly #message: IncomingMessage
  readonly #request: TransportRequest

  constructor(message: IncomingMessage, request: TransportRequest) {
    this.#message = message
    this.#request = request
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const { method, url, signal } = this.#request
    return chunksOf(this.#message, (cause) => transportError(cause, attempted(method, url), signal))
  }

  discard(): void {
    this.#message.destroy()
  }

  trailers(): Headers | undefined {
    return this.#message.complete ? headersOf(this.#message.rawTrailers) : undefined
  }
}

/** From the raw pairs, so that nothing is joined or dropped; a Node header object would do both. */
function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < raw.length; i += 2) headers.append(raw[i] ?? '', raw[i + 1] ?? '')
  return headers
}
