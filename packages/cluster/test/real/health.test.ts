import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { airportsTask } from '@druid/data'
import { table } from '@druid/format'
import { afterAll, describe, expect, inject, it, vi } from 'vitest'

describe('check() of a real cluster', () => {
  const druid = connect(inject('druidUrl'), { extensions: [cluster] })
  afterAll(() => druid.close())
  const settling = { timeout: 45_000, interval: 500 }

  it('finds nothing wrong with what is well, and sees all of it', async () => {
    const well = ['leaders', 'services', 'versions', 'coordination', 'segments'] as const
    // What tests before this one took away may still be on its way.
    await vi.waitFor(async () => {
      const { findings, checks, rows } = await druid.cluster().check()
      expect(checks).toHaveLength(10)
      for (const check of well) {
        expect(findings.filter((finding) => finding.check === check)).toEqual([])
        expect(rows).toContainEqual(expect.objectContaining({ check, severity: 'ok' }))
      }
      expect(findings.filter(({ severity }) => severity === 'unknown')).toEqual([])
    }, settling)
  })

  it('tells that one Historical is few for the two replicas that Druid asks for by default', async () => {
    const { findings } = await druid.cluster().check({ checks: ['replication'] })
    const few = findings.find(({ subject }) => subject === 'tier _default_tier')
    expect(few?.severity).toBe('notice')
    expect(few?.facts.underReplicated).toMatchObject({ flights: 3 })
  })

  it('finds a task that failed, and that one after it went well', async () => {
    const dataSource = 'health_failing'
    const task = await airportsTask(dataSource)
    const tuningConfig = { type: 'index_parallel', maxParseExceptions: 0 }
    const inputSource = { type: 'inline', data: 'not json' }
    const inputFormat = { type: 'json' }
    const ioConfig = { type: 'index_parallel', inputSource, inputFormat }
    const failing = { ...task, spec: { ...task.spec, ioConfig, tuningConfig } }
    const { id } = await druid.cluster().submit(failing)
    await expect(druid.cluster().task(id).wait()).rejects.toMatchObject({ code: 'TASK_FAILED' })
    const about = async (): Promise<object | undefined> => {
      const { findings } = await druid.cluster().check({ checks: ['tasks'] })
      return findings.find(({ subject }) => subject === `data source ${dataSource}`)
    }
    expect(await about()).toMatchObject({
      severity: 'warning',
      problem: expect.stringMatching(/index_parallel tasks? failed, the last one as well/),
      advice: expect.stringContaining(id),
      facts: { dataSource, last: { id } },
    })
    await druid.cluster().ingest(task)
    expect(await about()).toMatchObject({ severity: 'notice' })
    await druid.cluster().coordinatorClient().markAllUnused(dataSource)
  })

  it('finds nothing in a task that was stopped', async () => {
    const handle = await druid.cluster().submit({ type: 'noop', runTime: 60_000 })
    await handle.shutdown()
    await expect(handle.wait()).rejects.toMatchObject({ code: 'TASK_FAILED' })
    const { findings } = await druid.cluster().check({ checks: ['tasks'] })
    expect(findings.filter(({ facts }) => facts.type === 'noop')).toEqual([])
  })

  it('is a table by @druid/format', async () => {
    const { rows } = await druid.cluster().check({ checks: ['leaders', 'replication'] })
    const [header, , ...lines] = table(rows).split('\n')
    expect(header).toMatch(/^severity +check +subject +problem +advice/)
    const few = /^notice +replication +tier _default_tier +It has fewer servers/
    expect(lines).toContainEqual(expect.stringMatching(few))
    expect(lines).toContainEqual(expect.stringMatching(/^ok +leaders/))
  })

  it('works by the proxy of the Router only', async () => {
    await using router = connect(inject('druidUrl'), {
      extensions: [cluster.with({ through: 'router' })],
    })
    const { findings } = await router.cluster().check({ checks: ['leaders', 'servers', 'workers'] })
    expect(findings.filter(({ severity }) => severity !== 'notice')).toEqual([])
  })
})
