import { pathSegment, type RequestOptions } from '@druid/core/extension'
import { CommonService, type DruidService, leaderUrl } from '../common.ts'
import { type CoordinatorLookups, LookupsService } from './lookups.ts'

/** The Coordinator: where segments are and should be. `/druid/coordinator/v1/…`. */
export interface Coordinator extends DruidService {
  /** Lookups, and where they are loaded (`/lookups/…`). */
  readonly lookups: CoordinatorLookups

  /** URL of the leading Coordinator (`GET /leader`). */
  leader(options?: RequestOptions): Promise<string>
  /** Data sources with segments that are served now (`GET /datasources`). */
  dataSources(options?: RequestOptions): Promise<string[]>
  /** Data source → percent of its segments that are loaded, 0 to 100 (`GET /loadstatus`). */
  loadStatus(options?: RequestOptions): Promise<Readonly<Record<string, number>>>
  /**
   * How many used segments of a data source are not loaded anywhere yet, `undefined` when it has
   * none in that interval (`GET /datasources/{dataSource}/loadstatus?simple`).
   */
  segmentsToLoad(dataSource: string, options?: SegmentsToLoadOptions): Promise<number | undefined>
  /**
   * Takes all segments of a data source out of use; they stay stored until a `kill` task deletes
   * them. Returns how many were in use (`DELETE /datasources/{dataSource}`).
   */
  markUnused(dataSource: string, options?: RequestOptions): Promise<number>
}

export interface SegmentsToLoadOptions extends RequestOptions {
  /** ISO 8601, `start/end`. Default: all of time. (Druid's own default is the last two weeks.) */
  readonly interval?: string | undefined
  /** Whether the Coordinator reads the metadata store first. Default true: else it may not know yet. */
  readonly refresh?: boolean | undefined
}

const PREFIX = '/druid/coordinator/v1'

/** As wide as Druid's own eternity, within what a four-digit year can say. */
const ALL_TIME = '0000-01-01/9999-12-31'

export class CoordinatorService extends CommonService implements Coordinator {
  readonly lookups: CoordinatorLookups = new LookupsService(this.service)

  leader(options?: RequestOptions): Promise<string> {
    return leaderUrl(this.service, `${PREFIX}/leader`, options)
  }

  dataSources(options?: RequestOptions): Promise<string[]> {
    return this.service.request('GET', `${PREFIX}/datasources`, undefined, options)
  }

  loadStatus(options?: RequestOptions): Promise<Readonly<Record<string, number>>> {
    return this.service.request('GET', `${PREFIX}/loadstatus`, undefined, options)
  }

  async segmentsToLoad(
    dataSource: string,
    { interval = ALL_TIME, refresh = true, ...options }: SegmentsToLoadOptions = {},
  ): Promise<number | undefined> {
    const query = new URLSearchParams({ forceMetadataRefresh: String(refresh), interval })
    const path = `${PREFIX}/datasources/${pathSegment(dataSource)}/loadstatus`
    const answer = await this.service.request<Readonly<Record<string, number>> | undefined>(
      'GET',
      `${path}?simple&${query}`,
      undefined,
      options,
    )
    return answer?.[dataSource]
  }

  async markUnused(dataSource: string, options?: RequestOptions): Promise<number> {
    const path = `${PREFIX}/datasources/${pathSegment(dataSource)}`
    const answer = await this.service.request<{ numChangedSegments?: number } | undefined>(
      'DELETE',
      path,
      undefined,
      options,
    )
    return answer?.numChangedSegments ?? 0
  }
}
