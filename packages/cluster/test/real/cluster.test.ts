import { cluster } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { airportsTask } from '@druid/data'
import { afterAll, describe, expect, inject, it } from 'vitest'

describe('the cluster behind one URL', () => {
  const druid = connect(inject('druidUrl'), { extensions: [cluster] })
  afterAll(() => druid.close())

  it('tells what is loaded', async () => {
    expect(await druid.cluster().coordinatorClient().dataSources()).toEqual(
      expect.arrayContaining(['airports', 'flights']),
    )
    const status = await druid.cluster().coordinatorClient().loadStatus()
    expect(status.flights).toBe(100)
    expect(await druid.cluster().coordinatorClient().segmentsToLoad('flights')).toBe(0)
    expect(await druid.cluster().coordinatorClient().segmentsToLoad('none')).toBeUndefined()
  })
})

describe('ingestion', () => {
  const druid: DruidClient<typeof cluster> = connect(inject('druidUrl'), { extensions: [cluster] })
  afterAll(() => druid.close())

  it('62 Wait until rows are queryable: ingest resolves then, and says how far it is', async () => {
    const phases: string[] = []
    const result = await druid.cluster().ingest(await airportsTask('ingested'), {
      onProgress: ({ phase }) => phases.push(phase),
    })
    expect(await druid.value('SELECT COUNT(*) FROM ingested')).toBe(3_376)
    expect(result).toMatchObject({ dataSource: 'ingested', rows: 3_376, unparseable: 0 })
    expect(phases[0]).toBe('submitted')
    expect(phases.at(-1)).toBe('queryable')
    expect(phases).toContain('stored')
    const report = await druid.cluster().overlordClient().taskReport(result.taskId)
    expect(report.ingestionStatsAndErrors?.taskId).toBe(result.taskId)
  })

  it('counts the rows that could not be read', async () => {
    const task = await airportsTask('counted')
    const inputFormat = { type: 'json' }
    const data = '{"a":1}\nnot json\n{"a":2}'
    const ioConfig = { type: 'index_parallel', inputSource: { type: 'inline', data }, inputFormat }
    const result = await druid.cluster().ingest({ ...task, spec: { ...task.spec, ioConfig } })
    expect(result).toMatchObject({ rows: 2, unparseable: 1 })
  })

  it('appends to what is there, and waits for the new rows', async () => {
    const task = await airportsTask('ingested')
    const ioConfig = { ...task.spec.ioConfig, appendToExisting: true }
    const result = await druid.cluster().ingest({ ...task, spec: { ...task.spec, ioConfig } })
    expect(result.rows).toBe(3_376)
    expect(await druid.value('SELECT COUNT(*) FROM ingested')).toBe(2 * 3_376)
  })

  it("fails with Druid's reason", async () => {
    const task = await airportsTask('refused')
    const ioConfig = { ...task.spec.ioConfig, inputFormat: { type: 'no such format' } }
    await expect(
      druid.cluster().ingest({ ...task, spec: { ...task.spec, ioConfig } }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT', status: 400 })
    const tuningConfig = { type: 'index_parallel', maxParseExceptions: 0, logParseExceptions: true }
    const bad = { type: 'inline', data: 'not json\nnor this' }
    const failing = { type: 'index_parallel', inputSource: bad, inputFormat: { type: 'json' } }
    await expect(
      druid.cluster().ingest({ ...task, spec: { ...task.spec, ioConfig: failing, tuningConfig } }),
    ).rejects.toMatchObject({ code: 'TASK_FAILED', dataSource: 'refused' })
  })

  it('stops the task when it is aborted', async () => {
    const abort = new AbortController()
    let taskId = ''
    const running = druid.cluster().ingest(await airportsTask('aborted'), {
      signal: abort.signal,
      onProgress: (progress) => {
        taskId = progress.taskId
        abort.abort()
      },
    })
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(druid.cluster().task(taskId).wait()).rejects.toMatchObject({ code: 'TASK_FAILED' })
  })
})
