import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type BatchTaskParts,
  batchTask,
  cluster,
  compactTask,
  type IngestTask,
  killTask,
  noopTask,
  type TaskProgress,
  taskSql,
} from '@druid/cluster'
import { connect, custom, type DruidClient, sql } from '@druid/core'
import { afterAll, describe, expect, inject, it } from 'vitest'

const druid: DruidClient<typeof cluster> = connect(inject('druidUrl'), { extensions: [cluster] })
const is27 = inject('druidVersion').startsWith('27.')
const made = new Set<string>()

afterAll(async () => {
  for (const name of made)
    await druid.request('DELETE', `/druid/coordinator/v1/datasources/${name}`)
  await druid.close()
})

const DAY = '2024-01-01'
const line = (n: number) => JSON.stringify({ t: `${DAY}T0${n}:00:00Z`, n, text: `text ${n}` })
const data = [1, 2, 3].map(line).join('\n')

function parts(dataSource: string, more: Partial<BatchTaskParts> = {}): BatchTaskParts {
  made.add(dataSource)
  return {
    dataSource,
    input: { type: 'inline', data },
    format: { type: 'json' },
    timestamp: 't',
    dimensions: ['text', { type: 'long', name: 'n' }],
    granularity: { segmentGranularity: 'DAY', rollup: false },
    ...more,
  }
}

const count = (dataSource: string): Promise<unknown> =>
  druid.value(sql`SELECT COUNT(*) FROM ${sql.id(dataSource)}`)

describe('65 Ingest helper with a waiting task object', () => {
  it('waits for a task with the rows and phases that Druid tells, and takes it up by its id', async () => {
    const task = await druid.cluster().submit(batchTask(parts('task_waited')))
    const again = druid.cluster().task(task.id)
    const told: TaskProgress[] = []
    const [status] = await Promise.all([
      again.wait({ onProgress: (it) => told.push(it), timeout: 60_000 }),
      task.wait(),
    ])
    expect(status).toMatchObject({ id: task.id, statusCode: 'SUCCESS', dataSource: 'task_waited' })
    expect(told.at(-1)).toMatchObject({ phase: 'success', taskId: task.id })
    expect(await task.spec()).toMatchObject({ id: task.id, type: 'index_parallel' })
    const { ingestionStatsAndErrors: report } = await task.report()
    expect(report?.payload.ingestionState).toBe('COMPLETED')
    expect(report?.payload.rowStats?.buildSegments).toMatchObject({ processed: 3, unparseable: 0 })
    const listed = await druid.cluster().tasks({ dataSource: 'task_waited' })
    expect(listed.map(({ id }) => id)).toContain(task.id)
    if (!is27) expect(await task.locks()).toEqual([])
  })

  it('tells of the subtasks that a parallel ingestion starts', async () => {
    const server = createServer((request, response) => {
      // Long enough for somebody to look.
      setTimeout(() => response.end(line(Number(request.url?.slice(1)))), 1_500)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const delegates = [1, 2].map((n) => ({
      type: 'http' as const,
      uris: [`http://127.0.0.1:${port}/${n}`],
    }))
    const spec = parts('task_parallel', {
      input: { type: 'combining', delegates },
      tuning: { maxNumConcurrentSubTasks: 2 },
    })
    const told: TaskProgress[] = []
    const task = await druid.cluster().submit(batchTask(spec))
    await task.wait({ onProgress: (it) => told.push(it) })
    const { ingestionStatsAndErrors: report } = await task.report()
    const rows = report?.payload.rowStats
    expect(rows?.buildSegments ?? rows?.totals?.buildSegments).toMatchObject({ processed: 2 })
    server.close()
    const subtasks = told.flatMap((it) => (it.subtasks ? [it.subtasks] : []))
    expect(subtasks.length).toBeGreaterThan(0)
    for (const { running, succeeded, failed } of subtasks) {
      expect(running + succeeded).toBeGreaterThan(0)
      expect(failed).toBe(0)
    }
  })

  it('rejects with the reason and the rows of a task that failed', async () => {
    const spec = parts('task_failed', {
      input: { type: 'inline', data: `${data}\nnot json` },
      tuning: { maxParseExceptions: 0, maxSavedParseExceptions: 5 },
    })
    const task = await druid.cluster().submit(batchTask(spec))
    await expect(task.wait()).rejects.toMatchObject({
      code: 'TASK_FAILED',
      taskId: task.id,
      dataSource: 'task_failed',
      message: expect.stringContaining('Max parse exceptions[0] exceeded'),
      unparseableEvents: [{ input: 'not json', details: [expect.stringContaining('not json')] }],
    })
    await expect(task.wait()).rejects.toMatchObject({
      message: expect.not.stringContaining('\tat org.apache'),
    })
  })

  it('has nothing to wait for where there is no such task', async () => {
    const unknown = druid.cluster().task('no-such-task')
    await expect(unknown.wait()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(unknown.log()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(unknown.locks()).rejects.toMatchObject({ code: /NOT_FOUND|UNSUPPORTED/ })
    await unknown.shutdown()
  })

  it('64 Submit task: an id that Druid knows is refused', async () => {
    const task = await druid.cluster().submit(noopTask({ runTime: 10 }))
    await expect(
      druid.cluster().submit(noopTask({ id: task.id, runTime: 10 })),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining(task.id) })
    await task.wait()
    await expect(druid.cluster().submit({ type: 'nonsense' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })
})

describe('70 Sampler / spec ↔ SQL', () => {
  it('says a task in SQL, which writes the same rows', async () => {
    const rows = [
      { t: 1_704_067_200_000, kind: 'a', n: 1, o: { x: 1 } },
      { t: 1_704_067_200_001, kind: 'a', n: 2, o: { x: 2 } },
      { t: 1_704_153_600_000, kind: 'b', n: 3, o: null },
    ]
    const input = { type: 'inline' as const, data: rows.map((it) => JSON.stringify(it)).join('\n') }
    const common = { input, timestamp: { column: 't', format: 'millis' } }
    const rolledUp = {
      ...common,
      dimensions: ['kind'],
      metrics: [
        { type: 'count' as const, name: 'times' },
        { type: 'longSum' as const, name: 'total', fieldName: 'n' },
      ],
      granularity: { segmentGranularity: 'DAY' as const, queryGranularity: 'day' as const },
      filter: { type: 'in' as const, dimension: 'kind', values: ['a', 'b'] },
    }
    const plain = {
      ...common,
      dimensions: { useSchemaDiscovery: true },
      granularity: { segmentGranularity: 'ALL' as const, rollup: false },
    }
    const { columns } = await druid.cluster().sample({ input, format: { type: 'json' } })
    for (const [name, more] of Object.entries({ rolled: rolledUp, plain })) {
      const native = batchTask(parts(`task_sql_native_${name}`, more))
      const bySql = taskSql(batchTask(parts(`task_sql_${name}`, more)), { columns })
      const submitting = druid.request<{ taskId: string }>('POST', '/druid/v2/sql/task', bySql)
      if (!is27) {
        // Of the versions that are tested, only 27 has the multi-stage engine.
        const code = expect.stringMatching(/NOT_FOUND|SERVER/)
        await expect(submitting).rejects.toMatchObject({ code })
        continue
      }
      await druid.cluster().ingest(native)
      await druid
        .cluster()
        .task((await submitting).taskId)
        .wait()
      const of = (dataSource: string) =>
        druid.query(sql`SELECT * FROM ${sql.id(dataSource)} ORDER BY __time`)
      const written = [...(await of(`task_sql_native_${name}`))]
      expect(written.length).toBeGreaterThan(1)
      await expect
        .poll(async () => [...(await of(`task_sql_${name}`).catch(() => []))], { timeout: 40_000 })
        .toEqual(written)
    }
  }, 120_000)
})

describe('69 Typed ingest-spec builder', () => {
  it('transforms, filters, rolls up and projects as it says', async () => {
    const spec = parts('task_spec', {
      timestamp: { column: 't', format: 'iso' },
      dimensions: ['kind'],
      transforms: [{ type: 'expression', name: 'kind', expression: "concat('k', n % 2)" }],
      filter: { type: 'not', field: { type: 'selector', dimension: 'n', value: '3' } },
      metrics: [
        { type: 'count', name: 'rows' },
        { type: 'longSum', name: 'n', fieldName: 'n' },
      ],
      granularity: { segmentGranularity: 'MONTH', queryGranularity: 'day', rollup: true },
      tuning: { partitionsSpec: { type: 'dynamic', maxRowsPerSegment: 1_000 } },
      context: { priority: 60 },
      ...(!is27 && {
        projections: [
          {
            type: 'aggregate' as const,
            name: 'by_kind',
            groupingColumns: [{ type: 'string' as const, name: 'kind' }],
            aggregators: [{ type: 'longSum' as const, name: 'n', fieldName: 'n' }],
          },
        ],
      }),
    })
    const result = await druid.cluster().ingest(batchTask(spec))
    expect(result).toMatchObject({ rows: 2, thrownAway: 1 })
    const rows = await druid.query(
      sql`SELECT __time, kind, "rows", n FROM task_spec ORDER BY __time`,
    )
    const time = '2024-01-01T00:00:00.000Z'
    expect([...rows].sort((a, b) => Number(a.n) - Number(b.n))).toEqual([
      { __time: time, kind: 'k1', rows: 1, n: 1 },
      { __time: time, kind: 'k0', rows: 1, n: 2 },
    ])
  })

  it('reads what Druid has already, compacts it, and deletes what is unused', async () => {
    const source = 'task_source'
    made.add('task_copy')
    const days = [1, 2].map((day) => JSON.stringify({ t: `2024-01-0${day}`, n: day, text: 'x' }))
    await druid
      .cluster()
      .ingest(batchTask(parts(source, { input: { type: 'inline', data: days.join('\n') } })))
    const copy = batchTask({
      dataSource: 'task_copy',
      input: { type: 'druid', dataSource: source, interval: '2024-01-01/2024-01-03' },
      timestamp: { column: '__time', format: 'millis' },
      dimensions: { useSchemaDiscovery: true },
      granularity: { segmentGranularity: 'DAY', rollup: false },
    })
    expect((await druid.cluster().ingest(copy)).rows).toBe(2)

    const compaction = await druid.cluster().submit(
      compactTask({
        dataSource: 'task_copy',
        interval: '2024-01-01/2024-02-01',
        granularity: { segmentGranularity: 'MONTH' },
        tuning: { partitionsSpec: { type: 'dynamic' } },
      }),
    )
    await compaction.wait()
    const keys = Object.keys(await compaction.report()).filter((it) => it.startsWith('ingestion'))
    expect(keys.length).toBeGreaterThan(0)
    await expect
      .poll(
        () =>
          druid.value(
            sql`SELECT COUNT(*) FROM sys.segments WHERE datasource = 'task_copy' AND is_active = 1`,
          ),
        { timeout: 40_000 },
      )
      .toBe(1)
    expect(await count('task_copy')).toBe(2)

    await druid.request('DELETE', `/druid/coordinator/v1/datasources/${source}`)
    const kill = await druid
      .cluster()
      .submit(killTask({ dataSource: source, interval: '2024-01-01/2025-01-01' }))
    await kill.wait()
    if (!is27) {
      const { killUnusedSegments } = await kill.report()
      expect(killUnusedSegments?.payload.numSegmentsKilled).toBeGreaterThanOrEqual(2)
    }
  })

  it.each<[string, Partial<BatchTaskParts>, RegExp]>([
    [
      'inline text among several inputs',
      { input: { type: 'combining', delegates: [{ type: 'inline', data }] } },
      /takes no "inline"/,
    ],
    ['no format', { format: undefined }, /needs a format/],
    ['CSV without columns', { format: { type: 'csv' } }, /needs columns/],
    ['append and dropExisting', { append: true, dropExisting: true }, /contradict/],
    ['dropExisting of no interval', { dropExisting: true }, /granularity\.intervals/],
    [
      'append with partitions that are not dynamic',
      {
        append: true,
        tuning: {
          partitionsSpec: { type: 'hashed', numShards: 1 },
          forceGuaranteedRollup: true,
        },
      },
      /only dynamic partitions/,
    ],
  ])('refuses %s early, as Druid does', async (_, more, message) => {
    const spec = parts('task_refused', more)
    expect(() => batchTask(spec)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
    )
    // What it would have made without its check Druid refuses, at once or when it runs.
    const { append, dropExisting, format, input, tuning } = more
    const task = batchTask(parts('task_refused'))
    const { inputFormat, ...ioConfig } = task.spec.ioConfig
    const asGiven: IngestTask = {
      ...task,
      spec: {
        ...task.spec,
        ioConfig: {
          ...ioConfig,
          ...(input && { inputSource: input }),
          inputFormat: 'format' in more ? format : inputFormat,
          appendToExisting: append,
          dropExisting,
        },
        ...(tuning && { tuningConfig: { type: 'index_parallel', ...tuning } }),
      },
    }
    const refused = druid
      .cluster()
      .submit(asGiven)
      .then((it) => it.wait())
    await expect(refused).rejects.toMatchObject({
      code: expect.stringMatching(/INVALID_INPUT|TASK_FAILED/),
    })
  })

  it('takes what its types do not know', async () => {
    const spec = parts('task_custom', {
      input: custom({ type: 'inline', data }),
      dimensions: [custom({ type: 'long', name: 'n', createBitmapIndex: false })],
    })
    expect((await druid.cluster().ingest(batchTask(spec))).rows).toBe(3)
  })
})
