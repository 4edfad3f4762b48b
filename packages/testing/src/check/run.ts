import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isRecord } from '@druid/core/extension'
import type { Facts, Job, Step, Told } from './job.ts'
import type { Problem } from './problem.ts'

/** What came of running a job. */
export interface Run {
  readonly problems: readonly Problem[]
  readonly facts: Partial<Facts>
  /** The step at which it was; `done` when it came to its end. */
  readonly step: Step
  /** Why it came to none: the time was over, or the process ended. */
  readonly ended: 'done' | 'time' | 'exit'
  /** The last of what it wrote to stderr. */
  readonly noise: string
}

/** Beside this file: as a source in the repository, built in the package. */
const RUNNER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './runner.ts' : './runner.js', import.meta.url),
)

/**
 * Runs a job in a process of its own, and ends that. `timeout`: milliseconds for each step from the
 * import on; before it there is only our own code, on a machine that may be busy.
 */
export async function run(job: Job, folder: string, timeout: number): Promise<Run> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'job.json')
  await writeFile(file, JSON.stringify(job))
  const child = spawn(process.execPath, [RUNNER, file], {
    cwd: folder,
    env: environment(),
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  })
  const problems: Problem[] = []
  let facts: Partial<Facts> = {}
  let step = 'start' as Step
  let noise = ''
  let late = false
  let timer: NodeJS.Timeout | undefined
  const limit = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, ms)
  }
  limit(Math.max(timeout, STARTING))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    noise = (noise + text).slice(-1000)
  })
  const lines = createInterface({ input: child.stdio[3] as Readable })
  lines.on('line', (line) => {
    const told = parsed(line)
    if (told === undefined) return
    if ('problem' in told) problems.push(told.problem)
    else if ('facts' in told) facts = { ...facts, ...told.facts }
    else {
      step = told.step
      limit(timeout)
      if (step === 'done') child.kill('SIGKILL')
    }
  })
  const closed = Promise.all([once(child, 'close'), once(lines, 'close')])
  try {
    await once(child, 'exit')
    // A process that it started against all odds may hold the pipes.
    await Promise.race([closed, sleep(1000, undefined, { ref: false })])
  } finally {
    clearTimeout(timer)
    lines.close()
    for (const stream of child.stdio) stream?.destroy()
  }
  const ended = step === 'done' ? 'done' : late ? 'time' : 'exit'
  return { problems, facts, step, ended, noise: noise.trim() }
}

const STARTING = 30_000

/** Nothing of ours that changes what is measured; Plug'n'Play is loaded by its own options. */
function environment(): NodeJS.ProcessEnv {
  const { DRUID_EXTENSIONS: _, NODE_V8_COVERAGE: __, NODE_OPTIONS: options, ...rest } = process.env
  const pnp = process.versions.pnp !== undefined && options !== undefined
  return { ...rest, NODE_NO_WARNINGS: '1', ...(pnp && { NODE_OPTIONS: options }) }
}

/** An extension may write there, too: it can only harm its own result. */
function parsed(line: string): Told | undefined {
  try {
    const told: unknown = JSON.parse(line)
    if (!isRecord(told)) return undefined
    if ('problem' in told && !isRecord(told.problem)) return undefined
    return told as Told
  } catch {
    return undefined
  }
}
