import { connect, sql } from '@druid/core'
import { afterAll, describe, expect, inject, it } from 'vitest'

/** All of them; a test of no rows would show nothing. */
async function allOf<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  expect(all).not.toEqual([])
  return all
}

describe('metadata of a real Druid', () => {
  // Whatever the policy of the client: metadata has one of its own.
  const druid = connect(inject('druidUrl'), {
    values: { bigint: 'bigint', keys: 'camelCase', timestamp: 'date' },
  })
  const { metadata } = druid
  afterAll(() => druid.close())

  it('73 Schemas / tables / columns', async () => {
    const schemas = (await metadata.schemas()).map(({ name }) => name)
    expect(schemas).toEqual(expect.arrayContaining(['druid', 'sys', 'INFORMATION_SCHEMA']))
    const tables = await metadata.tables({ schema: 'druid' })
    expect(tables).toContainEqual({
      schema: 'druid',
      name: 'flights',
      type: 'TABLE',
      isJoinable: false,
      isBroadcast: false,
    })
    const all = await metadata.tables()
    expect(all.length).toBeGreaterThan(tables.length)
    const columns = await metadata.columns('flights')
    expect(columns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['__time', 'origin', 'destination', 'delay', 'distance']),
    )
    expect(columns.find(({ name }) => name === '__time')).toMatchObject({
      schema: 'druid',
      table: 'flights',
      dataType: 'TIMESTAMP',
      isNullable: false,
    })
    expect((await metadata.columns('servers', { schema: 'sys' }))[0]).toMatchObject({
      name: 'server',
      position: 1,
    })
    // Of several schemas by one query; none has nothing, as one that is not there.
    const some = await metadata.columns({ schema: ['druid', 'sys'] })
    expect(some.filter(({ table }) => table === 'flights')).toEqual(columns)
    expect(new Set(some.map(({ schema }) => schema))).toEqual(new Set(['druid', 'sys']))
    expect(await metadata.columns({ schema: ['no such schema'] })).toEqual([])
    expect(await metadata.tables({ schema: [] })).toEqual([])
    // They are the columns that a query of it gives, in their order.
    const every = await metadata.columns()
    expect(every).toEqual(expect.arrayContaining(some.filter(({ table }) => table === 'flights')))
    const plain = connect(inject('druidUrl'))
    const looked = all.filter((it) => it.schema !== 'druid' || it.name === 'flights')
    expect(looked.length).toBeGreaterThan(8)
    for (const { schema, name } of looked) {
      const listed = await metadata.columns(name, { schema })
      expect(every.filter((it) => it.schema === schema && it.table === name)).toEqual(listed)
      expect(listed.map(({ position }) => position)).toEqual(listed.map((__, i) => i + 1))
      const { columns: given } = await plain.query(
        sql`SELECT * FROM ${sql.id(schema, name)} LIMIT 0`,
      )
      expect(listed.map((column) => column.name)).toEqual(given.map((column) => column.name))
    }
    await plain.close()
    await expect(metadata.columns('no such table')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it.skipIf(inject('readerUrl') === '')('shows a user what that user may see', async () => {
    await using reader = connect(inject('readerUrl'))
    expect((await reader.metadata.tables({ schema: 'druid' })).map(({ name }) => name)).toEqual([
      'flights',
    ])
    await expect(reader.metadata.columns('airports')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const read = await allOf(reader.metadata.segments())
    expect(new Set(read.map(({ dataSource }) => dataSource))).toEqual(new Set(['flights']))
    const done = await allOf(reader.metadata.tasks())
    expect(new Set(done.map(({ dataSource }) => dataSource))).toEqual(new Set(['flights']))
    const forbidden = expect.objectContaining({
      code: 'FORBIDDEN',
      message: expect.stringContaining('READ on STATE'),
    })
    await expect(reader.metadata.servers()).rejects.toEqual(forbidden)
    const segments = reader.metadata.serverSegments()[Symbol.asyncIterator]()
    await expect(segments.next()).rejects.toEqual(forbidden)
  })

  it('lists functions', async () => {
    const routines = await metadata.routines()
    expect(routines.length).toBeGreaterThan(100)
    expect(routines.find(({ name }) => name === 'COUNT')?.isAggregator).toBe(true)
  })

  it('74 Segments, server_segments', async () => {
    const flights = await allOf(metadata.segments({ dataSource: 'flights', isActive: true }))
    expect(flights).toHaveLength(3)
    for (const segment of flights) {
      expect(segment).toMatchObject({
        dataSource: 'flights',
        start: expect.stringMatching(/^2001-0[123]-01T00:00:00.000Z$/),
        isActive: true,
        isPublished: true,
        isRealtime: false,
        isOvershadowed: false,
        dimensions: expect.arrayContaining(['origin', 'destination']),
        shardSpec: { type: expect.any(String) },
      })
      expect(segment.size).toBeGreaterThan(0)
      expect(segment).not.toHaveProperty('projections')
    }
    expect(flights.reduce((sum, { numRows }) => sum + numRows, 0)).toBe(20_000)
    const active = (await allOf(metadata.segments({ isActive: true }))).map((it) => it.segmentId)
    const ids = flights.map(({ segmentId }) => segmentId)
    expect(active).toEqual(expect.arrayContaining(ids))
    const [historical] = await metadata.servers({ serverType: 'historical' })
    const { server = '' } = historical ?? {}
    const served = await allOf(metadata.serverSegments({ server }))
    expect(new Set(served.map((it) => it.server))).toEqual(new Set([server]))
    expect(served.map(({ segmentId }) => segmentId)).toEqual(expect.arrayContaining(ids))
    const everywhere = await allOf(metadata.serverSegments())
    expect(everywhere).toEqual(expect.arrayContaining(served))
    // Leaving the loop is allowed.
    let left = ''
    for await (const { segmentId } of metadata.segments({ dataSource: 'flights' })) {
      left = segmentId
      break
    }
    expect(ids).toContain(left)
  })

  it('lists servers', async () => {
    const servers = await metadata.servers()
    expect(new Set(servers.map(({ serverType }) => serverType))).toContain('historical')
    expect(
      servers
        .filter(({ isLeader }) => isLeader)
        .map(({ serverType }) => serverType)
        .sort(),
    ).toEqual(['coordinator', 'overlord'])
    expect(await metadata.servers({ serverType: 'broker' })).toMatchObject([
      { serverType: 'broker', plaintextPort: expect.any(Number), tlsPort: -1 },
    ])
  })

  it('gives tasks as they come, the newest first', async () => {
    const wanted = { dataSource: 'flights', status: 'SUCCESS' } as const
    expect(await allOf(metadata.tasks({ ...wanted, limit: 1 }))).toMatchObject([
      {
        type: 'index_parallel',
        dataSource: 'flights',
        status: 'SUCCESS',
        createdTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        duration: expect.any(Number),
        errorMsg: null,
      },
    ])
    const times = (await allOf(metadata.tasks())).map(({ createdTime }) => createdTime)
    expect(times).toEqual([...times].sort().reverse())
    expect(await metadata.tasks({ dataSource: 'no such' })[Symbol.asyncIterator]().next()).toEqual({
      done: true,
      value: undefined,
    })
  })

  it('lists supervisors, of which one that reads no stream needs no Kafka', async () => {
    const id = 'a "metadata" supervisor 100% é'
    const supervisor = `/druid/indexer/v1/supervisor`
    const spec = { type: 'NoopSupervisorSpec', id, dataSources: ['none'] }
    await druid.request('POST', supervisor, spec)
    try {
      const listed = await metadata.supervisors()
      expect(listed.find(({ supervisorId }) => supervisorId === id)).toEqual({
        supervisorId: id,
        state: 'RUNNING',
        detailedState: 'RUNNING',
        healthy: true,
        type: 'noop',
        source: 'noop',
        suspended: false,
        spec: expect.objectContaining({ id, dataSources: ['none'] }),
      })
      const ids = listed.map(({ supervisorId }) => supervisorId)
      expect(ids).toEqual([...ids].sort())
    } finally {
      await druid.request('POST', `${supervisor}/${encodeURIComponent(id)}/terminate`)
    }
    const left = await metadata.supervisors()
    expect(left.map(({ supervisorId }) => supervisorId)).not.toContain(id)
  })

  it('takes the options of a request', async () => {
    const signal = AbortSignal.abort()
    const late = expect.objectContaining({ code: 'CANCELLED' })
    await expect(metadata.columns('flights', { signal })).rejects.toEqual(late)
    await expect(allOf(metadata.segments({ signal }))).rejects.toEqual(late)
    await expect(allOf(metadata.serverSegments({ signal }))).rejects.toEqual(late)
    await expect(allOf(metadata.tasks({ signal }))).rejects.toEqual(late)
    expect(await metadata.columns('flights', { timeout: 60_000 })).toHaveLength(5)
  })

  it('is read by the native engine, whatever the client asks for by default', async () => {
    const dart = druid.with({ context: { engine: 'msq-dart' } })
    expect(await dart.metadata.columns('flights')).toEqual(await metadata.columns('flights'))
    expect(await dart.metadata.servers()).toEqual(await metadata.servers())
  })
})
