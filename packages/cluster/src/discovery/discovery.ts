import type { ClusterContext, ExtensionHost, ServiceHost } from '@druid/core/extension'
import { Directory } from './directory.ts'
import { Hosts } from './hosts.ts'
import { located } from './known.ts'
import { listServices } from './list.ts'
import { type ClusterOptions, checkedOptions } from './options.ts'
import { RoleHost, type RoleHosts } from './role-host.ts'
import { RouterProxy } from './router-proxy.ts'
import { LISTED_ROLES } from './server-row.ts'

/** Which services there are, and the ways to them. */
export class Discovery {
  readonly directory: Directory
  readonly hosts: Hosts
  readonly proxy: RouterProxy
  readonly #roles: RoleHosts

  /** @throws DruidError `CONFIG` for options that are none. */
  constructor(client: ExtensionHost, context: ClusterContext, options: ClusterOptions) {
    const { mapUrl, named, refreshInterval: interval, through } = checkedOptions(options)
    const namedRoles = new Set(named.map(({ role }) => role))
    const lister = { client, context, mapUrl, named }
    this.directory = new Directory({
      ask: (unlisted) => listServices(lister, unlisted),
      isListed: (role) => LISTED_ROLES.has(role) || namedRoles.has(role),
      interval,
    })
    this.hosts = new Hosts(context)
    this.proxy = new RouterProxy(client, context, this.directory)
    const { directory, hosts, proxy } = this
    this.#roles = { directory, hosts, proxy, through, named }
  }

  /** Finds the server on each request. */
  roleHost(role: string): ServiceHost {
    return new RoleHost(role, this.#roles)
  }

  /** One for each server of the role that has an address. */
  async roleHosts(role: string): Promise<ServiceHost[]> {
    const services = located(await this.directory.known(role))
    this.hosts.keep(services)
    return located(services, role).map((service) => this.hosts.of(service))
  }
}
