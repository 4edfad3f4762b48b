import type { RequestOptions, Segment, TableColumn } from '@druid/core/extension'
import type { UnusedSegment } from '../roles/coordinator/metadata.ts'
import type { RetentionRule } from '../roles/coordinator/rule.ts'
import type { ServedSegment } from '../roles/coordinator/served.ts'
import type { DataSegment } from '../roles/segment.ts'
import type { Services } from '../services.ts'
import { AutoCompaction, type DataSourceCompaction } from '../setting/compaction.ts'
import { rulesSetting } from '../setting/rules.ts'
import { OneSetting, type ResettableSetting } from '../setting/setting.ts'
import type { TaskHandle } from '../task/handle.ts'
import { POLL_TIMEOUT } from '../task/poll.ts'
import { type DataSourceInterval, type DataSourceSize, intervalsOf, sizeOf } from './extent.ts'
import { type KillOptions, kill } from './kill.ts'
import { knownColumns } from './known.ts'
import { markUnused, markUsed, type WhichSegments } from './mark.ts'
import { type UnusedOptions, unusedSegments, usedSegments } from './segments.ts'
import { type LoadProgress, untilLoaded } from './until-loaded.ts'

/** How much of a data source is loaded. */
export interface LoadStatus {
  /** Of its used segments, 0 to 100. */
  readonly percentLoaded: number
  /** Segments that no server has. */
  readonly segmentsToLoad: number
  /** Tier → segments of which it has fewer replicas than the rules ask for. */
  readonly underReplicated: Readonly<Record<string, number>>
}

export interface UntilLoadedOptions extends Omit<RequestOptions, 'timeout'> {
  /** Milliseconds to wait at most. Default: as long as it takes. */
  readonly timeout?: number | undefined
  /** Told what is new, and the end. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined
}

export interface DropOptions extends RequestOptions {
  /** Whether to submit a task, too, that deletes all its unused segments for good. Default false. */
  readonly kill?: boolean | undefined
}

/** What came of dropping a data source. */
export interface Dropped {
  /** Segments that were in use. */
  readonly segments: number
  /** The task that deletes them, which has only been submitted. */
  readonly kill: TaskHandle | undefined
}

/**
 * One data source. What there is of it is read by SQL, so that a user who may read the data source may
 * call it; what the metadata store has, and what changes anything, is the Coordinator's and Overlord's.
 */
export interface DataSource {
  readonly name: string

  /** Whether it has segments in use, or rows of a stream that SQL sees already. */
  exists(options?: RequestOptions): Promise<boolean>
  /**
   * Its columns with their SQL types, `__time` first.
   * @throws DruidError `NOT_FOUND` where SQL knows no such table.
   */
  schema(options?: RequestOptions): Promise<TableColumn[]>
  /** Segments as queries see them, one after the other (`sys.segments`): there may be millions. */
  segments(
    options?: RequestOptions & {
      /** Only those that queries read, or only others. Default: all. */
      readonly isActive?: boolean | undefined
    },
  ): AsyncIterable<Segment>
  /**
   * Segments in use, as the metadata store has them, loaded or not.
   * @param options.intervals ISO 8601, `start/end`: only those that overlap one of them.
   */
  usedSegments(
    options?: RequestOptions & { readonly intervals?: readonly string[] | undefined },
  ): Promise<DataSegment[]>
  /** Segments out of use, by their ids, read page by page. Druid 29 and later. */
  unusedSegments(options?: UnusedOptions): AsyncIterable<UnusedSegment>
  /**
   * Segments that servers have, and which servers.
   * @param options.interval ISO 8601, `start/end`: only those that lie within it.
   */
  servedSegments(
    options?: RequestOptions & { readonly interval?: string | undefined },
  ): Promise<ServedSegment[]>
  /** Time chunks with their sizes, the earliest first. */
  intervals(options?: RequestOptions): Promise<DataSourceInterval[]>
  /** Bytes, replicated bytes, rows, and from when to when. */
  size(options?: RequestOptions): Promise<DataSourceSize>

  /**
   * How much of it is loaded; `undefined` where it has no segments in use.
   * @param options.interval ISO 8601, `start/end`. Default: all of time.
   */
  loadStatus(
    options?: RequestOptions & { readonly interval?: string | undefined },
  ): Promise<LoadStatus | undefined>
  /**
   * Resolves when queries see all its segments: servers have loaded them, and SQL knows of it. Leader
   * changes and outages of up to a minute are waited through.
   * @throws DruidError `TIMEOUT` after `timeout`, with how far it is.
   */
  untilLoaded(options?: UntilLoadedOptions): Promise<void>

  /**
   * Takes segments into use again that others do not overshadow, and returns how many. What a retention
   * rule drops is taken out of use again.
   * @throws DruidError `UNSUPPORTED` for `versions` before Druid 30.
   */
  markUsed(which: WhichSegments, options?: RequestOptions): Promise<number>
  /**
   * Takes segments out of use, and returns how many: queries do not see them any more within seconds, but
   * they stay in deep storage. An interval means those that lie within it; of one, Druid 27 counts also
   * those that were out of use already.
   * @throws DruidError `UNSUPPORTED` for `versions` before Druid 30.
   */
  markUnused(which: WhichSegments, options?: RequestOptions): Promise<number>
  /**
   * Takes all of it out of use, and with `kill: true` submits the task that deletes it for good. Its
   * rules and its compaction stay; what tasks or supervisors write later is in use again.
   */
  drop(options?: DropOptions): Promise<Dropped>
  /**
   * Submits a task that deletes unused segments from deep storage, for good.
   * @throws DruidError `UNSUPPORTED` for `versions` and `maxUsedStatusLastUpdatedTime` before Druid 30,
   * and for `limit` before Druid 28.
   */
  kill(options?: KillOptions): Promise<TaskHandle>

  /** Its own retention rules, after which the default rules come; none where it has none. */
  readonly rules: ResettableSetting<readonly RetentionRule[]>
  /** Its auto-compaction. */
  readonly compaction: DataSourceCompaction
}

export class OneDataSource implements DataSource {
  readonly name: string
  readonly rules: ResettableSetting<readonly RetentionRule[]>
  readonly compaction: DataSourceCompaction
  readonly #services: Services

  constructor(services: Services, name: string) {
    this.name = name
    this.rules = new OneSetting(rulesSetting(services.coordinator, name))
    this.compaction = new AutoCompaction(services, name)
    this.#services = services
  }

  async exists(options: RequestOptions = {}): Promise<boolean> {
    const { client, coordinator } = this.#services
    // It is asked what it read just now, where the list of names may be a minute old.
    if ((await coordinator.percentLoaded(this.name, options)) !== undefined) return true
    return (await knownColumns(client, this.name, options)).size > 0
  }

  schema(options?: RequestOptions): Promise<TableColumn[]> {
    return this.#services.client.metadata.columns(this.name, options)
  }

  segments(
    options?: RequestOptions & { readonly isActive?: boolean | undefined },
  ): AsyncIterable<Segment> {
    return this.#services.client.metadata.segments({ ...options, dataSource: this.name })
  }

  usedSegments({
    intervals,
    ...options
  }: RequestOptions & { readonly intervals?: readonly string[] | undefined } = {}): Promise<
    DataSegment[]
  > {
    return usedSegments(this.#services.coordinator, this.name, intervals, options)
  }

  unusedSegments(options?: UnusedOptions): AsyncIterable<UnusedSegment> {
    return unusedSegments(this.#services.coordinator, this.name, options)
  }

  async servedSegments({
    interval,
    ...options
  }: RequestOptions & { readonly interval?: string | undefined } = {}): Promise<ServedSegment[]> {
    const { coordinator } = this.#services
    const served = await (interval === undefined
      ? coordinator.dataSourceIntervalDetails(this.name, options)
      : coordinator.segmentDetailsWithin(this.name, interval, options))
    return Object.values(served).flatMap((segments) => Object.values(segments))
  }

  intervals(options: RequestOptions = {}): Promise<DataSourceInterval[]> {
    return intervalsOf(this.#services.client, this.name, options)
  }

  size(options: RequestOptions = {}): Promise<DataSourceSize> {
    return sizeOf(this.#services.client, this.name, options)
  }

  async loadStatus(
    options: RequestOptions & { readonly interval?: string | undefined } = {},
  ): Promise<LoadStatus | undefined> {
    const { coordinator } = this.#services
    const percentLoaded = await coordinator.percentLoaded(this.name, options)
    if (percentLoaded === undefined) return undefined
    // What the first one has just read is not read again.
    const known = { ...options, refresh: false }
    const [segmentsToLoad, underReplicated] = await Promise.all([
      coordinator.segmentsToLoad(this.name, known),
      coordinator.underReplicated(this.name, known),
    ])
    return { percentLoaded, segmentsToLoad: segmentsToLoad ?? 0, underReplicated }
  }

  untilLoaded({ timeout, onProgress, ...given }: UntilLoadedOptions = {}): Promise<void> {
    const request = { ...given, timeout: POLL_TIMEOUT }
    const what = `data source ${this.name} is`
    return untilLoaded(this.#services, this.name, { timeout, onProgress, request }, what)
  }

  markUsed(which: WhichSegments, options: RequestOptions = {}): Promise<number> {
    return markUsed(this.#services, this.name, which, options)
  }

  markUnused(which: WhichSegments, options: RequestOptions = {}): Promise<number> {
    return markUnused(this.#services, this.name, which, options)
  }

  async drop({ kill, ...options }: DropOptions = {}): Promise<Dropped> {
    const segments = await this.markUnused('all', options)
    return { segments, kill: kill ? await this.kill(options) : undefined }
  }

  kill(options: KillOptions = {}): Promise<TaskHandle> {
    return kill(this.#services.overlord, this.name, options)
  }
}
