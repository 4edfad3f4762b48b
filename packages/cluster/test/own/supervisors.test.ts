import { cluster, type KafkaSupervisorSpec, type SupervisorHandle } from '@druid/cluster'
import { connect, type DruidClient, isDruidError } from '@druid/core'
import { type LocalDruid, type LocalKafka, startDruid, startKafka } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Supervisors of a real Kafka: no row is lost or comes twice, and no bad spec ends a good one. */

let kafka: LocalKafka
let local: LocalDruid
let druid: DruidClient<typeof cluster>
let clicks: SupervisorHandle

beforeAll(async () => {
  // A topic is there when it was made, not when somebody asks for it.
  kafka = await startKafka({ properties: { 'auto.create.topics.enable': false } })
  local = await startDruid({ extensions: ['druid-kafka-indexing-service'] })
  druid = connect(local.routerUrl, { extensions: [cluster] })
  await kafka.createTopic('clicks')
  await kafka.produce('clicks', [...clicksFrom(0, 100), 'not json'])
  clicks = druid.cluster().supervisor('clicks')
})
afterAll(async () => {
  await druid?.close()
  await local?.stop()
  await kafka?.stop()
})

const limit = { timeout: 120_000 }
const COUNT = 'SELECT COUNT(*) FROM clicks'

function clicksFrom(first: number, count: number): object[] {
  return Array.from({ length: count }, (_, i) => ({
    at: 1_700_000_000_000 + first + i,
    n: first + i,
  }))
}

type IoConfig = KafkaSupervisorSpec['spec']['ioConfig']

function spec(
  dataSource: string,
  ioConfig: Partial<IoConfig> = {},
  timestamp: object = { column: 'at', format: 'millis' },
): KafkaSupervisorSpec {
  return {
    type: 'kafka',
    spec: {
      dataSchema: {
        dataSource,
        timestampSpec: { ...timestamp },
        dimensionsSpec: { dimensions: [{ type: 'long', name: 'n' }] },
        granularitySpec: { segmentGranularity: 'day', rollup: false },
      },
      ioConfig: {
        topic: dataSource,
        consumerProperties: { 'bootstrap.servers': kafka.bootstrapServers },
        inputFormat: { type: 'json' },
        useEarliestOffset: true,
        startDelay: 'PT1S',
        period: 'PT2S',
        ...ioConfig,
      } as IoConfig,
      tuningConfig: { type: 'kafka', offsetFetchPeriod: 'PT5S', maxSavedParseExceptions: 10 },
    },
  }
}

/** What `submitSupervisor` fails with. */
async function failure(submitted: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await submitted.then(
    () => new Error('it was taken'),
    (thrown: unknown) => thrown,
  )
  if (isDruidError(error)) return error
  throw error
}

async function topicOf(supervisor: SupervisorHandle): Promise<unknown> {
  const { spec } = (await supervisor.spec()) as unknown as KafkaSupervisorSpec
  return spec.ioConfig.topic
}

describe('a supervisor of a stream', () => {
  it('72 Create / suspend / resume / reset / terminate / stats: one is there when it runs, and its rows can be queried when it has caught up', async () => {
    const states: string[] = []
    const created = await druid.cluster().submitSupervisor(spec('clicks'), {
      onProgress: ({ detailedState }) => states.push(detailedState),
    })
    expect(created.id).toBe('clicks')
    expect(states.at(-1)).toBe('RUNNING')
    const status = await created.untilCaughtUp(limit)
    expect(status).toMatchObject({
      stream: 'clicks',
      partitions: 1,
      aggregateLag: 0,
      healthy: true,
    })
    expect(status.latestOffsets).toEqual({ 0: 101 })
    expect(await druid.value(COUNT)).toBe(100)
  })

  it('it counts what it has read, and keeps what it could not read', async () => {
    const [tasks] = Object.values(await clicks.stats())
    const [stats] = Object.values(tasks ?? {})
    expect(stats?.totals.buildSegments).toMatchObject({ processed: 100, unparseable: 1 })
    const errors = await clicks.parseErrors()
    expect(errors).toMatchObject([{ errorType: 'unparseable', input: 'not json' }])
    expect(errors[0]?.details?.[0]).toContain('not json')
  })

  it('71 List / status / history: of each what it is at, with its spec where asked for', async () => {
    const state = { id: 'clicks', detailedState: 'RUNNING', healthy: true, suspended: false }
    expect(await druid.cluster().supervisors()).toMatchObject([state])
    const full = await druid.cluster().supervisors({ full: true })
    expect(full).toMatchObject([{ ...state, spec: { type: 'kafka' } }])
    expect(await clicks.state()).toMatchObject(state)
    expect(await clicks.health()).toBe(true)
    const { activeTasks } = await clicks.status()
    expect(activeTasks).toMatchObject([{ type: 'ACTIVE', startingOffsets: { 0: 0 } }])
    expect(await clicks.history()).toHaveLength(1)
    const { supervisors } = druid.cluster().overlordClient()
    expect(await supervisors.system()).toMatchObject([{ id: 'clicks', source: 'clicks' }])
    const none = druid.cluster().supervisor('none')
    for (const ask of ['state', 'status', 'health', 'spec', 'history'] as const) {
      await expect(none[ask]()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})

describe('a bad spec never replaces a good one', () => {
  const submit = (
    bad: KafkaSupervisorSpec,
    options?: Parameters<ReturnType<typeof druid.cluster>['submitSupervisor']>[1],
  ): Promise<{ code: string; message: string }> =>
    failure(druid.cluster().submitSupervisor(bad, options))

  it('one that Druid cannot read is refused', async () => {
    const error = await submit(spec('clicks', {}, { column: 'at', format: 'no such format' }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(error.message).toContain('no such format')
  })

  it('one by which no message can be read is not submitted', async () => {
    const error = await submit(spec('clicks', {}, { column: 'no such column', format: 'millis' }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(error.message).toMatch(/none can be read: .*nothing was submitted/)
    expect(await clicks.history()).toHaveLength(1)
  })

  it('one whose Kafka cannot be reached is not submitted', async () => {
    const consumerProperties = { 'bootstrap.servers': '127.0.0.1:1' }
    const error = await submit(spec('clicks', { consumerProperties }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(error.message).toContain('Timeout')
    expect(await clicks.history()).toHaveLength(1)
  })

  it('one whose topic is not there is not submitted', async () => {
    const error = await submit(spec('clicks', { topic: 'no-such-topic' }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(error.message).toContain('nothing was submitted')
    expect(await clicks.history()).toHaveLength(1)
  })

  it('one that Druid cannot start, by which it ends the one before, is undone', async () => {
    const autoScalerConfig = {
      enableTaskAutoScaler: true,
      taskCountMin: 1,
      taskCountMax: 2,
      lagCollectionIntervalMillis: 0,
    }
    const error = await submit(spec('clicks', { autoScalerConfig }))
    expect(error).toMatchObject({ code: 'SERVER' })
    expect(error.message).toContain('the spec of clicks that was there before is back')
    await clicks.untilRunning(limit)
    expect(await clicks.spec()).not.toHaveProperty(
      'spec.ioConfig.autoScalerConfig.enableTaskAutoScaler',
    )
  })

  it('one that does not run in time is undone, and the one before goes on where it was', async () => {
    const error = await submit(spec('clicks', { topic: 'no-such-topic' }), {
      sample: false,
      runsWithin: 4_000,
    })
    expect(error).toMatchObject({ code: 'TIMEOUT' })
    expect(error.message).toMatch(/No partitions found.*that was there before is back/)
    expect(await topicOf(clicks)).toBe('clicks')
    await kafka.produce('clicks', clicksFrom(100, 10))
    await clicks.untilCaughtUp(limit)
    expect(await druid.value(COUNT)).toBe(110)
  })

  it('one that is aborted before it runs is undone', async () => {
    const error = await submit(spec('clicks', { topic: 'no-such-topic' }), {
      sample: false,
      signal: AbortSignal.timeout(4_000),
    })
    expect(error).toMatchObject({ code: 'TIMEOUT' })
    expect(error.message).toContain('is back')
    expect(await topicOf(clicks)).toBe('clicks')
  })

  it('one that is new, and unhealthy, is terminated', async () => {
    const error = await submit(spec('nothing', { topic: 'no-such-topic' }), { sample: false })
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(error.message).toMatch(
      /UNABLE_TO_CONNECT_TO_STREAM.*nothing, which was not there before, is terminated/,
    )
    expect(await druid.cluster().overlordClient().supervisors.ids()).toEqual(['clicks'])
  })

  it('where it is told to, it stays, and tells that it is unhealthy', async () => {
    const unhealthy = await druid
      .cluster()
      .submitSupervisor(spec('nothing', { topic: 'no-such-topic' }), {
        sample: false,
        runsWithin: 0,
      })
    await expect.poll(() => unhealthy.health(), limit).toBe(false)
    expect(await unhealthy.state()).toMatchObject({ state: 'UNHEALTHY_SUPERVISOR', healthy: false })
    await expect(unhealthy.untilRunning({ timeout: 1_000 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/UNABLE_TO_CONNECT_TO_STREAM \(.*No partitions found/),
    })
    await druid.cluster().terminateSupervisors(['nothing'])
  })
})

describe('suspending, resuming and resetting: exactly the rows that are asked for', () => {
  it('one that is suspended has published what it has read; being so twice is no error', async () => {
    await clicks.suspend()
    await clicks.suspend()
    expect(await clicks.untilSuspended(limit)).toMatchObject({ suspended: true })
    await expect.poll(() => druid.value(COUNT), limit).toBe(110)
    await expect(clicks.untilRunning(limit)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('offsets are set while it is suspended, and it goes on there', async () => {
    await kafka.produce('clicks', clicksFrom(110, 20))
    await clicks.resetOffsets({ 0: 2n ** 53n + 1n })
    // Of 131 messages the last ten.
    await clicks.resetOffsets({ 0: 121 })
    await clicks.resume()
    await clicks.resume()
    await clicks.untilCaughtUp(limit)
    expect(await druid.value(COUNT)).toBe(120)
    expect(await druid.value('SELECT MAX(n) FROM clicks')).toBe(129)
    expect(await druid.value('SELECT COUNT(*) FROM clicks WHERE n BETWEEN 110 AND 119')).toBe(0)
  })

  it('its tasks hand over when told to, and no row is lost or comes twice', async () => {
    const idsOf = async (): Promise<string[]> =>
      ((await clicks.status()).activeTasks ?? []).map(({ id }) => id)
    const before = await idsOf()
    await clicks.handoff([0])
    await expect.poll(async () => (await idsOf()).join(), limit).not.toBe(before.join())
    await kafka.produce('clicks', clicksFrom(130, 5))
    await clicks.untilCaughtUp(limit)
    await expect.poll(() => druid.value(COUNT), limit).toBe(125)
  })

  it('one that is reset reads all again', async () => {
    await clicks.suspend()
    await clicks.untilSuspended(limit)
    await clicks.reset()
    await clicks.resume()
    await clicks.untilCaughtUp(limit)
    await expect.poll(() => druid.value(COUNT), limit).toBe(125 + 135)
  })
})

describe('a supervisor of several topics', () => {
  it('has offsets by topic and partition, and rests while there are no messages', async () => {
    for (const topic of ['visits-a', 'visits-b']) await kafka.createTopic(topic)
    await kafka.produce('visits-a', clicksFrom(0, 3))
    await kafka.produce('visits-b', clicksFrom(3, 2))
    const { type, spec: of } = spec('visits')
    const ioConfig = {
      ...of.ioConfig,
      topic: undefined,
      topicPattern: 'visits-[ab]',
      idleConfig: { enabled: true, inactiveAfterMillis: 5_000 },
    }
    const visits = await druid.cluster().submitSupervisor({ type, spec: { ...of, ioConfig } })
    const { latestOffsets } = await visits.untilCaughtUp(limit)
    expect(latestOffsets).toEqual({ 'visits-a:0': 3, 'visits-b:0': 2 })
    expect(await druid.value('SELECT COUNT(*) FROM visits')).toBe(5)
    await visits.suspend()
    await visits.untilSuspended(limit)
    await visits.resetOffsets({ 'visits-a:0': 1 })
    await visits.resume()
    await visits.untilCaughtUp(limit)
    await expect.poll(() => druid.value('SELECT COUNT(*) FROM visits'), limit).toBe(7)
    await expect.poll(async () => (await visits.state()).state, limit).toBe('IDLE')
    await visits.untilRunning({ timeout: 10_000 })
    await visits.terminate()
  })
})

describe('many at once, and the end', () => {
  it('suspends and resumes some, or all', async () => {
    const suspended = async (): Promise<boolean[]> =>
      (await druid.cluster().supervisors()).map((it) => it.suspended)
    await druid.cluster().suspendSupervisors(['clicks'])
    expect(await suspended()).toEqual([true])
    await druid.cluster().resumeSupervisors('all')
    expect(await suspended()).toEqual([false])
    await druid.cluster().suspendSupervisors('all')
    expect(await suspended()).toEqual([true])
    await expect(druid.cluster().resumeSupervisors(['none', 'clicks'])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await suspended()).toEqual([false])
  })

  it('one that is terminated is gone, and its history stays', async () => {
    await clicks.terminate()
    await expect(clicks.terminate()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(clicks.state()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const [end, ...specs] = await clicks.history()
    expect(end?.spec.dataSources).toEqual(['clicks'])
    expect(specs.every((it) => it.spec.type === 'kafka')).toBe(true)
    const all = await druid.cluster().overlordClient().supervisors.allHistory()
    expect(all.clicks).toHaveLength(specs.length + 1)
  })
})
