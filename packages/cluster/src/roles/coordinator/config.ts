import type { RequestOptions, ServiceHost } from '@druid/core/extension'
import { type AuditEntry, type ChangeOptions, changing, type HistoryOptions } from '../audit.ts'
import { queryOf } from '../path.ts'
import { needs } from '../version.ts'

/** The dynamic configuration of the Coordinator. Which fields there are depends on the version. */
export interface CoordinatorConfig {
  /** After becoming leader, before overshadowed segments are taken out of use. */
  readonly millisToWaitBeforeDeleting?: number
  /** At once, to balance servers. */
  readonly maxSegmentsToMove?: number
  /** Runs of the Coordinator that a replica may be on its way. */
  readonly replicantLifetime?: number
  /** Replicas that may be on their way in one run. */
  readonly replicationThrottleLimit?: number
  readonly balancerComputeThreads?: number
  readonly useRoundRobinSegmentAssignment?: boolean
  /** Whether the Coordinator chooses several of the others itself. */
  readonly smartSegmentLoading?: boolean
  /** Data sources whose unused segments are deleted; none: all, where that is switched on. */
  readonly killDataSourceWhitelist?: readonly string[]
  /** Of all slots, 0 to 1. Not in Druid 27. */
  readonly killTaskSlotRatio?: number
  /** Not in Druid 27. */
  readonly maxKillTaskSlots?: number
  /** Data sources whose pending segments stay. */
  readonly killPendingSegmentsSkipList?: readonly string[]
  readonly maxSegmentsInNodeLoadingQueue?: number
  /** `host:port` of Historicals that are emptied. */
  readonly decommissioningNodes?: readonly string[]
  /** Whether the Coordinator does nothing at all. */
  readonly pauseCoordination?: boolean
  readonly replicateAfterLoadTimeout?: boolean
  readonly debugDimensions?: Readonly<Record<string, string>> | null
  /** `host:port` of Historicals that load with all their threads. Druid 32 and later. */
  readonly turboLoadingNodes?: readonly string[]
  /** `host:port` of a Historical → the one that it is to be a copy of. Druid 34 and later. */
  readonly cloneServers?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** The dynamic configuration of the Brokers. Druid 37 and later. */
export interface BrokerConfig {
  /** Queries that are refused: those that fit all that a rule says. */
  readonly queryBlocklist?:
    | readonly {
        readonly ruleName: string
        readonly dataSources?: readonly string[] | null
        readonly queryTypes?: readonly string[] | null
        readonly contextMatches?: Readonly<Record<string, string>> | null
      }[]
    | null
  /** Of every query that does not say otherwise. */
  readonly queryContext?: Readonly<Record<string, unknown>> | null
  /** Data source → limits. */
  readonly perSegmentTimeoutConfig?: Readonly<
    Record<string, { readonly perSegmentTimeoutMs: number; readonly monitorOnly?: boolean | null }>
  > | null
  readonly [field: string]: unknown
}

/** A Broker that has the configuration. */
export interface SyncedBroker {
  readonly host: string
  readonly port: number
  /** Since 1970. */
  readonly lastSyncTimestampMillis: number
}

/** How far a Historical is that is to be a copy of another. */
export interface CloneStatus {
  readonly sourceServer: string
  readonly targetServer: string
  readonly state: string
  readonly segmentLoadsRemaining: number
  readonly segmentDropsRemaining: number
  readonly bytesToLoad: number
}

/** Dynamic configuration of the Coordinator and of Brokers. `/druid/coordinator/v1/config…`. */
export interface CoordinatorConfigs {
  /** (`GET /config`) */
  get(options?: RequestOptions): Promise<CoordinatorConfig>
  /**
   * Sets the fields that are given; others stay (`POST /config`). Fields that Druid does not know it
   * drops without a word.
   * @throws DruidError `INVALID_INPUT` for a value that Druid refuses.
   */
  set(config: CoordinatorConfig, options?: ChangeOptions): Promise<void>
  /** The whole of it after each change, in no order (`GET /config/history`). */
  history(options?: HistoryOptions): Promise<AuditEntry[]>
  /** Brokers that have the newest (`GET /config/syncedBrokers`). Druid 34 and later. */
  syncedBrokers(options?: RequestOptions): Promise<readonly SyncedBroker[]>
  /** All Historicals that are copies (`GET /config/cloneStatus`). Druid 34 and later. */
  cloneStatus(options?: RequestOptions): Promise<readonly CloneStatus[]>
  /**
   * One of them, `host:port` (`GET /config/cloneStatus?targetServer=`). Druid 34 and later.
   * @throws DruidError `NOT_FOUND` for a server that is no copy.
   */
  serverCloneStatus(targetServer: string, options?: RequestOptions): Promise<CloneStatus>
  /** (`GET /broker/config`) Druid 37 and later. */
  brokerConfig(options?: RequestOptions): Promise<BrokerConfig>
  /** Sets the fields that are given; others stay (`POST /broker/config`). Druid 37 and later. */
  setBrokerConfig(config: BrokerConfig, options?: ChangeOptions): Promise<void>
  /** (`GET /broker/config/history`) Druid 37 and later. */
  brokerConfigHistory(options?: HistoryOptions): Promise<AuditEntry[]>
}

const PREFIX = '/druid/coordinator/v1'

export class ConfigsService implements CoordinatorConfigs {
  readonly #service: ServiceHost

  constructor(service: ServiceHost) {
    this.#service = service
  }

  get(options?: RequestOptions): Promise<CoordinatorConfig> {
    return this.#get('/config', options)
  }

  set(config: CoordinatorConfig, options?: ChangeOptions): Promise<void> {
    return this.#set('/config', config, options)
  }

  history({ interval, count, ...options }: HistoryOptions = {}): Promise<AuditEntry[]> {
    return this.#get(`/config/history${queryOf({ interval, count })}`, options)
  }

  async syncedBrokers(options?: RequestOptions): Promise<readonly SyncedBroker[]> {
    await this.#needs('>=34', 'GET', '/config/syncedBrokers', options)
    const answer = await this.#get<{ readonly syncedBrokers: readonly SyncedBroker[] }>(
      '/config/syncedBrokers',
      options,
    )
    return answer.syncedBrokers
  }

  async cloneStatus(options?: RequestOptions): Promise<readonly CloneStatus[]> {
    await this.#needs('>=34', 'GET', '/config/cloneStatus', options)
    const answer = await this.#get<{ readonly cloneStatus: readonly CloneStatus[] }>(
      '/config/cloneStatus',
      options,
    )
    return answer.cloneStatus
  }

  async serverCloneStatus(targetServer: string, options?: RequestOptions): Promise<CloneStatus> {
    await this.#needs('>=34', 'GET', '/config/cloneStatus', options)
    return this.#get(`/config/cloneStatus${queryOf({ targetServer })}`, options)
  }

  async brokerConfig(options?: RequestOptions): Promise<BrokerConfig> {
    await this.#needs('>=37', 'GET', '/broker/config', options)
    return this.#get('/broker/config', options)
  }

  async setBrokerConfig(config: BrokerConfig, options?: ChangeOptions): Promise<void> {
    await this.#needs('>=37', 'POST', '/broker/config', options)
    await this.#set('/broker/config', config, options)
  }

  async brokerConfigHistory({
    interval,
    count,
    ...options
  }: HistoryOptions = {}): Promise<AuditEntry[]> {
    await this.#needs('>=37', 'GET', '/broker/config/history', options)
    return this.#get(`/broker/config/history${queryOf({ interval, count })}`, options)
  }

  #needs(
    range: string,
    method: string,
    path: string,
    options: RequestOptions | undefined,
  ): Promise<void> {
    return needs(this.#service, range, `${method} ${PREFIX}${path}`, options)
  }

  #get<T>(path: string, options: RequestOptions | undefined): Promise<T> {
    return this.#service.request('GET', `${PREFIX}${path}`, undefined, options)
  }

  async #set(path: string, config: object, options: ChangeOptions | undefined): Promise<void> {
    const request = { ...changing(options), idempotent: true }
    await this.#service.request('POST', `${PREFIX}${path}`, config, request)
  }
}
