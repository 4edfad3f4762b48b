import {
  abortable,
  type ClusterContext,
  DruidError,
  isDruidError,
  type PlainRequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import type { Directory, Known } from './directory.ts'

/** What requests to the services of a cluster go through. */
export class Hosts {
  readonly #context: ClusterContext
  readonly #directory: Directory
  /** One per address, so that what is made for a server stays the same while it lives. */
  readonly #hosts = new Map<string, ServiceHost>()

  constructor(context: ClusterContext, directory: Directory) {
    this.#context = context
    this.#directory = directory
  }

  /** Finds the server on each request. */
  ofRole(role: string): ServiceHost {
    const request = async <T>(
      method: string,
      path: string,
      body?: unknown,
      options?: PlainRequestOptions,
    ): Promise<T> => {
      const signal = options?.signal
      // Not the path: it may be a URL with a password.
      const doing = `${method} to the ${role}`
      const host = await abortable(this.#find(role), signal, doing)
      const sent = performance.now()
      try {
        return await host.request<T>(method, path, body, options)
      } catch (error) {
        if (!wasNotHandled(error)) throw error
        // The server is gone, or leads no more: nothing was done, so ask who it is now.
        await abortable(this.#directory.since(sent), signal, doing)
        const other = await abortable(this.#find(role), signal, doing)
        return await other.request<T>(method, path, body, options)
      }
    }
    return { url: undefined, request }
  }

  /** Those of the role that can be reached. */
  async each(role: string): Promise<ServiceHost[]> {
    const services = await this.#directory.known()
    this.#keep(services)
    return reachable(services, role).map((service) => this.#host(service))
  }

  /** Forgets those that are gone. */
  #keep(services: readonly Known[]): void {
    const alive = new Set(services.map(({ url }) => url?.href))
    for (const href of this.#hosts.keys()) if (!alive.has(href)) this.#hosts.delete(href)
  }

  async #find(role: string): Promise<ServiceHost> {
    const services = await this.#directory.known()
    this.#keep(services)
    const servers = reachable(services, role)
    const server = servers.find(({ leader }) => leader) ?? servers[0]
    if (server !== undefined) return this.#host(server)
    const listed = services.some((service) => service.role === role)
    const roles = [...new Set(services.map((service) => service.role))].join(', ')
    throw new DruidError(
      'NO_SERVICE',
      listed
        ? `no address for a server of the role "${role}": the option mapUrl leaves all of them out`
        : `no server has the role "${role}"; there are ${roles}. If Druid does not list it, name it: cluster.with({ services: [{ role: '${role}', url }] })`,
      { role },
    )
  }

  #host({ url, mapped }: Reachable): ServiceHost {
    const known = this.#hosts.get(url.href)
    if (known) return known
    const host = this.#context.service(new URL(url), mapped)
    this.#hosts.set(url.href, host)
    return host
  }
}

type Reachable = Known & { readonly url: URL }

function reachable(services: readonly Known[], role: string): Reachable[] {
  return services.filter(
    (service): service is Reachable => service.role === role && service.url !== undefined,
  )
}

/** No server took the request: it was not reached, or sends us on to the leader. */
function wasNotHandled(error: unknown): boolean {
  if (isDruidError(error, 'CONNECT')) return error.reason === 'refused' || error.reason === 'dns'
  return isDruidError(error, 'SERVER') && error.status === 307
}
