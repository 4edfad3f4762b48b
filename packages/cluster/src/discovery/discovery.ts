import type { ClusterContext, ExtensionHost, ServiceHost } from '@druid/core/extension'
import { type Location, locate } from '../mapping/locate.ts'
import type { Overlord } from '../roles/overlord/overlord.ts'
import { Directory } from './directory.ts'
import { Hosts } from './hosts.ts'
import { type Known, located } from './known.ts'
import { listServices } from './list.ts'
import { type ClusterOptions, checkedOptions } from './options.ts'
import { RoleHost, type RoleHosts } from './role-host.ts'
import { RouterProxy } from './router-proxy.ts'
import { LISTED_ROLES, type ServerRow } from './server-row.ts'
import { TaskHost } from './task-host.ts'

/** Which services there are, and the ways to them. */
export class Discovery {
  readonly directory: Directory
  readonly hosts: Hosts
  readonly proxy: RouterProxy
  readonly #roles: RoleHosts
  readonly #locate: (row: ServerRow) => Location

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
    this.proxy = new RouterProxy(client, context)
    this.#locate = (row) => locate(row, mapUrl, context)
    const { directory, hosts, proxy } = this
    this.#roles = { directory, hosts, proxy, through, named }
  }

  /** Finds the server on each request. */
  roleHost(role: string): ServiceHost {
    return new RoleHost(role, this.#roles)
  }

  /** One for each server of the role that has an address. */
  async roleHosts(role: string): Promise<ServiceHost[]> {
    this.directory.want(role)
    const services = await this.directory.known()
    this.hosts.keep(services)
    return located(services, role).map((service) => this.hosts.of(service))
  }

  /** The place where a task runs, found on each request. */
  taskHost(taskId: string, overlord: Overlord): ServiceHost {
    const { directory, hosts } = this
    return new TaskHost(taskId, { directory, hosts, overlord, locate: this.#locate })
  }

  /** The way that calls to a service take; `undefined`: there is none. */
  async wayTo(
    { role, leader }: Known,
    isReachable: boolean,
  ): Promise<'direct' | 'router' | undefined> {
    const { through } = this.#roles
    const mayPass = through === 'router' || (through === 'auto' && !isReachable)
    const router =
      mayPass && leader !== false
        ? await this.proxy.to(role, () => this.directory.known())
        : undefined
    if (router !== undefined) return 'router'
    return isReachable ? 'direct' : undefined
  }
}
