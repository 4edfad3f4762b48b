import type { IngestTask } from './batch-task.ts'
import type {
  DimensionSchema,
  GranularitySpec,
  PartitionsSpec,
  TimestampSpec,
} from './data-schema.ts'
import { column, filterSql, metricSql, partitionsSql, text, timeSql, wrong } from './sql-parts.ts'

/** A batch task as a statement of the multi-stage engine. */
export interface TaskSql {
  /** `INSERT` or `REPLACE`. */
  readonly query: string
  /** The query context that goes with it. */
  readonly context: Readonly<Record<string, unknown>>
}

export interface TaskSqlOptions {
  /**
   * The columns of the input and their types, as `sample` has them: needed where the dimensions are
   * discovered, or `auto`. Default: none but those of the task.
   */
  readonly columns?: readonly { readonly name: string; readonly type: string }[] | undefined
}

interface Schema {
  readonly dataSource: string
  readonly timestampSpec?: TimestampSpec
  readonly dimensionsSpec?: { readonly dimensions?: readonly DimensionSchema[] }
  readonly metricsSpec?: readonly Readonly<Record<string, unknown>>[]
  readonly granularitySpec?: GranularitySpec
  readonly transformSpec?: { readonly transforms?: readonly unknown[]; readonly filter?: unknown }
  readonly projections?: readonly unknown[]
}

/**
 * What a batch task does, in SQL for `druid-multi-stage-query`: the same rows, columns and time chunks.
 * One difference is SQL's own: without intervals a task replaces the time chunks that its rows are in,
 * and the statement the whole data source.
 * @throws DruidError `INVALID_INPUT` for what SQL has no words for, such as native expressions.
 */
export function taskSql(task: IngestTask, { columns = [] }: TaskSqlOptions = {}): TaskSql {
  const schema = task.spec.dataSchema as Schema
  const { transformSpec, granularitySpec = {}, metricsSpec = [], projections } = schema
  if (transformSpec?.transforms?.length) throw wrong('transforms: they are native expressions')
  if (projections?.length) throw wrong('projections')
  const rollsUp = granularitySpec.rollup !== false
  if (!rollsUp && metricsSpec.length > 0) throw wrong('metrics without roll-up')
  const dimensions = dimensionsOf(schema, columns)
  const select = [
    `${timeSql(schema.timestampSpec ?? {}, granularitySpec.queryGranularity)} AS "__time"`,
    ...dimensions.map(({ name }) => column(name)),
    ...metricsSpec.map(metricSql),
  ]
  const name = column(schema.dataSource)
  const query = [
    task.spec.ioConfig.appendToExisting === true
      ? `INSERT INTO ${name}`
      : `REPLACE INTO ${name} OVERWRITE ${overwritten(granularitySpec)}`,
    `SELECT\n  ${select.join(',\n  ')}`,
    `FROM TABLE(${externSql(task)}) EXTEND (${extendSql(schema, dimensions, columns)})`,
    ...(transformSpec?.filter == null ? [] : [`WHERE ${filterSql(transformSpec.filter)}`]),
    ...(rollsUp ? [`GROUP BY ${Array.from(['', ...dimensions], (_, i) => i + 1).join(', ')}`] : []),
    `PARTITIONED BY ${partitionsSql(granularitySpec.segmentGranularity ?? 'DAY')}`,
    ...clusteredSql(task),
  ]
  return { query: query.join('\n'), context: contextOf(task, rollsUp) }
}

interface Typed {
  readonly name: string
  /** As `EXTEND` takes it. */
  readonly type: string
}

const JSON_TYPE = "TYPE('COMPLEX<json>')"

const TYPES: Readonly<Record<string, string>> = {
  STRING: 'VARCHAR',
  LONG: 'BIGINT',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  JSON: JSON_TYPE,
  'COMPLEX<JSON>': JSON_TYPE,
  'ARRAY<STRING>': 'VARCHAR ARRAY',
  'ARRAY<LONG>': 'BIGINT ARRAY',
  'ARRAY<DOUBLE>': 'DOUBLE ARRAY',
}

/** Druid discovers no column that is the time. */
function dimensionsOf(
  { dimensionsSpec, timestampSpec }: Schema,
  columns: readonly { readonly name: string; readonly type: string }[],
): Typed[] {
  const dimensions = dimensionsSpec?.dimensions ?? []
  if (dimensions.length === 0) {
    if (columns.length === 0) throw wrong('columns that are discovered; give columns, of sample()')
    const time = timestampSpec?.column ?? 'timestamp'
    return columns.filter(({ name }) => name !== time).map(typed)
  }
  return dimensions.map((dimension) => {
    if (typeof dimension === 'string') return { name: dimension, type: 'VARCHAR' }
    const { name, type } = dimension as { readonly name: string; readonly type: string }
    const known = type === 'auto' ? columns.find((it) => it.name === name) : undefined
    return typed(known ?? { name, type })
  })
}

function typed({ name, type }: { readonly name: string; readonly type: string }): Typed {
  const known = TYPES[type.toUpperCase()]
  if (known !== undefined) return { name, type: known }
  throw wrong(`the type ${type} of "${name}"; give columns, of sample()`)
}

function externSql({ spec: { ioConfig } }: IngestTask): string {
  const { inputSource, inputFormat } = ioConfig
  if (inputFormat === undefined) throw wrong('an input without a format')
  return `EXTERN(${text(JSON.stringify(inputSource))}, ${text(JSON.stringify(inputFormat))})`
}

/** All that is read: dimensions, what metrics are made of, and the time. */
function extendSql(
  { metricsSpec = [], timestampSpec = {} }: Schema,
  dimensions: readonly Typed[],
  columns: readonly { readonly name: string; readonly type: string }[],
): string {
  const read = new Map(dimensions.map(({ name, type }) => [name, type]))
  for (const { fieldName, type } of metricsSpec) {
    if (typeof fieldName !== 'string' || read.has(fieldName)) continue
    const known = columns.find(({ name }) => name === fieldName)
    read.set(fieldName, known ? typed(known).type : measured(String(type)))
  }
  const { column: time = 'timestamp', format = 'auto' } = timestampSpec
  const isNumber = ['posix', 'millis', 'micro', 'nano'].includes(format)
  read.set(time, isNumber ? 'BIGINT' : 'VARCHAR')
  return [...read].map(([name, type]) => `${column(name)} ${type}`).join(', ')
}

/** What a metric is of. */
function measured(type: string): string {
  if (type.startsWith('long')) return 'BIGINT'
  return /^(?:double|float|quantiles)/.test(type) ? 'DOUBLE' : 'VARCHAR'
}

function overwritten({ intervals = [] }: GranularitySpec): string {
  if (intervals.length === 0) return 'ALL'
  const within = intervals.map((interval) => {
    const [start = '', end = ''] = interval.split('/')
    return `"__time" >= ${timestamp(start)} AND "__time" < ${timestamp(end)}`
  })
  return `WHERE ${within.length === 1 ? within.join() : within.map((it) => `(${it})`).join(' OR ')}`
}

function timestamp(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) throw wrong(`an interval that is not two times: ${time}`)
  return `TIMESTAMP '${date.toISOString().replace('T', ' ').replace('Z', '')}'`
}

function clusteredSql({ spec: { tuningConfig } }: IngestTask): string[] {
  const partitions = tuningConfig?.partitionsSpec as PartitionsSpec | undefined
  if (partitions?.type !== 'range') return []
  return [`CLUSTERED BY ${partitions.partitionDimensions.map(column).join(', ')}`]
}

function contextOf({ spec, context }: IngestTask, rollsUp: boolean): TaskSql['context'] {
  const {
    maxNumConcurrentSubTasks: subtasks,
    maxParseExceptions,
    partitionsSpec,
  } = {
    ...spec.tuningConfig,
  } as Record<string, unknown>
  const { maxRowsPerSegment, targetRowsPerSegment } = { ...(partitionsSpec as object) } as Record<
    string,
    unknown
  >
  const rowsPerSegment = targetRowsPerSegment ?? maxRowsPerSegment
  return {
    // As a task stores them: sketches, not numbers; and values of one dimension together.
    ...(rollsUp && { finalizeAggregations: false, groupByEnableMultiValueUnnesting: false }),
    ...(typeof subtasks === 'number' && subtasks > 1 && { maxNumTasks: subtasks + 1 }),
    maxParseExceptions: maxParseExceptions ?? -1,
    ...(rowsPerSegment !== undefined && { rowsPerSegment }),
    ...(context as object | undefined),
  }
}
