import type { ServerAddress } from '../discovery/service.ts'

/** The port to use, and its scheme. */
export function servedBy({
  plaintextPort,
  tlsPort,
  secure,
}: ServerAddress): { scheme: 'http' | 'https'; port: number } | undefined {
  if (tlsPort > 0 && (secure || plaintextPort <= 0)) return { scheme: 'https', port: tlsPort }
  return plaintextPort > 0 ? { scheme: 'http', port: plaintextPort } : undefined
}

/** Names and IPv4 addresses, and IPv6 addresses without a zone; nothing that could be a path. */
const HOST = /^(?:[\w.-]+|\[?[\da-f:.]+\]?)$/i

export function urlOf(scheme: string, host: unknown, port: number): URL | undefined {
  if (typeof host !== 'string' || !HOST.test(host)) return undefined
  const text = `${scheme}://${bracketed(host)}:${port}`
  return URL.canParse(text) ? new URL(text) : undefined
}

/** An IPv6 address in a URL stands in brackets. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

export function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}
