import { batchTask, cluster, noopTask } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { type LocalDruid, startDruid } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let local: LocalDruid
let druid: DruidClient<typeof cluster>

beforeAll(async () => {
  local = await startDruid({ services: { indexer: 0, middleManager: 1 } })
  druid = connect(local.routerUrl, { extensions: [cluster] })
})

afterAll(async () => {
  await druid?.close()
  await local?.stop()
})

const text = 'é 漢字 🎉'

describe('67 Task log, of a task with a JVM of its own', () => {
  it('is followed while it grows, is whole at the end, and is there afterwards', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ t: '2024-01-01', i, text }))
    const task = await druid.cluster().submit(
      batchTask({
        dataSource: 'logged',
        input: {
          type: 'inline',
          data: `${rows.map((it) => JSON.stringify(it)).join('\n')}\nbad ${text}`,
        },
        format: { type: 'json' },
        timestamp: 't',
        dimensions: ['text'],
        tuning: { logParseExceptions: true },
      }),
    )
    const pieces: string[] = []
    let grownWhileRunning = 0
    for await (const piece of task.followLog()) {
      pieces.push(piece)
      if ((await task.status()).statusCode === 'RUNNING') grownWhileRunning += 1
    }
    const followed = pieces.join('')
    expect(grownWhileRunning).toBeGreaterThan(0)
    expect(followed).toContain(`bad ${text}`)
    expect(followed).toContain(task.id)
    // What is stored of it is what was followed: no line lost, none twice.
    const whole = await task.log()
    expect(followed).toBe(whole)
    const bytes = new TextEncoder().encode(whole)
    const from = bytes.length - 500
    const tail = new TextDecoder().decode(bytes.subarray(from))
    expect(await task.log({ offset: from })).toBe(tail)
    expect(await task.log({ offset: -500 })).toBe(tail)
    await task.wait()
  })

  it('can be asked for while the task runs, and the task be stopped', async () => {
    const task = await druid.cluster().submit(noopTask({ runTime: 60_000 }))
    await expect
      .poll(async () => (await task.log().catch(() => '')).length, { timeout: 60_000 })
      .toBeGreaterThan(1_000)
    await task.shutdown()
    await expect(task.wait()).rejects.toMatchObject({ code: 'TASK_FAILED', taskId: task.id })
  })
})
