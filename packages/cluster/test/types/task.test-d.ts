import {
  type BatchTaskParts,
  batchTask,
  cluster,
  compactTask,
  type IngestResult,
  type IngestSource,
  type IngestTask,
  type TaskReport,
} from '@druid/cluster'
import { connect, custom, isDruidError } from '@druid/core'
import { expectTypeOf, test } from 'vitest'

const druid = connect('http://localhost:8888', { extensions: [cluster] })

declare module '@druid/cluster' {
  interface InputSources {
    ftp: { readonly type: 'ftp'; readonly host: string }
  }
}

test('an ingestion in short has one input, by which the format goes', () => {
  expectTypeOf(druid.cluster().ingest({ dataSource: 'a', rows: [{ t: 1 }] })).toEqualTypeOf<
    Promise<IngestResult>
  >()
  const good: IngestSource[] = [
    {
      dataSource: 'a',
      rows: (function* () {
        yield {}
      })(),
    },
    { dataSource: 'a', files: new Blob([]), format: 'csv', replace: '2024/2025' },
    {
      dataSource: 'a',
      url: new URL('http://a/b.csv'),
      columns: ['a', { type: 'long', name: 'b' }],
    },
    { dataSource: 'a', paths: { baseDir: '/', filter: '*' }, format: { type: 'orc' } },
  ]
  // @ts-expect-error rows are objects
  const numbers: IngestSource = { dataSource: 'a', rows: [1] }
  // @ts-expect-error files are sent as text
  const parquet: IngestSource = { dataSource: 'a', files: new Blob([]), format: 'parquet' }
  // @ts-expect-error it needs an input
  const none: IngestSource = { dataSource: 'a' }
  void [good, numbers, parquet, none]
})

test('parts of a task are known, marked, or added by augmentation', () => {
  const format = { type: 'json' } as const
  expectTypeOf(batchTask).returns.toEqualTypeOf<IngestTask>()
  const good: BatchTaskParts[] = [
    { dataSource: 'a', input: { type: 's3', prefixes: ['s3://a/b'] }, format },
    { dataSource: 'a', input: { type: 'ftp', host: 'a' }, format },
    { dataSource: 'a', input: custom({ type: 'theirs', anything: 1 }), format },
    {
      dataSource: 'a',
      input: {
        type: 'sql',
        database: {
          type: 'mysql',
          connectorConfig: {
            connectURI: 'jdbc:x',
            password: { type: 'environment', variable: 'P' },
          },
        },
        sqls: ['SELECT 1'],
      },
    },
    {
      dataSource: 'a',
      input: { type: 'inline', data: '' },
      format: { type: 'csv', columns: ['a'] },
      dimensions: [{ type: 'auto', name: 'a', castToType: 'LONG' }],
      metrics: [{ type: 'doubleSum', name: 's', fieldName: 'a' }],
      granularity: { segmentGranularity: { type: 'period', period: 'P1M' } },
      tuning: { partitionsSpec: { type: 'range', partitionDimensions: ['a'] }, anyOther: 1 },
    },
  ]
  // @ts-expect-error an input that is not known, and not marked
  const unknown: BatchTaskParts = { dataSource: 'a', input: { type: 'theirs', anything: 1 } }
  const input = { type: 'inline', data: '' } as const
  // @ts-expect-error a sum has a name
  batchTask({ dataSource: 'a', input, metrics: [{ type: 'longSum' }] })
  // @ts-expect-error range partitions are by dimensions
  compactTask({ dataSource: 'a', interval: 'a/b', tuning: { partitionsSpec: { type: 'range' } } })
  void [good, unknown]
})

test('reports are told apart by their type', () => {
  const report = {} as TaskReport
  expectTypeOf(report.killUnusedSegments?.payload.numSegmentsKilled).toEqualTypeOf<
    number | undefined
  >()
  for (const one of Object.values(report)) {
    if (one?.type === 'ingestionStatsAndErrors') {
      expectTypeOf(one.payload.rowStats?.buildSegments?.processed).toEqualTypeOf<
        number | undefined
      >()
    }
  }
})

test('the error of a task has the rows that could not be read', () => {
  const error: unknown = undefined
  if (isDruidError(error, 'TASK_FAILED')) {
    expectTypeOf(error.taskId).toBeString()
    expectTypeOf(error.unparseableEvents?.[0]?.details).toEqualTypeOf<
      readonly string[] | undefined
    >()
  }
})
