import { connect, sql } from '@druid/core'
import { afterAll, describe, expect, inject, it } from 'vitest'

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
    // They are the columns that a query of it gives, in their order.
    const plain = connect(inject('druidUrl'))
    for (const { schema, name } of all.filter(
      (it) => it.schema !== 'druid' || it.name === 'flights',
    )) {
      const listed = await metadata.columns(name, { schema })
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
    for await (const { dataSource } of reader.metadata.segments())
      expect(dataSource).toBe('flights')
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
    let rows = 0
    for await (const segment of metadata.segments({ dataSource: 'flights', isActive: true })) {
      rows += segment.numRows
      expect(segment).toMatchObject({
        dataSource: 'flights',
        isPublished: true,
        isRealtime: false,
        dimensions: expect.arrayContaining(['origin', 'destination']),
        shardSpec: { type: expect.any(String) },
      })
      expect(segment).not.toHaveProperty('projections')
    }
    expect(rows).toBe(20_000)
    const active = new Set<string>()
    for await (const segment of metadata.segments({ isActive: true })) active.add(segment.segmentId)
    const [historical] = await metadata.servers({ serverType: 'historical' })
    const served = new Map<string, string>()
    for await (const { segmentId, server } of metadata.serverSegments())
      served.set(segmentId, server)
    const flights = [...active].filter((id) => id.startsWith('flights_'))
    expect(flights).toHaveLength(3)
    for (const id of flights) expect(served.get(id)).toBe(historical?.server)
    const { server = '' } = historical ?? {}
    let one = 0
    for await (const it of metadata.serverSegments({ server })) one += Number(it.server === server)
    expect(one).toBe(served.size)
    for await (const segment of metadata.segments()) {
      expect(segment.segmentId).toBeTypeOf('string')
      break
    }
  })

  it('lists servers, tasks and supervisors', async () => {
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
    const tasks = await metadata.tasks({ dataSource: 'flights', status: 'SUCCESS', limit: 1 })
    expect(tasks).toMatchObject([{ type: 'index_parallel', dataSource: 'flights', errorMsg: null }])
    expect(await metadata.supervisors()).toEqual([])
  })
})
