import { DruidError } from '../error/error.ts'
import type { TransportRequest, TransportResponse } from '../transport/transport.ts'
import type { Servers } from './servers.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Where a redirect may lead on: from a Coordinator to the leader, and that may just have changed. */
const MOST = 5

/**
 * Follows redirects to servers of this connection, with method and body, as a Coordinator or Overlord
 * that is not the leader sends them (307). What leads elsewhere is not followed: credentials, and what
 * is asked, are for this connection's servers only.
 * @throws DruidError `SERVER` for a redirect that is not followed.
 */
export async function redirected(
  request: TransportRequest,
  servers: Servers,
  send: (request: TransportRequest) => Promise<TransportResponse>,
): Promise<TransportResponse> {
  let current = request
  for (let count = 0; ; count += 1) {
    const response = await send(current)
    const { status } = response
    // Of 0 a browser's fetch tells that there is one, and not where it leads.
    if (status !== 0 && !REDIRECTS.has(status)) return response
    const refused = (why: string): DruidError => {
      response.body.discard()
      const { method, url } = current
      const what = `${method} ${url.origin}${url.pathname}`
      return new DruidError('SERVER', `${what} was redirected (HTTP ${status}) ${why}`, { status })
    }
    if (status === 0) throw refused('and a browser does not tell where to')
    const location = response.headers.get('location')
    const url = location === null ? null : URL.parse(location, current.url.href)
    if (url === null) throw refused('without a place to go to')
    const to = `${url.origin}${url.pathname}`
    if (!servers.has(url)) {
      throw refused(
        `to ${to}, which is no server of this connection, and not followed; of a service that is not the leader ask the one that is, by client.cluster()`,
      )
    }
    const keepsMethod = status === 307 || status === 308 || current.method === 'GET'
    if (!keepsMethod) throw refused(`to ${to} in a way that changes its method`)
    if (count >= MOST) throw refused(`more than ${MOST} times`)
    response.body.discard()
    current = { ...current, url }
  }
}
