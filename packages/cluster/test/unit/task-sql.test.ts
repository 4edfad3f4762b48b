import { batchTask, taskSql } from '@druid/cluster'
import { describe, expect, it } from 'vitest'

const input = { type: 'inline', data: "it's" } as const
const format = { type: 'json' } as const

describe('70 Sampler / spec ↔ SQL: a task as SQL', () => {
  it('says the same: time, dimensions, metrics, filter, time chunks, partitions', () => {
    const task = batchTask({
      dataSource: 'the "clicks"',
      input,
      format,
      timestamp: { column: 't', format: 'posix' },
      dimensions: ['page', { type: 'double', name: 'price' }, { type: 'json', name: 'o' }],
      metrics: [
        { type: 'count', name: 'n' },
        { type: 'longSum', name: 'ms', fieldName: 'ms' },
      ],
      filter: {
        type: 'and',
        fields: [
          { type: 'not', field: { type: 'selector', dimension: 'page', value: "it's" } },
          { type: 'in', dimension: 'page', values: ['a', null] },
        ],
      },
      granularity: {
        segmentGranularity: 'MONTH',
        queryGranularity: 'hour',
        intervals: ['2024-01-01/2024-02-01'],
      },
      tuning: {
        maxNumConcurrentSubTasks: 3,
        maxParseExceptions: 2,
        forceGuaranteedRollup: true,
        partitionsSpec: { type: 'range', partitionDimensions: ['page'], targetRowsPerSegment: 9 },
      },
    })
    expect(taskSql(task)).toEqual({
      query: `REPLACE INTO "the ""clicks""" OVERWRITE WHERE "__time" >= TIMESTAMP '2024-01-01 00:00:00.000' AND "__time" < TIMESTAMP '2024-02-01 00:00:00.000'
SELECT
  TIME_FLOOR(MILLIS_TO_TIMESTAMP("t" * 1000), 'PT1H') AS "__time",
  "page",
  "price",
  "o",
  COUNT(*) AS "n",
  SUM(CAST("ms" AS BIGINT)) AS "ms"
FROM TABLE(EXTERN('{"type":"inline","data":"it''s"}', '{"type":"json"}')) EXTEND ("page" VARCHAR, "price" DOUBLE, "o" TYPE('COMPLEX<json>'), "ms" BIGINT, "t" BIGINT)
WHERE (NOT (CAST("page" AS VARCHAR) = 'it''s')) AND (CAST("page" AS VARCHAR) = 'a' OR "page" IS NULL)
GROUP BY 1, 2, 3, 4
PARTITIONED BY TIME_FLOOR("__time", 'P1M')
CLUSTERED BY "page"`,
      context: {
        finalizeAggregations: false,
        groupByEnableMultiValueUnnesting: false,
        maxNumTasks: 4,
        maxParseExceptions: 2,
        rowsPerSegment: 9,
      },
    })
  })

  it('takes the columns that a sample has for those that are discovered', () => {
    const task = batchTask({
      dataSource: 'a',
      input,
      format,
      dimensions: { useSchemaDiscovery: true },
      granularity: { rollup: false },
      append: true,
    })
    expect(() => taskSql(task)).toThrow('give columns')
    const columns = [
      { name: 'x', type: 'LONG' },
      { name: 'y', type: 'ARRAY<STRING>' },
      { name: 'timestamp', type: 'STRING' },
    ]
    const { query, context } = taskSql(task, { columns })
    expect(query).toMatch(/^INSERT INTO "a"\n/)
    expect(query).toContain('EXTEND ("x" BIGINT, "y" VARCHAR ARRAY, "timestamp" VARCHAR)')
    expect(query).not.toContain('GROUP BY')
    expect(context).toEqual({ maxParseExceptions: -1 })
  })

  it.each<[string, object]>([
    ['native expressions', { transforms: [{ type: 'expression', name: 'a', expression: '1' }] }],
    [
      'an aggregator that has none',
      { metrics: [{ type: 'longFirst', name: 'a', fieldName: 'b' }] },
    ],
    ['a filter that has none', { filter: { type: 'javascript', dimension: 'a', function: '' } }],
    [
      'input that is no EXTERN',
      { input: { type: 'druid', dataSource: 'b', interval: 'a/b' }, format: undefined },
    ],
    [
      'metrics of single rows',
      { metrics: [{ type: 'count', name: 'n' }], granularity: { rollup: false } },
    ],
    ['an interval that is none', { granularity: { intervals: ['x/y'] } }],
  ])('says that there is no SQL for %s', (_, more) => {
    const task = batchTask({ dataSource: 'a', input, format, dimensions: ['x'], ...more })
    expect(() => taskSql(task)).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: expect.stringContaining('no SQL'),
      }),
    )
  })
})
