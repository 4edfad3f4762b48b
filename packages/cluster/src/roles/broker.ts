import { type NativeQuery, pathSegment, type RequestOptions } from '@druid/core/extension'
import { CommonService, type DruidService, isYes } from './common.ts'
import { IntrospectionService, type LookupIntrospection } from './introspection.ts'
import { queryOf } from './path.ts'
import { needs } from './version.ts'

/**
 * The Broker: takes queries, and sends them to where the segments are. Queries themselves are of the
 * client: `druid.query()`, `druid.native()`.
 */
export interface Broker extends DruidService {
  /** The lookups that it has loaded. */
  readonly lookups: LookupIntrospection

  /**
   * Whether it has heard from all servers which segments they have since it started
   * (`GET /druid/broker/v1/loadstatus`).
   * @throws DruidError `FORBIDDEN` without STATE READ.
   */
  loadStatus(options?: RequestOptions): Promise<{ readonly inventoryInitialized: boolean }>
  /** The same by the status of the reply (`GET /druid/broker/v1/readiness`). Asks for no rights. */
  readiness(options?: RequestOptions): Promise<boolean>

  /** The segments that a native query reads, and where they are (`POST /druid/v2/candidates`). */
  candidates(query: NativeQuery, options?: CandidatesOptions): Promise<SegmentCandidate[]>
  /** Data sources that can be queried (`GET /druid/v2/datasources`). */
  dataSources(options?: RequestOptions): Promise<string[]>
  /**
   * Its columns; none of one that there is not (`GET /druid/v2/datasources/{dataSource}`). Druid
   * recommends `INFORMATION_SCHEMA`, or a native `segmentMetadata` query.
   */
  dataSource(dataSource: string, options?: ColumnsOptions): Promise<DataSourceColumns>
  /** Interval → its columns (`GET /druid/v2/datasources/{dataSource}?full`). */
  dataSourceDetail(
    dataSource: string,
    options?: ColumnsOptions,
  ): Promise<Readonly<Record<string, DataSourceColumns>>>
  /** (`GET /druid/v2/datasources/{dataSource}/dimensions`) */
  dimensions(dataSource: string, options?: ColumnsOptions): Promise<string[]>
  /** (`GET /druid/v2/datasources/{dataSource}/metrics`) */
  metrics(dataSource: string, options?: ColumnsOptions): Promise<string[]>
  /**
   * The segments within intervals, and where they are
   * (`GET /druid/v2/datasources/{dataSource}/candidates`).
   * @param intervals ISO 8601, `start/end`.
   */
  dataSourceCandidates(
    dataSource: string,
    intervals: readonly string[],
    options?: CandidatesOptions,
  ): Promise<SegmentCandidate[]>

  /** Names of the engines that SQL can run on (`GET /druid/v2/sql/engines`). Druid 34 and later. */
  sqlEngines(options?: RequestOptions): Promise<string[]>
  /** Queries that run now, of engines that tell (`GET /druid/v2/sql/queries`). Druid 34 and later. */
  sqlQueries(options?: SqlQueriesOptions): Promise<SqlQueryInfo[]>
  /**
   * A query and its report (`GET /druid/v2/sql/queries/{sqlQueryId}/report`). Druid 36 and later.
   * @throws DruidError `NOT_FOUND` for a query that it does not know, or that has none.
   */
  sqlReport(
    sqlQueryId: string,
    options?: Pick<SqlQueriesOptions, 'selfOnly'> & RequestOptions,
  ): Promise<SqlQueryReport>
}

export interface CandidatesOptions extends RequestOptions {
  /** Servers to tell for each segment. Default: all. */
  readonly numCandidates?: number | undefined
  /** Which servers that are clones may be told. Druid 34 and later; others pay no attention to it. */
  readonly cloneQueryMode?: 'includeClones' | 'excludeClones' | 'preferClones' | undefined
}

export interface ColumnsOptions extends RequestOptions {
  /** ISO 8601, `start/end`. Default: the last week. */
  readonly interval?: string | undefined
}

export interface DataSourceColumns {
  readonly dimensions: readonly string[]
  readonly metrics: readonly string[]
}

/** A segment of a query. */
export interface SegmentCandidate {
  /** ISO 8601, `start/end`. */
  readonly interval: string
  readonly version: string
  readonly partitionNumber: number
  /** Bytes. */
  readonly size: number
  readonly locations: readonly {
    readonly name: string
    readonly host: string | null
    readonly hostAndTlsPort: string | null
    /** Bytes. */
    readonly maxSize: number
    readonly type: string
    readonly tier: string
    readonly priority: number
  }[]
}

export interface SqlQueriesOptions extends RequestOptions {
  /** Only those that this Broker runs; else those of all. */
  readonly selfOnly?: boolean | undefined
  /** Also those that have ended, as long as they are kept. Druid 37 and later. */
  readonly includeComplete?: boolean | undefined
}

export interface SqlQueryInfo {
  readonly engine: string
  readonly [field: string]: unknown
}

export interface SqlQueryReport {
  readonly query: SqlQueryInfo
  readonly report: Readonly<Record<string, unknown>>
}

const SQL = '/druid/v2/sql'

export class BrokerService extends CommonService implements Broker {
  readonly lookups: LookupIntrospection = new IntrospectionService(this.service)

  loadStatus(options?: RequestOptions): Promise<{ readonly inventoryInitialized: boolean }> {
    return this.#get('/druid/broker/v1/loadstatus', options)
  }

  readiness(options?: RequestOptions): Promise<boolean> {
    return isYes(this.service, '/druid/broker/v1/readiness', options)
  }

  candidates(
    query: NativeQuery,
    { numCandidates, cloneQueryMode, ...options }: CandidatesOptions = {},
  ): Promise<SegmentCandidate[]> {
    const path = `/druid/v2/candidates${queryOf({ numCandidates, cloneQueryMode })}`
    return this.service.request('POST', path, query, { ...options, idempotent: true })
  }

  dataSources(options?: RequestOptions): Promise<string[]> {
    return this.#get('/druid/v2/datasources', options)
  }

  dataSource(
    dataSource: string,
    { interval, ...options }: ColumnsOptions = {},
  ): Promise<DataSourceColumns> {
    return this.#get(`${pathOf(dataSource)}${queryOf({ interval })}`, options)
  }

  dataSourceDetail(
    dataSource: string,
    { interval, ...options }: ColumnsOptions = {},
  ): Promise<Readonly<Record<string, DataSourceColumns>>> {
    return this.#get(`${pathOf(dataSource)}${queryOf({ full: true, interval })}`, options)
  }

  dimensions(dataSource: string, { interval, ...options }: ColumnsOptions = {}): Promise<string[]> {
    return this.#get(`${pathOf(dataSource)}/dimensions${queryOf({ interval })}`, options)
  }

  metrics(dataSource: string, { interval, ...options }: ColumnsOptions = {}): Promise<string[]> {
    return this.#get(`${pathOf(dataSource)}/metrics${queryOf({ interval })}`, options)
  }

  dataSourceCandidates(
    dataSource: string,
    intervals: readonly string[],
    { numCandidates, cloneQueryMode, ...options }: CandidatesOptions = {},
  ): Promise<SegmentCandidate[]> {
    // Druid splits one parameter at its commas.
    const query = queryOf({ intervals: intervals.join(','), numCandidates, cloneQueryMode })
    return this.#get(`${pathOf(dataSource)}/candidates${query}`, options)
  }

  async sqlEngines(options?: RequestOptions): Promise<string[]> {
    await needs(this.service, '>=34', `GET ${SQL}/engines`, options)
    const answer = await this.#get<{ engines?: readonly { name: string }[] }>(
      `${SQL}/engines`,
      options,
    )
    return (answer.engines ?? []).map(({ name }) => name)
  }

  async sqlQueries({
    selfOnly,
    includeComplete,
    ...options
  }: SqlQueriesOptions = {}): Promise<SqlQueryInfo[]> {
    await needs(this.service, '>=34', `GET ${SQL}/queries`, options)
    const query = queryOf({ selfOnly, includeComplete })
    const answer = await this.#get<{ queries?: SqlQueryInfo[] }>(`${SQL}/queries${query}`, options)
    return answer.queries ?? []
  }

  async sqlReport(
    sqlQueryId: string,
    { selfOnly, ...options }: Pick<SqlQueriesOptions, 'selfOnly'> & RequestOptions = {},
  ): Promise<SqlQueryReport> {
    await needs(this.service, '>=36', `GET ${SQL}/queries/{sqlQueryId}/report`, options)
    const query = queryOf({ selfOnly })
    return this.#get(`${SQL}/queries/${pathSegment(sqlQueryId)}/report${query}`, options)
  }

  #get<T>(path: string, options: RequestOptions | undefined): Promise<T> {
    return this.service.request('GET', path, undefined, options)
  }
}

function pathOf(dataSource: string): string {
  return `/druid/v2/datasources/${pathSegment(dataSource)}`
}
