import { cluster } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { afterAll, describe, expect, inject, it } from 'vitest'

type Clients = ReturnType<DruidClient<typeof cluster>['cluster']>

/** The user may read the data source `flights`, and nothing else; only Druid 27.0.0 here has users. */
describe.runIf(inject('readerUrl') !== '')('a user who may only read one data source', () => {
  const druid = connect(inject('readerUrl') || inject('druidUrl'), {
    extensions: [cluster.with({ through: 'router' })],
  })
  const admin = connect(inject('druidUrl'), { extensions: [cluster] })
  afterAll(async () => {
    await druid.close()
    await admin.close()
  })
  const own = druid.cluster()

  it.each<[string, (clients: Clients) => Promise<unknown>]>([
    ['the list of services', (it) => it.services()],
    ['the state of the Coordinator', (it) => it.coordinatorClient().status()],
    ['its properties', (it) => it.coordinatorClient().properties()],
    ['load status', (it) => it.coordinatorClient().loadStatus()],
    ['load queues', (it) => it.coordinatorClient().loadQueueSummaries()],
    ['servers', (it) => it.coordinatorClient().serverSummaries()],
    ['another data source', (it) => it.coordinatorClient().dataSource('airports')],
    ['the dynamic configuration', (it) => it.coordinatorClient().config.get()],
    ['taking segments out of use', (it) => it.coordinatorClient().markAllUnused('flights')],
    ['lookups', (it) => it.coordinatorClient().lookups.all()],
    ['workers', (it) => it.overlordClient().workers()],
    ['the configuration of workers', (it) => it.overlordClient().workerConfig()],
    ['tasks of another data source', (it) => it.overlordClient().tasks({ dataSource: 'airports' })],
    ['submitting a task', (it) => it.overlordClient().submit({ type: 'noop' })],
  ])('may not: %s', async (_, call) => {
    await expect(call(own)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      status: 403,
      message: expect.stringMatching(/\/(druid|status|proxy)|sys\.servers/),
    })
    // It is for want of rights.
    if (call.toString().includes('mark') || call.toString().includes('submit')) return
    await call(admin.cluster())
  })

  it('sees its data source, and only that', async () => {
    const coordinator = own.coordinatorClient()
    expect(await coordinator.dataSources()).toEqual(['flights'])
    expect((await coordinator.dataSource('flights'))?.segments.count).toBe(3)
    expect(await coordinator.segments('flights')).toHaveLength(3)
    const tasks = await own.overlordClient().tasks()
    expect([...new Set(tasks.map(({ dataSource }) => dataSource))]).toEqual(['flights'])
    expect(await own.overlordClient().supervisors.ids()).toEqual([])
  })

  it('may ask who leads, and whether a service is up', async () => {
    expect(await own.coordinatorClient().health()).toBe(true)
    expect(await own.coordinatorClient().isLeader()).toBe(true)
    expect(await own.overlordClient().isLeader()).toBe(true)
  })

  it('is told by check() what it may not see', async () => {
    const { status, findings } = await own.check()
    expect(status).toBe('unknown')
    const unseen = findings.filter(({ severity }) => severity === 'unknown')
    expect(unseen.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['workers', 'coordination', 'segments', 'servers', 'tasks']),
    )
    for (const { facts, problem } of unseen) {
      if (facts.code === 'FORBIDDEN') expect(problem).toMatch(/^This user may not see it: /)
    }
    expect(findings.filter(({ severity }) => severity === 'critical')).toEqual([])
  })
})
