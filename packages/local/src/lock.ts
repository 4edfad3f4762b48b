import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended, isRunning, kill, type ProcessId, processId } from './process.ts'

/** Who holds a folder: the process, and the services that it started. */
export interface Holder {
  readonly owner: ProcessId
  readonly children: readonly ProcessId[]
}

export interface Lock {
  /** Writes down what the owner started, so that who takes over a stale lock can wait for it. */
  record(children: readonly ProcessId[]): Promise<void>
  release(): Promise<void>
}

/** Services notice that their parent is gone, and need this long at most to end. */
const ORPHAN_LIMIT = 45_000

/**
 * Takes a lock file, or throws naming its holder. A lock whose owner is gone is taken over, once
 * what it started has ended. `wait`: milliseconds to wait for a live holder first.
 */
export async function takeLock(file: string, what: string, wait = 0): Promise<Lock> {
  await mkdir(dirname(file), { recursive: true })
  const owner = await processId(process.pid)
  const deadline = performance.now() + wait
  while (!(await create(file, { owner, children: [] }))) {
    const holder = await read(file)
    if (holder !== undefined && (await isRunning(holder.owner))) {
      if (performance.now() < deadline) {
        await sleep(200)
        continue
      }
      throw new Error(`${what} is in use by process ${holder.owner.pid} (lock file ${file})`)
    }
    for (const child of holder?.children ?? []) {
      if (!(await ended(child, ORPHAN_LIMIT))) await kill(child)
    }
    await rm(file, { force: true })
  }
  return {
    record: (children) => writeFile(file, JSON.stringify({ owner, children })),
    release: () => rm(file, { force: true }),
  }
}

/** Who holds it now; `undefined` for a free or stale lock. */
export async function holderOf(file: string): Promise<Holder | undefined> {
  const holder = await read(file)
  return holder !== undefined && (await isRunning(holder.owner)) ? holder : undefined
}

async function create(file: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(holder), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function read(file: string): Promise<Holder | undefined> {
  // Its owner may be between making the file and writing it.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      return JSON.parse(await readFile(file, 'utf8')) as Holder
    } catch {
      await sleep(50)
    }
  }
  return undefined
}
