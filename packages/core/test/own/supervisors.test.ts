import { connect, type DruidClient, type Supervisor, type Task } from '@druid/core'
import { type LocalDruid, type LocalKafka, startDruid, startKafka } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** What metadata says of supervisors that read a real Kafka, and of their tasks while they run. */

let kafka: LocalKafka
let local: LocalDruid
let druid: DruidClient

beforeAll(async () => {
  kafka = await startKafka({ properties: { 'auto.create.topics.enable': false } })
  local = await startDruid({
    home: process.env.DRUID_HOME || undefined,
    extensions: ['druid-kafka-indexing-service'],
  })
  druid = connect(local.routerUrl)
  await kafka.createTopic('clicks')
  await kafka.produce('clicks', [{ at: 1_700_000_000_000, n: 1 }])
})
afterAll(async () => {
  await druid?.close()
  await local?.stop()
  await kafka?.stop()
})

const OVERLORD = '/druid/indexer/v1/supervisor'

function submit(topic: string): Promise<unknown> {
  return druid.request('POST', OVERLORD, {
    type: 'kafka',
    spec: {
      dataSchema: {
        dataSource: topic,
        timestampSpec: { column: 'at', format: 'millis' },
        dimensionsSpec: { dimensions: [{ type: 'long', name: 'n' }] },
        granularitySpec: { segmentGranularity: 'day', rollup: false },
      },
      ioConfig: {
        topic,
        consumerProperties: { 'bootstrap.servers': kafka.bootstrapServers },
        inputFormat: { type: 'json' },
        useEarliestOffset: true,
        startDelay: 'PT1S',
        period: 'PT1S',
      },
      tuningConfig: { type: 'kafka' },
    },
  })
}

/** Of that data source, as soon as it is in that state. */
async function supervisor(source: string, detailedState: string): Promise<Supervisor> {
  let found: Supervisor | undefined
  await expect
    .poll(
      async () => {
        found = (await druid.metadata.supervisors()).find((it) => it.source === source)
        return found?.detailedState
      },
      { timeout: 90_000, interval: 500 },
    )
    .toBe(detailedState)
  return found as Supervisor
}

const told = (topic: string): object => ({
  supervisorId: topic,
  type: 'kafka',
  source: topic,
  spec: expect.objectContaining({
    type: 'kafka',
    spec: expect.objectContaining({ ioConfig: expect.objectContaining({ topic }) }),
  }),
})

describe('supervisors of a real Kafka, in metadata', () => {
  it('one that runs, with a task that runs', async () => {
    await submit('clicks')
    expect(await supervisor('clicks', 'RUNNING')).toEqual({
      ...told('clicks'),
      state: 'RUNNING',
      detailedState: 'RUNNING',
      healthy: true,
      suspended: false,
    })
    let task: Task | undefined
    await expect
      .poll(
        async () => {
          const running = { dataSource: 'clicks', status: 'RUNNING' } as const
          for await (const it of druid.metadata.tasks(running)) task = it
          return task?.runnerStatus
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBe('RUNNING')
    expect(task).toMatchObject({
      type: 'index_kafka',
      status: 'RUNNING',
      duration: -1,
      host: expect.any(String),
      location: expect.stringMatching(/:\d+$/),
      tlsPort: -1,
      errorMsg: null,
    })
  })

  it('segments of it are there before they are published', async () => {
    await expect
      .poll(
        async () => {
          const found: unknown[] = []
          for await (const { isRealtime, isPublished, isActive } of druid.metadata.segments({
            dataSource: 'clicks',
          }))
            found.push({ isRealtime, isPublished, isActive })
          return found
        },
        { timeout: 60_000, interval: 500 },
      )
      .toEqual([{ isRealtime: true, isPublished: false, isActive: true }])
  })

  it('one that is suspended', async () => {
    await druid.request('POST', `${OVERLORD}/clicks/suspend`)
    expect(await supervisor('clicks', 'SUSPENDED')).toEqual({
      ...told('clicks'),
      state: 'SUSPENDED',
      detailedState: 'SUSPENDED',
      healthy: true,
      suspended: true,
    })
  })

  it('one that cannot read, and is not healthy', async () => {
    await submit('nothing')
    expect(await supervisor('nothing', 'UNABLE_TO_CONNECT_TO_STREAM')).toEqual({
      ...told('nothing'),
      state: 'UNHEALTHY_SUPERVISOR',
      detailedState: 'UNABLE_TO_CONNECT_TO_STREAM',
      healthy: false,
      suspended: false,
    })
  })
})
