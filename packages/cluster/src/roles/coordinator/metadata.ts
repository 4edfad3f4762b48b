import { pathSegment, type RequestOptions, type ServiceHost } from '@druid/core/extension'
import { queryOf } from '../path.ts'
import type { DataSegment } from '../segment.ts'
import { needs } from '../version.ts'

/** A data source of the metadata store, with all its used segments. */
export interface StoredDataSource {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly segments: readonly DataSegment[]
}

/** A segment, and since when it is not used (`DataSegmentPlus`). */
export interface UnusedSegment {
  readonly dataSegment: DataSegment
  /** ISO 8601. */
  readonly createdDate: string
  /** ISO 8601. */
  readonly usedStatusLastUpdatedDate: string | null
  readonly used: boolean
  readonly numRows?: number | null
  /** Of the segment that this one is an upgrade of. */
  readonly upgradedFromSegmentId?: string | null
  readonly [field: string]: unknown
}

/** Which unused segments. */
export interface UnusedSegmentsOptions extends RequestOptions {
  /** ISO 8601, `start/end`: those wholly within. Default: all. */
  readonly interval?: string | undefined
  /** At most so many. Default: all. */
  readonly limit?: number | undefined
  /** Those after the one of this id, in the order that is asked for. */
  readonly lastSegmentId?: string | undefined
  /** By start, end and id. Default: in no order. */
  readonly sortOrder?: 'ASC' | 'DESC' | undefined
}

/** A used segment, and whether queries see it. */
export interface SegmentWithStatus extends DataSegment {
  readonly overshadowed: boolean
  /** Replicas that the rules ask for; `null`: not known yet. */
  readonly replicationFactor?: number | null
  /** Later than Druid 27; `null`: not known. */
  readonly numRows?: number | null
  /** Later than Druid 27. */
  readonly realtime?: boolean
}

export interface SegmentsOfOptions extends RequestOptions {
  /** Default: all. */
  readonly dataSources?: readonly string[] | undefined
}

export interface SegmentsWithStatusOptions extends SegmentsOfOptions {
  /** Whether those that tasks are still writing are there, too. Druid 29 and later. */
  readonly includeRealtimeSegments?: boolean | undefined
}

/** The columns of a data source. */
export interface DataSourceInformation {
  readonly dataSource: string
  readonly rowSignature: readonly { readonly name: string; readonly type: string }[]
}

/**
 * Segments as the metadata store has them, whether or not they are loaded.
 * `/druid/coordinator/v1/metadata/…`. A data source without used segments is `NOT_FOUND`.
 */
export interface CoordinatorMetadata {
  /** Names of data sources with used segments (`GET /datasources`). */
  dataSources(
    options?: RequestOptions & {
      /** Whether those that have only unused segments are named, too. Default false. */
      readonly includeUnused?: boolean | undefined
    },
  ): Promise<string[]>
  /** All data sources with all their used segments (`GET /datasources?full`). */
  fullDataSources(options?: RequestOptions): Promise<StoredDataSource[]>
  /** (`GET /datasources/{dataSource}`) */
  dataSource(dataSource: string, options?: RequestOptions): Promise<StoredDataSource>
  /** Ids of used segments (`GET /datasources/{dataSource}/segments`). */
  segmentIds(dataSource: string, options?: RequestOptions): Promise<string[]>
  /** Used segments (`GET /datasources/{dataSource}/segments?full`). */
  segments(dataSource: string, options?: RequestOptions): Promise<DataSegment[]>
  /**
   * Ids of the used segments that overlap an interval of these; none for an unknown data source
   * (`POST /datasources/{dataSource}/segments`).
   * @param intervals ISO 8601, `start/end`.
   */
  segmentIdsIn(
    dataSource: string,
    intervals: readonly string[],
    options?: RequestOptions,
  ): Promise<string[]>
  /** As {@link segmentIdsIn}, the segments (`POST /datasources/{dataSource}/segments?full`). */
  segmentsIn(
    dataSource: string,
    intervals: readonly string[],
    options?: RequestOptions,
  ): Promise<DataSegment[]>
  /**
   * (`GET /datasources/{dataSource}/segments/{segmentId}`)
   * @throws DruidError `NOT_FOUND` for one that is unknown, or not used.
   */
  segment(
    dataSource: string,
    segmentId: string,
    options?: RequestOptions & {
      /** Whether it may be an unused one. Default false. Druid 30 and later. */
      readonly includeUnused?: boolean | undefined
    },
  ): Promise<DataSegment>
  /** (`GET /datasources/{dataSource}/unusedSegments`) Druid 29 and later. */
  unusedSegments(dataSource: string, options?: UnusedSegmentsOptions): Promise<UnusedSegment[]>
  /** Used segments of many data sources (`GET /segments`). */
  allSegments(options?: SegmentsOfOptions): Promise<DataSegment[]>
  /** As {@link allSegments}, with what queries see of them (`GET /segments?includeOvershadowedStatus`). */
  allSegmentsWithStatus(options?: SegmentsWithStatusOptions): Promise<SegmentWithStatus[]>
  /**
   * Columns, as the Coordinator knows them (`POST /dataSourceInformation`). Druid 29 and later.
   * @throws DruidError `NOT_FOUND` where centralised schemas are switched off.
   */
  dataSourceInformation(
    dataSources: readonly string[],
    options?: RequestOptions,
  ): Promise<DataSourceInformation[]>
  /** Segments that every server loads before it starts (`POST /bootstrapSegments`). Druid 31 and later. */
  bootstrapSegments(options?: RequestOptions): Promise<DataSegment[]>
}

const PREFIX = '/druid/coordinator/v1/metadata'

export class MetadataService implements CoordinatorMetadata {
  readonly #service: ServiceHost

  constructor(service: ServiceHost) {
    this.#service = service
  }

  dataSources({
    includeUnused,
    ...options
  }: RequestOptions & { readonly includeUnused?: boolean | undefined } = {}): Promise<string[]> {
    return this.#get(`/datasources${queryOf({ includeUnused })}`, options)
  }

  fullDataSources(options?: RequestOptions): Promise<StoredDataSource[]> {
    return this.#get('/datasources?full', options)
  }

  async dataSource(dataSource: string, options?: RequestOptions): Promise<StoredDataSource> {
    return this.#get(`/datasources/${pathSegment(dataSource)}`, options)
  }

  async segmentIds(dataSource: string, options?: RequestOptions): Promise<string[]> {
    return this.#get(segmentsOf(dataSource), options)
  }

  async segments(dataSource: string, options?: RequestOptions): Promise<DataSegment[]> {
    return this.#get(`${segmentsOf(dataSource)}?full`, options)
  }

  async segmentIdsIn(
    dataSource: string,
    intervals: readonly string[],
    options?: RequestOptions,
  ): Promise<string[]> {
    return this.#post(segmentsOf(dataSource), intervals, options)
  }

  async segmentsIn(
    dataSource: string,
    intervals: readonly string[],
    options?: RequestOptions,
  ): Promise<DataSegment[]> {
    return this.#post(`${segmentsOf(dataSource)}?full`, intervals, options)
  }

  async segment(
    dataSource: string,
    segmentId: string,
    {
      includeUnused,
      ...options
    }: RequestOptions & { readonly includeUnused?: boolean | undefined } = {},
  ): Promise<DataSegment> {
    const path = `${segmentsOf(dataSource)}/${pathSegment(segmentId)}`
    if (includeUnused) {
      await needs(this.#service, '>=30', `includeUnused of GET ${PREFIX}${path}`, options)
    }
    // Druid reads it as a boolean here.
    const query = queryOf({ includeUnused: includeUnused ? 'true' : undefined })
    return this.#get(`${path}${query}`, options)
  }

  async unusedSegments(
    dataSource: string,
    { interval, limit, lastSegmentId, sortOrder, ...options }: UnusedSegmentsOptions = {},
  ): Promise<UnusedSegment[]> {
    const path = `/datasources/${pathSegment(dataSource)}/unusedSegments`
    await needs(this.#service, '>=29', `GET ${PREFIX}${path}`, options)
    const query = queryOf({
      interval: interval === undefined ? undefined : interval.replace('/', '_'),
      limit,
      lastSegmentId,
      sortOrder,
    })
    return this.#get(`${path}${query}`, options)
  }

  allSegments({ dataSources, ...options }: SegmentsOfOptions = {}): Promise<DataSegment[]> {
    return this.#get(`/segments${queryOf({ datasources: dataSources })}`, options)
  }

  async allSegmentsWithStatus({
    dataSources,
    includeRealtimeSegments,
    ...options
  }: SegmentsWithStatusOptions = {}): Promise<SegmentWithStatus[]> {
    if (includeRealtimeSegments) {
      const what = `includeRealtimeSegments of GET ${PREFIX}/segments`
      await needs(this.#service, '>=29', what, options)
    }
    const query = queryOf({
      datasources: dataSources,
      includeOvershadowedStatus: true,
      includeRealtimeSegments,
    })
    return this.#get(`/segments${query}`, options)
  }

  async dataSourceInformation(
    dataSources: readonly string[],
    options?: RequestOptions,
  ): Promise<DataSourceInformation[]> {
    const path = '/dataSourceInformation'
    await needs(this.#service, '>=29', `POST ${PREFIX}${path}`, options)
    return this.#post(path, dataSources, options)
  }

  async bootstrapSegments(options?: RequestOptions): Promise<DataSegment[]> {
    await needs(this.#service, '>=31', `POST ${PREFIX}/bootstrapSegments`, options)
    return this.#post('/bootstrapSegments', undefined, options)
  }

  #get<T>(path: string, options: RequestOptions | undefined): Promise<T> {
    return this.#service.request('GET', `${PREFIX}${path}`, undefined, options)
  }

  /** Every POST of these only reads. */
  #post<T>(path: string, body: unknown, options: RequestOptions | undefined): Promise<T> {
    const request = { ...options, idempotent: true }
    return this.#service.request('POST', `${PREFIX}${path}`, body, request)
  }
}

function segmentsOf(dataSource: string): string {
  return `/datasources/${pathSegment(dataSource)}/segments`
}
