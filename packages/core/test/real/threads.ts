import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject } from 'vitest'

const run = async (command: string, args: string[]): Promise<string> =>
  (await promisify(execFile)(command, args, { maxBuffer: 64 * 1024 * 1024 })).stdout

/** What the threads of a process do, one by one. */
const threadsOf = async (pid: string): Promise<string[]> =>
  (await run('jstack', [pid])).split('\n\n')

/**
 * Whether a thread of the Broker works on the query; unlike a DELETE, looking does not touch it.
 * The thread of a cancelled one may stay until the query's timeout, waiting for data servers that
 * were told to stop (`DirectDruidClient.dequeue`): that is Druid's own, and no work.
 */
async function isRunning(queryId: string): Promise<boolean> {
  const all = await threadsOf(String(inject('brokerPid')))
  const threads = all.filter((thread) => thread.includes(queryId))
  return threads.some((thread) => !/DirectDruidClient\S*\.dequeue/.test(thread))
}

export async function starts(queryId: string): Promise<void> {
  await expect.poll(() => isRunning(queryId), { timeout: 15_000 }).toBe(true)
}

export async function ends(queryId: string): Promise<void> {
  await expect.poll(() => isRunning(queryId), { timeout: 15_000 }).toBe(false)
}

/** Whether a processing thread of the Historical reads segments, for whatever query. */
async function isProcessing(): Promise<boolean> {
  const processes = (await run('ps', ['-eo', 'pid=,ppid=,args=']))
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  // The services of one cluster have the same parent.
  const broker = processes.find(([pid]) => pid === String(inject('brokerPid')))
  const historical = processes.find((it) => it[1] === broker?.[1] && it.at(-1) === 'historical')
  if (historical?.[0] === undefined) throw new Error('there is no Historical beside the Broker')
  const threads = await threadsOf(historical[0])
  return threads.some((it) => /^"processing/.test(it) && /org\.apache\.druid\.segment/.test(it))
}

export async function processes(): Promise<void> {
  // What does the work in a Historical of 27.0.0 has other names.
  if (inject('druidVersion') === '27.0.0') return
  await expect.poll(isProcessing, { timeout: 15_000 }).toBe(true)
}

/** No other query may run then. */
export async function idles(): Promise<void> {
  await expect.poll(isProcessing, { timeout: 15_000 }).toBe(false)
}
