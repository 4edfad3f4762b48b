import { pathSegment, type RequestOptions, type ServiceHost } from '@druid/core/extension'
import { type ChangeOptions, changing, type HistoryOptions } from '../audit.ts'
import {
  type ClusterCompactionConfig,
  type CompactionAuditEntry,
  type CompactionConfig,
  type CompactionConfigs,
  type CompactionSimulation,
  type CompactionStatus,
  compactionHistory,
  unknownCompaction,
} from '../compaction.ts'
import { queryOf } from '../path.ts'
import { needs } from '../version.ts'

/** For compaction tasks. Those that are not given stay. */
export interface CompactionTaskSlots {
  /** Of all slots, 0 to 1. */
  readonly ratio?: number | undefined
  readonly max?: number | undefined
  /** Whether slots that auto-scaling may add are counted. Before Druid 32 only. */
  readonly useAutoScaleSlots?: boolean | undefined
}

/**
 * Auto-compaction, as the Coordinator has it. `/druid/coordinator/v1/config/compaction…` and
 * `/compaction/…`. From Druid 33 on the Overlord has the same: `overlordClient().compaction`.
 */
export interface CoordinatorCompaction {
  /** Of all data sources that are compacted, and of the cluster (`GET /config/compaction`). */
  configs(options?: RequestOptions): Promise<CompactionConfigs>
  /**
   * Sets or replaces that of a data source (`POST /config/compaction`).
   * @throws DruidError `INVALID_INPUT` for a value that Druid refuses.
   */
  setConfig(config: CompactionConfig, options?: ChangeOptions): Promise<void>
  /** @throws DruidError `NOT_FOUND` where it has none (`GET /config/compaction/{dataSource}`). */
  config(dataSource: string, options?: RequestOptions): Promise<CompactionConfig>
  /** @throws DruidError `NOT_FOUND` where it has none (`DELETE /config/compaction/{dataSource}`). */
  deleteConfig(dataSource: string, options?: ChangeOptions): Promise<void>
  /** In no order (`GET /config/compaction/{dataSource}/history`). */
  configHistory(dataSource: string, options?: HistoryOptions): Promise<CompactionAuditEntry[]>
  /** Slots of the cluster for compaction (`POST /config/compaction/taskslots`). */
  setTaskSlots(slots: CompactionTaskSlots, options?: ChangeOptions): Promise<void>
  /**
   * Bytes of a data source that wait for compaction (`GET /compaction/progress?dataSource=`).
   * @throws DruidError `NOT_FOUND` for one that is not compacted, or not looked at yet.
   */
  progress(dataSource: string, options?: RequestOptions): Promise<number>
  /** Of all that are compacted, as of the Coordinator's last run (`GET /compaction/status`). */
  status(options?: RequestOptions): Promise<readonly CompactionStatus[]>
  /**
   * Of one (`GET /compaction/status?dataSource=`).
   * @throws DruidError `NOT_FOUND` for one that is not compacted, or not looked at yet.
   */
  dataSourceStatus(dataSource: string, options?: RequestOptions): Promise<CompactionStatus>
  /** Has the Coordinator look for what is to be compacted now, for tests (`POST /compaction/compact`). */
  compact(options?: RequestOptions): Promise<void>
  /** What would be compacted with this configuration (`POST /compaction/simulate`). Druid 32 and later. */
  simulate(config: ClusterCompactionConfig, options?: RequestOptions): Promise<CompactionSimulation>
}

const PREFIX = '/druid/coordinator/v1'
const CONFIG = `${PREFIX}/config/compaction`

export class CompactionService implements CoordinatorCompaction {
  readonly #service: ServiceHost

  constructor(service: ServiceHost) {
    this.#service = service
  }

  configs(options?: RequestOptions): Promise<CompactionConfigs> {
    return this.#service.request('GET', CONFIG, undefined, options)
  }

  async setConfig(config: CompactionConfig, options?: ChangeOptions): Promise<void> {
    await this.#change('POST', CONFIG, config, options)
  }

  async config(dataSource: string, options?: RequestOptions): Promise<CompactionConfig> {
    return this.#service.request('GET', configOf(dataSource), undefined, options)
  }

  async deleteConfig(dataSource: string, options?: ChangeOptions): Promise<void> {
    await this.#change('DELETE', configOf(dataSource), undefined, options)
  }

  async configHistory(
    dataSource: string,
    { interval, count, ...options }: HistoryOptions = {},
  ): Promise<CompactionAuditEntry[]> {
    const path = `${configOf(dataSource)}/history${queryOf({ interval, count })}`
    return compactionHistory(await this.#service.request('GET', path, undefined, options))
  }

  async setTaskSlots(
    { ratio, max, useAutoScaleSlots }: CompactionTaskSlots,
    options?: ChangeOptions,
  ): Promise<void> {
    if (useAutoScaleSlots !== undefined) {
      await needs(this.#service, '<32', `useAutoScaleSlots of POST ${CONFIG}/taskslots`, options)
    }
    const autoScale = useAutoScaleSlots === undefined ? undefined : String(useAutoScaleSlots)
    const query = queryOf({ ratio, max, useAutoScaleSlots: autoScale })
    await this.#change('POST', `${CONFIG}/taskslots${query}`, undefined, options)
  }

  async progress(dataSource: string, options?: RequestOptions): Promise<number> {
    const path = `${PREFIX}/compaction/progress${queryOf({ dataSource })}`
    const answer = await this.#service.request<{ readonly remainingSegmentSize: number }>(
      'GET',
      path,
      undefined,
      options,
    )
    return answer.remainingSegmentSize
  }

  status(options?: RequestOptions): Promise<readonly CompactionStatus[]> {
    return this.#status({}, options)
  }

  async dataSourceStatus(dataSource: string, options?: RequestOptions): Promise<CompactionStatus> {
    const [status] = await this.#status({ dataSource }, options)
    if (status) return status
    throw unknownCompaction(`GET ${PREFIX}/compaction/status`, dataSource)
  }

  async compact(options?: RequestOptions): Promise<void> {
    await this.#service.request('POST', `${PREFIX}/compaction/compact`, undefined, options)
  }

  async simulate(
    config: ClusterCompactionConfig,
    options?: RequestOptions,
  ): Promise<CompactionSimulation> {
    const path = `${PREFIX}/compaction/simulate`
    await needs(this.#service, '>=32', `POST ${path}`, options)
    const answer = await this.#service.request<{ readonly compactionStates: CompactionSimulation }>(
      'POST',
      path,
      config,
      { ...options, idempotent: true },
    )
    return answer.compactionStates
  }

  async #status(
    query: { readonly dataSource?: string },
    options: RequestOptions | undefined,
  ): Promise<readonly CompactionStatus[]> {
    const path = `${PREFIX}/compaction/status${queryOf(query)}`
    const answer = await this.#service.request<{
      readonly latestStatus: readonly CompactionStatus[]
    }>('GET', path, undefined, options)
    return answer.latestStatus
  }

  async #change(
    method: string,
    path: string,
    body: unknown,
    options: ChangeOptions | undefined,
  ): Promise<void> {
    await this.#service.request(method, path, body, { ...changing(options), idempotent: true })
  }
}

function configOf(dataSource: string): string {
  return `${CONFIG}/${pathSegment(dataSource)}`
}
