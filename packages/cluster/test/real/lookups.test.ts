import { cluster } from '@druid/cluster'
import { connect, sql } from '@druid/core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

/** The Coordinator tells servers every 2 minutes where nothing else is set, and again where one was slow. */
const limit = { timeout: 280_000 }

describe('lookups', () => {
  const druid = connect(inject('druidUrl'), { extensions: [cluster] })
  const name = 'a "lookup" 100% é'
  const broken = 'a broken lookup'
  const lookups = druid.cluster().lookups()
  const looked = (key: string): Promise<unknown> =>
    druid.value(sql`SELECT LOOKUP(${key}, 'a "lookup" 100% é')`)
  beforeAll(() => lookups.initialise())
  afterAll(async () => {
    for (const it of [name, broken]) await lookups.delete(it, { wait: false }).catch(() => {})
    await druid.close()
  })

  it('initialising is harmless where it is done', async () => {
    expect(await lookups.initialise()).toBe(false)
  })

  it('tells the tiers, and the servers that are in them', async () => {
    const tiers = await lookups.tiers()
    const nodes = tiers.find((tier) => tier.name === '__default')?.nodes ?? []
    // The Broker, the Historical and the Indexer.
    expect(nodes).toHaveLength(3)
    expect(nodes).toContain(new URL(inject('brokerUrl')).host)
  })

  it(
    '88 Lookups read / write: one that was put is seen by SQL, in place of the one before, and not when it was deleted',
    async () => {
      const progress: number[] = []
      const first = await lookups.put(
        name,
        { type: 'map', map: { UA: 'United', é: '東京' } },
        { ...limit, onProgress: ({ doneNodes }) => progress.push(doneNodes.length) },
      )
      expect(progress.at(-1)).toBe(3)
      expect(await looked('UA')).toBe('United')
      expect(await looked('é')).toBe('東京')
      expect(await lookups.get(name)).toMatchObject({ version: first })
      expect(await lookups.list()).toContainEqual(
        expect.objectContaining({ tier: '__default', name, version: first, loaded: true }),
      )
      await lookups.untilLoaded(name, limit)

      const second = await lookups.put(name, { type: 'map', map: { UA: 'Untied' } }, limit)
      expect(second > first).toBe(true)
      expect(await looked('UA')).toBe('Untied')
      const { loaded, nodes, version } = await lookups.propagation(name)
      expect({ loaded, version }).toEqual({ loaded: true, version: second })
      expect(nodes.map((it) => it.version)).toEqual([second, second, second])

      await lookups.delete(name, limit)
      await expect(looked('UA')).rejects.toMatchObject({ name: 'DruidError' })
      await expect(lookups.get(name)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(lookups.delete(name)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(lookups.propagation(name)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    },
    4 * limit.timeout,
  )

  it('a version that is not greater is a conflict, and changes nothing', async () => {
    const options = { wait: false, version: 'v9' }
    await lookups.put(broken, { type: 'map', map: { a: 'A' } }, options)
    const other = { type: 'map', map: { a: 'B' } } as const
    for (const version of ['v10', 'v9', 'V']) {
      const put = lookups.put(broken, other, { wait: false, version })
      await expect(put).rejects.toMatchObject({ code: 'CONFLICT' })
    }
    expect(await lookups.get(broken)).toMatchObject({ lookupExtractorFactory: { map: { a: 'A' } } })
    expect(await lookups.put(broken, other, { wait: false })).toBe('v9.1')
    await lookups.delete(broken, { wait: false })
  })

  it('one that no server loads is undone: the one before is back, or none', async () => {
    // Druid takes it all the same: what is in it, only the servers read.
    const bad = { type: 'kafka', kafkaTopic: 't', kafkaProperties: { 'bootstrap.servers': 'x:1' } }
    const put = (): Promise<string> => lookups.put(broken, bad as never, { timeout: 3_000 })
    await expect(put()).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/is not loaded by .*it was not there before, and is deleted/),
    })
    await expect(lookups.get(broken)).rejects.toMatchObject({ code: 'NOT_FOUND' })

    const version = await lookups.put(broken, { type: 'map', map: { a: 'A' } }, { wait: false })
    await expect(put()).rejects.toMatchObject({
      message: expect.stringContaining('the one that was there before is back'),
    })
    const back = await lookups.get(broken)
    expect(back.lookupExtractorFactory).toMatchObject({ type: 'map', map: { a: 'A' } })
    expect(back.version > version).toBe(true)
  })

  it('a tier without servers is said so', async () => {
    const put = lookups.put(name, { type: 'map', map: {} }, { tier: 'nowhere' })
    await expect(put).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('"__default"'),
    })
  })
})

it.skipIf(inject('readerUrl') === '')('lookups are not for a user who may only read', async () => {
  await using reader = connect(inject('readerUrl'), { extensions: [cluster] })
  const lookups = reader.cluster().lookups()
  await expect(lookups.list()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const put = lookups.put('theirs', { type: 'map', map: { a: 'A' } })
  await expect(put).rejects.toMatchObject({ code: 'FORBIDDEN' })
})
