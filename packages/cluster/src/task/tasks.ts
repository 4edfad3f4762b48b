import { type Aggregator, checkNames, DruidError, type Filter } from '@druid/core/extension'
import { dimensionsSpecOf, given } from '../ingest/batch-task.ts'
import type {
  DimensionSchema,
  DimensionsSpec,
  GranularitySpec,
  Projection,
  TuningConfig,
} from '../ingest/data-schema.ts'
import type { TaskSpec } from '../roles/overlord/task.ts'

/** What every task may have. */
interface TaskParts {
  /** Default: `submit` makes one. */
  readonly id?: string | undefined
  /** E.g. `{ priority: 60 }`. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/** What a compaction is made of. What is left out stays as the segments have it. */
export interface CompactTaskParts extends TaskParts {
  readonly dataSource: string
  /** ISO 8601, `start/end`: all segments within it. Or `segments`. */
  readonly interval?: string | undefined
  /** Ids of segments. */
  readonly segments?: readonly string[] | undefined
  readonly dimensions?: readonly DimensionSchema[] | DimensionsSpec | undefined
  readonly metrics?: readonly Aggregator[] | undefined
  readonly granularity?:
    | Pick<GranularitySpec, 'segmentGranularity' | 'queryGranularity' | 'rollup'>
    | undefined
  /** Rows that do not pass go. */
  readonly filter?: Filter | undefined
  readonly projections?: readonly Projection[] | undefined
  /** Whether segments within the interval go that no row comes to. Default: false. */
  readonly dropExisting?: boolean | undefined
  /** Whether the interval may cut through time chunks. Default: false. */
  readonly allowNonAlignedInterval?: boolean | undefined
  /** What does it. Default: `native`. Druid 31 and later. */
  readonly engine?: 'native' | 'msq' | undefined
  readonly tuning?: TuningConfig | undefined
}

/**
 * The task `compact` of these parts. See
 * https://druid.apache.org/docs/latest/data-management/manual-compaction
 * @throws DruidError `INVALID_INPUT` without exactly one of `interval` and `segments`.
 */
export function compactTask(parts: CompactTaskParts): TaskSpec {
  checkNames(parts, COMPACT_PARTS, 'compactTask')
  const { dataSource, interval, segments, dimensions, granularity, filter, engine, tuning } = parts
  const { metrics, projections, dropExisting, allowNonAlignedInterval, id, context } = parts
  if ((interval === undefined) === (segments === undefined)) {
    throw new DruidError('INVALID_INPUT', 'compactTask: it needs an interval, or segments')
  }
  return {
    type: 'compact',
    dataSource,
    ioConfig: {
      type: 'compact',
      inputSpec:
        interval === undefined ? { type: 'segments', segments } : { type: 'interval', interval },
      ...given({ dropExisting, allowNonAlignedInterval }),
    },
    ...(dimensions && { dimensionsSpec: dimensionsSpecOf(dimensions) }),
    ...(filter && { transformSpec: { filter } }),
    ...(engine && { compactionRunner: { type: engine } }),
    ...(tuning && { tuningConfig: { type: 'index_parallel', ...tuning } }),
    ...given({ metricsSpec: metrics, granularitySpec: granularity, projections, id, context }),
  }
}

const COMPACT_PARTS: readonly (keyof CompactTaskParts)[] = [
  'dataSource',
  'interval',
  'segments',
  'dimensions',
  'metrics',
  'granularity',
  'filter',
  'projections',
  'dropExisting',
  'allowNonAlignedInterval',
  'engine',
  'tuning',
  'id',
  'context',
]

/** Of a time chunk of a data source. */
interface IntervalTaskParts extends TaskParts {
  readonly dataSource: string
  /** ISO 8601, `start/end`. */
  readonly interval: string
}

export interface KillTaskParts extends IntervalTaskParts {
  /** Those of these versions only. Default: all. Druid 30 and later. */
  readonly versions?: readonly string[] | undefined
  /** Segments per step. Default: 100. */
  readonly batchSize?: number | undefined
  /** Segments in all. Default: no limit. Druid 28 and later. */
  readonly limit?: number | undefined
  /** ISO 8601: those that are unused since then or longer. Druid 29 and later. */
  readonly maxUsedStatusLastUpdatedTime?: string | undefined
}

/** The task `kill`: deletes the unused segments within an interval for good. */
export function killTask(parts: KillTaskParts): TaskSpec {
  checkNames(
    parts,
    [...INTERVAL_PARTS, 'versions', 'batchSize', 'limit', 'maxUsedStatusLastUpdatedTime'],
    'killTask',
  )
  return { type: 'kill', ...given(parts) }
}

/** The task `archive`: moves unused segments within an interval to the archive of the deep storage. */
export function archiveTask(parts: IntervalTaskParts): TaskSpec {
  checkNames(parts, INTERVAL_PARTS, 'archiveTask')
  return { type: 'archive', ...given(parts) }
}

/** The task `restore`: brings archived segments within an interval back, and into use. */
export function restoreTask(parts: IntervalTaskParts): TaskSpec {
  checkNames(parts, INTERVAL_PARTS, 'restoreTask')
  return { type: 'restore', ...given(parts) }
}

export interface MoveTaskParts extends IntervalTaskParts {
  /** What the deep storage wants to know, e.g. `{ bucket, baseKey }`. */
  readonly target: Readonly<Record<string, unknown>>
}

/** The task `move`: moves unused segments within an interval to another place. */
export function moveTask(parts: MoveTaskParts): TaskSpec {
  checkNames(parts, [...INTERVAL_PARTS, 'target'], 'moveTask')
  return { type: 'move', ...given(parts) }
}

const INTERVAL_PARTS = ['dataSource', 'interval', 'id', 'context']

export interface NoopTaskParts extends TaskParts {
  readonly dataSource?: string | undefined
  /** Milliseconds. Default: 2,500. */
  readonly runTime?: number | undefined
}

/** The task `noop`, which waits: to see whether tasks run. */
export function noopTask(parts: NoopTaskParts = {}): TaskSpec {
  checkNames(parts, ['dataSource', 'runTime', 'id', 'context'], 'noopTask')
  return { type: 'noop', ...given(parts) }
}
