import { pathSegment, type RequestOptions, type ServiceHost } from '@druid/core/extension'

/**
 * Lookups as one server has them loaded (`/druid/v1/lookups/introspect/…`). All throw `NOT_FOUND` or
 * `SERVER` (405) for one that it has not, or whose type cannot be looked into, and `FORBIDDEN` without
 * CONFIG READ.
 */
export interface LookupIntrospection {
  /** The whole of it (`GET /{lookup}`). */
  get(lookup: string, options?: RequestOptions): Promise<Readonly<Record<string, string>>>
  /**
   * (`GET /{lookup}/keys`) Old versions of Druid write those of a `map` without quotes, so that there a
   * key with a comma and a blank in it comes as two: {@link get} has them exactly.
   */
  keys(lookup: string, options?: RequestOptions): Promise<string[]>
  /** (`GET /{lookup}/values`) As {@link keys}. */
  values(lookup: string, options?: RequestOptions): Promise<string[]>
  /** Of a `cachedNamespace`: which state of its source it has (`GET /{lookup}/version`). */
  version(lookup: string, options?: RequestOptions): Promise<string>
}

const PREFIX = '/druid/v1/lookups/introspect'

export class IntrospectionService implements LookupIntrospection {
  readonly #service: ServiceHost

  constructor(service: ServiceHost) {
    this.#service = service
  }

  get(lookup: string, options?: RequestOptions): Promise<Readonly<Record<string, string>>> {
    return this.#service.request('GET', pathOf(lookup), undefined, options)
  }

  keys(lookup: string, options?: RequestOptions): Promise<string[]> {
    return this.#list(`${pathOf(lookup)}/keys`, options)
  }

  values(lookup: string, options?: RequestOptions): Promise<string[]> {
    return this.#list(`${pathOf(lookup)}/values`, options)
  }

  async version(lookup: string, options?: RequestOptions): Promise<string> {
    const path = `${pathOf(lookup)}/version`
    const answer = await this.#service.request<{ version: string }>('GET', path, undefined, options)
    return answer.version
  }

  async #list(path: string, options: RequestOptions | undefined): Promise<string[]> {
    const request = { ...options, expect: 'text' } as const
    return listed(await this.#service.request<string>('GET', path, undefined, request))
  }
}

/** JSON, or what Java makes of a set: `[a, b]`. */
function listed(text: string): string[] {
  try {
    return JSON.parse(text) as string[]
  } catch {
    const inner = text.trim().replace(/^\[|\]$/g, '')
    return inner === '' ? [] : inner.split(', ')
  }
}

function pathOf(lookup: string): string {
  return `${PREFIX}/${pathSegment(lookup)}`
}
