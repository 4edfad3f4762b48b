import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './run.ts'

/** A process by its id and when it started: an id alone may be another process by now. */
export interface ProcessId {
  readonly pid: number
  /** Empty where the system does not tell. */
  readonly started: string
}

const ENDED = 'ended'

export async function processId(pid: number): Promise<ProcessId> {
  return { pid, started: await startOf(pid) }
}

export async function isRunning({ pid, started }: ProcessId): Promise<boolean> {
  if (!isOne(pid) || started === ENDED) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return started === '' || (await startOf(pid)) === started
}

/** Waits until it is gone; whether it is. */
export async function ended(id: ProcessId, limit: number): Promise<boolean> {
  const deadline = performance.now() + limit
  while (await isRunning(id)) {
    if (performance.now() > deadline) return false
    await sleep(100)
  }
  return true
}

/** Ends a process at once; nothing happens when it is another one by now. */
export async function kill(id: ProcessId, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (!(await isRunning(id))) return
  try {
    process.kill(id.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** To the system, 0 and negative numbers are groups of processes; -1 is all of them. */
function isOne(pid: unknown): boolean {
  return Number.isInteger(pid) && (pid as number) > 0
}

async function startOf(pid: number): Promise<string> {
  if (!isOne(pid)) return ENDED
  if (process.platform === 'win32') return ''
  if (process.platform !== 'linux') {
    // The same words whoever asks.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
    const { output } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], { env })
    return output.trim() || ENDED
  }
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // After the command name in parentheses: state is the 3rd field, the start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie is over; only its parent has not looked yet.
    return fields[0] === 'Z' ? ENDED : (fields[19] ?? ENDED)
  } catch {
    return ENDED
  }
}
