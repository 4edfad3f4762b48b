import { messageOf } from '../error/error.ts'
import { warn } from '../extension/failures.ts'
import type { ClusterContext, MappedUrl } from '../extension/host.ts'
import { synchronous } from '../extension/synchronous.ts'
import { resolvePath, withoutUserinfo } from './address.ts'
import type { Connection } from './connection.ts'
import type { PlainRequestOptions } from './options.ts'
import { plainRequest } from './plain-request.ts'

/**
 * Lets the class behind `client.cluster()` speak to servers that the application did not name.
 * `trusted`: whether the application itself chose the extension of that class.
 */
export function clusterContext(connection: Connection, trusted: boolean): ClusterContext {
  const { mapUrls } = connection.parts
  const failed = new Set<unknown>()
  /** An address is its extension's word only if it was given here. */
  const given = new WeakMap<MappedUrl, boolean>()

  function mapUrl(server: Readonly<Record<string, unknown>>): MappedUrl | undefined {
    for (const { extension, part, trusted: chosen } of mapUrls) {
      try {
        const answer = synchronous(part(Object.freeze({ ...server })))
        if (answer === undefined) continue
        const mapped = Object.freeze({ url: serverUrl(answer), extension })
        given.set(mapped, chosen)
        return mapped
      } catch (error) {
        if (failed.has(part)) continue
        failed.add(part)
        warn(
          `extension "${extension}": its mapUrl failed: ${messageOf(error)}; the next mapper is asked`,
        )
      }
    }
    return undefined
  }

  return {
    url: new URL(connection.base),
    mapUrl,
    service(address, mapped) {
      const chosen = mapped === undefined || given.get(mapped) === true
      const url = withoutUserinfo(address)
      connection.admit(url, { credentials: trusted && chosen })
      return {
        // A copy each time: whoever changes it changes nothing here.
        get url() {
          return new URL(url)
        },
        async request<T>(
          method: string,
          path: string,
          body?: unknown,
          options: PlainRequestOptions = {},
        ): Promise<T> {
          const target = resolvePath(url, path)
          return plainRequest(connection, method, target, body, options, {}) as Promise<T>
        },
      }
    },
  }
}

function serverUrl(answer: URL | string): URL {
  const url = new URL(answer)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`it answered with a URL that begins with ${url.protocol}`)
  }
  return withoutUserinfo(url)
}
