import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { FLIGHTS } from '@druid/data'
import { describe, expect, inject, it } from 'vitest'

describe('200 operations at once', () => {
  it.each(['direct', 'router'] as const)('end as they do one by one: %s', async (through) => {
    const sent: unknown[] = []
    await using druid = connect(inject('druidUrl'), {
      extensions: [cluster.with({ through })],
      hooks: { request: (event) => sent.push(event) },
    })
    const all = druid.cluster()
    const flights = all.dataSource('flights')
    const OPERATIONS: readonly (() => Promise<unknown>)[] = [
      async () => (await all.coordinatorClient().loadStatus()).flights,
      async () => (await all.coordinatorClient().dataSources()).includes('flights'),
      async () => all.overlordClient().isLeader(),
      async () => (await flights.usedSegments()).length,
      async () => (await all.services()).length,
      async () => druid.value('SELECT COUNT(*) FROM flights'),
      async () => (await all.tasks({ state: 'complete', max: 1 })).length <= 1,
      async () =>
        all
          .task('no such task')
          .status()
          .catch(({ code }) => code),
    ]
    const one = await Promise.all(OPERATIONS.map((operation) => operation()))
    expect(one).toEqual([
      100,
      true,
      true,
      expect.any(Number),
      expect.any(Number),
      FLIGHTS,
      true,
      'NOT_FOUND',
    ])
    const before = sent.length
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) => OPERATIONS[i % OPERATIONS.length]?.()),
    )
    for (const [i, result] of results.entries()) expect(result).toEqual(one[i % one.length])
    // Whom to ask is known: each is a request or two of its own, and none asks for all that.
    expect(sent.length - before).toBeLessThan(450)
  })

  it('of 40 tasks each is submitted once, and each by its own id', async () => {
    await using druid = connect(inject('druidUrl'), { extensions: [cluster] })
    const stamp = Date.now()
    const ids = Array.from({ length: 40 }, (_, i) => `parallel_${stamp}_${i}`)
    const tasks = await Promise.all(
      ids.map((id) => druid.cluster().submit({ type: 'noop', id, runTime: 1 })),
    )
    expect(tasks.map(({ id }) => id)).toEqual(ids)
    const known = await druid.cluster().overlordClient().taskStatuses(ids)
    expect(Object.keys(known).sort()).toEqual([...ids].sort())
    await Promise.all(tasks.map((task) => task.shutdown()))
    await Promise.all(tasks.map((task) => task.wait().catch(() => {})))
  })
})
