import { hostInUrl, isPort, portsOf, urlOf } from './address.ts'
import { type AddressMapper, called, wrongMapper } from './mapper.ts'

export interface DockerOptions {
  /** The machine that publishes the ports. Default `localhost`. */
  readonly host?: string | undefined
}

/** Container port → port here, as in `docker run -p 18081:8081`. */
export type PublishedPorts = Readonly<Record<number, number>>

/**
 * For services in containers whose ports are published, each service under a port of its own, whatever
 * its host is called. A port that is not listed is taken to be published under its own number.
 *
 * @example cluster.with({ mapUrl: dockerPorts({ 8081: 18081, 8083: 18083 }) })
 * @throws DruidError `CONFIG` for what is no port.
 */
export function dockerPorts(
  ports: PublishedPorts = {},
  { host = 'localhost' }: DockerOptions = {},
): AddressMapper {
  checkHost('dockerPorts', host)
  const published = checkedPorts('dockerPorts', ports)
  return called('dockerPorts', (server) => {
    const served = portsOf(server)
    const one = served.find(({ port }) => published.has(port)) ?? served[0]
    return one && urlOf(one.scheme, host, published.get(one.port) ?? one.port)
  })
}

/**
 * For containers that are hosts of their own, so that several may have the same port: host name of the
 * container, as Druid lists it, → its published ports. A host or port that is not listed it does not
 * know.
 *
 * @example dockerHosts({ 'historical-1': { 8083: 18083 }, 'historical-2': { 8083: 28083 } })
 * @throws DruidError `CONFIG` for what is no port.
 */
export function dockerHosts(
  hosts: Readonly<Record<string, PublishedPorts>>,
  { host = 'localhost' }: DockerOptions = {},
): AddressMapper {
  checkHost('dockerHosts', host)
  const containers = new Map(
    Object.entries(Object(hosts) as typeof hosts).map(([name, ports]) => [
      name.toLowerCase(),
      checkedPorts('dockerHosts', ports),
    ]),
  )
  return called('dockerHosts', (server) => {
    const published = containers.get(String(server.host).toLowerCase())
    const one = portsOf(server).find(({ port }) => published?.has(port))
    const here = one && published?.get(one.port)
    return here === undefined ? undefined : urlOf(one?.scheme ?? 'http', host, here)
  })
}

function checkHost(what: string, host: string): void {
  if (hostInUrl(host) === undefined) throw wrongMapper(`${what}: "${host}" is no host`)
}

function checkedPorts(what: string, ports: PublishedPorts): ReadonlyMap<number, number> {
  if (typeof ports !== 'object' || ports === null) {
    throw wrongMapper(`${what}: ports are { [port of the container]: port here }`)
  }
  const published = new Map(Object.entries(ports).map(([port, here]) => [Number(port), here]))
  for (const port of [...published.keys(), ...published.values()]) {
    if (!isPort(port)) throw wrongMapper(`${what}: ${String(port)} is no port`)
  }
  return published
}
