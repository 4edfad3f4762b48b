import { spawn } from 'node:child_process'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { resolve as absolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cachePath } from './cache.ts'
import { userOf } from './data-folder.ts'
import { ended, isRunning, kill, type ProcessId, processId } from './process.ts'
import type { Progress } from './progress.ts'
import type { LocalService } from './service.ts'
import { type LocalDruid, type StartOptions, startDruid } from './start.ts'
import type { LocalTls } from './tls.ts'

/** A cluster that outlives the program that started it: a process of its own keeps it. */
export interface DetachedDruid {
  readonly version: string
  readonly routerUrl: string
  /** Of what `startDruid` gives all but `issue`. */
  readonly tls: Omit<LocalTls, 'issue'> | undefined
  readonly services: readonly LocalService[]
  readonly ports: LocalDruid['ports']
  readonly dataDir: string
  readonly logs: string
  /** The process that keeps it; when that ends, so does the cluster. */
  readonly keeper: ProcessId
}

/** What a detached start takes: all but what cannot cross to another process. */
export type DetachedOptions = Omit<StartOptions, 'signal' | 'onProgress' | 'dataDir'> & {
  /** Default: `defaultDataDir()`. */
  readonly dataDir?: string | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

type Message =
  | { readonly progress: Progress }
  | { readonly ready: true }
  | { readonly failed: string }

const STOP_LIMIT = 90_000

/** The data folder of `druid-local` when it is told none. */
export function defaultDataDir(): string {
  return cachePath('default')
}

/**
 * Starts a cluster that goes on when this program ends. Until it is ready, this program's end ends
 * it too. @throws Error as `startDruid`.
 */
export async function startDetached(options: DetachedOptions = {}): Promise<DetachedDruid> {
  const { onProgress, signal, dataDir = defaultDataDir(), ...rest } = options
  signal?.throwIfAborted()
  const folder = absolute(dataDir)
  await mkdir(join(folder, 'log'), { recursive: true })
  const log = await open(join(folder, 'log', 'keeper.log'), 'a')
  const child = spawn(process.execPath, [mainFile(), 'keep'], {
    detached: true,
    // It must not keep the user's folder busy.
    cwd: folder,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    windowsHide: true,
  })
  await log.close()
  // Not a kill: the keeper notices the closed channel and stops what it has started.
  const abandon = (): void => child.disconnect()
  signal?.addEventListener('abort', abandon, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: Message) => {
        if ('progress' in message) onProgress?.(message.progress)
        else if ('ready' in message) resolve()
        else reject(new Error(message.failed))
      })
      child.once('error', reject)
      child.once('exit', () =>
        reject(signal?.reason ?? new Error('the keeper ended while starting')),
      )
      child.send({ ...rest, dataDir: folder })
    })
  } finally {
    signal?.removeEventListener('abort', abandon)
    if (child.connected) child.disconnect()
    child.unref()
  }
  const druid = await findDetached(folder)
  if (druid === undefined) throw new Error(`the cluster in ${folder} ended right after its start`)
  return druid
}

/** The detached cluster of a data folder, `undefined` when none runs. */
export async function findDetached(
  dataDir: string = defaultDataDir(),
): Promise<DetachedDruid | undefined> {
  try {
    const druid = JSON.parse(await readFile(stateFile(absolute(dataDir)), 'utf8')) as DetachedDruid
    return (await isRunning(druid.keeper)) ? druid : undefined
  } catch {
    return undefined
  }
}

/**
 * Stops the cluster of a data folder, also one that is still starting, or that another program
 * keeps: that program is asked to end (SIGTERM). Whether there was one.
 */
export async function stopDetached(dataDir: string = defaultDataDir()): Promise<boolean> {
  const holder = (await findDetached(dataDir))?.keeper ?? (await userOf(dataDir))
  if (holder === undefined) return false
  await kill(holder, 'SIGTERM')
  if (!(await ended(holder, STOP_LIMIT))) {
    // Its services notice that it is gone.
    await kill(holder)
  }
  return true
}

/** The life of a keeper: starts the cluster it is told to, and holds it until it is asked to end. */
export async function keep(): Promise<void> {
  const abort = new AbortController()
  const stop = (): void => abort.abort(new Error('the start was given up'))
  process.once('disconnect', stop)
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  const tell = (message: Message): void => {
    if (process.connected) process.send?.(message)
  }
  const options = await new Promise<StartOptions & { readonly dataDir: string }>((resolve) => {
    process.once('message', (message) => resolve(message as never))
  })
  const state = stateFile(options.dataDir)
  let druid: LocalDruid
  try {
    druid = await startDruid({
      ...options,
      signal: abort.signal,
      onProgress(progress) {
        tell({ progress })
        // Later there is nobody but the log.
        if (progress.step === 'warning') process.stdout.write(`${progress.message}\n`)
      },
    })
  } catch (error) {
    tell({ failed: (error as Error).message })
    process.exitCode = 1
    if (process.connected) process.disconnect()
    return
  }
  process.off('disconnect', stop)
  const { version, routerUrl, tls, services, ports, dataDir, logs } = druid
  const keeper = await processId(process.pid)
  const facts: DetachedDruid = { version, routerUrl, tls, services, ports, dataDir, logs, keeper }
  await writeFile(state, JSON.stringify(facts, undefined, 2))
  tell({ ready: true })
  await asked(abort.signal)
  await druid.stop()
  await rm(state, { force: true })
}

/** The services' handles keep no process up, so a timer does. */
function asked(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const up = setInterval(() => {}, 60_000)
    const end = (): void => {
      clearInterval(up)
      resolve()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

function stateFile(dataDir: string): string {
  return join(dataDir, 'keeper.json')
}

/** The bin: TypeScript in the repository, JavaScript in the package. */
function mainFile(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`./main.${extension}`, import.meta.url))
}
