import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Failed, Measured } from './measured.ts'

const run = promisify(execFile)

/** A replay server, in a process of its own. */
export async function startReplay(): Promise<{ url: string; process: ChildProcess }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'replay.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { url: line.toString().trim(), process: child }
}

export interface Run {
  readonly contender: string
  readonly task: string
  readonly url: string
  readonly query: string
  readonly python?: NodeJS.ProcessEnv | undefined
}

/** One contender, once, in a process of its own. */
export async function contend(one: Run): Promise<Measured | Failed> {
  const { contender, task, url, query } = one
  const isPython = contender.endsWith('.py')
  const file = join(import.meta.dirname, isPython ? `contenders/${contender}` : 'contend.ts')
  const built = ['--import', join(import.meta.dirname, 'built.ts')]
  const argv = isPython ? [file, url, query] : [...built, file, contender, task, url, query]
  const command = isPython ? 'python3' : process.execPath
  try {
    const options = { env: one.python ?? process.env, timeout: 600_000 }
    const { stdout } = await run(command, argv, options)
    return JSON.parse(stdout) as Measured | Failed
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    return { failed: stderr.trim().split('\n').at(-1) || message }
  }
}
