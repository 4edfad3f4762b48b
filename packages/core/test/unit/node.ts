import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Runs a program in a process of its own, without anything of Vitest between, and gives what it
 * logged last, read as JSON. In it `@druid/core` is the package of this repository.
 */
export async function inNode(program: string, ...options: readonly string[]): Promise<unknown> {
  const argv = [...options, '--input-type=module', '--eval', program]
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, argv, { cwd: import.meta.dirname })
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}
