import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended, isRunning, kill, type ProcessId, processId } from './process.ts'

/** Who holds a folder: the process, and the services that it started. */
export interface Holder {
  readonly owner: ProcessId
  readonly children: readonly ProcessId[]
  /** Process ids say nothing on another machine, or in another container. */
  readonly host: string
}

export interface Lock {
  /** Writes down what the owner started, so that who takes over a stale lock can wait for it. */
  record(children: readonly ProcessId[]): Promise<void>
  release(): Promise<void>
}

export interface LockOptions {
  /** Milliseconds to wait for a live holder. Default 0. */
  readonly wait?: number
  readonly onWait?: (holder: ProcessId) => void
  readonly signal?: AbortSignal | undefined
}

/** Services notice that their parent is gone, and need this long at most to end. */
const ORPHAN_LIMIT = 45_000

/** Removing a stale lock takes milliseconds; many may wait for their turn. */
const TURN_LIMIT = 10_000

/**
 * Takes a lock file, or throws naming its holder. A lock whose owner is gone is taken over, once
 * what it started has ended.
 */
export async function takeLock(
  file: string,
  what: string,
  { wait = 0, onWait, signal }: LockOptions = {},
): Promise<Lock> {
  await mkdir(dirname(file), { recursive: true })
  const owner = await processId(process.pid)
  const host = hostname()
  const deadline = performance.now() + wait
  let told = false
  while (!(await create(file, { owner, children: [], host }))) {
    const text = await textOf(file)
    const holder = parse(text)
    if (holder !== undefined && holder.host !== host) {
      throw new Error(
        `${what} was taken by process ${holder.owner.pid} on ${holder.host}, of which this machine cannot tell whether it runs; if it does not, remove the lock file ${file}`,
      )
    }
    if (holder !== undefined && (await isRunning(holder.owner))) {
      if (performance.now() >= deadline) {
        throw new Error(`${what} is in use by process ${holder.owner.pid} (lock file ${file})`)
      }
      if (!told) onWait?.(holder.owner)
      told = true
      await sleep(50, undefined, { signal })
      continue
    }
    for (const child of holder?.children ?? []) {
      if (!(await ended(child, ORPHAN_LIMIT))) await kill(child)
    }
    await removeStale(file, text, what)
  }
  return {
    record: (children) => replace(file, { owner, children, host }),
    async release() {
      const holder = parse(await textOf(file))
      if (holder?.owner.pid === owner.pid && holder.owner.started === owner.started) {
        await rm(file, { force: true })
      }
    },
  }
}

/** Who holds it, gone or not; `undefined` for no lock, and for a file that is none. */
export async function holderOf(file: string): Promise<Holder | undefined> {
  return parse(await textOf(file))
}

/** Whole or not at all: nobody may read a file that is still being written. */
async function create(file: string, holder: Holder): Promise<boolean> {
  const part = `${file}.${randomUUID()}`
  try {
    await writeFile(part, JSON.stringify(holder))
    // Not every file system has links.
    await link(part, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error
      return writeFile(file, JSON.stringify(holder), { flag: 'wx' })
    })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(part, { force: true })
  }
}

async function replace(file: string, holder: Holder): Promise<void> {
  const part = `${file}.${randomUUID()}`
  await writeFile(part, JSON.stringify(holder))
  await rename(part, file)
}

/**
 * Removes the lock that was found stale. One at a time: between seeing that it is still that one and
 * removing it nobody else may do the same, and then take the lock.
 */
async function removeStale(file: string, text: string, what: string): Promise<void> {
  const turn = await takeLock(`${file}.stale`, `the stale lock of ${what}`, { wait: TURN_LIMIT })
  try {
    if ((await textOf(file)) === text) await rm(file, { force: true })
  } finally {
    await turn.release()
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}

function parse(text: string): Holder | undefined {
  try {
    const { owner, children, host = hostname() } = JSON.parse(text) as Partial<Holder>
    const whole = isProcess(owner) && Array.isArray(children) && children.every(isProcess)
    return whole && typeof host === 'string' ? { owner, children, host } : undefined
  } catch {
    return undefined
  }
}

function isProcess(id: ProcessId | undefined): id is ProcessId {
  return Number.isInteger(id?.pid) && typeof id?.started === 'string'
}
