import { DruidError } from '@druid/core/extension'
import type { ServerAddress } from './service.ts'

/**
 * Where a server is reached from here. Druid lists the addresses that its services use among
 * themselves, which from outside (Docker, Kubernetes, a cloud) often lead nowhere. `undefined`
 * leaves the server out.
 */
export type AddressMapper = (server: ServerAddress) => URL | undefined

/** The address as Druid has it, by the scheme of the connection where the server serves that. */
export function identity(scheme: string): AddressMapper {
  return ({ host, plaintextPort, tlsPort }) => {
    const secure = tlsPort > 0 && (scheme === 'https:' || plaintextPort <= 0)
    const port = secure ? tlsPort : plaintextPort
    return port > 0
      ? new URL(`${secure ? 'https' : 'http'}://${bracketed(host)}:${port}`)
      : undefined
  }
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
  const host = bracketed(options.host ?? 'localhost')
  return ({ plaintextPort, tlsPort }) => {
    const [scheme, port] = plaintextPort > 0 ? ['http', plaintextPort] : ['https', tlsPort]
    return Number(port) > 0
      ? new URL(`${scheme}://${host}:${ports[Number(port)] ?? port}`)
      : undefined
  }
}

/** An IPv6 address in a URL stands in brackets. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
