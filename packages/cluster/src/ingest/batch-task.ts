import {
  type Aggregator,
  checkNames,
  DruidError,
  type Filter,
  isRecord,
} from '@druid/core/extension'
import type { TaskSpec } from '../roles/overlord/task.ts'
import type {
  DimensionSchema,
  DimensionsSpec,
  GranularitySpec,
  Projection,
  TimestampSpec,
  Transform,
  TuningConfig,
} from './data-schema.ts'
import type { InputFormat } from './input-format.ts'
import type { InputSource } from './input-source.ts'

/** A batch ingestion task, `index_parallel` or `index`, as Druid documents it. */
export interface IngestTask extends TaskSpec {
  readonly type: 'index_parallel' | 'index'
  readonly spec: {
    readonly dataSchema: { readonly dataSource: string; readonly [field: string]: unknown }
    readonly ioConfig: { readonly [field: string]: unknown }
    readonly tuningConfig?: { readonly [field: string]: unknown } | undefined
  }
}

/** What a batch ingestion is made of. What is left out is as Druid has it by default. */
export interface BatchTaskParts {
  readonly dataSource: string
  readonly input: InputSource
  /** Needed by every input but `sql`, `druid`, `delta` and `iceberg`. */
  readonly format?: InputFormat | undefined
  /** The column that is the time, or more. Default: `timestamp`, in the format `auto`. */
  readonly timestamp?: string | TimestampSpec | undefined
  /** Default: every column but the time, as text; `{ useSchemaDiscovery: true }`: by its values. */
  readonly dimensions?: readonly DimensionSchema[] | DimensionsSpec | undefined
  readonly metrics?: readonly Aggregator[] | undefined
  /** Default: days, no cut of times, and rows that are alike become one. */
  readonly granularity?: GranularitySpec | undefined
  readonly transforms?: readonly Transform[] | undefined
  /** Rows that do not pass are left out. */
  readonly filter?: Filter | undefined
  readonly projections?: readonly Projection[] | undefined
  /** Whether the rows come to those that are there. Default: false: they replace their time chunks. */
  readonly append?: boolean | undefined
  /** Whether what is there in `granularity.intervals` goes, also where no rows come. Default: false. */
  readonly dropExisting?: boolean | undefined
  readonly tuning?: TuningConfig | undefined
  /** E.g. `{ priority: 60, useConcurrentLocks: true }`. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
  /** Default: `submit` and `ingest` make one. */
  readonly id?: string | undefined
}

const PARTS: readonly (keyof BatchTaskParts)[] = [
  'dataSource',
  'input',
  'format',
  'timestamp',
  'dimensions',
  'metrics',
  'granularity',
  'transforms',
  'filter',
  'projections',
  'append',
  'dropExisting',
  'tuning',
  'context',
  'id',
]

/** Their rows have columns already. */
const WITHOUT_FORMAT: ReadonlySet<string> = new Set(['sql', 'druid', 'delta', 'iceberg'])
/** Those of which it is known that they need one. */
const WITH_FORMAT: ReadonlySet<string> = new Set([
  'inline',
  'http',
  'local',
  's3',
  'google',
  'azure',
  'azureStorage',
  'hdfs',
])

/**
 * The task `index_parallel` of these parts: plain data, for `cluster().submit()` or `.ingest()`. See
 * https://druid.apache.org/docs/latest/ingestion/native-batch
 * @throws DruidError `INVALID_INPUT` for what Druid surely refuses.
 */
export function batchTask(parts: BatchTaskParts): IngestTask {
  checkNames(parts, PARTS, 'batchTask')
  checkParts(parts)
  const { input, format, append, dropExisting, tuning, id, context } = parts
  return {
    type: 'index_parallel',
    ...given({ id }),
    spec: {
      dataSchema: dataSchemaOf(parts),
      ioConfig: {
        type: 'index_parallel',
        inputSource: input,
        ...given({ inputFormat: format, appendToExisting: append, dropExisting }),
      },
      ...(tuning && { tuningConfig: { type: 'index_parallel', ...tuning } }),
    },
    ...given({ context }),
  }
}

function dataSchemaOf(parts: BatchTaskParts): IngestTask['spec']['dataSchema'] {
  const { dataSource, timestamp, dimensions, metrics, granularity, projections } = parts
  const { transforms, filter } = parts
  return {
    dataSource,
    timestampSpec: typeof timestamp === 'string' ? { column: timestamp } : (timestamp ?? {}),
    dimensionsSpec: dimensionsSpecOf(dimensions),
    ...given({ metricsSpec: metrics }),
    granularitySpec: granularity ?? {},
    ...((transforms ?? filter) && { transformSpec: given({ transforms, filter }) }),
    ...given({ projections }),
  }
}

/** A list of dimensions is the short form. */
export function dimensionsSpecOf(
  dimensions: readonly DimensionSchema[] | DimensionsSpec | undefined,
): DimensionsSpec {
  if (dimensions === undefined) return {}
  return isList(dimensions) ? { dimensions } : dimensions
}

function isList<T>(value: readonly T[] | object): value is readonly T[] {
  return Array.isArray(value)
}

function checkParts(parts: BatchTaskParts): void {
  const { dataSource, input, format, append, dropExisting, tuning, granularity } = parts
  if (typeof dataSource !== 'string' || dataSource === '') throw wrong('it needs a dataSource')
  if (!isRecord(input) || typeof input.type !== 'string') {
    throw wrong("input is an input source, e.g. { type: 'inline', data }")
  }
  const { delegates } = input as { readonly delegates?: readonly { readonly type: string }[] }
  if (delegates?.some(({ type }) => type === 'inline' || type === 'combining')) {
    throw wrong('the input "combining" takes no "inline" and no "combining" among its delegates')
  }
  if (format === undefined && WITH_FORMAT.has(input.type)) {
    throw wrong(`the input "${input.type}" needs a format, e.g. { type: 'json' }`)
  }
  if (format !== undefined && WITHOUT_FORMAT.has(input.type)) {
    throw wrong(`the input "${input.type}" takes no format: its rows have columns`)
  }
  if (append && dropExisting) throw wrong('append and dropExisting contradict one another')
  if (dropExisting && !granularity?.intervals?.length) {
    throw wrong('dropExisting needs granularity.intervals: what is there within them goes')
  }
  checkFormat(format)
  const partitions = tuning?.partitionsSpec?.type
  if (append && partitions !== undefined && partitions !== 'dynamic') {
    throw wrong(`append takes only dynamic partitions, not "${partitions}"`)
  }
}

function checkFormat(format: InputFormat | undefined): void {
  if (format?.type !== 'csv' && format?.type !== 'tsv') return
  const { columns, findColumnsFromHeader } = format as {
    columns?: readonly string[]
    findColumnsFromHeader?: boolean
  }
  if (!columns?.length && findColumnsFromHeader !== true) {
    throw wrong(`the format "${format.type}" needs columns, or findColumnsFromHeader: true`)
  }
}

function wrong(why: string): DruidError {
  return new DruidError('INVALID_INPUT', `batchTask: ${why}`)
}

/** Without what was not given. */
export function given<T extends object>(
  fields: T,
): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> }
}
