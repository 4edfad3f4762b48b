import { isDruidError, pathSegment, type RequestOptions } from '@druid/core/extension'
import { CommonService, type DruidService, isLeading, leaderUrl } from '../common.ts'
import { intervalSegment, queryOf } from '../path.ts'
import type { DataSegment, SegmentSelection } from '../segment.ts'
import { needs } from '../version.ts'
import { CompactionService, type CoordinatorCompaction } from './compaction.ts'
import { ConfigsService, type CoordinatorConfigs } from './config.ts'
import { type CoordinatorLookups, LookupsService } from './lookups.ts'
import { type CoordinatorMetadata, MetadataService } from './metadata.ts'
import { type CoordinatorRules, RulesService } from './rules.ts'
import type {
  ClusterViewOptions,
  DataSourceLoadOptions,
  HandoffSegment,
  IntervalSizes,
  SegmentLocations,
  SegmentsSize,
  ServedDetail,
  ServedIntervals,
  ServedProperties,
  ServedSegment,
  ServedSummary,
} from './served.ts'
import type {
  ClusterNode,
  ClusterNodeDetail,
  DutyGroup,
  LoadQueue,
  LoadQueueCounts,
  LoadQueueSegments,
  NodeRole,
  ServerDetail,
  ServerSummary,
  TierSize,
} from './server.ts'

/**
 * The Coordinator: where segments are and should be. `/druid/coordinator/v1/…`. Of what Druid tells in
 * three degrees of detail the methods are `things`, `thingSummaries` (`?simple`) and `thingDetails`
 * (`?full`). What is not there is `undefined`, or an empty list, where Druid answers with nothing.
 */
export interface Coordinator extends DruidService {
  /** Lookups, and where they are loaded (`/lookups/…`). */
  readonly lookups: CoordinatorLookups
  /** Segments as the metadata store has them (`/metadata/…`). */
  readonly metadata: CoordinatorMetadata
  /** Which segments are loaded, where, and how often (`/rules…`). */
  readonly rules: CoordinatorRules
  /** Dynamic configuration (`/config…`). */
  readonly config: CoordinatorConfigs
  /** Auto-compaction (`/config/compaction…`, `/compaction/…`). */
  readonly compaction: CoordinatorCompaction

  /** URL of the leading Coordinator (`GET /leader`). */
  leader(options?: RequestOptions): Promise<string>
  /** Whether this one leads (`GET /isLeader`). Asks for no rights. */
  isLeader(options?: RequestOptions): Promise<boolean>
  /** Data source → percent of its segments that are loaded, 0 to 100 (`GET /loadstatus`). */
  loadStatus(options?: RequestOptions): Promise<Readonly<Record<string, number>>>
  /** Data source → segments that no server has yet (`GET /loadstatus?simple`). */
  loadStatusCounts(options?: RequestOptions): Promise<Readonly<Record<string, number>>>
  /**
   * Tier → data source → segments of which it has fewer replicas than the rules ask for
   * (`GET /loadstatus?full`).
   */
  loadStatusByTier(
    options?: ClusterViewOptions,
  ): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>>
  /** Server → ids of segments that it is to load and to drop (`GET /loadqueue`). */
  loadQueue(options?: RequestOptions): Promise<Readonly<Record<string, LoadQueue>>>
  /** Server → how many, and their bytes (`GET /loadqueue?simple`). */
  loadQueueSummaries(options?: RequestOptions): Promise<Readonly<Record<string, LoadQueueCounts>>>
  /**
   * Server → those segments (`GET /loadqueue?full`). Where Coordinators tell servers by HTTP, 27.0.0
   * tells nothing of each, and 33.0.0 breaks the reply off, which is an error.
   */
  loadQueueDetails(options?: RequestOptions): Promise<Readonly<Record<string, LoadQueueSegments>>>
  /**
   * What the Coordinator does over and over, and when it last did (`GET /duties`). Druid 31 and later.
   */
  duties(options?: RequestOptions): Promise<readonly DutyGroup[]>

  /** Role → the services that have announced themselves (`GET /cluster`). */
  nodes(options?: RequestOptions): Promise<Readonly<Record<string, readonly ClusterNode[]>>>
  /** The same with all that they announced (`GET /cluster?full=true`). */
  nodeDetails(
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, readonly ClusterNodeDetail[]>>>
  /**
   * Those of one role (`GET /cluster/{role}`). Some versions answer an empty list for every role (27.0.0
   * and 33.0.0 do): {@link nodes} has them.
   */
  nodesOf(role: NodeRole, options?: RequestOptions): Promise<readonly ClusterNode[]>
  /** The same with all that they announced (`GET /cluster/{role}?full=true`). */
  nodeDetailsOf(role: NodeRole, options?: RequestOptions): Promise<readonly ClusterNodeDetail[]>

  /** `host:port` of the servers that hold segments (`GET /servers`). */
  servers(options?: RequestOptions): Promise<string[]>
  /** With tier and size (`GET /servers?simple`). */
  serverSummaries(options?: RequestOptions): Promise<ServerSummary[]>
  /** With all their segments (`GET /servers?full`). */
  serverDetails(options?: RequestOptions): Promise<ServerDetail[]>
  /**
   * One of them (`GET /servers/{server}?simple`).
   * @param server `host:port`, as {@link servers} has it.
   * @throws DruidError `NOT_FOUND` for one that there is not.
   */
  serverSummary(server: string, options?: RequestOptions): Promise<ServerSummary>
  /** With its segments (`GET /servers/{server}`). Parameters and errors as {@link serverSummary}. */
  serverDetail(server: string, options?: RequestOptions): Promise<ServerDetail>
  /** Ids of its segments (`GET /servers/{server}/segments`). As {@link serverSummary}. */
  serverSegments(server: string, options?: RequestOptions): Promise<string[]>
  /** Its segments (`GET /servers/{server}/segments?full`). As {@link serverSummary}. */
  serverSegmentDetails(server: string, options?: RequestOptions): Promise<DataSegment[]>
  /** One of them (`GET /servers/{server}/segments/{id}`). As {@link serverSummary}. */
  serverSegment(server: string, segmentId: string, options?: RequestOptions): Promise<DataSegment>

  /** Names of tiers (`GET /tiers`). */
  tiers(options?: RequestOptions): Promise<string[]>
  /** Tier → bytes that it has and may have (`GET /tiers?simple`). */
  tierSummaries(options?: RequestOptions): Promise<Readonly<Record<string, TierSize>>>
  /** Data sources of a tier; none of one that there is not (`GET /tiers/{tier}`). */
  tierDataSources(tier: string, options?: RequestOptions): Promise<string[]>
  /** Data source → its intervals in a tier (`GET /tiers/{tier}?simple`). */
  tierIntervals(
    tier: string,
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, IntervalSizes>>>

  /** Interval → data source → size, the newest first (`GET /intervals`). */
  intervals(
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, Readonly<Record<string, SegmentsSize>>>>>
  /**
   * Size of all segments that lie within an interval (`GET /intervals/{interval}`).
   * @param interval ISO 8601, `start/end`.
   */
  interval(interval: string, options?: RequestOptions): Promise<Partial<SegmentsSize>>
  /** By their own intervals (`GET /intervals/{interval}?simple`). */
  intervalSummaries(interval: string, options?: RequestOptions): Promise<IntervalSizes>
  /** By these and data source (`GET /intervals/{interval}?full`). */
  intervalDetails(
    interval: string,
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, Readonly<Record<string, SegmentsSize>>>>>

  /** Data sources with segments that are served now (`GET /datasources`). */
  dataSources(options?: RequestOptions): Promise<string[]>
  /** With sizes (`GET /datasources?simple`). */
  dataSourceSummaries(options?: RequestOptions): Promise<ServedSummary[]>
  /** With all their segments (`GET /datasources?full`). */
  dataSourceDetails(options?: RequestOptions): Promise<ServedDetail[]>
  /** Sizes of one; `undefined` where nothing of it is served (`GET /datasources/{dataSource}`). */
  dataSource(dataSource: string, options?: RequestOptions): Promise<ServedProperties | undefined>
  /** With its segments (`GET /datasources/{dataSource}?full`). */
  dataSourceDetail(dataSource: string, options?: RequestOptions): Promise<ServedDetail | undefined>
  /** Its intervals, the newest first (`GET /datasources/{dataSource}/intervals`). */
  dataSourceIntervals(dataSource: string, options?: RequestOptions): Promise<string[]>
  /** With sizes (`GET /datasources/{dataSource}/intervals?simple`). */
  dataSourceIntervalSummaries(dataSource: string, options?: RequestOptions): Promise<IntervalSizes>
  /** With segments and their servers (`GET /datasources/{dataSource}/intervals?full`). */
  dataSourceIntervalDetails(dataSource: string, options?: RequestOptions): Promise<ServedIntervals>
  /**
   * Ids of its segments that lie within an interval
   * (`GET /datasources/{dataSource}/intervals/{interval}`).
   * @param interval ISO 8601, `start/end`.
   */
  segmentsWithin(dataSource: string, interval: string, options?: RequestOptions): Promise<string[]>
  /** Their sizes by interval (`GET /datasources/{dataSource}/intervals/{interval}?simple`). */
  segmentSummariesWithin(
    dataSource: string,
    interval: string,
    options?: RequestOptions,
  ): Promise<IntervalSizes>
  /** They and their servers (`GET /datasources/{dataSource}/intervals/{interval}?full`). */
  segmentDetailsWithin(
    dataSource: string,
    interval: string,
    options?: RequestOptions,
  ): Promise<ServedIntervals>
  /**
   * Where the segments of an interval are
   * (`GET /datasources/{dataSource}/intervals/{interval}/serverview`).
   */
  serverView(
    dataSource: string,
    interval: string,
    options?: RequestOptions & {
      /** Whether to tell of intervals of which only some partitions are there. Default: no. */
      readonly partial?: boolean | undefined
    },
  ): Promise<SegmentLocations[]>
  /** Ids of its segments (`GET /datasources/{dataSource}/segments`). */
  segments(dataSource: string, options?: RequestOptions): Promise<string[]>
  /** Its segments (`GET /datasources/{dataSource}/segments?full`). */
  segmentDetails(dataSource: string, options?: RequestOptions): Promise<DataSegment[]>
  /**
   * One of them, and its servers; `undefined` where none has it
   * (`GET /datasources/{dataSource}/segments/{id}`).
   */
  segment(
    dataSource: string,
    segmentId: string,
    options?: RequestOptions,
  ): Promise<ServedSegment | undefined>
  /** Tiers that it is in (`GET /datasources/{dataSource}/tiers`). */
  dataSourceTiers(dataSource: string, options?: RequestOptions): Promise<string[]>
  /**
   * Percent of its segments that are loaded, 0 to 100; `undefined` when it has no used ones in that
   * interval (`GET /datasources/{dataSource}/loadstatus`).
   */
  percentLoaded(dataSource: string, options?: DataSourceLoadOptions): Promise<number | undefined>
  /**
   * How many used segments of a data source are not loaded anywhere yet, `undefined` when it has
   * none in that interval (`GET /datasources/{dataSource}/loadstatus?simple`).
   */
  segmentsToLoad(dataSource: string, options?: DataSourceLoadOptions): Promise<number | undefined>
  /**
   * Tier → segments of which it has fewer replicas than the rules ask for
   * (`GET /datasources/{dataSource}/loadstatus?full`); empty when there are none in that interval.
   */
  underReplicated(
    dataSource: string,
    options?: DataSourceLoadOptions & ClusterViewOptions,
  ): Promise<Readonly<Record<string, number>>>
  /**
   * Whether a Historical has a segment of a stream (`GET /datasources/{dataSource}/handoffComplete`),
   * which the tasks that made it wait for.
   */
  handoffComplete(
    dataSource: string,
    segment: HandoffSegment,
    options?: RequestOptions,
  ): Promise<boolean>

  /**
   * Takes segments into use again that others do not overshadow, and returns how many
   * (`POST /datasources/{dataSource}/markUsed`). From Druid 33 on the Overlord does it, and has it
   * itself: of these methods on the Coordinator only {@link markUnused} and {@link markAllUnused} work
   * with 33.0.0, which answers 500 to the others.
   * @throws DruidError `UNSUPPORTED` for `versions` before Druid 30; `INVALID_INPUT` for what is no
   * interval or no id.
   */
  markUsed(
    dataSource: string,
    segments: SegmentSelection,
    options?: RequestOptions,
  ): Promise<number>
  /**
   * Takes segments out of use; they stay stored until a `kill` task deletes them
   * (`POST /datasources/{dataSource}/markUnused`). As {@link markUsed}.
   */
  markUnused(
    dataSource: string,
    segments: SegmentSelection,
    options?: RequestOptions,
  ): Promise<number>
  /** All segments of a data source (`POST /datasources/{dataSource}`). As {@link markUsed}. */
  markAllUsed(dataSource: string, options?: RequestOptions): Promise<number>
  /** All segments of a data source (`DELETE /datasources/{dataSource}`). As {@link markUnused}. */
  markAllUnused(dataSource: string, options?: RequestOptions): Promise<number>
  /** Whether it was not in use before (`POST /datasources/{dataSource}/segments/{id}`). */
  markSegmentUsed(dataSource: string, segmentId: string, options?: RequestOptions): Promise<boolean>
  /** Whether it was in use before (`DELETE /datasources/{dataSource}/segments/{id}`). */
  markSegmentUnused(
    dataSource: string,
    segmentId: string,
    options?: RequestOptions,
  ): Promise<boolean>
  /**
   * Submits a task that deletes the unused segments of an interval for good, whose id Druid does not
   * tell (`DELETE /datasources/{dataSource}/intervals/{interval}`). Never sent twice.
   */
  kill(dataSource: string, interval: string, options?: RequestOptions): Promise<void>
}

const PREFIX = '/druid/coordinator/v1'

/** As wide as Druid's own eternity, within what a four-digit year can say. */
const ALL_TIME = '0000-01-01/9999-12-31'

export class CoordinatorService extends CommonService implements Coordinator {
  readonly lookups: CoordinatorLookups = new LookupsService(this.service)
  readonly metadata: CoordinatorMetadata = new MetadataService(this.service)
  readonly rules: CoordinatorRules = new RulesService(this.service)
  readonly config: CoordinatorConfigs = new ConfigsService(this.service)
  readonly compaction: CoordinatorCompaction = new CompactionService(this.service)

  leader(options?: RequestOptions): Promise<string> {
    return leaderUrl(this.service, `${PREFIX}/leader`, options)
  }

  isLeader(options?: RequestOptions): Promise<boolean> {
    return isLeading(this.service, `${PREFIX}/isLeader`, options)
  }

  loadStatus(options?: RequestOptions): Promise<Readonly<Record<string, number>>> {
    return this.#get('/loadstatus', options)
  }

  loadStatusCounts(options?: RequestOptions): Promise<Readonly<Record<string, number>>> {
    return this.#get('/loadstatus?simple', options)
  }

  loadStatusByTier({
    computeUsingClusterView,
    ...options
  }: ClusterViewOptions = {}): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
    return this.#get(`/loadstatus${queryOf({ full: true, computeUsingClusterView })}`, options)
  }

  loadQueue(options?: RequestOptions): Promise<Readonly<Record<string, LoadQueue>>> {
    return this.#get('/loadqueue', options)
  }

  loadQueueSummaries(options?: RequestOptions): Promise<Readonly<Record<string, LoadQueueCounts>>> {
    return this.#get('/loadqueue?simple', options)
  }

  loadQueueDetails(options?: RequestOptions): Promise<Readonly<Record<string, LoadQueueSegments>>> {
    return this.#get('/loadqueue?full', options)
  }

  async duties(options?: RequestOptions): Promise<readonly DutyGroup[]> {
    await needs(this.service, '>=31', `GET ${PREFIX}/duties`, options)
    const answer = await this.#get<{ dutyGroups?: readonly DutyGroup[] }>('/duties', options)
    return answer.dutyGroups ?? []
  }

  nodes(options?: RequestOptions): Promise<Readonly<Record<string, readonly ClusterNode[]>>> {
    return this.#get('/cluster', options)
  }

  nodeDetails(
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, readonly ClusterNodeDetail[]>>> {
    return this.#get('/cluster?full=true', options)
  }

  async nodesOf(role: NodeRole, options?: RequestOptions): Promise<readonly ClusterNode[]> {
    return this.#get(`/cluster/${pathSegment(role)}`, options)
  }

  async nodeDetailsOf(
    role: NodeRole,
    options?: RequestOptions,
  ): Promise<readonly ClusterNodeDetail[]> {
    return this.#get(`/cluster/${pathSegment(role)}?full=true`, options)
  }

  servers(options?: RequestOptions): Promise<string[]> {
    return this.#get('/servers', options)
  }

  serverSummaries(options?: RequestOptions): Promise<ServerSummary[]> {
    return this.#get('/servers?simple', options)
  }

  serverDetails(options?: RequestOptions): Promise<ServerDetail[]> {
    return this.#get('/servers?full', options)
  }

  async serverSummary(server: string, options?: RequestOptions): Promise<ServerSummary> {
    return this.#get(`/servers/${pathSegment(server)}?simple`, options)
  }

  async serverDetail(server: string, options?: RequestOptions): Promise<ServerDetail> {
    return this.#get(`/servers/${pathSegment(server)}`, options)
  }

  async serverSegments(server: string, options?: RequestOptions): Promise<string[]> {
    return this.#get(`/servers/${pathSegment(server)}/segments`, options)
  }

  async serverSegmentDetails(server: string, options?: RequestOptions): Promise<DataSegment[]> {
    return this.#get(`/servers/${pathSegment(server)}/segments?full`, options)
  }

  async serverSegment(
    server: string,
    segmentId: string,
    options?: RequestOptions,
  ): Promise<DataSegment> {
    return this.#get(`/servers/${pathSegment(server)}/segments/${pathSegment(segmentId)}`, options)
  }

  tiers(options?: RequestOptions): Promise<string[]> {
    return this.#get('/tiers', options)
  }

  tierSummaries(options?: RequestOptions): Promise<Readonly<Record<string, TierSize>>> {
    return this.#get('/tiers?simple', options)
  }

  async tierDataSources(tier: string, options?: RequestOptions): Promise<string[]> {
    return this.#get(`/tiers/${pathSegment(tier)}`, options)
  }

  async tierIntervals(
    tier: string,
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, IntervalSizes>>> {
    return this.#get(`/tiers/${pathSegment(tier)}?simple`, options)
  }

  intervals(
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, Readonly<Record<string, SegmentsSize>>>>> {
    return this.#get('/intervals', options)
  }

  async interval(interval: string, options?: RequestOptions): Promise<Partial<SegmentsSize>> {
    return this.#get(`/intervals/${intervalSegment(interval)}`, options)
  }

  async intervalSummaries(interval: string, options?: RequestOptions): Promise<IntervalSizes> {
    return this.#get(`/intervals/${intervalSegment(interval)}?simple`, options)
  }

  async intervalDetails(
    interval: string,
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, Readonly<Record<string, SegmentsSize>>>>> {
    return this.#get(`/intervals/${intervalSegment(interval)}?full`, options)
  }

  dataSources(options?: RequestOptions): Promise<string[]> {
    return this.#get('/datasources', options)
  }

  dataSourceSummaries(options?: RequestOptions): Promise<ServedSummary[]> {
    return this.#get('/datasources?simple', options)
  }

  dataSourceDetails(options?: RequestOptions): Promise<ServedDetail[]> {
    return this.#get('/datasources?full', options)
  }

  async dataSource(
    dataSource: string,
    options?: RequestOptions,
  ): Promise<ServedProperties | undefined> {
    return this.#get(dataSourcePath(dataSource), options)
  }

  async dataSourceDetail(
    dataSource: string,
    options?: RequestOptions,
  ): Promise<ServedDetail | undefined> {
    return this.#get(`${dataSourcePath(dataSource)}?full`, options)
  }

  async dataSourceIntervals(dataSource: string, options?: RequestOptions): Promise<string[]> {
    return (await this.#maybe(`${dataSourcePath(dataSource)}/intervals`, options)) ?? []
  }

  async dataSourceIntervalSummaries(
    dataSource: string,
    options?: RequestOptions,
  ): Promise<IntervalSizes> {
    return (await this.#maybe(`${dataSourcePath(dataSource)}/intervals?simple`, options)) ?? {}
  }

  async dataSourceIntervalDetails(
    dataSource: string,
    options?: RequestOptions,
  ): Promise<ServedIntervals> {
    return (await this.#maybe(`${dataSourcePath(dataSource)}/intervals?full`, options)) ?? {}
  }

  async segmentsWithin(
    dataSource: string,
    interval: string,
    options?: RequestOptions,
  ): Promise<string[]> {
    return (await this.#maybe(withinPath(dataSource, interval), options)) ?? []
  }

  async segmentSummariesWithin(
    dataSource: string,
    interval: string,
    options?: RequestOptions,
  ): Promise<IntervalSizes> {
    return (await this.#maybe(`${withinPath(dataSource, interval)}?simple`, options)) ?? {}
  }

  async segmentDetailsWithin(
    dataSource: string,
    interval: string,
    options?: RequestOptions,
  ): Promise<ServedIntervals> {
    return (await this.#maybe(`${withinPath(dataSource, interval)}?full`, options)) ?? {}
  }

  async serverView(
    dataSource: string,
    interval: string,
    { partial, ...options }: RequestOptions & { readonly partial?: boolean | undefined } = {},
  ): Promise<SegmentLocations[]> {
    const query = queryOf({ partial: partial ? 'true' : undefined })
    return this.#get(`${withinPath(dataSource, interval)}/serverview${query}`, options)
  }

  async segments(dataSource: string, options?: RequestOptions): Promise<string[]> {
    return (await this.#maybe(`${dataSourcePath(dataSource)}/segments`, options)) ?? []
  }

  async segmentDetails(dataSource: string, options?: RequestOptions): Promise<DataSegment[]> {
    return (await this.#maybe(`${dataSourcePath(dataSource)}/segments?full`, options)) ?? []
  }

  async segment(
    dataSource: string,
    segmentId: string,
    options?: RequestOptions,
  ): Promise<ServedSegment | undefined> {
    return this.#get(segmentPath(dataSource, segmentId), options)
  }

  async dataSourceTiers(dataSource: string, options?: RequestOptions): Promise<string[]> {
    return this.#get(`${dataSourcePath(dataSource)}/tiers`, options)
  }

  async percentLoaded(
    dataSource: string,
    options?: DataSourceLoadOptions,
  ): Promise<number | undefined> {
    const answer = await this.#loadStatus<Record<string, number>>(dataSource, {}, options)
    return answer?.[dataSource]
  }

  async segmentsToLoad(
    dataSource: string,
    options?: DataSourceLoadOptions,
  ): Promise<number | undefined> {
    const detail = { simple: true }
    const answer = await this.#loadStatus<Record<string, number>>(dataSource, detail, options)
    return answer?.[dataSource]
  }

  async underReplicated(
    dataSource: string,
    { computeUsingClusterView, ...options }: DataSourceLoadOptions & ClusterViewOptions = {},
  ): Promise<Readonly<Record<string, number>>> {
    const detail = { full: true, computeUsingClusterView }
    const answer = await this.#loadStatus<Record<string, Record<string, number>>>(
      dataSource,
      detail,
      options,
    )
    const tiers = Object.entries(answer ?? {})
    return Object.fromEntries(tiers.map(([tier, counts]) => [tier, counts[dataSource] ?? 0]))
  }

  async handoffComplete(
    dataSource: string,
    { interval, partitionNumber, version }: HandoffSegment,
    options?: RequestOptions,
  ): Promise<boolean> {
    const query = queryOf({ interval, partitionNumber, version })
    return this.#get(`${dataSourcePath(dataSource)}/handoffComplete${query}`, options)
  }

  markUsed(
    dataSource: string,
    segments: SegmentSelection,
    options?: RequestOptions,
  ): Promise<number> {
    return this.#mark(dataSource, 'markUsed', segments, options)
  }

  markUnused(
    dataSource: string,
    segments: SegmentSelection,
    options?: RequestOptions,
  ): Promise<number> {
    return this.#mark(dataSource, 'markUnused', segments, options)
  }

  async markAllUsed(dataSource: string, options?: RequestOptions): Promise<number> {
    return this.#change('POST', dataSourcePath(dataSource), undefined, options)
  }

  async markAllUnused(dataSource: string, options?: RequestOptions): Promise<number> {
    return this.#change('DELETE', dataSourcePath(dataSource), undefined, options)
  }

  async markSegmentUsed(
    dataSource: string,
    segmentId: string,
    options?: RequestOptions,
  ): Promise<boolean> {
    const path = segmentPath(dataSource, segmentId)
    return (await this.#change('POST', path, undefined, options)) > 0
  }

  async markSegmentUnused(
    dataSource: string,
    segmentId: string,
    options?: RequestOptions,
  ): Promise<boolean> {
    const path = segmentPath(dataSource, segmentId)
    return (await this.#change('DELETE', path, undefined, options)) > 0
  }

  async kill(dataSource: string, interval: string, options?: RequestOptions): Promise<void> {
    const path = `${PREFIX}${withinPath(dataSource, interval)}`
    // It makes a task each time.
    await this.service.request('DELETE', path, undefined, { ...options, idempotent: false })
  }

  #get<T>(path: string, options: RequestOptions | undefined): Promise<T> {
    return this.service.request('GET', `${PREFIX}${path}`, undefined, options)
  }

  /** Of what may be 204: Druid does not know it. */
  #maybe<T>(path: string, options: RequestOptions | undefined): Promise<T | undefined> {
    return this.#get(path, options)
  }

  async #loadStatus<T>(
    dataSource: string,
    detail: Readonly<Record<string, boolean | undefined>>,
    { interval = ALL_TIME, refresh = true, ...options }: DataSourceLoadOptions = {},
  ): Promise<T | undefined> {
    const query = queryOf({ ...detail, forceMetadataRefresh: String(refresh), interval })
    try {
      return await this.#get<T>(`${dataSourcePath(dataSource)}/loadstatus${query}`, options)
    } catch (error) {
      // A sentence as JSON, of a data source that has segments, but none there.
      if (isDruidError(error, 'DECODE') && error.snippet?.startsWith('No used segment')) {
        return undefined
      }
      throw error
    }
  }

  async #mark(
    dataSource: string,
    verb: 'markUsed' | 'markUnused',
    segments: SegmentSelection,
    options: RequestOptions | undefined,
  ): Promise<number> {
    const path = `${dataSourcePath(dataSource)}/${verb}`
    if ('versions' in segments && segments.versions !== undefined) {
      const what = `versions of POST ${PREFIX}/datasources/{dataSource}/${verb}`
      await needs(this.service, '>=30', what, options)
    }
    return this.#change('POST', path, segments, options)
  }

  /** How many segments changed. */
  async #change(
    method: 'POST' | 'DELETE',
    path: string,
    body: unknown,
    options: RequestOptions | undefined,
  ): Promise<number> {
    const request = { ...options, idempotent: true }
    const answer = await this.service.request<
      { numChangedSegments?: number; segmentStateChanged?: boolean } | undefined
    >(method, `${PREFIX}${path}`, body, request)
    // Druid 27 says so of a single one.
    return answer?.numChangedSegments ?? (answer?.segmentStateChanged ? 1 : 0)
  }
}

function dataSourcePath(dataSource: string): string {
  return `/datasources/${pathSegment(dataSource)}`
}

function withinPath(dataSource: string, interval: string): string {
  return `${dataSourcePath(dataSource)}/intervals/${intervalSegment(interval)}`
}

function segmentPath(dataSource: string, segmentId: string): string {
  return `${dataSourcePath(dataSource)}/segments/${pathSegment(segmentId)}`
}
