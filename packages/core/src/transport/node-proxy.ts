import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import { transportError } from './failure.ts'
import type { Target } from './node-tls.ts'
import type { ProxyOption } from './settings.ts'
import { decodedUserinfo, hostOf } from './url-parts.ts'

/** The proxy that a socket to this origin goes through, if any. */
export type ProxyFor = (origin: string) => Promise<URL | undefined>

/** Throws `CONFIG` for what is no URL of an HTTP proxy. It is not repeated: it may hold a password. */
export function proxies(option: ProxyOption | undefined): ProxyFor | undefined {
  if (option === undefined) return undefined
  if (option !== 'env') {
    const url = proxyUrl(option, 'proxy must')
    return async () => url
  }
  return async (origin) => {
    const { getProxyForUrl } = await import('proxy-from-env')
    const found = getProxyForUrl(origin)
    return found === '' ? undefined : proxyUrl(found, 'the proxy that the environment names must')
  }
}

function proxyUrl(option: unknown, what: string): URL {
  const text = option instanceof URL || typeof option === 'string' ? String(option) : ''
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url
  throw new DruidError(
    'CONFIG',
    `${what} be the URL of an HTTP proxy (http: or https:), such as http://proxy:3128`,
    { option: 'proxy' },
  )
}

/** A socket to the target through the proxy (RFC 9110, 9.3.6). Rejects with `CONNECT` where it refuses. */
export function tunnel(
  proxy: URL,
  { host, port }: Target,
  attempted: string,
  signal: AbortSignal,
): Promise<Socket> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return new Promise((resolve, reject) => {
    const outgoing = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      method: 'CONNECT',
      host: hostOf(proxy),
      port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port,
      path: authority,
      agent: false,
      headers: { host: authority, ...credentials(proxy) },
    })
    const abort = (): void => {
      reject(signal.reason)
      outgoing.destroy()
    }
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    outgoing.on('close', () => signal.removeEventListener('abort', abort))
    outgoing.on('error', (cause) => reject(unreachable(cause)))
    outgoing.on('connect', (response: IncomingMessage, socket: Socket, head: Buffer) => {
      signal.removeEventListener('abort', abort)
      // Nobody reads it yet: its end must not end the process.
      socket.on('error', () => {})
      const { statusCode = 0 } = response
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy()
        return reject(refused(statusCode))
      }
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    outgoing.end()
  })

  function unreachable(cause: Error): DruidError {
    const known = transportError(cause, attempted, undefined)
    return new DruidError(
      'CONNECT',
      `${attempted}: the proxy ${proxy.host} cannot be reached (${messageOf(cause)})`,
      { reason: isDruidError(known, 'CONNECT') ? known.reason : 'network', cause },
    )
  }

  function refused(status: number): DruidError {
    const why =
      status === 407
        ? 'it asks for a user and a password, or refuses those in the URL of the option "proxy"'
        : `it does not connect to ${authority}`
    // What it forbids it will forbid again; what it cannot reach may come back.
    const retryable = status >= 500
    return new DruidError(
      'CONNECT',
      `${attempted}: the proxy ${proxy.host} answered ${status}: ${why}`,
      { reason: retryable ? 'refused' : 'network', retryable },
    )
  }
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const told = `${decodedUserinfo(username)}:${decodedUserinfo(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(told).toString('base64')}` }
}
