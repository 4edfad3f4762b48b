import { DruidError, type ExtensionHost } from '@druid/core/extension'
import type { Discovery } from './discovery.ts'

/** What servers of a role answer, and of those further down no other. */
const TELLING: readonly (readonly [role: string, path: string])[] = [
  ['router', '/druid/router/v1/brokers'],
  ['broker', '/druid/broker/v1/loadstatus'],
  ['coordinator', '/druid/coordinator/v1/leader'],
  ['overlord', '/druid/indexer/v1/leader'],
]

/**
 * The roles of an endpoint, by its URL from here or its address as Druid has it. Of the connection's own
 * server (`own`), which may stand behind an address that nobody lists, by what it answers.
 */
export async function whatIs(
  endpoint: string | URL,
  discovery: Discovery,
  { client, own }: { readonly client: ExtensionHost; readonly own: URL },
): Promise<string[]> {
  const url = endpointUrl(endpoint)
  const isOwn = isSame(url, own)
  const services = await discovery.directory.known().catch((error: unknown) => {
    if (isOwn) return []
    throw error
  })
  const address = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
  const there = services.filter((service) => {
    return service.addresses.includes(address) || (service.url && isSame(service.url, url))
  })
  if (there.length === 0 && isOwn) return ownRoles(client)
  return [...new Set(there.map(({ role }) => role))]
}

async function ownRoles(client: ExtensionHost): Promise<string[]> {
  for (const [role, path] of TELLING) {
    try {
      await client.request('GET', path, undefined, { expect: 'text', timeout: 10_000 })
      return [role]
    } catch {
      // It is none.
    }
  }
  return []
}

/** @throws DruidError `CONFIG` for what is none. */
function endpointUrl(endpoint: string | URL): URL {
  const text = String(endpoint)
  const url = URL.parse(/^https?:/i.test(text) ? text : `http://${text}`)
  if (url !== null) return url
  // Not the text: it may hold a password.
  throw new DruidError('CONFIG', 'whatIs: it wants a URL, or host:port', { option: 'url' })
}

function isSame(a: URL, b: URL): boolean {
  const path = (url: URL): string => url.pathname.replace(/\/+$/, '')
  return a.origin === b.origin && path(a) === path(b)
}
