import { type CompactionOptions, cluster, type RetentionRule } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { type FakeDruid, fakeDruid, noAnswer, type Routes, reply } from '@druid/testing'
import { describe, expect, it } from 'vitest'

const V1 = '/druid/coordinator/v1'
const RULES = `${V1}/rules/flights`
const KEEP: RetentionRule = { type: 'loadForever', tieredReplicants: { hot: 1 } }
const DROP: RetentionRule = { type: 'dropForever' }

function opened(
  routes: Routes,
  version?: string,
): { druid: FakeDruid; cluster: ReturnType<DruidClient<typeof cluster>['cluster']> } {
  const druid = fakeDruid({ routes, version })
  const client = connect(druid.url, {
    transport: druid.transport,
    extensions: [cluster],
    retry: false,
  })
  return { druid, cluster: client.cluster() }
}

/** What was sent to change something. */
const sent = ({ requests }: FakeDruid): string[] =>
  requests
    .filter(({ method, path }) => method !== 'GET' && path !== '/druid/v2/sql')
    .map(({ method, path }) => `${method} ${decodeURIComponent(path)}`)

/** A data source whose rules are kept; what a write answers is given, and whether it is done. */
function keeping(
  answers: readonly { readonly done: boolean; readonly answer: unknown }[],
): ReturnType<typeof opened> & { readonly rules: () => unknown } {
  let rules: unknown = [KEEP]
  let asked = 0
  const routes = {
    [`GET ${RULES}`]: () => rules,
    [`POST ${RULES}`]: ({ body }: { readonly body: unknown }) => {
      const { done, answer } = answers[asked] ?? { done: true, answer: reply({ status: 200 }) }
      asked += 1
      if (done) rules = body
      return answer
    },
  }
  return { ...opened(routes as unknown as Routes), rules: () => rules }
}

describe('a setting whose writing fails', () => {
  const failed = reply({ status: 500 })

  it('half-way is put back, and the error is that of the writing', async () => {
    const { druid, cluster, rules } = keeping([{ done: true, answer: failed }])
    const writing = cluster.dataSource('flights').rules.write([DROP], { author: 'me' })
    await expect(writing).rejects.toMatchObject({
      code: 'SERVER',
      status: 500,
      message: expect.stringContaining('what was before is back'),
    })
    expect(rules()).toEqual([KEEP])
    const [first, second] = druid.requests.filter(
      ({ method, path }) => `${method} ${path}` === `POST ${RULES}`,
    )
    expect(first?.headers['x-druid-author']).toBe('me')
    expect(second?.headers['x-druid-author']).toBe('me')
    expect(second?.headers['x-druid-comment']).toMatch(/^Put back/)
  })

  it('before anything has changed is not written again', async () => {
    const { druid, cluster } = keeping([{ done: false, answer: failed }])
    await expect(cluster.dataSource('flights').rules.write([DROP])).rejects.toMatchObject({
      code: 'SERVER',
    })
    expect(sent(druid)).toEqual([`POST ${RULES}`])
  })

  it('by an abort is put back all the same', async () => {
    const { cluster, rules } = keeping([{ done: true, answer: noAnswer() }])
    const signal = AbortSignal.timeout(50)
    const writing = cluster.dataSource('flights').rules.write([DROP], { signal })
    await expect(writing).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(rules()).toEqual([KEEP])
  })

  it('by an abort, but is done a moment later, is put back, too', async () => {
    let rules: unknown = [KEEP]
    const { cluster } = opened({
      [`GET ${RULES}`]: () => rules as object,
      [`POST ${RULES}`]: ({ body }) => {
        const late = (body as readonly RetentionRule[])[0]?.type === 'dropForever'
        setTimeout(() => (rules = body), late ? 300 : 0)
        return late ? noAnswer() : reply({ status: 200 })
      },
    })
    const signal = AbortSignal.timeout(50)
    const writing = cluster.dataSource('flights').rules.write([DROP], { signal })
    await expect(writing).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(rules).toEqual([KEEP])
  })

  it('and cannot be put back says so', async () => {
    const { cluster, rules } = keeping([
      { done: true, answer: failed },
      { done: false, answer: failed },
    ])
    const writing = cluster.dataSource('flights').rules.write([DROP])
    await expect(writing).rejects.toMatchObject({
      code: 'SERVER',
      status: 500,
      message: expect.stringContaining('what was before could not be put back'),
    })
    expect(rules()).toEqual([DROP])
  })
})

describe('diff of a setting', () => {
  const compacted = (config: CompactionOptions): ReturnType<typeof opened>['cluster'] =>
    opened({
      'GET /druid/indexer/v1/compaction/config/datasources/flights': {
        dataSource: 'flights',
        ...config,
      },
    }).cluster

  it.each<[string, CompactionOptions, CompactionOptions]>([
    ['a default', { taskPriority: 25, type: 'inline', ioConfig: null }, {}],
    [
      'a period without what is zero',
      { skipOffsetFromLatest: 'PT0S' },
      { skipOffsetFromLatest: 'P0D' },
    ],
    [
      'a granularity in lower case, or as a period',
      { granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'HOUR' } },
      {
        granularitySpec: {
          segmentGranularity: { type: 'period', period: 'P1D', timeZone: 'UTC' },
          queryGranularity: 'hour',
        },
      },
    ],
    [
      'a dimension as its name',
      {
        dimensionsSpec: {
          dimensions: [
            {
              type: 'string',
              name: 'a',
              multiValueHandling: 'SORTED_ARRAY',
              createBitmapIndex: true,
            },
          ],
        },
      },
      { dimensionsSpec: { dimensions: ['a'] } },
    ],
  ])('does not tell %s', async (_, now, next) => {
    expect(await compacted(now).dataSource('flights').compaction.diff(next)).toEqual([])
  })

  it.each<[string, string, string]>([
    ['years', '2001-01-01T00:00:00.000Z/2002-01-01T00:00:00.000Z', '2001/2002'],
    ['a period at the end', '2001-01-31T00:00:00.000Z/2001-02-28T00:00:00.000Z', '2001-01-31/P1M'],
    ['a period at the start', '2001-12-25T00:00:00.000Z/2002-01-01T00:00:00.000Z', 'P1W/2002'],
    [
      'hours, and an offset',
      '2001-01-01T00:00:00.000Z/2001-01-01T12:00:00.000Z',
      '2001-01-01T01:00+01:00/2001-01-01T12',
    ],
  ])('knows an interval of %s', async (_, now, interval) => {
    const { cluster } = opened({ [`GET ${RULES}`]: [{ type: 'dropByInterval', interval: now }] })
    const { rules } = cluster.dataSource('flights')
    expect(await rules.diff([{ type: 'dropByInterval', interval }])).toEqual([])
    expect(await rules.diff([{ type: 'dropByInterval', interval: '2001/2003' }])).toEqual([
      { path: [0, 'interval'], from: now, to: '2001/2003' },
    ])
  })

  it('tells what is new, other, and left to its default, by path', async () => {
    const now = { skipOffsetFromLatest: 'P2D', taskContext: { a: 1, b: 2 }, taskPriority: 7 }
    const next = { skipOffsetFromLatest: 'P2D', taskContext: { a: 1, b: 3 }, metricsSpec: [] }
    const changes = await compacted(now).dataSource('flights').compaction.diff(next)
    expect(changes).toEqual(
      expect.arrayContaining([
        { path: ['taskContext', 'b'], from: 2, to: 3 },
        { path: ['taskPriority'], from: 7, to: undefined },
        { path: ['metricsSpec'], from: undefined, to: [] },
      ]),
    )
    expect(changes).toHaveLength(3)
  })

  it('tells that nothing was set', async () => {
    const { cluster } = opened({
      'GET /druid/indexer/v1/compaction/config/datasources/flights': reply({ status: 404 }),
    })
    expect(await cluster.dataSource('flights').compaction.diff({ taskPriority: 1 })).toEqual([
      { path: [], from: undefined, to: { taskPriority: 1, dataSource: 'flights' } },
    ])
  })
})

describe('what versions do differently', () => {
  const marked = { numChangedSegments: 2 }
  const both: Routes = {
    [`POST ${V1}/datasources/{ds}/markUnused`]: marked,
    [`DELETE ${V1}/datasources/{ds}`]: marked,
    'POST /druid/indexer/v1/datasources/{ds}/markUnused': marked,
    'DELETE /druid/indexer/v1/datasources/{ds}': marked,
  }

  it.each([
    ['32.0.1', V1],
    ['33.0.0', '/druid/indexer/v1'],
    ['37.0.0', '/druid/indexer/v1'],
  ])('segments are taken out of use on %s by %s', async (version, prefix) => {
    const { druid, cluster } = opened(both, version)
    const flights = cluster.dataSource('flights 100%')
    expect(await flights.markUnused({ interval: '2001/2002' })).toBe(2)
    expect(await flights.markUnused('all')).toBe(2)
    expect(sent(druid)).toEqual([
      `POST ${prefix}/datasources/flights 100%/markUnused`,
      `DELETE ${prefix}/datasources/flights 100%`,
    ])
  })

  it.each([
    ['32.0.1', `POST ${V1}/config/compaction`, `DELETE ${V1}/config/compaction/é 100%`],
    [
      '33.0.0',
      'POST /druid/indexer/v1/compaction/config/datasources/é 100%',
      'DELETE /druid/indexer/v1/compaction/config/datasources/é 100%',
    ],
  ])('compaction of a data source is set on %s by %s', async (version, post, remove) => {
    let config: object | undefined
    const get = (): object => config ?? reply({ status: 404 })
    const set = ({ body }: { readonly body: unknown }): object => {
      config = body as object | undefined
      return reply({ status: 200 })
    }
    const routes: Routes = {
      [`GET ${V1}/config/compaction/{ds}`]: get,
      [`POST ${V1}/config/compaction`]: set,
      [`DELETE ${V1}/config/compaction/{ds}`]: set,
      'GET /druid/indexer/v1/compaction/config/datasources/{ds}': get,
      'POST /druid/indexer/v1/compaction/config/datasources/{ds}': set,
      'DELETE /druid/indexer/v1/compaction/config/datasources/{ds}': set,
    }
    const { druid, cluster } = opened(routes, version)
    const { compaction } = cluster.dataSource('é 100%')
    const { undo } = await compaction.write({ taskPriority: 1 })
    expect(config).toEqual({ dataSource: 'é 100%', taskPriority: 1 })
    expect((await undo()).value).toBeUndefined()
    expect(sent(druid)).toEqual([post, remove])
  })

  it('a kill of some versions is never sent to a Druid that would delete all', async () => {
    const { druid, cluster } = opened(both, '29.0.1')
    const flights = cluster.dataSource('flights')
    for (const which of [{ versions: ['v1'] }, { maxUsedStatusLastUpdatedTime: '2024-01-01' }]) {
      await expect(flights.kill(which)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    }
    await expect(
      flights.markUnused({ interval: '2001/2002', versions: ['v1'] }),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(sent(druid)).toEqual([])
  })

  it("Druid's own UNSUPPORTED is no reason to ask another service", async () => {
    const { druid, cluster } = opened({
      'DELETE /druid/indexer/v1/datasources/{ds}': reply({ status: 501 }),
    })
    await expect(cluster.dataSource('flights').drop()).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      status: 501,
    })
    expect(sent(druid)).toHaveLength(1)
  })

  it('compaction of the cluster before Druid 33 is its slots', async () => {
    let slots = { compactionTaskSlotRatio: 0.1, maxCompactionTaskSlots: 10 }
    const { druid, cluster } = opened(
      {
        [`GET ${V1}/config/compaction`]: () => ({ ...slots, compactionConfigs: [] }),
        [`POST ${V1}/config/compaction/taskslots`]: ({ url }) => {
          slots = { ...slots, maxCompactionTaskSlots: Number(url.searchParams.get('max')) }
          return reply({ status: 200 })
        },
      },
      '27.0.0',
    )
    const { compaction } = cluster.settings()
    const { value, undo } = await compaction.write({ maxCompactionTaskSlots: 3 })
    expect(value).toEqual({ compactionTaskSlotRatio: 0.1, maxCompactionTaskSlots: 3 })
    expect((await undo()).value).toEqual({
      compactionTaskSlotRatio: 0.1,
      maxCompactionTaskSlots: 10,
    })
    expect(sent(druid)).toHaveLength(2)
    await expect(compaction.write({ useSupervisors: true })).rejects.toThrow('Druid >=33 has')
  })

  it('fields of a Druid that is newer than this library are for it to know', async () => {
    let config: object = { maxSegmentsToMove: 1 }
    const routes: Routes = {
      [`GET ${V1}/config`]: () => config,
      [`POST ${V1}/config`]: ({ body }) => {
        config = { ...config, ...(body as object) }
        return reply({ status: 200 })
      },
    }
    const { cluster } = opened(routes, '41.0.0')
    expect((await cluster.settings().coordinator.write({ invented: 1 })).value).toEqual({
      maxSegmentsToMove: 1,
      invented: 1,
    })
  })

  it('the configuration of Brokers merges, from Druid 37 on', async () => {
    let config: object = { queryContext: { timeout: 1 }, queryBlocklist: null }
    const routes: Routes = {
      [`GET ${V1}/broker/config`]: () => config,
      [`POST ${V1}/broker/config`]: ({ body }) => {
        config = { ...config, ...(body as object) }
        return reply({ status: 200 })
      },
    }
    const next = { queryBlocklist: [{ ruleName: 'no scans', queryTypes: ['scan'] }] }
    const { cluster } = opened(routes, '37.0.0')
    const { value } = await cluster.settings().broker.write(next)
    expect(value).toEqual({ queryContext: { timeout: 1 }, ...next })
  })
})
