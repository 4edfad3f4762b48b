import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { certificates } from './certificate.ts'
import type { TlsFiles, TlsMode } from './tls.ts'
import { type Wire, wire } from './wire.ts'

/** A request on a connection, to be answered. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly wire: Wire
  /** Number of the connection, from 1. */
  readonly connection: number
  /** Whether an exchange went before it on this connection. */
  readonly reused: boolean
}

/** Where clients connect to. */
export interface Listener {
  readonly port: number
  readonly tls: TlsFiles | undefined
  /** Ends all connections by RST, and refuses new ones. */
  down(): Promise<void>
  /** Listens again, at the same port. */
  up(): Promise<void>
}

const HOST = '127.0.0.1'

/** A server at a free port of this machine. HTTP is read and written by Node's own server. */
export async function listen(
  mode: TlsMode | undefined,
  handle: (exchange: Exchange) => void,
): Promise<Listener> {
  const sockets = new Set<Socket>()
  const exchanges = new WeakMap<object, () => Omit<Exchange, 'request' | 'response'>>()
  let connections = 0

  // It never listens: connections are given to it once they are wrapped.
  const http = createHttpServer(
    { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 },
    (request, response) => {
      const next = exchanges.get(request.socket)
      if (next !== undefined) handle({ request, response, ...next() })
    },
  )

  function serve(socket: Socket, raw: Socket): void {
    const made = wire(socket, raw)
    let before = 0
    connections += 1
    const connection = connections
    exchanges.set(made.stream, () => {
      made.begin()
      before += 1
      return { wire: made, connection, reused: before > 1 }
    })
    http.emit('connection', made.stream)
  }

  function keep(socket: Socket): void {
    socket.setNoDelay(true)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  }

  const { server, files } = await serverOf(mode, { keep, serve })
  const start = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, HOST, () => {
        server.off('error', reject)
        resolve()
      })
    })
  await start(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    tls: files,
    down() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.resetAndDestroy()
      return closed
    },
    up: () => (server.listening ? Promise.resolve() : start(port)),
  }
}

async function serverOf(
  mode: TlsMode | undefined,
  { keep, serve }: { readonly keep: (socket: Socket) => void; readonly serve: Serve },
): Promise<{ readonly server: Server; readonly files: TlsFiles | undefined }> {
  if (mode === undefined) return { server: plain(keep, serve), files: undefined }
  const { server: options, files } = await certificates(mode)
  if (mode === 'notTls') return { server: plain(keep, serve), files }
  const cut = (socket: Socket): void => {
    socket.once('data', () => socket.resetAndDestroy())
  }
  return {
    server: mode === 'handshakeCut' ? plain(keep, cut) : secure(options, keep, serve),
    files,
  }
}

type Serve = (socket: Socket, raw: Socket) => void

function plain(keep: (socket: Socket) => void, serve: Serve): Server {
  return createTcpServer((socket) => {
    keep(socket)
    serve(socket, socket)
  })
}

function secure(options: TlsOptions, keep: (socket: Socket) => void, serve: Serve): Server {
  // A reset needs the socket below, which is known by its port.
  const below = new Map<number | undefined, Socket>()
  const server = createTlsServer(options, (socket) => {
    serve(socket, below.get(socket.remotePort) as Socket)
  })
  server.on('tlsClientError', () => {})
  return server.on('connection', (raw: Socket) => {
    const { remotePort } = raw
    keep(raw)
    below.set(remotePort, raw)
    raw.on('close', () => below.delete(remotePort))
  })
}
