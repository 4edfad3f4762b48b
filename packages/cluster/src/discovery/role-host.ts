import { abortable, type PlainRequestOptions, type ServiceHost } from '@druid/core/extension'
import { leaderAddress } from './coordinator-list.ts'
import type { Directory } from './directory.ts'
import type { Hosts } from './hosts.ts'
import { type Known, type Located, located } from './known.ts'
import type { RouterProxy } from './router-proxy.ts'
import { noAddress, wasNotReached, wasSentOn } from './unreached.ts'

/** Which way requests to a Coordinator or an Overlord take. */
export type Through = 'auto' | 'direct' | 'router'

export interface RoleHosts {
  readonly directory: Directory
  readonly hosts: Hosts
  readonly proxy: RouterProxy
  readonly through: Through
  /** Services of the option: they are there also when nobody lists any. */
  readonly named: readonly Known[]
}

interface Call {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly options: PlainRequestOptions | undefined
}

interface Way {
  readonly host: ServiceHost
  /** `undefined`: it leads through a Router. */
  readonly server?: Located
  /** The list that it was chosen from. */
  readonly services: readonly Known[]
}

/** The server of a role, found anew on each request: the leader where there is one, else one that is up. */
export class RoleHost implements ServiceHost {
  readonly url: undefined
  readonly #role: string
  readonly #setup: RoleHosts

  constructor(role: string, setup: RoleHosts) {
    this.#role = role
    this.#setup = setup
  }

  async request<T>(
    method: string,
    path: string,
    body?: unknown,
    options?: PlainRequestOptions,
  ): Promise<T> {
    const call = { method, path, body, options }
    // Not the path: it may be a URL with a password.
    const doing = `${method} to the ${this.#role}`
    const way = await abortable(this.#way(), options?.signal, doing)
    const sent = performance.now()
    try {
      return await ask<T>(way.host, call)
    } catch (error) {
      const { server, services } = way
      if (server === undefined || !(wasNotReached(error) || wasSentOn(error))) throw error
      // It is gone, or leads no more: nothing was done, so ask who it is now.
      const listing = this.#setup.directory.since(sent).catch(() => services)
      const finding = this.#other(server, error, listing)
      const other = await abortable(finding, options?.signal, doing)
      if (other === undefined) throw error
      return await ask<T>(other, call).catch((second: unknown) => {
        // Sent on to the one that is gone.
        throw wasSentOn(second) && wasNotReached(error) ? error : second
      })
    }
  }

  async #way(): Promise<Way> {
    const { hosts, proxy, through } = this.#setup
    if (through === 'router') {
      const router = await proxy.to(this.#role, () => this.#services().catch(() => []))
      if (router !== undefined) return { host: router, services: [] }
    }
    let services: readonly Known[] = []
    let server: Located | undefined
    let why: unknown
    try {
      services = await this.#services()
      server = this.#best(located(services, this.#role))
      why = noAddress(this.#role, services)
    } catch (error) {
      why = error
    }
    if (through === 'auto' && (server === undefined || !hosts.isUp(server))) {
      const router = await proxy.to(this.#role, async () => services)
      if (router !== undefined && !(server && (await hosts.isThere(server)))) {
        return { host: router, services }
      }
    }
    if (server === undefined) throw why
    return { host: hosts.of(server), server, services }
  }

  /** Another way to the role than this server, which did not take the request. */
  async #other(
    server: Located,
    error: unknown,
    listing: Promise<readonly Known[]>,
  ): Promise<ServiceHost | undefined> {
    const { hosts, proxy, through } = this.#setup
    const services = await listing
    const others = located(services, this.#role).filter(({ url }) => url.href !== server.url.href)
    const other =
      others.find(({ leader }) => leader) ??
      (wasSentOn(error) ? await this.#leaderAfter(server, others) : undefined) ??
      this.#best(others)
    if (other !== undefined && !hosts.isDown(other)) return hosts.of(other)
    return through === 'direct' ? undefined : proxy.to(this.#role, async () => services)
  }

  /** The list may be older than the leader: a server that sends us on knows to whom. */
  async #leaderAfter(server: Located, others: readonly Located[]): Promise<Located | undefined> {
    const leader = await leaderAddress(this.#setup.hosts.of(server).request, this.#role)
    return others.find(({ url, addresses }) => [...addresses, url.host].includes(leader ?? ''))
  }

  async #services(): Promise<readonly Known[]> {
    const { directory, hosts, named } = this.#setup
    try {
      directory.want(this.#role)
      const services = await directory.known()
      hosts.keep(services)
      return services
    } catch (error) {
      const own = named.filter(({ role }) => role === this.#role)
      if (own.length === 0) throw error
      return own
    }
  }

  #best(servers: readonly Located[]): Located | undefined {
    const { hosts } = this.#setup
    return (
      servers.find(({ leader }) => leader) ??
      servers.find((server) => !hosts.isDown(server)) ??
      servers[0]
    )
  }
}

function ask<T>({ request }: ServiceHost, { method, path, body, options }: Call): Promise<T> {
  return request<T>(method, path, body, options)
}
