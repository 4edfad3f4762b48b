import { cluster, type LoadProgress } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { type FakeDruid, fakeDruid, type Routes, reply, type SqlRule } from '@druid/testing'
import { describe, expect, it } from 'vitest'

const V1 = '/druid/coordinator/v1'
const LOAD_STATUS = `GET ${V1}/datasources/flights/loadstatus`
const OLD = { segment_id: 'old' }
const NEW = { segment_id: 'new' }

function opened(
  routes: Routes,
  sql: readonly SqlRule[] = [],
): {
  druid: FakeDruid
  flights: ReturnType<ReturnType<DruidClient<typeof cluster>['cluster']>['dataSource']>
} {
  const druid = fakeDruid({ routes, sql })
  const client = connect(druid.url, {
    transport: druid.transport,
    extensions: [cluster],
    retry: false,
  })
  return { druid, flights: client.cluster().dataSource('flights') }
}

describe('untilLoaded()', () => {
  it('waits for a Broker that has not heard of a segment, though it misses none that it knows', async () => {
    let asked = 0
    const { flights } = opened(
      {
        [LOAD_STATUS]: () => ({ flights: asked++ === 0 ? 1 : 0 }),
        [`GET ${V1}/datasources/flights/segments`]: ['old', 'new', 'overshadowed'],
        [`GET ${V1}/metadata/datasources/flights/segments`]: ['old', 'new'],
      },
      [
        [/COLUMNS/, [{ COLUMN_NAME: '__time' }]],
        [/sys\.segments/, () => (asked < 4 ? [OLD] : [OLD, NEW])],
      ],
    )
    const told: LoadProgress[] = []
    await flights.untilLoaded({ onProgress: (progress) => told.push(progress) })
    expect(told.map(({ phase, segmentsToLoad }) => `${phase} ${segmentsToLoad}`)).toEqual([
      'loading 1',
      'announcing 0',
      'loaded 0',
    ])
  })

  it('waits for SQL to know the table', async () => {
    let asked = 0
    const columns = { columns: { COLUMN_NAME: 'VARCHAR' }, rows: [] }
    const { flights } = opened(
      {
        [LOAD_STATUS]: { flights: 0 },
        [`GET ${V1}/datasources/flights/segments`]: ['old'],
        [`GET ${V1}/metadata/datasources/flights/segments`]: ['old'],
      },
      [
        [/COLUMNS/, () => (asked++ < 1 ? columns : [{ COLUMN_NAME: '__time' }])],
        [/sys\.segments/, [OLD]],
      ],
    )
    await flights.untilLoaded()
    expect(asked).toBe(2)
  })

  it('ends with its signal', async () => {
    const { flights } = opened({ [LOAD_STATUS]: { flights: 3 } })
    const waiting = flights.untilLoaded({ signal: AbortSignal.timeout(50) })
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT' })
    await expect(flights.untilLoaded({ timeout: 50 })).rejects.toThrow(
      '(3 segments are not loaded)',
    )
  })
})

describe('what there is of a data source', () => {
  it('is there by its stored segments, or by rows of a stream that SQL sees', async () => {
    const none = reply({ status: 204 })
    const columns = [{ COLUMN_NAME: '__time' }]
    expect(await opened({ [LOAD_STATUS]: { flights: 10 } }).flights.exists()).toBe(true)
    expect(await opened({ [LOAD_STATUS]: none }, [[/COLUMNS/, columns]]).flights.exists()).toBe(
      true,
    )
    const noColumns = { columns: { COLUMN_NAME: 'VARCHAR' }, rows: [] }
    expect(await opened({ [LOAD_STATUS]: none }, [[/COLUMNS/, noColumns]]).flights.exists()).toBe(
      false,
    )
  })

  it('has no load status where the Coordinator says in a sentence that nothing is there', async () => {
    const body = 'No used segment found for the given datasource and interval'
    const headers = { 'content-type': 'application/json' }
    const { flights } = opened({ [LOAD_STATUS]: reply({ status: 200, headers, body }) })
    expect(await flights.loadStatus({ interval: '2001/2002' })).toBeUndefined()
  })

  it('has its rows counted by the segments while the Broker does not know them', async () => {
    const row = { start: '2001', end: '2002', segments: 2, size: 10, replicated: 20, numRows: 5 }
    const analysis = { id: 'merged', intervals: null, columns: {}, size: 0, numRows: 9 }
    const { flights, druid } = opened({ 'POST /druid/v2': [analysis] }, [
      [/sys\.segments/, [{ ...row, unknown: 1 }]],
    ])
    expect(await flights.intervals()).toEqual([
      { interval: '2001/2002', segments: 2, size: 10, replicatedSize: 20, rows: undefined },
    ])
    expect(await flights.size()).toMatchObject({ rows: 9, minTime: '2001', maxTime: '2002' })
    const known = opened({}, [[/sys\.segments/, [{ ...row, unknown: 0 }]]])
    expect(await known.flights.size()).toMatchObject({ rows: 5, intervals: 1, segments: 2 })
    expect(druid.unanswered).toEqual([])
  })

  it('has its unused segments read page by page, as they are wanted', async () => {
    const pages: (string | null)[] = []
    const { flights } = opened({
      [`GET ${V1}/metadata/datasources/flights/unusedSegments`]: ({ url }) => {
        const last = url.searchParams.get('lastSegmentId')
        pages.push(last)
        const from = last === null ? 0 : Number(last)
        const ids = [1, 2, 3, 4, 5].filter((id) => id > from).slice(0, 2)
        return ids.map((id) => ({ dataSegment: { identifier: String(id) } }))
      },
    })
    const ids: string[] = []
    for await (const { dataSegment } of flights.unusedSegments({ pageSize: 2 })) {
      ids.push(dataSegment.identifier)
    }
    expect(ids).toEqual(['1', '2', '3', '4', '5'])
    expect(pages).toEqual([null, '2', '4'])
    pages.length = 0
    for await (const _ of flights.unusedSegments({ pageSize: 2 })) break
    expect(pages).toEqual([null])
    for (const pageSize of [0, -1, 1.5, Number.NaN]) {
      const reading = flights.unusedSegments({ pageSize })[Symbol.asyncIterator]().next()
      await expect(reading).rejects.toMatchObject({ code: 'CONFIG', option: 'pageSize' })
    }
  })
})

describe('a kill', () => {
  it('is a task whose id is known, of the interval that was given', async () => {
    let id = ''
    const { flights, druid } = opened({
      'POST /druid/indexer/v1/task': ({ body }) => {
        id = (body as { id: string }).id
        return { task: id }
      },
    })
    const task = await flights.kill({ interval: '2001/2002' })
    expect(task.id).toBe(id)
    expect(id).toMatch(/^kill_flights_[\da-f-]{36}$/)
    expect(druid.requests.at(-1)?.body).toEqual({
      type: 'kill',
      id,
      dataSource: 'flights',
      interval: '2001/2002',
    })
  })
})

describe('a name that no path can have', () => {
  it.each(['', '..'])('such as %j is refused by a rejection, and nothing is sent', async (name) => {
    const druid = fakeDruid()
    const client = connect(druid.url, { transport: druid.transport, extensions: [cluster] })
    const { rules, metadata, compaction } = client.cluster().coordinatorClient()
    const overlord = client.cluster().overlordClient()
    const calls = [
      () => rules.get(name),
      () => rules.set(name, []),
      () => rules.dataSourceHistory(name),
      () => metadata.dataSource(name),
      () => metadata.segmentIds(name),
      () => metadata.segments(name),
      () => metadata.segmentIdsIn(name, []),
      () => metadata.segmentsIn(name, []),
      () => metadata.segment('flights', name),
      () => metadata.unusedSegments(name),
      () => compaction.config(name),
      () => compaction.deleteConfig(name),
      () => compaction.configHistory(name),
      () => overlord.compaction.config(name),
      () => overlord.compaction.deleteConfig(name),
      () => overlord.compaction.dataSourceStatus(name),
      () => overlord.segments.markAllUsed(name),
      () => overlord.segments.markAllUnused(name),
      () => overlord.segments.markUsed(name, { segmentIds: ['a'] }),
      () => overlord.segments.markSegmentUnused('flights', name),
    ]
    for (const call of calls) {
      const calling = call()
      await expect(calling, String(call)).rejects.toMatchObject({ code: 'CONFIG', option: 'path' })
    }
    expect(druid.requests.filter(({ path }) => path.startsWith('/druid/coordinator'))).toEqual([])
  })
})
