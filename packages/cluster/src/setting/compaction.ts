import { isDruidError, type RequestOptions } from '@druid/core/extension'
import { newerOr } from '../by-version.ts'
import type { CompactionConfig, CompactionOptions, CompactionStatus } from '../roles/compaction.ts'
import type { Services } from '../services.ts'
import { compactionVersionsOf } from './audited.ts'
import { checkFields, type Fields } from './fields.ts'
import { OneSetting, type ResettableSetting, type SettingSource } from './setting.ts'

/**
 * How far a data source is compacted, of what was found to be compacted at all. What a task is compacting
 * now counts as compacted: so Druid tells it.
 */
export interface CompactionProgress {
  /** Of the bytes that are not skipped, 0 to 100; 100 where there is nothing to do. */
  readonly percent: number
  readonly bytesAwaiting: number
  readonly bytesCompacted: number
  /** Such as what is newer than `skipOffsetFromLatest`. */
  readonly bytesSkipped: number
}

/**
 * Auto-compaction of a data source: its configuration, of which `undefined` means that it is not
 * compacted, and how far it is. From Druid 33 on by the Overlord, before by the Coordinator. Fields that
 * `write` is not given get Druid's defaults.
 */
export interface DataSourceCompaction
  extends ResettableSetting<CompactionConfig | undefined, CompactionOptions> {
  /** As of the last time that Druid looked; `undefined` where it is not compacted, or not looked at yet. */
  status(options?: RequestOptions): Promise<CompactionStatus | undefined>
  /** From the same. */
  progress(options?: RequestOptions): Promise<CompactionProgress | undefined>
}

export class AutoCompaction
  extends OneSetting<CompactionConfig | undefined, CompactionOptions>
  implements DataSourceCompaction
{
  readonly #services: Services
  readonly #dataSource: string

  constructor(services: Services, dataSource: string) {
    super(compactionSetting(services, dataSource))
    this.#services = services
    this.#dataSource = dataSource
  }

  status(options?: RequestOptions): Promise<CompactionStatus | undefined> {
    const { overlord, coordinator } = this.#services
    return orNothing(() =>
      newerOr(
        () => overlord.compaction.dataSourceStatus(this.#dataSource, options),
        () => coordinator.compaction.dataSourceStatus(this.#dataSource, options),
      ),
    )
  }

  async progress(options?: RequestOptions): Promise<CompactionProgress | undefined> {
    const status = await this.status(options)
    if (status === undefined || status.scheduleStatus === 'AWAITING_FIRST_RUN') return undefined
    const { bytesAwaitingCompaction: bytesAwaiting, bytesCompacted } = status
    const all = bytesAwaiting + bytesCompacted
    const percent = all === 0 ? 100 : (100 * bytesCompacted) / all
    return { percent, bytesAwaiting, bytesCompacted, bytesSkipped: status.bytesSkipped }
  }
}

const FIELDS: Fields = {
  dataSource: undefined,
  type: '>=32',
  taskPriority: undefined,
  inputSegmentSizeBytes: undefined,
  maxRowsPerSegment: undefined,
  skipOffsetFromLatest: undefined,
  tuningConfig: undefined,
  granularitySpec: undefined,
  dimensionsSpec: undefined,
  metricsSpec: undefined,
  transformSpec: undefined,
  projections: '>=32',
  ioConfig: undefined,
  engine: '>=31',
  taskContext: undefined,
}

function compactionSetting(
  { overlord, coordinator }: Services,
  dataSource: string,
): SettingSource<CompactionConfig | undefined, CompactionOptions> {
  const what = `compaction of ${dataSource}`
  return {
    what,
    read: (options) =>
      orNothing(() =>
        newerOr(
          () => overlord.compaction.config(dataSource, options),
          () => coordinator.compaction.config(dataSource, options),
        ),
      ),
    merged: (next) => ({ ...next, dataSource }),
    check: (next, now, options) =>
      checkFields(what, next, { fields: FIELDS, now, service: coordinator, options }),
    async send(value, options) {
      if (value === undefined) {
        await newerOr(
          () => overlord.compaction.deleteConfig(dataSource, options),
          () => coordinator.compaction.deleteConfig(dataSource, options),
        )
        return
      }
      await newerOr(
        () => overlord.compaction.setConfig(value, options),
        () => coordinator.compaction.setConfig(value, options),
      )
    },
    history: async (options) =>
      compactionVersionsOf(
        await newerOr(
          () => overlord.compaction.configHistory(dataSource, options),
          () => coordinator.compaction.configHistory(dataSource, options),
        ),
      ),
  }
}

async function orNothing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isDruidError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
