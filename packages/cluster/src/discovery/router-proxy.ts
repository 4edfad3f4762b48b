import {
  type ClusterContext,
  type ExtensionHost,
  isDruidError,
  isRecord,
  type ServiceHost,
} from '@druid/core/extension'
import type { Directory } from './directory.ts'
import { located } from './known.ts'

/** What a Router passes on to the leaders of these: its management proxy. */
const PROXIED: ReadonlySet<string> = new Set(['coordinator', 'overlord'])

export function isProxied(role: string): boolean {
  return PROXIED.has(role)
}

/** Paths that a Router passes on as they are; others it takes to be its own. */
const AS_THEY_ARE = /^\/druid\/(?:coordinator|indexer)\//

/** So long it is good to know who passes on, and that nobody does; where nobody answered, less long. */
const AGE = 60_000
const UNSURE_AGE = 5_000
const LIMIT = { timeout: 5_000 }

interface Found {
  readonly request: ServiceHost['request'] | undefined
  readonly until: number
}

/** The way to the leading Coordinator and Overlord through a Router that passes requests on. */
export class RouterProxy {
  readonly #client: ExtensionHost
  readonly #context: ClusterContext
  readonly #directory: Directory
  #finding: Promise<Found> | undefined
  #found: Found | undefined

  constructor(client: ExtensionHost, context: ClusterContext, directory: Directory) {
    this.#client = client
    this.#context = context
    this.#directory = directory
  }

  /**
   * Sends a request to the leader of a role; `undefined` where no Router passes it on. It goes out once,
   * as any other.
   */
  async to(role: string): Promise<ServiceHost | undefined> {
    const request = isProxied(role) ? await this.#router() : undefined
    if (request === undefined) return undefined
    return {
      url: undefined,
      request: (method, path, body, options) =>
        request(method, AS_THEY_ARE.test(path) ? path : `/proxy/${role}${path}`, body, options),
    }
  }

  /** Of many that want it at once one asks. */
  async #router(): Promise<ServiceHost['request'] | undefined> {
    if (this.#found !== undefined && this.#found.until > performance.now()) {
      return this.#found.request
    }
    this.#finding ??= this.#find()
    try {
      this.#found = await this.#finding
      return this.#found.request
    } finally {
      this.#finding = undefined
    }
  }

  /** The connection's own server; else a Router that it lists. */
  async #find(): Promise<Found> {
    let isSure = true
    const passesOn = async (request: ServiceHost['request']): Promise<boolean> => {
      try {
        const answer = await request('GET', '/proxy/enabled', undefined, LIMIT)
        return isRecord(answer) && answer.enabled === true
      } catch (error) {
        isSure &&= !isDruidError(error, 'CONNECT') && !isDruidError(error, 'TIMEOUT')
        return false
      }
    }
    const own: ServiceHost['request'] = (...request) => this.#client.request(...request)
    if (await passesOn(own)) return { request: own, until: performance.now() + AGE }
    const services = await this.#directory.known().catch(() => [])
    for (const { url, mapped } of located(services, 'router')) {
      const { request } = this.#context.service(new URL(url), mapped)
      if (await passesOn(request)) return { request, until: performance.now() + AGE }
    }
    return { request: undefined, until: performance.now() + (isSure ? AGE : UNSURE_AGE) }
  }
}
