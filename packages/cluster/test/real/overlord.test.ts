import { cluster, type TaskLock } from '@druid/cluster'
import { connect, type DruidClient, isDruidError } from '@druid/core'
import { afterAll, describe, expect, inject, it } from 'vitest'

const druid: DruidClient<typeof cluster> = connect(inject('druidUrl'), { extensions: [cluster] })
const overlord = druid.cluster().overlordClient()
const is27 = inject('druidVersion').startsWith('27.')
const noop = (more: object = {}) => ({ type: 'noop', dataSource: 'overlord_test', ...more })
const ids: string[] = []

afterAll(async () => {
  for (const id of ids) await overlord.shutdown(id)
  await druid.close()
})

async function submitted(more: object = {}): Promise<string> {
  const id = await overlord.submit(noop({ id: `overlord_test_${crypto.randomUUID()}`, ...more }))
  ids.push(id)
  return id
}

describe('the Overlord', () => {
  it('says who leads', async () => {
    expect(new URL(await overlord.leader()).protocol).toBe('http:')
    expect(await overlord.isLeader()).toBe(true)
    const [first] = await druid.cluster().overlordClients()
    expect(await first?.isLeader()).toBe(true)
  })

  it('tells workers, their capacity, and how they are scaled', async () => {
    const [worker] = await overlord.workers()
    expect(worker?.worker.capacity).toBeGreaterThan(0)
    expect(worker?.runningTasks).toBeInstanceOf(Array)
    const capacity = await overlord.totalWorkerCapacity()
    expect(capacity.currentClusterCapacity).toBe(worker?.worker.capacity)
    expect(await overlord.scaling()).toBeUndefined()
  })

  it('disables and enables a worker, by its host and port', async () => {
    const [worker] = await overlord.workers()
    const host = worker?.worker.host ?? ''
    await overlord.disableWorker(host)
    try {
      await expect
        .poll(async () => (await overlord.workers())[0]?.worker.version, { timeout: 10_000 })
        .toBe('')
    } finally {
      await overlord.enableWorker(host)
    }
    await expect
      .poll(async () => (await overlord.workers())[0]?.worker.version, { timeout: 10_000 })
      .not.toBe('')
    await expect(overlord.enableWorker('nowhere:1')).rejects.toMatchObject({
      code: 'SERVER',
      message: expect.stringContaining('nowhere:1'),
    })
  })

  it('sets how workers are chosen, with author and comment, and keeps the history', async () => {
    const before = await overlord.workerConfig()
    const type =
      before?.selectStrategy?.type === 'fillCapacity' ? 'equalDistribution' : 'fillCapacity'
    const config = { type: 'default', selectStrategy: { type }, autoScaler: null }
    await overlord.setWorkerConfig(config, { author: 'tests', comment: 'é is UTF-8' })
    try {
      await expect
        .poll(async () => (await overlord.workerConfig())?.selectStrategy?.type, {
          timeout: 10_000,
        })
        .toBe(type)
      const [newest, ...others] = await overlord.workerConfigHistory({ count: 1 })
      expect(others).toEqual([])
      expect(newest?.auditInfo).toMatchObject({ author: 'tests' })
      expect(JSON.parse(newest?.payload ?? '')).toMatchObject({ selectStrategy: { type } })
      expect(await overlord.workerConfigHistory({ interval: '2001/2002' })).toEqual([])
    } finally {
      const usual = { type: 'default', selectStrategy: { type: 'equalDistribution' } }
      await overlord.setWorkerConfig(before ?? usual)
    }
  })

  it('66 List, payload, status and report of tasks: lists with every filter', async () => {
    const id = await submitted({ runTime: 5_000 })
    const of = async (filter: object): Promise<boolean> =>
      (await overlord.tasks(filter)).some((task) => task.id === id)
    expect(await of({})).toBe(true)
    expect(await of({ dataSource: 'overlord_test', type: 'noop' })).toBe(true)
    expect(await of({ dataSource: 'flights' })).toBe(false)
    expect(await of({ type: 'kill' })).toBe(false)
    expect(await of({ state: 'complete' })).toBe(false)
    const [waiting, pending, running, runningKills] = await Promise.all([
      overlord.waitingTasks(),
      overlord.pendingTasks(),
      overlord.runningTasks({ type: 'noop' }),
      overlord.runningTasks({ type: 'kill' }),
    ])
    const known = [...waiting, ...pending, ...running].map((task) => task.id)
    expect(known).toContain(id)
    expect(runningKills.map((task) => task.id)).not.toContain(id)
    expect(await overlord.taskSpec(id)).toMatchObject({ type: 'noop', id, runTime: 5_000 })
    expect(await overlord.taskStatus(id)).toMatchObject({ id, statusCode: 'RUNNING', duration: -1 })
    const states = await overlord.taskStatuses([id, 'no-such-task'])
    expect(Object.keys(states)).toEqual([id])
    expect(states[id]).toMatchObject({ id, status: 'RUNNING' })
    expect(await overlord.taskStatuses([])).toEqual({})
    await overlord.shutdown(id)
    await overlord.shutdown(id)
    await expect
      .poll(async () => (await overlord.taskStatus(id)).statusCode, { timeout: 15_000 })
      .toBe('FAILED')
    const since = { createdTimeInterval: '2020-01-01/2099-01-01' }
    expect(await of({ state: 'complete', dataSource: 'overlord_test', ...since })).toBe(true)
    // Druid looks at the length of the interval only.
    const tick = { createdTimeInterval: '2020-01-01T00:00:00.000Z/2020-01-01T00:00:00.001Z' }
    expect(await of({ state: 'complete', ...tick })).toBe(false)
    expect(await overlord.tasks({ state: 'complete', max: 1 })).toHaveLength(1)
    expect(await overlord.completeTasks({ n: 1 })).toHaveLength(1)
    await expect(overlord.tasks({ state: 'bad' as 'running' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('bad'),
    })
  })

  it('68 Shut down tasks: one, and all of a data source', async () => {
    const first = await submitted({ runTime: 5_000 })
    const second = await submitted({ runTime: 5_000 })
    await overlord.shutdownAll('overlord_test')
    for (const id of [first, second]) {
      await expect
        .poll(async () => (await overlord.taskStatus(id)).statusCode, { timeout: 15_000 })
        .toBe('FAILED')
    }
    await overlord.shutdownAll('no such data source é 100%')
    await overlord.shutdown('no-such-task')
  })

  it('does not know a task that there is not', async () => {
    const unknown = { code: 'NOT_FOUND' }
    await expect(overlord.taskStatus('no-such-task')).rejects.toMatchObject(unknown)
    await expect(overlord.taskSpec('no-such-task')).rejects.toMatchObject(unknown)
    await expect(overlord.taskReport('no-such-task')).rejects.toMatchObject(unknown)
    await expect(overlord.taskLog('no-such-task')).rejects.toMatchObject(unknown)
  })

  it('tells the log of a task, by bytes', async () => {
    const id = await submitted({ runTime: 5_000 })
    // An Indexer, which runs the tasks here, keeps no logs of its own for them.
    const log = await overlord.taskLog(id, { offset: -100 }).catch((error: unknown) => {
      if (isDruidError(error, 'NOT_FOUND')) return new Uint8Array()
      throw error
    })
    expect(log).toBeInstanceOf(Uint8Array)
    // And a noop task makes no report.
    await expect(overlord.taskReport(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await overlord.shutdown(id)
  })

  it('tells the segments of a task up to Druid 30, and refuses to ask others', async () => {
    const id = await submitted({ runTime: 1 })
    const segments = overlord.taskSegments(id)
    if (is27) expect(await segments).toEqual([])
    else await expect(segments).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('tells locked intervals and locks', async () => {
    const task = await druid.cluster().submit({
      type: 'index_parallel',
      context: { priority: 60 },
      spec: {
        dataSchema: {
          dataSource: 'overlord_test',
          timestampSpec: { column: 't' },
          dimensionsSpec: { dimensions: ['i'] },
          granularitySpec: { intervals: ['2001-01-01/2001-01-02'], segmentGranularity: 'DAY' },
        },
        ioConfig: {
          type: 'index_parallel',
          inputSource: { type: 'inline', data: '{"t":"2001-01-01","i":1}' },
          inputFormat: { type: 'json' },
        },
      },
    })
    const dataSource = 'overlord_test'
    const ask = async () => ({
      intervals: await overlord.lockedIntervals([{ dataSource }]),
      high: await overlord.lockedIntervals([{ dataSource, priority: 70 }]),
      others: await overlord.lockedIntervals([{ dataSource: 'flights' }]),
      // Which `lockedIntervals` of 33 does not look at.
      narrow: is27 || (await overlord.activeLocks([{ dataSource, intervals: ['2010/2011'] }])),
      locks: is27 || (await overlord.activeLocks([{ dataSource }])),
      own: is27 || (await task.locks()),
    })
    const lock: Partial<TaskLock> = {
      dataSource,
      groupId: task.id,
      interval: '2001-01-01T00:00:00.000Z/2001-01-02T00:00:00.000Z',
      priority: 60,
      revoked: false,
      granularity: 'timeChunk',
    }
    const theLock = expect.objectContaining(lock)
    // It has its lock from the start, and for as long as it runs.
    await expect.poll(ask, { timeout: 30_000, interval: 30 }).toEqual({
      intervals: { overlord_test: [lock.interval] },
      high: {},
      others: {},
      narrow: is27 || {},
      locks: is27 || { overlord_test: [theLock] },
      own: is27 || [theLock],
    })
    if (is27) {
      const unsupported = { code: 'UNSUPPORTED' }
      const narrow = [{ dataSource, intervals: ['2010/2011'] }]
      await expect(overlord.lockedIntervals(narrow)).rejects.toMatchObject(unsupported)
      await expect(overlord.activeLocks([{ dataSource }])).rejects.toMatchObject(unsupported)
    }
    await task.wait()
    await druid.request('DELETE', `/druid/coordinator/v1/datasources/${dataSource}`)
  })

  it('deletes pending segments', async () => {
    expect(await overlord.deletePendingSegments('overlord_test', '2000/2001')).toBe(0)
  })

  it('70 Sampler: reads a few rows as an ingestion would', async () => {
    const data = '{"t":"2024-01-01","n":9007199254740993,"l":[1,2]}\nbad'
    const result = await overlord.sampler({
      type: 'index',
      spec: {
        type: 'index',
        dataSchema: {
          dataSource: 'sample',
          timestampSpec: { column: 't' },
          dimensionsSpec: { useSchemaDiscovery: true },
          granularitySpec: { rollup: false },
        },
        ioConfig: {
          type: 'index',
          inputSource: { type: 'inline', data },
          inputFormat: { type: 'json' },
        },
      },
      samplerConfig: { numRows: 10, timeoutMs: 5_000 },
    })
    expect(result).toMatchObject({ numRowsRead: 2, numRowsIndexed: 1 })
    expect(result.logicalSegmentSchema[0]).toEqual({ name: '__time', type: 'LONG' })
    expect(result.data[0]?.parsed?.n).toBe(9007199254740993n)
    expect(result.data[1]).toMatchObject({ unparseable: true, error: expect.any(String) })
    await expect(overlord.sampler({ type: 'no such type', spec: {} })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })
})
