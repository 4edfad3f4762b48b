import { isDruidError, type RequestOptions } from '@druid/core/extension'
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

  async proxyEnabled(options?: RequestOptions): Promise<boolean> {
    try {
      const path = '/proxy/enabled'
      const answer = await this.service.request<{ enabled?: boolean }>(
        'GET',
        path,
        undefined,
        options,
      )
      return answer.enabled === true
    } catch (error) {
      if (isDruidError(error, 'NOT_FOUND')) return false
      throw error
    }
  }
}
