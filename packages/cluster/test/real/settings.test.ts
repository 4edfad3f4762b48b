import {
  type CoordinatorConfig,
  cluster,
  type RetentionRule,
  type Setting,
  type Written,
} from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { airportsTask } from '@druid/data'
import { afterAll, describe, expect, inject, it } from 'vitest'

const NAME = 'to be set 100% "é" 数'
const is27 = inject('druidVersion').startsWith('27.')
const druid: DruidClient<typeof cluster> = connect(inject('druidUrl'), { extensions: [cluster] })
const settings = druid.cluster().settings()
const source = druid.cluster().dataSource(NAME)
const AUDIT = { author: 'tests', comment: 'trying é' }

afterAll(async () => {
  await source.rules.clear()
  await source.compaction.clear()
  const { kill } = await source.drop({ kill: true })
  await kill?.wait()
  await druid.close()
})

/** Does something with what was written, and puts back what was there before. */
async function undone<Value>(
  written: Written<Value>,
  look: (written: Written<Value>) => unknown,
): Promise<void> {
  try {
    await look(written)
  } finally {
    const { value } = await written.undo({ ...AUDIT, comment: 'undone' })
    expect(value).toMatchObject(written.before as object)
  }
}

async function newest<Value, Next>(
  setting: Setting<Value, Next>,
): Promise<{ author: string; comment: string; value: Value } | undefined> {
  return (await setting.history({ count: 5 }))[0]
}

describe('80 Dynamic config read / write', () => {
  it('of the Coordinator: fields that are not given stay', async () => {
    const { coordinator } = settings
    const before = await coordinator.read()
    const next = { maxSegmentsToMove: 7, decommissioningNodes: ['nowhere:1', 'elsewhere:2'] }
    expect(await coordinator.diff(next)).toEqual([
      { path: ['maxSegmentsToMove'], from: before.maxSegmentsToMove, to: 7 },
      { path: ['decommissioningNodes'], from: [], to: next.decommissioningNodes },
    ])
    await undone(await coordinator.write(next, AUDIT), async ({ value, changes }) => {
      expect(value).toEqual({
        ...before,
        ...next,
        decommissioningNodes: expect.arrayContaining(next.decommissioningNodes),
      })
      expect(changes).toHaveLength(2)
      expect(await coordinator.read()).toEqual(value)
      expect(await newest(coordinator)).toMatchObject({
        ...AUDIT,
        value: { maxSegmentsToMove: 7 },
      })
    })
    expect(await coordinator.read()).toEqual(before)
    expect(await newest(coordinator)).toMatchObject({ author: 'tests', comment: 'undone' })
  })

  it('is not sent where it changes nothing', async () => {
    const [first] = await settings.coordinator.history({ count: 1 })
    const { changes } = await settings.coordinator.write(await settings.coordinator.read())
    expect(changes).toEqual([])
    expect((await settings.coordinator.history({ count: 1 }))[0]).toEqual(first)
  })

  it('tells fields that this version does not have, before anything is sent', async () => {
    const config = { cloneServers: { 'a:1': 'b:1' } }
    for (const next of [config, { maxSegmentToMove: 3 }]) {
      await expect(settings.coordinator.diff(next)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringContaining('has no field'),
      })
    }
    await expect(settings.coordinator.write(config)).rejects.toThrow('(Druid >=34 has)')
  })

  it('is put back where Druid takes it, but has something else in force', async () => {
    const before = await settings.coordinator.read()
    // Druid makes 1 of it.
    const next = { balancerComputeThreads: 0, maxSegmentsToMove: 8 }
    await expect(settings.coordinator.write(next)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('balancerComputeThreads is 1, not 0'),
    })
    expect(await settings.coordinator.read()).toEqual(before)
  })

  it('stays as it is where Druid refuses it', async () => {
    const before = await settings.coordinator.read()
    const next = { maxSegmentsToMove: 'many' } as unknown as CoordinatorConfig
    await expect(settings.coordinator.write(next)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(await settings.coordinator.read()).toEqual(before)
  })

  it('empties what was empty before, where Druid takes null for no word', async () => {
    const { coordinator } = settings
    const debugDimensions = { dataSource: NAME }
    const written = await coordinator.write({ debugDimensions })
    expect(written.value.debugDimensions).toEqual(debugDimensions)
    await written.undo()
    expect((await coordinator.read()).debugDimensions ?? {}).toEqual({})
    await expect(
      coordinator.write({ maxSegmentsToMove: null } as unknown as CoordinatorConfig),
    ).rejects.toThrow('maxSegmentsToMove is')
  })

  it('of workers, restored from the history', async () => {
    const { workers } = settings
    const before = await workers.read()
    const next = { type: 'default', selectStrategy: { type: 'fillCapacity' } }
    await undone(await workers.write(next, AUDIT), async ({ value }) => {
      expect(value.selectStrategy?.type).toBe('fillCapacity')
      expect(await newest(workers)).toMatchObject(AUDIT)
    })
    const versions = await workers.history()
    const filling = versions.find(({ value }) => value.selectStrategy?.type === 'fillCapacity')
    expect(filling).toMatchObject(AUDIT)
    if (filling === undefined) return
    await undone(await workers.restore(filling, AUDIT), ({ value }) =>
      expect(value.selectStrategy?.type).toBe('fillCapacity'),
    )
    expect((await workers.read()).selectStrategy?.type).toBe(before.selectStrategy?.type)
  })

  it('of Brokers, on Druid 37 and later', async () => {
    await expect(settings.broker.read()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('78 Retention rules read / write', () => {
  const rules: readonly RetentionRule[] = [
    { type: 'loadByPeriod', period: 'P1M', tieredReplicants: { _default_tier: 1 } },
    { type: 'loadByInterval', interval: '2001/2002', tieredReplicants: { _default_tier: 1 } },
    { type: 'dropByInterval', interval: '2002-01-01/P1Y' },
    { type: 'dropByPeriod', period: 'P1Y', includeFuture: false },
    { type: 'dropBeforeByPeriod', period: 'P10Y' },
    { type: 'broadcastByPeriod', period: 'P1D' },
    { type: 'broadcastByInterval', interval: '2003/2004' },
    { type: 'loadForever', tieredReplicants: { _default_tier: 1 } },
  ]

  it('of a data source: all types, with author, comment and history', async () => {
    expect(await source.rules.read()).toEqual([])
    expect(await source.rules.diff(rules)).toHaveLength(8)
    const written = await source.rules.write(rules, AUDIT)
    expect(written.value.map(({ type }) => type)).toEqual(rules.map(({ type }) => type))
    expect(await source.rules.diff(rules)).toEqual([])
    expect(await newest(source.rules)).toMatchObject({ ...AUDIT, value: written.value })
    const fewer = rules.slice(0, 1)
    expect(await source.rules.diff(fewer)).toHaveLength(7)
    await source.rules.write(fewer)
    const [, older] = await source.rules.history()
    if (older) await source.rules.restore(older)
    expect(await source.rules.read()).toEqual(written.value)
    const { before, undo } = await source.rules.clear(AUDIT)
    expect(before).toEqual(written.value)
    expect(await source.rules.read()).toEqual([])
    expect((await undo()).value).toEqual(written.value)
    expect((await source.rules.clear()).value).toEqual([])
  })

  it('refuses what Druid would take and then fail on', async () => {
    const wrong: readonly [unknown, string][] = [
      [{}, 'they are a list'],
      [[{ period: 'P1M' }], 'rule 1: a rule has a type'],
      [[{ type: 'dropForever' }, { type: 'loadByPeriod' }], 'rule 2: a rule of type loadByPeriod'],
      [[{ type: 'dropByInterval' }], 'has an interval'],
      [[{ type: 'dropForever', period: 'P1M' }], 'has no field "period"'],
      [[{ type: 'loadForever', tieredReplicants: { _default_tier: -1 } }], '_default_tier'],
      [[{ type: 'unheard' }], 'unheard'],
    ]
    for (const [next, why] of wrong) {
      await expect(source.rules.write(next as RetentionRule[])).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringContaining(why),
      })
    }
    expect(await source.rules.read()).toEqual([])
  })

  it('of all data sources', async () => {
    const { defaultRules } = settings
    const before = await defaultRules.read()
    const next: RetentionRule[] = [{ type: 'dropByInterval', interval: '1901/1902' }, ...before]
    await undone(await defaultRules.write(next, AUDIT), async ({ value, changes }) => {
      expect(value[0]).toMatchObject({ type: 'dropByInterval' })
      expect(changes.length).toBeGreaterThan(0)
      expect(await newest(defaultRules)).toMatchObject(AUDIT)
    })
    await expect(defaultRules.write([])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('79 Compaction status / config', () => {
  it('of a data source: written, read back, cleared, restored', async () => {
    const { compaction } = source
    expect(await compaction.read()).toBeUndefined()
    expect(await compaction.status()).toBeUndefined()
    expect(await compaction.progress()).toBeUndefined()
    const next = {
      skipOffsetFromLatest: 'P2D',
      granularitySpec: { segmentGranularity: 'day' },
      dimensionsSpec: { dimensions: ['name', { type: 'long', name: 'n' }] },
      tuningConfig: { partitionsSpec: { type: 'dynamic', maxRowsPerSegment: 1_000 } },
      taskContext: { priority: 3 },
    }
    const { value, before } = await compaction.write(next, AUDIT)
    expect(before).toBeUndefined()
    expect(value).toMatchObject({ dataSource: NAME, taskPriority: 25, skipOffsetFromLatest: 'P2D' })
    expect(await compaction.diff({ ...next, taskPriority: 26 })).toContainEqual({
      path: ['taskPriority'],
      from: 25,
      to: 26,
    })
    await compaction.write({ ...next, taskPriority: 26 })
    expect(await compaction.read()).toMatchObject({ taskPriority: 26 })
    const versions = await compaction.history()
    expect(versions.slice(0, 2).map((it) => it.value?.taskPriority)).toEqual([26, 25])
    expect(versions[1]).toMatchObject(AUDIT)
    if (versions[1]) await compaction.restore(versions[1])
    expect(await compaction.read()).toEqual(value)
    const cleared = await compaction.clear(AUDIT)
    expect(cleared.value).toBeUndefined()
    expect(await compaction.read()).toBeUndefined()
    expect((await compaction.clear()).changes).toEqual([])
    expect((await cleared.undo()).value).toEqual(value)
    await compaction.clear()
  })

  it('refuses fields that this version does not have, and puts back what loses some', async () => {
    const { compaction } = source
    await expect(compaction.write({ skipOffset: 'P1D' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('has no field "skipOffset"'),
    })
    await expect(compaction.write({ tuningConfig: { noSuchField: 1 } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('tuningConfig.noSuchField is nothing, not 1'),
    })
    expect(await compaction.read()).toBeUndefined()
    if (!is27) return
    await expect(compaction.write({ engine: 'msq' })).rejects.toThrow('Druid >=31 has')
  }, 60_000)

  it('tells how far it is', async () => {
    await druid.cluster().ingest(await airportsTask(NAME))
    await source.compaction.write({ skipOffsetFromLatest: 'P0D', taskPriority: 1 }, AUDIT)
    try {
      // It looks on its own every 30 minutes.
      await druid.cluster().coordinatorClient().compaction.compact()
      await expect.poll(() => source.compaction.status(), { timeout: 60_000 }).toBeDefined()
      expect(await source.compaction.status()).toMatchObject({
        dataSource: NAME,
        scheduleStatus: 'RUNNING',
      })
      const progress = await source.compaction.progress()
      expect(progress?.percent).toBeGreaterThanOrEqual(0)
      const { bytesAwaiting = 0, bytesCompacted = 0, bytesSkipped = 0 } = progress ?? {}
      expect(bytesAwaiting + bytesCompacted + bytesSkipped).toBeGreaterThan(0)
    } finally {
      await source.compaction.clear()
    }
  }, 120_000)

  it('is followed where supervisors compact, on Druid 33 and later', async () => {
    const next = { useSupervisors: true }
    if (is27) {
      await expect(settings.compaction.write(next)).rejects.toThrow('Druid >=33 has')
      return
    }
    const compacted = druid.cluster().dataSource('to be compacted é')
    await druid.cluster().ingest(await airportsTask(compacted.name))
    await undone(await settings.compaction.write(next), async () => {
      const partitionsSpec = { type: 'dynamic', maxRowsPerSegment: 1_000 }
      const tuningConfig = { partitionsSpec }
      await compacted.compaction.write({ skipOffsetFromLatest: 'PT0S', tuningConfig })
      const percent = async (): Promise<number | undefined> =>
        (await compacted.compaction.progress())?.percent
      await expect.poll(percent, { timeout: 100_000, interval: 500 }).toBe(100)
      expect(await compacted.compaction.status()).toMatchObject({ scheduleStatus: 'RUNNING' })
      // Its task may be running yet.
      const segments = async (): Promise<number> => (await compacted.usedSegments()).length
      // How many there are at least: Druid may begin a further one.
      await expect.poll(segments, { timeout: 60_000, interval: 500 }).toBeGreaterThanOrEqual(4)
      await compacted.compaction.clear()
    })
    const { kill } = await compacted.drop({ kill: true })
    await kill?.wait()
  }, 180_000)

  it('of the cluster: slots, and from Druid 33 on all of it', async () => {
    const { compaction } = settings
    const { maxCompactionTaskSlots } = await compaction.read()
    await undone(await compaction.write({ maxCompactionTaskSlots: 5 }, AUDIT), ({ changes }) =>
      expect(changes).toEqual([
        { path: ['maxCompactionTaskSlots'], from: maxCompactionTaskSlots, to: 5 },
      ]),
    )
    const policy = {
      compactionPolicy: { type: 'newestSegmentFirst', priorityDatasource: NAME },
    }
    if (is27) {
      await expect(compaction.write(policy)).rejects.toThrow('Druid >=33 has')
    } else {
      await undone(await compaction.write(policy), ({ value }) =>
        expect(value).toMatchObject(policy),
      )
    }
  })
})
