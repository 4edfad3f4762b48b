import {
  type ClusterContext,
  type ClusterHost,
  DruidError,
  type ExtensionHost,
  isDruidError,
  type PlainRequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import { type IngestOptions, type IngestResult, type IngestTask, ingest } from './ingest.ts'
import { type AddressMapper, identity } from './mapper.ts'
import {
  leaderOf,
  type NamedService,
  SERVERS_SQL,
  type ServerRow,
  type Service,
} from './service.ts'

/** Options of `cluster.with({ … })`. */
export interface ClusterOptions {
  /** Where each server that Druid lists is reached. Default: at the address that Druid has. */
  readonly mapUrl?: AddressMapper | undefined
  /** Services that Druid does not list, e.g. those of an extension's own role. */
  readonly services?: readonly NamedService[] | undefined
}

/** What `client.cluster()` is, apart from the role clients and methods that extensions add. */
export interface Cluster extends ClusterHost {
  /**
   * The services of the cluster (`sys.servers`, and the option `services`), by role and address.
   * @throws DruidError `FORBIDDEN` where the user may not read `sys.servers` (STATE READ).
   */
  services(): Promise<readonly Service[]>
  /**
   * Submits a batch ingestion task, follows it, and resolves when its rows can be queried: not
   * when the task has ended, which is seconds earlier. Aborting stops the task.
   * @throws DruidError `TASK_FAILED` with Druid's reason; `INVALID_INPUT` for a spec it refuses;
   * `TIMEOUT` when the rows are stored but not queryable within `availabilityTimeout`.
   */
  ingest(task: IngestTask, options?: IngestOptions): Promise<IngestResult>
}

/** A list of servers is good for this long; a server that does not answer is looked up at once. */
const LIST_AGE = 5_000

export class DruidCluster implements Cluster {
  readonly #client: ExtensionHost
  readonly #context: ClusterContext
  readonly #mapUrl: AddressMapper
  readonly #named: readonly Service[]
  /** One host per address, so that what is made for a server stays the same while it lives. */
  #hosts = new Map<string, ServiceHost>()
  #list: { readonly services: Promise<readonly Service[]>; readonly since: number } | undefined

  constructor(client: ExtensionHost, context: ClusterContext, options: ClusterOptions = {}) {
    this.#client = client
    this.#context = context
    this.#mapUrl = options.mapUrl ?? identity(context.url.protocol)
    this.#named = (options.services ?? []).map(named)
  }

  services(): Promise<readonly Service[]> {
    const now = performance.now()
    if (this.#list === undefined || now - this.#list.since > LIST_AGE) {
      const services = this.#ask()
      this.#list = { services, since: now }
      // What failed is asked again by the next call, not kept.
      services.catch(() => this.#forget(services))
    }
    return this.#list.services
  }

  async refresh(): Promise<void> {
    this.#list = undefined
    await this.services()
  }

  serviceHost(role: string): ServiceHost {
    const request = async <T>(
      method: string,
      path: string,
      body?: unknown,
      options?: PlainRequestOptions,
    ): Promise<T> => {
      const host = await this.#find(role)
      try {
        return await host.request<T>(method, path, body, options)
      } catch (error) {
        if (!wasNotHandled(error)) throw error
        // The server is gone, or leads no more: nothing was done, so ask who it is now.
        await this.refresh()
        return await (await this.#find(role)).request<T>(method, path, body, options)
      }
    }
    return { url: undefined, request }
  }

  async serviceHosts(role: string): Promise<readonly ServiceHost[]> {
    const services = await this.services()
    return reachable(services, role).map(({ url }) => this.#host(url))
  }

  ingest(task: IngestTask, options: IngestOptions = {}): Promise<IngestResult> {
    return ingest(
      {
        client: this.#client,
        overlord: this.serviceHost('overlord'),
        coordinator: this.serviceHost('coordinator'),
      },
      task,
      options,
    )
  }

  #forget(services: Promise<readonly Service[]>): void {
    if (this.#list?.services === services) this.#list = undefined
  }

  async #ask(): Promise<readonly Service[]> {
    const rows = await this.#client.query<ServerRow & Record<string, never>>(SERVERS_SQL)
    const services = [...rows.map((row) => this.#service(row)), ...this.#named]
    const alive = new Set(services.map(({ url }) => url?.href))
    for (const href of this.#hosts.keys()) if (!alive.has(href)) this.#hosts.delete(href)
    return services.sort((a, b) => order(a).localeCompare(order(b)))
  }

  #service(row: ServerRow): Service {
    const { server, host, server_type: role, tier } = row
    const address = { role, host, plaintextPort: row.plaintext_port, tlsPort: row.tls_port }
    return {
      role,
      server,
      url: this.#mapUrl(address),
      leader: leaderOf(row),
      tier: tier ?? undefined,
    }
  }

  async #find(role: string): Promise<ServiceHost> {
    const services = await this.services()
    const servers = reachable(services, role)
    const server = servers.find(({ leader }) => leader) ?? servers[0]
    if (server !== undefined) return this.#host(server.url)
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

  #host(url: URL): ServiceHost {
    const known = this.#hosts.get(url.href)
    if (known) return known
    const host = this.#context.service(url)
    this.#hosts.set(url.href, host)
    return host
  }
}

function named({ role, url }: NamedService): Service {
  if (typeof role !== 'string' || !URL.canParse(String(url))) {
    throw new DruidError('CONFIG', 'cluster.with: services are { role, url }, with a whole URL', {
      option: 'services',
    })
  }
  const where = new URL(url)
  if (where.username !== '' || where.password !== '') {
    throw new DruidError(
      'CONFIG',
      `cluster.with: the URL of the service "${role}" holds credentials; give them to connect() as auth`,
      {
        option: 'services',
      },
    )
  }
  return { role, url: where, server: where.host, leader: undefined, tier: undefined }
}

type ReachableService = Service & { readonly url: URL }

function reachable(services: readonly Service[], role: string): ReachableService[] {
  return services.filter(
    (service): service is ReachableService => service.role === role && service.url !== undefined,
  )
}

function order({ role, server }: Service): string {
  return `${role} ${server}`
}

/** No server took the request: it was not reached, or sends us on to the leader. */
function wasNotHandled(error: unknown): boolean {
  if (isDruidError(error, 'CONNECT')) return error.reason === 'refused' || error.reason === 'dns'
  return isDruidError(error, 'SERVER') && error.status === 307
}
