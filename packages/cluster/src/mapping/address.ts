import type { ServerAddress } from './mapper.ts'

/** A port that a server serves. */
export interface Served {
  readonly scheme: 'http' | 'https'
  readonly port: number
}

/** Its ports, the preferred one first. */
export function portsOf({ plaintextPort, tlsPort, secure }: ServerAddress): Served[] {
  const plain: Served[] = plaintextPort > 0 ? [{ scheme: 'http', port: plaintextPort }] : []
  const tls: Served[] = tlsPort > 0 ? [{ scheme: 'https', port: tlsPort }] : []
  return secure ? [...tls, ...plain] : [...plain, ...tls]
}

/** Names and IPv4 addresses, and IPv6 addresses without a zone; nothing that could be a path. */
const HOST = /^(?:[\w.-]+|\[?[\da-f:.]+\]?)$/i

/** The host as it stands in a URL; `undefined` for what is none. */
export function hostInUrl(host: unknown): string | undefined {
  if (typeof host !== 'string' || !HOST.test(host)) return undefined
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

export function urlOf(scheme: string, host: unknown, port: number): URL | undefined {
  const text = hostInUrl(host)
  const url = `${scheme}://${text}:${port}`
  return text !== undefined && URL.canParse(url) ? new URL(url) : undefined
}

export function isPort(port: unknown): port is number {
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535
}

export function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}

/** A host name up to its first dot, as pods have it; `undefined` for an IP address. */
export function nameOf(host: unknown): string | undefined {
  const name = typeof host === 'string' && !/^[\d.]+$/.test(host) ? host.split('.')[0] : undefined
  return word(name)
}

/** Nothing that could be more than one segment of a path, or part of a host name. */
export function word(text: unknown): string | undefined {
  return typeof text === 'string' && /^[\w-]+$/.test(text) ? text : undefined
}
