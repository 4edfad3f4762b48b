import { connect, type Socket } from 'node:net'
import { transportError } from './failure.ts'
import { cut } from './node-body.ts'
import { proxies, tunnel } from './node-proxy.ts'
import { type Target, tls, tlsFacts } from './node-tls.ts'
import { LONGEST_TIMER, type TransportSettings } from './settings.ts'
import { attempted, type TransportRequest } from './transport.ts'
import { hostOf } from './url-parts.ts'

/** Makes the sockets of a transport. */
export interface Sockets {
  /** A connected socket for this request. Rejects with the DruidError that the request shall have. */
  open(request: TransportRequest): Promise<Socket>
  /** Ends those that are still connecting. */
  close(): void
}

const CONNECT_TIMEOUT = 10_000
/** What Node's agents take. */
const FIRST_PROBE = 1_000

/** Throws `CONFIG` for wrong settings. */
export function openSockets(settings: TransportSettings): Sockets {
  const secure = tls(settings.tls)
  const proxyFor = proxies(settings.proxy)
  const limit = settings.connectTimeout ?? CONNECT_TIMEOUT
  const limited = limit > 0 && limit <= LONGEST_TIMER
  const connecting = new Set<AbortController>()

  async function connected(request: TransportRequest, signal: AbortSignal): Promise<Socket> {
    const { url } = request
    const target = targetOf(url)
    const what = attempted(request.method, url)
    let socket: Socket | undefined
    try {
      const proxy = await proxyFor?.(url.origin)
      socket = proxy && (await tunnel(proxy, target, what, signal))
      if (url.protocol === 'https:') {
        socket = await unlessEnded(secure(target, socket), signal)
        await ready(socket, 'secureConnect', signal)
      } else if (socket === undefined) {
        socket = connect(target)
        await ready(socket, 'connect', signal)
      }
      return socket.setNoDelay(true).setKeepAlive(true, FIRST_PROBE)
    } catch (error) {
      socket?.destroy()
      throw transportError(error, what, request.signal, tlsFacts(socket))
    }
  }

  return {
    async open(request) {
      const attempt = new AbortController()
      const slow = (): void => attempt.abort(tooSlow(request.url, limit))
      const timer = limited ? setTimeout(slow, limit) : undefined
      const give = (): void => attempt.abort(request.signal?.reason)
      if (request.signal?.aborted) give()
      request.signal?.addEventListener('abort', give)
      connecting.add(attempt)
      try {
        // A provider may never answer.
        return await Promise.race([connected(request, attempt.signal), end(attempt.signal)])
      } catch (error) {
        throw transportError(error, attempted(request.method, request.url), request.signal)
      } finally {
        clearTimeout(timer)
        connecting.delete(attempt)
        request.signal?.removeEventListener('abort', give)
      }
    },
    close() {
      for (const attempt of connecting) attempt.abort(new Error('the connection was closed'))
    },
  }
}

function targetOf(url: URL): Target {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { host: hostOf(url), port }
}

/** The socket, unless the signal is aborted first: one that comes later is nobody's. */
async function unlessEnded(coming: Promise<Socket>, signal: AbortSignal): Promise<Socket> {
  try {
    return await Promise.race([coming, end(signal)])
  } catch (error) {
    coming.then(
      (late) => late.destroy(),
      () => {},
    )
    throw error
  }
}

function end(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    if (signal.aborted) reject(signal.reason)
  })
}

function ready(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.destroy()
      reject(signal.reason)
    }
    socket.on('error', reject)
    socket.on('close', () => {
      signal.removeEventListener('abort', abort)
      reject(cut())
    })
    socket.once(event, () => {
      // Its certificate may just have been found to be another one.
      if (socket.destroyed) return
      signal.removeEventListener('abort', abort)
      resolve()
    })
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    else if (socket.destroyed) reject(socket.errored ?? cut())
  })
}

function tooSlow({ host }: URL, limit: number): Error {
  return Object.assign(new Error(`no connection to ${host} within ${limit} ms`), {
    code: 'ETIMEDOUT',
    syscall: 'connect',
  })
}
