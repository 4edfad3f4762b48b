import {
  isDruidError,
  isRecord,
  messageOf,
  type PlainRequestOptions,
  type RequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import { CommonService, type DruidService } from './common.ts'

/** The Router: passes queries to Brokers, and where that is on, requests to Coordinator and Overlord. */
export interface Router extends DruidService {
  /**
   * Name of a Broker service → `host:port` of those that the Router sends queries to
   * (`GET /druid/router/v1/brokers`).
   * @throws DruidError `FORBIDDEN` without STATE READ.
   */
  brokers(options?: RequestOptions): Promise<Readonly<Record<string, readonly string[]>>>
  /**
   * Whether Coordinator and Overlord can be reached through it: `druid.router.managementProxy.enabled`
   * (`GET /proxy/enabled`, which is not there otherwise).
   */
  proxyEnabled(options?: RequestOptions): Promise<boolean>
}

export class RouterService extends CommonService implements Router {
  brokers(options?: RequestOptions): Promise<Readonly<Record<string, readonly string[]>>> {
    return this.service.request('GET', '/druid/router/v1/brokers', undefined, options)
  }

  proxyEnabled(options?: RequestOptions): Promise<boolean> {
    return isProxyOn(this.service, options)
  }
}

/** Whether a Router passes on what is for Coordinator and Overlord. */
export async function isProxyOn(
  router: Pick<ServiceHost, 'request'>,
  options: PlainRequestOptions | undefined,
): Promise<boolean> {
  try {
    const answer = await router.request<unknown>('GET', '/proxy/enabled', undefined, options)
    return isRecord(answer) && answer.enabled === true
  } catch (error) {
    if (isDruidError(error, 'NOT_FOUND')) return false
    // Druid 27 knows no such path, and takes it for one that it is to pass on: thus it does so.
    if (/Unsupported proxy destination/.test(messageOf(error))) return true
    throw error
  }
}
