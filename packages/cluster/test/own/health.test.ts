import { cluster, type Finding } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { airportsTask } from '@druid/data'
import { type LocalDruid, type LocalKafka, startDruid, startKafka } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

/** What `check()` finds in a real cluster that is broken, and that it finds it no more when it is mended. */

let kafka: LocalKafka
let local: LocalDruid
let druid: DruidClient<typeof cluster>

beforeAll(async () => {
  kafka = await startKafka({ properties: { 'auto.create.topics.enable': false } })
  local = await startDruid({ extensions: ['druid-kafka-indexing-service'] })
  druid = connect(local.routerUrl, { extensions: [cluster] })
  await druid.cluster().ingest(await airportsTask('airports'))
})
afterAll(async () => {
  await druid?.close()
  await local?.stop()
  await kafka?.stop()
})

const limit = { timeout: 90_000, interval: 500 }

async function found(subject: string | RegExp): Promise<Finding | undefined> {
  const { findings } = await druid.cluster().check()
  return findings.find((finding) =>
    typeof subject === 'string' ? finding.subject === subject : subject.test(finding.subject),
  )
}

function supervisor(id: string, topic: string): { type: string } & Record<string, unknown> {
  return {
    type: 'kafka',
    spec: {
      dataSchema: {
        dataSource: id,
        timestampSpec: { column: 'at', format: 'millis' },
        dimensionsSpec: { dimensions: ['n'] },
        granularitySpec: { segmentGranularity: 'day', rollup: false },
      },
      ioConfig: {
        topic,
        consumerProperties: { 'bootstrap.servers': kafka.bootstrapServers },
        inputFormat: { type: 'json' },
        useEarliestOffset: true,
        startDelay: 'PT1S',
        period: 'PT2S',
      },
      tuningConfig: { type: 'kafka', offsetFetchPeriod: 'PT5S' },
    },
  }
}

describe('check() of a cluster', () => {
  it('is well at first', async () => {
    // The Coordinator counts replicas when it runs: every 5 s here.
    await vi.waitFor(async () => {
      const { status, findings } = await druid.cluster().check()
      expect(findings.filter(({ severity }) => severity !== 'notice')).toEqual([])
      expect(status).toBe('ok')
    }, limit)
  })

  it('whose supervisor reads a topic that there is not', async () => {
    const { supervisors } = druid.cluster().overlordClient()
    await supervisors.submit(supervisor('no_topic', 'none'))
    const finding = await vi.waitFor(async () => {
      const one = await found('supervisor no_topic')
      expect(one?.severity).toBe('critical')
      return one
    }, limit)
    expect(finding).toMatchObject({
      check: 'supervisors',
      problem: expect.stringMatching(/^It is unhealthy \([A-Z_]+\): ./),
      facts: { stream: 'none', recentErrors: expect.arrayContaining([expect.anything()]) },
    })
    await supervisors.terminate('no_topic')
    await vi.waitFor(async () => expect(await found('supervisor no_topic')).toBeUndefined(), limit)
  })

  it('whose supervisor is suspended, and then far behind', async () => {
    const { supervisors } = druid.cluster().overlordClient()
    await kafka.createTopic('clicks')
    await kafka.produce(
      'clicks',
      Array.from({ length: 100 }, (_, n) => ({ at: 1_700_000_000_000, n })),
    )
    // No worker: nobody reads.
    const worker = druid.cluster().indexerClient()
    await worker.disable()
    await supervisors.submit(supervisor('clicks', 'clicks'))
    const behind = await vi.waitFor(async () => {
      const { findings } = await druid.cluster().check({ limits: { lag: 10 } })
      const one = findings.find(({ problem }) => /messages behind/.test(problem))
      expect(one).toBeDefined()
      return one
    }, limit)
    expect(behind).toMatchObject({ severity: 'warning', facts: { lag: 100, stream: 'clicks' } })
    expect(await found(/^worker /)).toMatchObject({ severity: 'notice', check: 'workers' })
    await supervisors.suspend('clicks')
    await vi.waitFor(async () => {
      expect(await found('supervisor clicks')).toMatchObject({ severity: 'notice' })
    }, limit)
    await supervisors.terminate('clicks')
    await worker.enable()
    await vi.waitFor(async () => expect(await found(/^worker /)).toBeUndefined(), limit)
  })

  it('whose Coordinator is paused', async () => {
    const { config } = druid.cluster().coordinatorClient()
    await config.set({ pauseCoordination: true })
    expect(await found('coordinator')).toMatchObject({
      check: 'coordination',
      severity: 'critical',
      facts: { pauseCoordination: true },
    })
    await config.set({ pauseCoordination: false })
    await vi.waitFor(async () => expect(await found('coordinator')).toBeUndefined(), limit)
  })

  it('that has lost its only Historical', async () => {
    await local.kill('historical')
    await vi.waitFor(async () => {
      const { findings, status } = await druid.cluster().check()
      expect(status).toBe('critical')
      expect(findings).toContainEqual(
        expect.objectContaining({ check: 'services', severity: 'critical', subject: 'historical' }),
      )
      expect(findings).toContainEqual(
        expect.objectContaining({
          check: 'segments',
          subject: 'data source airports',
          facts: expect.objectContaining({ dataSource: 'airports', percentLoaded: 0 }),
        }),
      )
    }, limit)
    await local.restart('historical')
    await vi.waitFor(async () => {
      const { status } = await druid.cluster().check({ checks: ['services', 'segments'] })
      expect(status).toBe('ok')
    }, limit)
  })
})
