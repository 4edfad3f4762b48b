import { cluster, type IngestOptions, type IngestTask } from '@druid/cluster'
import { connect } from '@druid/core'
import { type FakeDruid, fakeDruid, noAnswer, type Routes, reply } from '@druid/testing'
import { describe, expect, it } from 'vitest'

const TASK: IngestTask = {
  type: 'index_parallel',
  spec: { dataSchema: { dataSource: 'flights' }, ioConfig: {} },
}
const REPORT = {
  ingestionStatsAndErrors: {
    taskId: 'x',
    type: 'ingestionStatsAndErrors',
    payload: { rowStats: { buildSegments: { processed: 3 } } },
  },
}

const TASKS = '/druid/indexer/v1/task'
const SUBMIT = `POST ${TASKS}`
const STATUS = `GET ${TASKS}/{id}/status`
const LOAD_STATUS = 'GET /druid/coordinator/v1/datasources/flights/loadstatus'

/** A cluster whose task is in this state. */
function ingesting(
  state: { code: 'RUNNING' | 'SUCCESS' | 'FAILED' },
  routes: Routes = {},
): FakeDruid {
  return fakeDruid({
    sql: [
      [/INFORMATION_SCHEMA/, [{ COLUMN_NAME: '__time' }]],
      [/sys\.segments/, { columns: { segment_id: 'VARCHAR' }, rows: [] }],
    ],
    routes: {
      ...routes,
      [SUBMIT]: routes[SUBMIT] ?? (({ body }) => ({ task: (body as { id: string }).id })),
      [STATUS]: routes[STATUS] ?? (() => statusOf(state.code)),
      [`POST ${TASKS}/{id}/shutdown`]: () => {
        state.code = 'FAILED'
        return {}
      },
      [`GET ${TASKS}/{id}/reports`]: REPORT,
      'GET /druid/coordinator/v1/datasources/flights/segments': [],
      'GET /druid/coordinator/v1/metadata/datasources/flights/segments': [],
      [LOAD_STATUS]: routes[LOAD_STATUS] ?? { flights: 0 },
    },
  })
}

function statusOf(statusCode: string): object {
  return { status: { id: 'x', statusCode, runnerStatusCode: 'RUNNING' } }
}

function ingest(druid: FakeDruid, options: IngestOptions = {}): Promise<unknown> {
  const client = connect(druid.url, { transport: druid.transport, extensions: [cluster] })
  return client.cluster().ingest(TASK, options)
}
const shutdowns = ({ requests }: FakeDruid): number =>
  requests.filter(({ path }) => path.endsWith('/shutdown')).length

describe('ingest()', () => {
  it('resolves when its rows can be queried, under an id that it chose', async () => {
    const ids: string[] = []
    const druid = ingesting(
      { code: 'SUCCESS' },
      {
        [SUBMIT]: ({ body }) => {
          const { id } = body as { id: string }
          ids.push(id)
          return { task: id }
        },
      },
    )
    expect(await ingest(druid)).toMatchObject({ taskId: ids[0], rows: 3 })
    expect(ids).toEqual([expect.stringMatching(/^index_parallel_flights_[\da-f-]{36}$/)])
  })

  it('stops the task when it is aborted while it runs', async () => {
    const druid = ingesting({ code: 'RUNNING' })
    const signal = AbortSignal.timeout(100)
    await expect(ingest(druid, { signal })).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(shutdowns(druid)).toBe(1)
  })

  it('stops the task when it is aborted while it is submitted, once the Overlord knows it', async () => {
    const state: { code: 'RUNNING' | 'FAILED' } = { code: 'RUNNING' }
    let asked = 0
    const druid = ingesting(state, {
      [SUBMIT]: noAnswer(),
      [STATUS]: () => {
        asked += 1
        // It takes a moment to learn of what was sent to it.
        return asked < 2 ? reply({ status: 404 }) : statusOf(state.code)
      },
    })
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 30)
    await expect(ingest(druid, { signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    expect(state.code).toBe('FAILED')
    expect(shutdowns(druid)).toBeGreaterThanOrEqual(2)
  })

  it('stops the task when onProgress throws, and rejects with its error', async () => {
    const druid = ingesting({ code: 'RUNNING' })
    const onProgress = (): void => {
      throw new Error('display is gone')
    }
    await expect(ingest(druid, { onProgress })).rejects.toThrow('display is gone')
    expect(shutdowns(druid)).toBe(1)
  })

  it.each([
    ['never answers', noAnswer()],
    ['refuses', reply({ status: 503 })],
    ['says that there is more to load', { flights: 2 }],
  ])('is a TIMEOUT after availabilityTimeout where the Coordinator %s', async (_, answer) => {
    const druid = ingesting({ code: 'SUCCESS' }, { [LOAD_STATUS]: answer })
    const start = performance.now()
    await expect(ingest(druid, { availabilityTimeout: 300 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('stored, but after 300 ms not queryable'),
    })
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(shutdowns(druid)).toBe(0)
  })

  it('rejects with the reason of a task that failed', async () => {
    const status = { id: 'x', statusCode: 'FAILED', errorMsg: 'no such \u001b[31mfile' }
    const druid = ingesting({ code: 'FAILED' }, { [STATUS]: { status } })
    await expect(ingest(druid)).rejects.toMatchObject({
      code: 'TASK_FAILED',
      message: expect.stringContaining('failed: no such \\u001b[31mfile; see its log'),
    })
  })
})
