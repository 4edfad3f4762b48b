import { cluster, type IngestTask, type LoadProgress } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

const NAME = 'of days 100% "é" 数'
const is27 = inject('druidVersion').startsWith('27.')
const druid: DruidClient<typeof cluster> = connect(inject('druidUrl'), { extensions: [cluster] })
const days = druid.cluster().dataSource(NAME)
const day = (n: number): string => `2024-01-0${n}T00:00:00.000Z/2024-01-0${n + 1}T00:00:00.000Z`

/** Two rows for each of these days, in a segment of its own. */
function daysTask(
  dataSource: string,
  which: readonly number[],
  segmentGranularity = 'DAY',
): IngestTask {
  const rows = which.flatMap((n) => [
    { time: `2024-01-0${n}T01:00:00Z`, word: 'a', n },
    { time: `2024-01-0${n}T02:00:00Z`, word: 'b', n },
  ])
  const data = rows.map((row) => JSON.stringify(row)).join('\n')
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource,
        timestampSpec: { column: 'time', format: 'iso' },
        dimensionsSpec: { dimensions: ['word', { type: 'long', name: 'n' }] },
        granularitySpec: { segmentGranularity, rollup: false },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'inline', data },
        inputFormat: { type: 'json' },
      },
    },
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const count = (): Promise<unknown> =>
  druid.value(`SELECT COUNT(*) FROM "${NAME.replaceAll('"', '""')}"`)

beforeAll(async () => {
  await druid.cluster().ingest(daysTask(NAME, [1, 2, 3]))
})

afterAll(async () => {
  const { kill } = await days.drop({ kill: true })
  await kill?.wait()
  await druid.close()
})

describe('75 Coordinator datasource details, intervals, tiers: of a name with %, quotes and Unicode', () => {
  it('its existence', async () => {
    expect(await days.exists()).toBe(true)
    expect(await druid.cluster().dataSource('none such').exists()).toBe(false)
    expect(await druid.cluster().dataSources()).toContain(NAME)
  })

  it('its columns', async () => {
    const columns = await days.schema()
    expect(columns.map(({ name, dataType }) => `${name} ${dataType}`)).toEqual([
      '__time TIMESTAMP',
      'word VARCHAR',
      'n BIGINT',
    ])
    await expect(druid.cluster().dataSource('none such').schema()).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('its segments: visible, used, served', async () => {
    const visible = await all(days.segments({ isActive: true }))
    expect(visible.map(({ start, end }) => `${start}/${end}`).sort()).toEqual([1, 2, 3].map(day))
    const used = await days.usedSegments()
    expect(used.map(({ interval }) => interval).sort()).toEqual([1, 2, 3].map(day))
    expect(used.map(({ dataSource }) => dataSource)).toEqual([NAME, NAME, NAME])
    const [first] = await days.usedSegments({ intervals: ['2024-01-02T12/PT1H'] })
    expect(first?.interval).toBe(day(2))
    const served = await days.servedSegments()
    expect(served.map(({ metadata }) => metadata.identifier).sort()).toEqual(
      used.map(({ identifier }) => identifier).sort(),
    )
    expect(served[0]?.servers).toHaveLength(1)
    expect(await days.servedSegments({ interval: day(3) })).toHaveLength(1)
    const none = druid.cluster().dataSource('none such')
    expect(await none.usedSegments()).toEqual([])
    expect(await none.servedSegments()).toEqual([])
    expect(await all(none.segments())).toEqual([])
  })

  it('its intervals and its size', async () => {
    const intervals = await days.intervals()
    expect(intervals.map(({ interval }) => interval)).toEqual([1, 2, 3].map(day))
    expect(intervals[0]).toMatchObject({ segments: 1, replicatedSize: intervals[0]?.size })
    // Known, or not known yet, but never wrong.
    expect([2, undefined]).toContain(intervals[0]?.rows)
    const size = await days.size()
    expect(size).toMatchObject({
      intervals: 3,
      segments: 3,
      rows: 6,
      minTime: '2024-01-01T00:00:00.000Z',
      maxTime: '2024-01-04T00:00:00.000Z',
    })
    const used = await days.usedSegments()
    expect(size.size).toBe(used.reduce((sum, segment) => sum + segment.size, 0))
    expect(size.replicatedSize).toBe(size.size)
    expect(await druid.cluster().dataSource('none such').size()).toEqual({
      intervals: 0,
      segments: 0,
      size: 0,
      replicatedSize: 0,
      rows: 0,
      minTime: undefined,
      maxTime: undefined,
    })
  })

  it('its tiers', async () => {
    const coordinator = druid.cluster().coordinatorClient()
    expect(await coordinator.dataSourceTiers(NAME)).toEqual(['_default_tier'])
    const properties = await coordinator.dataSource(NAME)
    expect(properties?.tiers._default_tier).toMatchObject({ segmentCount: 3 })
  })

  it('how much of it is loaded', async () => {
    expect(await days.loadStatus()).toMatchObject({ percentLoaded: 100, segmentsToLoad: 0 })
    expect(await days.loadStatus({ interval: '2001/2002' })).toBeUndefined()
    expect(await druid.cluster().dataSource('none such').loadStatus()).toBeUndefined()
  })

  it('and ends the reading of segments with its signal', async () => {
    const controller = new AbortController()
    const reading = all(days.segments({ signal: controller.signal }))
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('77 Mark used/unused, kill', () => {
  it('takes an interval out of use and into it again, and waits until queries see it', async () => {
    expect(await days.markUnused({ interval: day(1) })).toBe(1)
    // Druid 27 counts what is there, not what changes.
    expect(await days.markUnused({ interval: day(1) })).toBe(is27 ? 1 : 0)
    await expect.poll(count, { timeout: 20_000 }).toBe(4)
    expect(await days.markUsed({ interval: day(1) })).toBe(1)
    const told: LoadProgress[] = []
    await days.untilLoaded({ timeout: 60_000, onProgress: (progress) => told.push(progress) })
    expect(await count()).toBe(6)
    expect(told.at(-1)).toMatchObject({ dataSource: NAME, phase: 'loaded', segmentsToLoad: 0 })
  })

  it('takes segments by their ids', async () => {
    const [first, second] = (await days.usedSegments()).map(({ identifier }) => identifier)
    const segmentIds = [first ?? '', second ?? '']
    expect(await days.markUnused({ segmentIds })).toBe(2)
    expect(await days.usedSegments()).toHaveLength(1)
    expect(await days.markUsed({ segmentIds })).toBe(2)
    expect(await days.markUsed({ segmentIds: [] })).toBe(0)
    await days.untilLoaded({ timeout: 60_000 })
  })

  it('takes those of given versions, on Druid 30 and later', async () => {
    const [segment] = await days.usedSegments()
    const versions = [segment?.version ?? '']
    const interval = '2024/2025'
    if (is27) {
      await expect(days.markUnused({ interval, versions })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      })
      await expect(days.kill({ interval, versions })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      })
    } else {
      expect(await days.markUnused({ interval, versions: ['2001'] })).toBe(0)
      expect(await days.markUnused({ interval, versions })).toBe(3)
      expect(await days.markUsed({ interval, versions })).toBe(3)
      const none = await days.kill({ interval, versions: ['2001'] })
      await none.wait({ timeout: 50_000 })
    }
    expect(await days.usedSegments()).toHaveLength(3)
    await days.untilLoaded({ timeout: 60_000 })
  })

  it('lists what is out of use, page by page', async () => {
    await days.markUnused('all')
    if (is27) {
      await expect(all(days.unusedSegments())).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    } else {
      const unused = await all(days.unusedSegments({ pageSize: 2 }))
      expect(unused.map(({ dataSegment }) => dataSegment.interval)).toEqual([1, 2, 3].map(day))
      expect(unused[0]?.used).toBe(false)
      expect(await all(days.unusedSegments({ interval: day(2) }))).toHaveLength(1)
    }
    expect(await days.markUsed('all')).toBe(3)
    await days.untilLoaded({ timeout: 60_000 })
  })

  it('deletes for good what is out of use, and nothing else', async () => {
    await days.markUnused({ interval: day(3) })
    const interval = day(3)
    if (is27) {
      await expect(days.kill({ interval, limit: 20 })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      })
    }
    const narrowed = is27 ? {} : { batchSize: 10, limit: 20 }
    const task = await days.kill({ interval, ...narrowed })
    // All that it was told: what a version does not know it drops without a word.
    expect(await task.spec()).toMatchObject({ dataSource: NAME, ...narrowed })
    await task.wait({ timeout: 50_000 })
    expect(await days.markUsed('all')).toBe(0)
    expect(await days.usedSegments()).toHaveLength(2)
  })

  it('says how far the loading is when the time is up', async () => {
    const none = druid.cluster().dataSource('none such')
    await expect(none.untilLoaded({ timeout: 300 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('data source none such is after 300 ms not queryable'),
    })
  })
})

describe('76 Drop datasource', () => {
  it.each([
    ['of days', 'DAY'],
    ['of all time', 'ALL'],
  ])(
    'with segments %s, and all that is stored of it',
    async (_, granularity) => {
      const dropped = druid.cluster().dataSource(`dropped ${granularity}`)
      await druid.cluster().ingest(daysTask(dropped.name, [1, 2], granularity))
      expect(await dropped.size()).toMatchObject({ rows: 4 })
      const { segments, kill } = await dropped.drop({ kill: true })
      expect(segments).toBe(granularity === 'ALL' ? 1 : 2)
      await kill?.wait({ timeout: 50_000 })
      expect(await druid.cluster().dataSources({ includeUnused: true })).not.toContain(dropped.name)
      await expect.poll(() => dropped.exists(), { timeout: 30_000 }).toBe(false)
      expect(await dropped.drop()).toEqual({ segments: 0, kill: undefined })
    },
    120_000,
  )
})
