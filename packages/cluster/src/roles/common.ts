import {
  DruidError,
  isDruidError,
  type RequestOptions,
  type ServiceHost,
} from '@druid/core/extension'

/** `GET /status`. */
export interface ServiceStatus {
  readonly version: string
  readonly modules: readonly {
    readonly name: string
    readonly artifact: string | null
    readonly version: string | null
  }[]
  /** Bytes. */
  readonly memory: {
    readonly maxMemory: number
    readonly totalMemory: number
    readonly freeMemory: number
    readonly usedMemory: number
    readonly directMemory: number
  }
}

/** What every service answers. */
export interface DruidService {
  /** Version, loaded extensions and memory of the process (`GET /status`). */
  status(options?: RequestOptions): Promise<ServiceStatus>
  /** Whether the process is up (`GET /status/health`); not whether it is ready. */
  health(options?: RequestOptions): Promise<boolean>
}

/** The client of a role that has nothing but what every service has, and the base of the others. */
export class CommonService implements DruidService {
  protected readonly service: ServiceHost

  constructor(service: ServiceHost) {
    this.service = service
  }

  status(options?: RequestOptions): Promise<ServiceStatus> {
    return this.service.request('GET', '/status', undefined, options)
  }

  async health(options?: RequestOptions): Promise<boolean> {
    return (await this.service.request('GET', '/status/health', undefined, options)) === true
  }
}

/** A leader's address: sent as bare text by some versions, as a JSON string by others. */
export async function leaderUrl(
  service: ServiceHost,
  path: string,
  options: RequestOptions | undefined,
): Promise<string> {
  const text = await service.request<string>('GET', path, undefined, { ...options, expect: 'text' })
  const url = text.trim().replace(/^"(.*)"$/, '$1')
  if (URL.canParse(url)) return url
  throw new DruidError(
    'NO_SERVICE',
    url === '' ? `GET ${path}: there is no leader now` : `GET ${path} answered no URL`,
    { role: path.includes('indexer') ? 'overlord' : 'coordinator' },
  )
}

/** Whether a server leads: one that does not says so by a 404. */
export async function isLeading(
  service: ServiceHost,
  path: string,
  options: RequestOptions | undefined,
): Promise<boolean> {
  try {
    const answer = await service.request<{ leader?: boolean }>('GET', path, undefined, options)
    return answer.leader === true
  } catch (error) {
    if (isDruidError(error, 'NOT_FOUND')) return false
    throw error
  }
}
