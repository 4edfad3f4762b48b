import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject } from 'vitest'

/**
 * Whether a thread of the Broker works on the query; unlike a DELETE, looking does not touch it.
 * The thread of a cancelled one may stay until the query's timeout, waiting for data servers that
 * were told to stop (`DirectDruidClient.dequeue`): that is Druid's own, and no work.
 */
async function isRunning(queryId: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)('jstack', [String(inject('brokerPid'))], {
    maxBuffer: 64 * 1024 * 1024,
  })
  const threads = stdout.split('\n\n').filter((thread) => thread.includes(queryId))
  return threads.some((thread) => !/DirectDruidClient\S*\.dequeue/.test(thread))
}

export async function starts(queryId: string): Promise<void> {
  await expect.poll(() => isRunning(queryId), { timeout: 15_000 }).toBe(true)
}

export async function ends(queryId: string): Promise<void> {
  await expect.poll(() => isRunning(queryId), { timeout: 15_000 }).toBe(false)
}
