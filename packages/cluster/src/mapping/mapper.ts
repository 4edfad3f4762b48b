import { DruidError } from '@druid/core/extension'
import type { ServerAddress } from '../discovery/service.ts'

/**
 * Where a server is reached from here. Druid lists the addresses that its services use among
 * themselves, which from outside (Docker, Kubernetes, a cloud) often lead nowhere. `undefined`
 * leaves the server out.
 */
export type AddressMapper = (server: ServerAddress) => URL | undefined

/**
 * The address as Druid has it. `undefined` for one that is none: Druid lists whatever a service was
 * told to announce.
 */
export const identity: AddressMapper = (server) => {
  const served = servedBy(server)
  return served && urlOf(served.scheme, server.host, served.port)
}

/** The port to use, and its scheme. */
function servedBy({
  plaintextPort,
  tlsPort,
  secure,
}: ServerAddress): { scheme: 'http' | 'https'; port: number } | undefined {
  if (tlsPort > 0 && (secure || plaintextPort <= 0)) return { scheme: 'https', port: tlsPort }
  return plaintextPort > 0 ? { scheme: 'http', port: plaintextPort } : undefined
}

/** Names and IPv4 addresses, and IPv6 addresses without a zone; nothing that could be a path. */
const HOST = /^(?:[\w.-]+|\[?[\da-f:.]+\]?)$/i

function urlOf(scheme: string, host: unknown, port: number): URL | undefined {
  if (typeof host !== 'string' || !HOST.test(host)) return undefined
  const text = `${scheme}://${bracketed(host)}:${port}`
  return URL.canParse(text) ? new URL(text) : undefined
}

export interface DockerPortsOptions {
  /** The machine that publishes the ports. Default `localhost`. */
  readonly host?: string | undefined
}

/**
 * For services in containers whose ports are published: container port → port here, as in
 * `docker run -p 18081:8081`. A port that is not listed is taken to be published under its own
 * number.
 *
 * @example cluster.with({ mapUrl: dockerPorts({ 8081: 18081, 8083: 18083 }) })
 * @throws DruidError `CONFIG` for what is no port.
 */
export function dockerPorts(
  ports: Readonly<Record<number, number>> = {},
  options: DockerPortsOptions = {},
): AddressMapper {
  for (const port of [...Object.keys(ports).map(Number), ...Object.values(ports)]) {
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new DruidError('CONFIG', `dockerPorts: ${port} is no port`, { option: 'mapUrl' })
    }
  }
  const { host = 'localhost' } = options
  if (urlOf('http', host, 1) === undefined) {
    throw new DruidError('CONFIG', `dockerPorts: "${host}" is no host`, { option: 'mapUrl' })
  }
  const published = new Map(Object.entries(ports).map(([port, here]) => [Number(port), here]))
  return (server) => {
    const served = servedBy(server)
    return served && urlOf(served.scheme, host, published.get(served.port) ?? served.port)
  }
}

/** An IPv6 address in a URL stands in brackets. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
