import type { RequestOptions } from '@druid/core/extension'
import { CommonService, type DruidService, isYes } from './common.ts'
import { IntrospectionService, type LookupIntrospection } from './introspection.ts'

/** A Historical: loads segments, and answers queries on them. */
export interface Historical extends DruidService {
  /** The lookups that it has loaded. */
  readonly lookups: LookupIntrospection

  /**
   * Whether it has loaded the segments of its disk since it started
   * (`GET /druid/historical/v1/loadstatus`).
   * @throws DruidError `FORBIDDEN` without STATE READ.
   */
  loadStatus(options?: RequestOptions): Promise<{ readonly cacheInitialized: boolean }>
  /** The same by the status of the reply (`GET /druid/historical/v1/readiness`). Asks for no rights. */
  readiness(options?: RequestOptions): Promise<boolean>
}

export class HistoricalService extends CommonService implements Historical {
  readonly lookups: LookupIntrospection = new IntrospectionService(this.service)

  loadStatus(options?: RequestOptions): Promise<{ readonly cacheInitialized: boolean }> {
    return this.service.request('GET', '/druid/historical/v1/loadstatus', undefined, options)
  }

  readiness(options?: RequestOptions): Promise<boolean> {
    return isYes(this.service, '/druid/historical/v1/readiness', options)
  }
}
