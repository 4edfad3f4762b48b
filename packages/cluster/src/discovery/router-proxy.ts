import {
  type ClusterContext,
  type ExtensionHost,
  isDruidError,
  type ServiceHost,
} from '@druid/core/extension'
import { isProxyOn } from '../roles/router.ts'
import { type Known, located } from './known.ts'

/** What a Router passes on to the leaders of these: its management proxy. */
const PROXIED: ReadonlySet<string> = new Set(['coordinator', 'overlord'])

/** Paths that a Router passes on as they are; others it takes to be its own. */
const AS_THEY_ARE = /^\/druid\/(?:coordinator|indexer)\//

/** So long it is good to know who passes on, and that nobody does; where nobody answered, less long. */
const AGE = 60_000
const UNSURE_AGE = 5_000
/** What is busy is not waited for. */
const LIMIT = { timeout: 5_000, idempotent: false }

/** The services, if there is a list; it never rejects. */
export type Listing = () => Promise<readonly Known[]>

interface Found {
  readonly request: ServiceHost['request'] | undefined
  readonly until: number
}

/** The way to the leading Coordinator and Overlord through a Router that passes requests on. */
export class RouterProxy {
  readonly #client: ExtensionHost
  readonly #context: ClusterContext
  #finding: Promise<Found> | undefined
  #found: Found | undefined

  constructor(client: ExtensionHost, context: ClusterContext) {
    this.#client = client
    this.#context = context
  }

  /**
   * What sends requests to the leader of a role; `undefined` where no Router passes them on. `listing`:
   * where further Routers are found.
   */
  async to(role: string, listing: Listing): Promise<ServiceHost | undefined> {
    const request = PROXIED.has(role) ? await this.#router(listing) : undefined
    if (request === undefined) return undefined
    return {
      url: undefined,
      request: (method, path, body, options) =>
        request(method, AS_THEY_ARE.test(path) ? path : `/proxy/${role}${path}`, body, options),
    }
  }

  /** Of many that want it at once one asks. */
  async #router(listing: Listing): Promise<ServiceHost['request'] | undefined> {
    if (this.#found !== undefined && this.#found.until > performance.now()) {
      return this.#found.request
    }
    this.#finding ??= this.#find(listing)
    try {
      this.#found = await this.#finding
      return this.#found.request
    } finally {
      this.#finding = undefined
    }
  }

  /** The connection's own server; else a Router that it lists. */
  async #find(listing: Listing): Promise<Found> {
    let isSure = true
    const passesOn = async (request: ServiceHost['request']): Promise<boolean> => {
      try {
        return await isProxyOn({ request }, LIMIT)
      } catch (error) {
        isSure &&= !isDruidError(error, 'CONNECT') && !isDruidError(error, 'TIMEOUT')
        return false
      }
    }
    const own: ServiceHost['request'] = (...request) => this.#client.request(...request)
    if (await passesOn(own)) return { request: own, until: performance.now() + AGE }
    for (const { url, mapped } of located(await listing(), 'router')) {
      const { request } = this.#context.service(new URL(url), mapped)
      if (await passesOn(request)) return { request, until: performance.now() + AGE }
    }
    return { request: undefined, until: performance.now() + (isSure ? AGE : UNSURE_AGE) }
  }
}
