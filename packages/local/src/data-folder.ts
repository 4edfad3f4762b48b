import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { resolve as absolute, join } from 'node:path'
import { holderOf, type Lock, takeLock } from './lock.ts'
import { isRunning, type ProcessId } from './process.ts'

/** The folder of a cluster, which nobody else uses meanwhile. */
export interface DataFolder {
  readonly path: string
  readonly lock: Lock
  /** Gives it back; a temporary one is removed. */
  release(): Promise<void>
}

const TEMPORARY = 'druid-local-'

/** Takes the given folder, or a temporary one. @throws Error naming the process that has it. */
export async function takeDataFolder(given: string | undefined): Promise<DataFolder> {
  if (given === undefined) await removeForgotten()
  const path = given === undefined ? await mkdtemp(join(tmpdir(), TEMPORARY)) : absolute(given)
  const lock = await takeLock(lockFile(path), `the data folder ${path}`)
  return {
    path,
    lock,
    async release() {
      // The lock goes with the folder, and last: a folder without one would never be removed.
      if (given === undefined) await removeFolder(path)
      else await lock.release()
    },
  }
}

/** Who holds a data folder now; `undefined` for nobody. */
export async function userOf(folder: string): Promise<ProcessId | undefined> {
  const holder = await holderOf(lockFile(absolute(folder)))
  const runs = holder?.host === hostname() && (await isRunning(holder.owner))
  return runs ? holder.owner : undefined
}

function lockFile(folder: string): string {
  return join(folder, 'lock')
}

/** Temporary folders of clusters whose process was killed, once their services have ended too. */
async function removeForgotten(): Promise<void> {
  const names: string[] = await readdir(tmpdir()).catch(() => [])
  for (const name of names.filter((it) => it.startsWith(TEMPORARY))) {
    const folder = join(tmpdir(), name)
    const holder = await holderOf(lockFile(folder))
    if (holder === undefined || holder.host !== hostname()) continue
    const ids = [holder.owner, ...holder.children]
    const alive = await Promise.all(ids.map((id) => isRunning(id)))
    // Another user's folder, say, is not ours to remove.
    if (!alive.includes(true)) await removeFolder(folder).catch(() => {})
  }
}

function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
