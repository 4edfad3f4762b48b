import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { afterAll, describe, expect, inject, it } from 'vitest'

describe('clients of roles', () => {
  const druid = connect(inject('druidUrl'), { extensions: [cluster] })
  afterAll(() => druid.close())
  const own = druid.cluster()
  const roles = {
    coordinator: own.coordinatorClient(),
    overlord: own.overlordClient(),
    broker: own.brokerClient(),
    router: own.routerClient(),
    historical: own.historicalClient(),
    indexer: own.indexerClient(),
  }

  it.each(Object.entries(roles))(
    '85 Status / health / properties / selfDiscovered: of the %s',
    async (role, client) => {
      const status = await client.status()
      expect(status.version).toBe(inject('druidVersion'))
      expect(status.memory.usedMemory).toBeLessThanOrEqual(status.memory.maxMemory)
      expect(await client.health()).toBe(true)
      expect(await client.selfDiscovered()).toBe(true)
      expect(await client.selfDiscoveredCode()).toBe(true)
      const properties = await client.properties()
      const combined = role === 'overlord' ? 'coordinator' : role
      expect(properties['druid.service']).toBe(`druid/${combined}`)
      expect(JSON.stringify(properties)).not.toMatch(/pässword|druid_system_password/)
    },
  )

  it('84 Clients for historical / MM / indexer: each of a role by itself', async () => {
    const [historical, ...others] = await own.historicalClients()
    expect(others).toEqual([])
    expect(await historical?.loadStatus()).toEqual({ cacheInitialized: true })
    expect(await historical?.readiness()).toBe(true)
    const [indexer] = await own.indexerClients()
    expect(await indexer?.isEnabled()).toBe(true)
    expect(await indexer?.tasks()).toEqual(expect.any(Array))
  })

  it('a worker that is disabled says so, to the Overlord as well', async () => {
    const [worker] = await own.overlordClient().workers()
    const client = own.indexerClient()
    try {
      await client.disable()
      expect(await client.isEnabled()).toBe(false)
    } finally {
      await client.enable()
    }
    expect(await client.isEnabled()).toBe(true)
    expect(worker?.worker.host).toContain(':')
  })

  it('75 Coordinator datasource details, intervals, tiers: as the metadata has them', async () => {
    const coordinator = own.coordinatorClient()
    const [count] = await druid.query<{ n: number; bytes: number }>(
      `SELECT COUNT(*) AS n, SUM("size") AS bytes FROM sys.segments WHERE datasource = 'flights' AND is_available = 1`,
    )
    const { segments, tiers } = (await coordinator.dataSource('flights')) ?? {}
    expect(segments).toMatchObject({ count: count?.n, size: count?.bytes })
    expect(tiers?._default_tier?.segmentCount).toBe(count?.n)
    expect(await coordinator.dataSourceTiers('flights')).toEqual(['_default_tier'])
    const intervals = await coordinator.dataSourceIntervals('flights')
    expect(intervals).toEqual([
      '2001-03-01T00:00:00.000Z/2001-04-01T00:00:00.000Z',
      '2001-02-01T00:00:00.000Z/2001-03-01T00:00:00.000Z',
      '2001-01-01T00:00:00.000Z/2001-02-01T00:00:00.000Z',
    ])
    const within = await coordinator.segmentsWithin('flights', '2001-01-01/2001-03-01')
    expect(within).toHaveLength(2)
    const [id = ''] = within
    const { servers } = (await coordinator.segment('flights', id)) ?? {}
    expect(servers).toEqual(
      (await coordinator.serverSummaries())
        .filter(({ type }) => type === 'historical')
        .map(({ host }) => host),
    )
    const [server = ''] = servers ?? []
    expect((await coordinator.serverSegment(server, id)).identifier).toBe(id)
    expect(await coordinator.percentLoaded('flights')).toBe(100)
  })

  it('a server that there is not is NOT_FOUND, a data source that there is not is none', async () => {
    const coordinator = own.coordinatorClient()
    await expect(coordinator.serverSummary('nowhere:1')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await coordinator.dataSource('none')).toBeUndefined()
    expect(await coordinator.segments('none')).toEqual([])
    expect(await coordinator.dataSourceTiers('none')).toEqual([])
    expect(await coordinator.tierDataSources('none')).toEqual([])
    expect(await coordinator.serverView('none', '2024-01-01/2025-01-01')).toEqual([])
  })

  it('a task that nobody knows has no Peon', async () => {
    await expect(own.peonClient('none').rowStats()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
