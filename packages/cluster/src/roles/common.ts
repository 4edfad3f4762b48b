import {
  DruidError,
  isDruidError,
  type RequestOptions,
  type ServiceHost,
} from '@druid/core/extension'

/** `GET /status`. */
export interface ServiceStatus {
  readonly version: string
  /** The extensions that this process has loaded. */
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
  /**
   * Version, loaded extensions and memory of the process (`GET /status`).
   * @throws DruidError `FORBIDDEN` without STATE READ.
   */
  status(options?: RequestOptions): Promise<ServiceStatus>
  /** Whether the process is up (`GET /status/health`); not whether it is ready. Asks for no rights. */
  health(options?: RequestOptions): Promise<boolean>
  /**
   * Whether the process can do its work (`GET /status/ready`). Asks for no rights.
   * @throws DruidError `UNSUPPORTED` where the service has no such path: up to Druid 33 none has.
   */
  ready(options?: RequestOptions): Promise<boolean>
  /**
   * Name → value of the configuration and of the Java process, apart from what Druid hides, such as
   * passwords (`GET /status/properties`).
   * @throws DruidError `FORBIDDEN` without CONFIG READ.
   */
  properties(options?: RequestOptions): Promise<Readonly<Record<string, string>>>
  /**
   * Whether the process finds itself among the services of the cluster
   * (`GET /status/selfDiscovered/status`).
   * @throws DruidError `FORBIDDEN` without STATE READ.
   */
  selfDiscovered(options?: RequestOptions): Promise<boolean>
  /**
   * The same, as load balancers ask it: by the status of the reply (`GET /status/selfDiscovered`).
   * @throws DruidError `FORBIDDEN` without STATE READ.
   */
  selfDiscoveredCode(options?: RequestOptions): Promise<boolean>
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

  async ready(options?: RequestOptions): Promise<boolean> {
    const path = '/status/ready'
    try {
      return await isYes(this.service, path, options)
    } catch (error) {
      if (!isDruidError(error, 'NOT_FOUND')) throw error
      throw new DruidError('UNSUPPORTED', `GET ${path}: this version of Druid has no such path`, {
        cause: error,
      })
    }
  }

  properties(options?: RequestOptions): Promise<Readonly<Record<string, string>>> {
    return this.service.request('GET', '/status/properties', undefined, options)
  }

  async selfDiscovered(options?: RequestOptions): Promise<boolean> {
    const path = '/status/selfDiscovered/status'
    const answer = await this.service.request<{ selfDiscovered?: boolean }>(
      'GET',
      path,
      undefined,
      options,
    )
    return answer.selfDiscovered === true
  }

  selfDiscoveredCode(options?: RequestOptions): Promise<boolean> {
    return isYes(this.service, '/status/selfDiscovered', options)
  }
}

/** Of a path that says yes by 200 and no by 503, whatever stands in the reply. */
export async function isYes(
  service: ServiceHost,
  path: string,
  options: RequestOptions | undefined,
): Promise<boolean> {
  try {
    // A 503 is an answer, not an outage to try again after.
    const request = { ...options, expect: 'text', idempotent: false } as const
    await service.request('GET', path, undefined, request)
    return true
  } catch (error) {
    if (isDruidError(error, 'SERVER') && error.status === 503) return false
    throw error
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
