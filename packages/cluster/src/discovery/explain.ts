import { abortable, abortError, isDruidError, messageOf } from '@druid/core/extension'
import type { Discovery } from './discovery.ts'
import { copied, type Known, located } from './known.ts'
import type { Service } from './service.ts'

/** A service, where it is reached, and whether it is. */
export interface MappedService extends Service {
  /**
   * Name of the mapper that gave the URL: `identity`, `dockerPorts`, `byExtensions (name)`, that of a
   * function …; `services` for one that the option names. `undefined`: no mapper knows it.
   */
  readonly mapper: string | undefined
  /** Whether it answered at its URL (`GET /status/health`). */
  readonly reachable: boolean
  /**
   * The way that calls to it take: to its URL, or for the leading Coordinator and Overlord through a
   * Router. `undefined`: there is none.
   */
  readonly through: 'direct' | 'router' | undefined
  /** Why it is not reachable; or why it may be another one that answers. */
  readonly why: string | undefined
}

export interface ExplainOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that each service may take to answer. Default 3,000. */
  readonly timeout?: number | undefined
}

/** So many are asked at once. */
const AT_ONCE = 8

/** Asks each address once, all of a new list. */
export async function explainMapping(
  discovery: Discovery,
  { signal, timeout = 3_000 }: ExplainOptions,
): Promise<MappedService[]> {
  const { directory, hosts } = discovery
  const services = await abortable(directory.refresh(), signal, 'the list of services')
  const byUrl = new Map(located(services).map((service) => [service.url.href, service]))
  const failures = new Map<string, string>()
  await eachAtOnce([...byUrl.values()], async (service) => {
    const ask = hosts.of(service).request('GET', '/status/health', undefined, { signal, timeout })
    const why = await ask.then(
      (health) => (health === true ? undefined : 'what answers there is no Druid'),
      (error: unknown) => reasonOf(error),
    )
    if (why !== undefined) failures.set(service.url.href, why)
  })
  if (signal?.aborted) throw abortError(signal, 'explaining the mapping')
  const explained = services.map(async (service): Promise<MappedService> => {
    const why = service.url === undefined ? UNKNOWN : failures.get(service.url.href)
    const reachable = why === undefined
    const way = await discovery.wayTo(service, reachable)
    const doubt = why ?? sharing(service, services)
    return { ...copied(service), mapper: service.mapper, reachable, through: way, why: doubt }
  })
  return Promise.all(explained)
}

const UNKNOWN = 'no mapper knows it'

/** One URL for two servers: which of them answers is chance. */
function sharing({ url, server }: Known, services: readonly Known[]): string | undefined {
  const other = services.find((one) => one.url?.href === url?.href && one.server !== server)
  return other && `it has the same URL as ${other.role} ${other.server}`
}

function reasonOf(error: unknown): string {
  const isWrapped = isDruidError(error, 'NO_SERVICE') && error.cause !== undefined
  return messageOf(isWrapped ? error.cause : error)
}

async function eachAtOnce<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let item = items.pop(); item !== undefined; item = items.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}
