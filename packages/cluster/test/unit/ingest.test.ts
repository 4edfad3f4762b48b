import { cluster, type IngestOptions, type IngestTask } from '@druid/cluster'
import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { type Answer, type FakeDruid, fakeDruid, ROUTER, result, row } from './druid.ts'

const TASK: IngestTask = {
  type: 'index_parallel',
  spec: { dataSchema: { dataSource: 'flights' }, ioConfig: {} },
}
const SERVERS = [
  row('coordinator', 'coordinator', { is_leader: 1 }),
  row('overlord', 'overlord', { is_leader: 1 }),
]
const REPORT = {
  ingestionStatsAndErrors: {
    taskId: 'x',
    type: 'ingestionStatsAndErrors',
    payload: { rowStats: { buildSegments: { processed: 3 } } },
  },
}

/** A cluster whose task is in this state; `submit`: what the Overlord answers to POST /task. */
function ingesting(
  state: { code: 'RUNNING' | 'SUCCESS' | 'FAILED' },
  more: (what: string, body: string) => Answer | 'never' | undefined = () => undefined,
): FakeDruid {
  const json = (value: unknown): Answer => [200, JSON.stringify(value)]
  return fakeDruid((what, body) => {
    const own = more(what, body)
    if (own !== undefined) return own === 'never' ? undefined : own
    if (body.includes('sys.servers')) return [200, result(SERVERS)]
    if (body.includes('INFORMATION_SCHEMA')) return [200, result([{ TABLE_NAME: 'flights' }])]
    if (body.includes('sys.segments')) return [200, result([], ['segment_id'])]
    if (what.endsWith('/task')) return json({ task: (JSON.parse(body) as { id: string }).id })
    if (what.endsWith('/shutdown')) {
      state.code = 'FAILED'
      return json({})
    }
    if (what.endsWith('/status')) {
      return json({ status: { id: 'x', statusCode: state.code, runnerStatusCode: 'RUNNING' } })
    }
    if (what.endsWith('/reports')) return json(REPORT)
    if (what.endsWith('/loadstatus')) return json({ flights: 0 })
    return [404, '']
  })
}

function ingest(druid: FakeDruid, options: IngestOptions = {}): Promise<unknown> {
  const client = connect(ROUTER, { transport: druid.transport, extensions: [cluster] })
  return client.cluster().ingest(TASK, options)
}
const shutdowns = ({ asked }: FakeDruid): number =>
  asked.filter((what) => what.endsWith('/shutdown')).length

describe('ingest()', () => {
  it('resolves when its rows can be queried, under an id that it chose', async () => {
    const ids: string[] = []
    const druid = ingesting({ code: 'SUCCESS' }, (what, body) => {
      if (what.endsWith('/task')) ids.push((JSON.parse(body) as { id: string }).id)
      return undefined
    })
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
    const druid = ingesting(state, (what) => {
      if (what.endsWith('/task')) return 'never'
      if (!what.endsWith('/status')) return undefined
      asked += 1
      // It takes a moment to learn of what was sent to it.
      return asked < 2 ? [404, ''] : undefined
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

  it.each<[string, Answer | 'never']>([
    ['never answers', 'never'],
    ['refuses', [503, '']],
    ['says that there is more to load', [200, '{"flights":2}']],
  ])('is a TIMEOUT after availabilityTimeout where the Coordinator %s', async (_, answer) => {
    const druid = ingesting({ code: 'SUCCESS' }, (what) =>
      what.endsWith('/loadstatus') ? answer : undefined,
    )
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
    const druid = ingesting({ code: 'FAILED' }, (what) =>
      what.endsWith('/status') ? [200, JSON.stringify({ status })] : undefined,
    )
    await expect(ingest(druid)).rejects.toMatchObject({
      code: 'TASK_FAILED',
      message: expect.stringContaining('failed: no such \\u001b[31mfile; see its log'),
    })
  })
})
