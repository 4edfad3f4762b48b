import { cluster } from '@druid/cluster'
import { connect, custom } from '@druid/core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

/** What needs no stream; all else is in `test/own/supervisors.test.ts`. */
describe('supervisors of other types than streams', () => {
  const druid = connect(inject('druidUrl'), { extensions: [cluster] })
  // Histories stay.
  const id = `a "supervisor" 100% é ${crypto.randomUUID()}`
  const idle = druid.cluster().supervisor(id)
  beforeAll(async () => {
    const spec = { type: 'NoopSupervisorSpec', id, dataSources: ['supervised'] }
    const submitted = await druid.cluster().submitSupervisor(custom(spec))
    expect(submitted.id).toBe(id)
  })
  afterAll(() => druid.close())

  it('71 List / status / history: of each type, what it is at', async () => {
    const state = { id, state: 'RUNNING', healthy: true }
    expect(await druid.cluster().supervisors()).toContainEqual(expect.objectContaining(state))
    expect(await idle.state()).toMatchObject(state)
    // Not told by itself, but by the list.
    expect(await idle.health()).toBe(true)
    expect(await idle.untilRunning({ timeout: 10_000 })).toMatchObject(state)
    expect(await idle.history()).toMatchObject([{ spec: { dataSources: ['supervised'] } }])
    await expect(idle.status()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('72 Create / suspend / resume / reset / terminate / stats: offsets are of streams', async () => {
    await idle.resume()
    await expect(idle.untilCaughtUp()).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('reads no stream'),
    })
    await idle.terminate()
    await expect(idle.state()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await idle.history()).toHaveLength(2)
  })

  it('one that compacts a data source is of Druid 31 and later', async () => {
    const spec = {
      type: 'autocompact',
      spec: { dataSource: 'supervised', taskPriority: 5 },
    } as const
    const submitted = druid.cluster().submitSupervisor(spec)
    if (inject('druidVersion').startsWith('27')) {
      await expect(submitted).rejects.toMatchObject({ code: 'INVALID_INPUT', status: 400 })
      return
    }
    const compaction = await submitted
    expect(compaction.id).toBe('autocompact__supervised')
    expect(await compaction.state()).toMatchObject({ type: 'autocompact', healthy: true })
    expect(await compaction.status()).toMatchObject({ dataSource: 'supervised' })
    expect(await compaction.spec()).toMatchObject({ spec: { taskPriority: 5 } })
    await druid.cluster().submitSupervisor({ ...spec, spec: { ...spec.spec, taskPriority: 6 } })
    expect((await compaction.history()).slice(0, 2)).toMatchObject([
      { spec: { spec: { taskPriority: 6 } } },
      { spec: { spec: { taskPriority: 5 } } },
    ])
    await compaction.terminate()
  })

  it('a type that this Druid does not have is refused', async () => {
    const spec = custom({ type: 'no such type', id })
    await expect(druid.cluster().submitSupervisor(spec)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      status: 400,
    })
  })
})

it.skipIf(inject('readerUrl') === '')(
  'supervisors are not for a user who may only read',
  async () => {
    await using reader = connect(inject('readerUrl'), { extensions: [cluster] })
    const spec = custom({ type: 'NoopSupervisorSpec', id: 'theirs', dataSources: ['theirs'] })
    const submitted = reader.cluster().submitSupervisor(spec)
    await expect(submitted).rejects.toMatchObject({ code: 'FORBIDDEN' })
  },
)
