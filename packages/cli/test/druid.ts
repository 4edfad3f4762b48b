import { execFile } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { vi } from 'vitest'

/** A test starts several processes, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000 })

const packages = resolve(import.meta.dirname, '../..')

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program of Node, and does not mind how it ends. */
export function node(args: readonly string[], cwd: string, env: object = {}): Promise<Outcome> {
  return new Promise((done) => {
    const options = { cwd, env: { ...process.env, ...env } }
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
}

/** Runs the command `druid` in a folder. */
export function druid(args: string, cwd: string, env: object = {}): Promise<Outcome> {
  return node([join(packages, 'cli/src/main.ts'), ...args.split(' ').filter(Boolean)], cwd, env)
}

/** Type-checks a folder by its tsconfig.json: what the compiler says of it, line by line. */
export async function tsc(folder: string): Promise<string[]> {
  const compiler = resolve(packages, '../node_modules/@typescript/native/bin/tsc')
  const { stdout } = await node([compiler, '--noEmit', '--pretty', 'false', '-p', folder], folder)
  // Core's sources are checked in their own place.
  return stdout.split('\n').filter((line) => /^\S/.test(line) && !line.startsWith('..'))
}

/** Installs packages of this repository in a project: `core`, `cli`, … */
export async function link(root: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const folder = join(root, 'node_modules/@druid', name)
    await mkdir(dirname(folder), { recursive: true })
    await symlink(join(packages, name), folder)
  }
}
