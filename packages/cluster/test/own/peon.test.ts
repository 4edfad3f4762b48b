import { cluster, type Peon } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { type LocalDruid, type LocalKafka, startDruid, startKafka } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

/** What a task that reads a real Kafka tells, asked where it runs. */

let kafka: LocalKafka
let local: LocalDruid
let druid: DruidClient<typeof cluster>
let peon: Peon

const limit = { timeout: 60_000, interval: 250 }
const MESSAGES = 50

beforeAll(async () => {
  kafka = await startKafka()
  local = await startDruid({ extensions: ['druid-kafka-indexing-service'] })
  druid = connect(local.routerUrl, { extensions: [cluster] })
  await kafka.createTopic('clicks')
  const messages = Array.from({ length: MESSAGES }, (_, n) => ({ at: 1_700_000_000_000 + n, n }))
  await kafka.produce('clicks', [...messages, 'not json'])
  const { supervisors } = druid.cluster().overlordClient()
  await supervisors.submit({
    type: 'kafka',
    spec: {
      dataSchema: {
        dataSource: 'clicks',
        timestampSpec: { column: 'at', format: 'millis' },
        dimensionsSpec: { dimensions: [{ type: 'long', name: 'n' }] },
        granularitySpec: { segmentGranularity: 'day', rollup: false },
      },
      ioConfig: {
        topic: 'clicks',
        consumerProperties: { 'bootstrap.servers': kafka.bootstrapServers },
        inputFormat: { type: 'json' },
        useEarliestOffset: true,
        startDelay: 'PT1S',
        period: 'PT2S',
      },
      tuningConfig: { type: 'kafka', maxSavedParseExceptions: 10 },
    },
  })
  peon = await vi.waitFor(async () => {
    const [task] = await druid.cluster().overlordClient().runningTasks({ type: 'index_kafka' })
    const found = druid.cluster().peonClient(task?.id ?? '')
    expect(await found.currentOffsets()).toEqual({ 0: MESSAGES + 1 })
    return found
  }, limit)
})
afterAll(async () => {
  await druid?.close()
  await local?.stop()
  await kafka?.stop()
})

describe('a task that reads a stream', () => {
  it('tells what it is at, and how far', async () => {
    expect(await peon.streamStatus()).toBe('READING')
    expect(await peon.currentOffsets()).toEqual({ 0: MESSAGES + 1 })
    const { 0: end } = await peon.endOffsets()
    expect(Number(end)).toBeGreaterThan(MESSAGES)
    expect(await peon.checkpoints()).toEqual({ 0: { 0: 0 } })
    expect(Date.parse((await peon.startTime()) ?? '')).toBeLessThanOrEqual(Date.now())
  })

  it('tells its rows, and what it could not read', async () => {
    const { totals } = await peon.rowStats()
    expect(totals?.buildSegments).toMatchObject({ processed: MESSAGES, unparseable: 1 })
    expect(await peon.unparseableEvents()).toMatchObject([{ input: 'not json' }])
    const report = await peon.liveReports()
    expect(report.ingestionStatsAndErrors?.payload.ingestionState).toBe('BUILD_SEGMENTS')
  })

  it('pauses, and reads on', async () => {
    const offsets = await peon.pause()
    if (offsets !== undefined) expect(offsets).toEqual({ 0: MESSAGES + 1 })
    await vi.waitFor(async () => expect(await peon.streamStatus()).toBe('PAUSED'), limit)
    await kafka.produce('clicks', [{ at: 1_700_000_001_000, n: MESSAGES }])
    expect(await peon.currentOffsets()).toEqual({ 0: MESSAGES + 1 })
    await peon.resume()
    await vi.waitFor(
      async () => expect(await peon.currentOffsets()).toEqual({ 0: MESSAGES + 2 }),
      limit,
    )
    expect(await peon.streamStatus()).toBe('READING')
  })

  it('has no sub tasks', async () => {
    await expect(peon.progress()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('stops when it is told to', async () => {
    await peon.stop()
    await vi.waitFor(
      () => expect(peon.streamStatus()).rejects.toMatchObject({ code: 'NO_SERVICE' }),
      limit,
    )
  })
})
