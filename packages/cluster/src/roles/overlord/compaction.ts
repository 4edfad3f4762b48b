import { pathSegment, type RequestOptions, type ServiceHost } from '@druid/core/extension'
import { type ChangeOptions, changing, type HistoryOptions } from '../audit.ts'
import {
  type ClusterCompactionConfig,
  type CompactionAuditEntry,
  type CompactionConfig,
  type CompactionSimulation,
  type CompactionStatus,
  compactionHistory,
  unknownCompaction,
} from '../compaction.ts'
import { queryOf } from '../path.ts'
import { needs } from '../version.ts'

/**
 * Auto-compaction. `/druid/indexer/v1/compaction/…`. Druid 33 and later; before, and still, the
 * Coordinator has it: `coordinatorClient().compaction`.
 */
export interface OverlordCompaction {
  /** Whether the Overlord compacts, by supervisors (`GET /isSupervisorEnabled`). */
  isSupervisorEnabled(options?: RequestOptions): Promise<boolean>
  /** (`GET /config/cluster`) */
  clusterConfig(options?: RequestOptions): Promise<ClusterCompactionConfig>
  /** Sets the fields that are given; others stay (`POST /config/cluster`). */
  setClusterConfig(config: ClusterCompactionConfig, options?: ChangeOptions): Promise<void>
  /** Of all data sources that are compacted (`GET /config/datasources`). */
  configs(options?: RequestOptions): Promise<readonly CompactionConfig[]>
  /** @throws DruidError `NOT_FOUND` where it has none (`GET /config/datasources/{dataSource}`). */
  config(dataSource: string, options?: RequestOptions): Promise<CompactionConfig>
  /**
   * Sets or replaces that of a data source (`POST /config/datasources/{dataSource}`).
   * @throws DruidError `INVALID_INPUT` for a value that Druid refuses.
   */
  setConfig(config: CompactionConfig, options?: ChangeOptions): Promise<void>
  /** @throws DruidError `NOT_FOUND` where it has none (`DELETE /config/datasources/{dataSource}`). */
  deleteConfig(dataSource: string, options?: ChangeOptions): Promise<void>
  /** In no order (`GET /config/datasources/{dataSource}/history`). */
  configHistory(dataSource: string, options?: HistoryOptions): Promise<CompactionAuditEntry[]>
  /** Of all that are compacted, as of the last run (`GET /status/datasources`). */
  status(options?: RequestOptions): Promise<readonly CompactionStatus[]>
  /**
   * Of one (`GET /status/datasources/{dataSource}`).
   * @throws DruidError `NOT_FOUND` for one that is not compacted, or not looked at yet.
   */
  dataSourceStatus(dataSource: string, options?: RequestOptions): Promise<CompactionStatus>
  /** What would be compacted with this configuration (`POST /simulate`). */
  simulate(config: ClusterCompactionConfig, options?: RequestOptions): Promise<CompactionSimulation>
}

const PREFIX = '/druid/indexer/v1/compaction'

export class OverlordCompactionService implements OverlordCompaction {
  readonly #service: ServiceHost

  constructor(service: ServiceHost) {
    this.#service = service
  }

  isSupervisorEnabled(options?: RequestOptions): Promise<boolean> {
    return this.#ask('GET', '/isSupervisorEnabled', undefined, options)
  }

  clusterConfig(options?: RequestOptions): Promise<ClusterCompactionConfig> {
    return this.#ask('GET', '/config/cluster', undefined, options)
  }

  async setClusterConfig(config: ClusterCompactionConfig, options?: ChangeOptions): Promise<void> {
    await this.#ask('POST', '/config/cluster', config, changing(options))
  }

  async configs(options?: RequestOptions): Promise<readonly CompactionConfig[]> {
    const answer = await this.#ask<{ readonly compactionConfigs: readonly CompactionConfig[] }>(
      'GET',
      '/config/datasources',
      undefined,
      options,
    )
    return answer.compactionConfigs
  }

  async config(dataSource: string, options?: RequestOptions): Promise<CompactionConfig> {
    return this.#ask('GET', configOf(dataSource), undefined, options)
  }

  async setConfig(config: CompactionConfig, options?: ChangeOptions): Promise<void> {
    await this.#ask('POST', configOf(config.dataSource), config, changing(options))
  }

  async deleteConfig(dataSource: string, options?: ChangeOptions): Promise<void> {
    await this.#ask('DELETE', configOf(dataSource), undefined, changing(options))
  }

  async configHistory(
    dataSource: string,
    { interval, count, ...options }: HistoryOptions = {},
  ): Promise<CompactionAuditEntry[]> {
    const path = `${configOf(dataSource)}/history${queryOf({ interval, count })}`
    return compactionHistory(await this.#ask('GET', path, undefined, options))
  }

  async status(options?: RequestOptions): Promise<readonly CompactionStatus[]> {
    const answer = await this.#ask<{ readonly latestStatus: readonly CompactionStatus[] }>(
      'GET',
      '/status/datasources',
      undefined,
      options,
    )
    return answer.latestStatus
  }

  async dataSourceStatus(dataSource: string, options?: RequestOptions): Promise<CompactionStatus> {
    const path = `/status/datasources/${pathSegment(dataSource)}`
    const answer = await this.#ask<
      CompactionStatus | { readonly latestStatus: readonly CompactionStatus[] } | undefined
    >('GET', path, undefined, options)
    // Some versions answer a list of one.
    const list = answer?.latestStatus
    const status = Array.isArray(list) ? list[0] : answer
    if (status) return status
    throw unknownCompaction(`GET ${PREFIX}${path}`, dataSource)
  }

  async simulate(
    config: ClusterCompactionConfig,
    options?: RequestOptions,
  ): Promise<CompactionSimulation> {
    const answer = await this.#ask<{ readonly compactionStates: CompactionSimulation }>(
      'POST',
      '/simulate',
      config,
      options,
    )
    return answer.compactionStates
  }

  async #ask<T>(
    method: string,
    path: string,
    body: unknown,
    options: RequestOptions | undefined,
  ): Promise<T> {
    const where = `${PREFIX}${path}`
    await needs(this.#service, '>=33', `${method} ${where}`, options)
    // None of them does anything more the second time.
    return this.#service.request(method, where, body, { ...options, idempotent: true })
  }
}

function configOf(dataSource: string): string {
  return `/config/datasources/${pathSegment(dataSource)}`
}
