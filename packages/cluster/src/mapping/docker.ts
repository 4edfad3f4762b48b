import { DruidError } from '@druid/core/extension'
import { servedBy, urlOf } from './address.ts'
import type { AddressMapper } from './mapper.ts'

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
