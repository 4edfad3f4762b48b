import {
  abortable,
  type ClusterContext,
  type ClusterHost,
  checkNames,
  DruidError,
  type ExtensionHost,
  isDruidError,
  type MappedUrl,
  messageOf,
  type PlainRequestOptions,
  type RequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import {
  leaderOf,
  type NamedService,
  SERVERS_SQL,
  type ServerAddress,
  type ServerRow,
  type Service,
} from './discovery/service.ts'
import { type IngestOptions, type IngestResult, type IngestTask, ingest } from './ingest/ingest.ts'
import { type AddressMapper, identity } from './mapping/mapper.ts'
import { CoordinatorService } from './roles/coordinator/coordinator.ts'
import { OverlordService } from './roles/overlord/overlord.ts'
import type { TaskFilter, TaskSpec, TaskStatus } from './roles/overlord/task.ts'
import type { Services } from './services.ts'
import { OneTask, type TaskHandle } from './task/handle.ts'
import { submit } from './task/submit.ts'

/** Options of `cluster.with({ … })`. */
export interface ClusterOptions {
  /**
   * Where each server that Druid lists is reached. Default: where an extension's `mapUrl` says, else
   * at the address that Druid has.
   */
  readonly mapUrl?: AddressMapper | undefined
  /** Services that Druid does not list, e.g. those of an extension's own role. */
  readonly services?: readonly NamedService[] | undefined
}

/** What `client.cluster()` is, apart from the role clients and methods that extensions add. */
export interface Cluster extends ClusterHost {
  /**
   * The services of the cluster (`sys.servers`, and the option `services`), by role and address.
   * Aborting ends the waiting only, as others may wait for the same answer.
   * @throws DruidError `FORBIDDEN` where the user may not read `sys.servers` (STATE READ).
   */
  services(options?: Pick<RequestOptions, 'signal'>): Promise<readonly Service[]>
  /**
   * Submits a batch ingestion task, follows it, and resolves when its rows can be queried: not
   * when the task has ended, which is seconds earlier. Aborting stops the task,
   * also while it is being submitted; so does an `onProgress` that throws, with its error.
   * @throws DruidError `TASK_FAILED` with Druid's reason; `INVALID_INPUT` for a spec it refuses;
   * `TIMEOUT` when the rows are stored but not queryable within `availabilityTimeout`.
   */
  ingest(task: IngestTask, options?: IngestOptions): Promise<IngestResult>
  /**
   * Submits a task, once, and resolves when the Overlord has it, with what follows it. Its id is chosen
   * here unless it has one. A connection that is cut meanwhile is no failure where the Overlord has got
   * the task. Aborting does not stop a task that was submitted.
   * @throws DruidError `INVALID_INPUT` for a spec that Druid refuses, or an id it already knows.
   */
  submit(task: TaskSpec, options?: RequestOptions): Promise<TaskHandle>
  /** A task by its id, also of another process. Sends nothing. */
  task(id: string): TaskHandle
  /** The tasks that this user may see, those that have ended for a day or so. */
  tasks(options?: TaskFilter & RequestOptions): Promise<TaskStatus[]>
}

/** A list of servers is good for this long; a server that does not answer is looked up at once. */
const LIST_AGE = 5_000

export class DruidCluster implements Cluster {
  readonly #client: ExtensionHost
  readonly #context: ClusterContext
  readonly #mapUrl: AddressMapper | undefined
  readonly #named: readonly Service[]
  readonly #services: Services
  /** The addresses that an extension's mapper gave, by URL. */
  readonly #mapped = new Map<string, MappedUrl>()
  /** One host per address, so that what is made for a server stays the same while it lives. */
  #hosts = new Map<string, ServiceHost>()
  #list: { readonly services: Promise<readonly Service[]>; readonly since: number } | undefined

  constructor(client: ExtensionHost, context: ClusterContext, options: ClusterOptions = {}) {
    checkNames(options, ['mapUrl', 'services'], 'cluster.with')
    const { mapUrl, services = [] } = options
    if (mapUrl !== undefined && typeof mapUrl !== 'function') throw wrong('mapUrl is a function')
    if (!Array.isArray(services)) throw wrong('services is a list of { role, url }')
    this.#client = client
    this.#context = context
    this.#mapUrl = mapUrl
    this.#named = services.map(named)
    this.#services = {
      client,
      coordinator: new CoordinatorService(this.serviceHost('coordinator')),
      overlord: new OverlordService(this.serviceHost('overlord')),
    }
  }

  /** Copies: what the caller does to them, the cluster does not see. */
  async services({ signal }: Pick<RequestOptions, 'signal'> = {}): Promise<readonly Service[]> {
    const services = await abortable(this.#known(), signal, 'the list of services')
    return services.map(({ url, ...service }) => ({ ...service, url: url && new URL(url) }))
  }

  #known(): Promise<readonly Service[]> {
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
    await this.#known()
  }

  /** A list that was asked for after this moment: of many calls that failed at once, one asks. */
  async #since(moment: number): Promise<void> {
    if (this.#list !== undefined && this.#list.since < moment) this.#list = undefined
    await this.#known()
  }

  serviceHost(role: string): ServiceHost {
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
        await abortable(this.#since(sent), signal, doing)
        const other = await abortable(this.#find(role), signal, doing)
        return await other.request<T>(method, path, body, options)
      }
    }
    return { url: undefined, request }
  }

  async serviceHosts(role: string): Promise<readonly ServiceHost[]> {
    const services = await this.#known()
    return reachable(services, role).map(({ url }) => this.#host(url))
  }

  ingest(task: IngestTask, options: IngestOptions = {}): Promise<IngestResult> {
    return ingest(this.#services, task, options)
  }

  submit(task: TaskSpec, options: RequestOptions = {}): Promise<TaskHandle> {
    return submit(this.#services.overlord, task, options)
  }

  task(id: string): TaskHandle {
    return new OneTask(this.#services.overlord, id)
  }

  tasks(options?: TaskFilter & RequestOptions): Promise<TaskStatus[]> {
    return this.#services.overlord.tasks(options)
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
    const { server, server_type: role, tier } = row
    return { role, server, url: this.#urlOf(row), leader: leaderOf(row), tier: tier ?? undefined }
  }

  /** The application's own mapper has the only word where it is given. */
  #urlOf(row: ServerRow): URL | undefined {
    const address = {
      role: row.server_type,
      host: row.host,
      plaintextPort: row.plaintext_port,
      tlsPort: row.tls_port,
      secure: this.#context.url.protocol === 'https:',
    }
    if (this.#mapUrl !== undefined) return answered(this.#mapUrl, address)
    const mapped = this.#context.mapUrl({ ...row })
    if (mapped === undefined) return identity(address)
    this.#mapped.set(mapped.url.href, mapped)
    return mapped.url
  }

  async #find(role: string): Promise<ServiceHost> {
    const services = await this.#known()
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
    const host = this.#context.service(new URL(url), this.#mapped.get(url.href))
    this.#hosts.set(url.href, host)
    return host
  }
}

function wrong(why: string): DruidError {
  return new DruidError('CONFIG', `cluster.with: ${why}`, { option: 'cluster' })
}

function named(service: NamedService): Service {
  const { role, url } = Object(service) as Partial<NamedService>
  const where = URL.canParse(String(url)) ? new URL(String(url)) : undefined
  if (typeof role !== 'string' || where === undefined || !isHttp(where)) {
    throw wrong('services are { role, url }, with a whole URL: http://host:port')
  }
  if (where.username !== '' || where.password !== '') {
    throw wrong(
      `the URL of the service "${role}" holds credentials; give them to connect() as auth`,
    )
  }
  return { role, url: where, server: where.host, leader: undefined, tier: undefined }
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}

/** What the application's mapper says of a server, checked: credentials will go there. */
function answered(mapUrl: AddressMapper, address: ServerAddress): URL | undefined {
  let answer: string | undefined
  try {
    const given: unknown = mapUrl(address)
    if (given !== undefined) answer = String(given)
  } catch (cause) {
    throw new DruidError('CONFIG', `the option mapUrl of cluster failed: ${messageOf(cause)}`, {
      option: 'mapUrl',
      cause,
    })
  }
  if (answer === undefined) return undefined
  const url = URL.canParse(answer) ? new URL(answer) : undefined
  if (url !== undefined && isHttp(url) && url.username === '' && url.password === '') return url
  throw new DruidError(
    'CONFIG',
    `the option mapUrl of cluster gave no http: or https: URL without credentials for the role ${address.role}`,
    { option: 'mapUrl' },
  )
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
