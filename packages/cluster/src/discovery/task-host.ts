import {
  abortable,
  DruidError,
  type PlainRequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import type { Location } from '../mapping/locate.ts'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { TaskLocation } from '../roles/overlord/task.ts'
import type { Directory } from './directory.ts'
import type { Hosts } from './hosts.ts'
import { type Known, type Located, located } from './known.ts'
import type { ServerRow } from './server-row.ts'
import { noAddress } from './unreached.ts'

export interface TaskHosts {
  readonly directory: Directory
  readonly hosts: Hosts
  readonly overlord: Overlord
  locate(row: ServerRow): Location
}

/** The place where a task runs, asked for anew on each request: it may be started again elsewhere. */
export class TaskHost implements ServiceHost {
  readonly url: undefined
  readonly #taskId: string
  readonly #setup: TaskHosts

  constructor(taskId: string, setup: TaskHosts) {
    this.#taskId = taskId
    this.#setup = setup
  }

  async request<T>(
    method: string,
    path: string,
    body?: unknown,
    options?: PlainRequestOptions,
  ): Promise<T> {
    const server = await this.#find(options?.signal)
    return this.#setup.hosts.of(server).request<T>(method, path, body, options)
  }

  async #find(signal: AbortSignal | undefined): Promise<Located> {
    const { directory, overlord } = this.#setup
    const { location, statusCode } = await overlord.taskStatus(this.#taskId, { signal })
    if (statusCode !== 'RUNNING' || !location?.host) {
      const why = `task ${this.#taskId} runs nowhere: its state is ${statusCode}`
      throw new DruidError('NO_SERVICE', why, { role: 'peon' })
    }
    // An Indexer is listed itself; a Peon is found where its address says.
    const listing = abortable(directory.known(), signal, 'the list of services')
    const services = located(await listing.catch(() => []))
    const listed = services.find((service) => isAt(service, location))
    if (listed !== undefined) return listed
    const peon = this.#peon(location)
    const [found] = located([peon])
    if (found === undefined) throw noAddress('peon', [peon])
    return found
  }

  #peon({ host, port, tlsPort }: TaskLocation): Known {
    const server = `${host}:${port > 0 ? port : tlsPort}`
    const row = {
      server,
      host: String(host),
      plaintext_port: port,
      tls_port: tlsPort,
      server_type: 'peon',
      tier: null,
      is_leader: null,
    }
    const place = this.#setup.locate(row)
    const role = 'peon'
    return { role, server, ...place, leader: undefined, tier: undefined, source: 'coordinator' }
  }
}

/** Listed under one of its ports, or both: `host:port`, `host:port:tlsPort`. */
function isAt({ role, server }: Located, { host, port, tlsPort }: TaskLocation): boolean {
  if (role !== 'indexer' && role !== 'peon') return false
  return [port, tlsPort].some((one) => one > 0 && server === `${host}:${one}`)
}
