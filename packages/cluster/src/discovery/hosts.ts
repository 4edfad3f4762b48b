import {
  type ClusterContext,
  isDruidError,
  type PlainRequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import { type Known, type Located, located } from './known.ts'
import { Reach } from './reach.ts'
import { wasNotReached, wrongAddress } from './unreached.ts'

/** So long a server may take to say that it is there. */
const PROBE = { timeout: 3_000 }

const AWAY: ReadonlySet<string> = new Set(['CONNECT', 'NO_SERVICE', 'TIMEOUT'])

/** The servers of a cluster, each by its address, and which of them can be reached. */
export class Hosts {
  readonly #context: ClusterContext
  readonly #reach = new Reach()
  /** One per server, so that what is made for it stays the same while it lives. */
  readonly #hosts = new Map<string, ServiceHost>()
  #list: readonly Known[] = []
  readonly #probes = new Map<string, Promise<boolean>>()

  constructor(context: ClusterContext) {
    this.#context = context
  }

  /** @throws DruidError `NO_SERVICE` from its requests, where it never could be reached. */
  of(service: Located): ServiceHost {
    const key = keyOf(service)
    const known = this.#hosts.get(key)
    if (known) return known
    const { url, mapped } = service
    const reach = this.#reach
    const host = this.#context.service(new URL(url), mapped)
    const made: ServiceHost = {
      get url() {
        return host.url
      },
      async request<T>(
        method: string,
        path: string,
        body?: unknown,
        options?: PlainRequestOptions,
      ): Promise<T> {
        try {
          const answer = await host.request<T>(method, path, body, options)
          reach.reached(url)
          return answer
        } catch (error) {
          if (wasNotReached(error)) reach.failed(url)
          else if (hasStatus(error)) reach.reached(url)
          const isWrong = isDruidError(error, 'CONNECT') || wasNotReached(error)
          throw isWrong && !reach.hasAnswered(url) ? wrongAddress(service, error) : error
        }
      },
    }
    this.#hosts.set(key, made)
    return made
  }

  /** Forgets those that are on the list no more. */
  keep(list: readonly Known[]): void {
    if (list === this.#list) return
    this.#list = list
    const services = located(list)
    const alive = new Set(services.map(keyOf))
    for (const key of this.#hosts.keys()) if (!alive.has(key)) this.#hosts.delete(key)
    this.#reach.keep(new Set(services.map(({ url }) => url.href)))
  }

  isDown({ url }: Located): boolean {
    return this.#reach.isDown(url)
  }

  /** Whether it answered when it was asked last. */
  isUp({ url }: Located): boolean {
    return this.#reach.hasAnswered(url) && !this.#reach.isDown(url)
  }

  /** Whether it can be reached; it is asked where that is not known. */
  async isThere(service: Located): Promise<boolean> {
    if (this.isDown(service)) return false
    if (this.isUp(service)) return true
    const key = keyOf(service)
    const probe = this.#probes.get(key) ?? this.#probe(service)
    this.#probes.set(key, probe)
    try {
      return await probe
    } finally {
      this.#probes.delete(key)
    }
  }

  async #probe(service: Located): Promise<boolean> {
    try {
      await this.of(service).request('GET', '/status/health', undefined, PROBE)
    } catch (error) {
      // A certificate that is not trusted, say, is not to be passed over in silence.
      if (!isDruidError(error) || !AWAY.has(error.code)) return true
      this.#reach.failed(service.url)
      return false
    }
    return true
  }
}

function keyOf({ role, url }: Located): string {
  return `${role} ${url.href}`
}

/** It came from a server. */
function hasStatus(error: unknown): boolean {
  return isDruidError(error) && 'status' in error && error.status !== undefined
}
