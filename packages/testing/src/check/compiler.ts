import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DruidError } from '@druid/core'
import { isRecord } from '@druid/core/extension'
import { gte } from 'semver'
import { own, readManifest } from './manifest.ts'
import { locate } from './packages.ts'

/** A TypeScript, run as a program: from version 7 on there is no other way. */
export interface Compiler {
  readonly version: string
  /** Runs it with a tsconfig.json. */
  compile(config: string): Promise<Complaint[]>
}

/** An error that it printed. */
export interface Complaint {
  /** Absolute; `undefined` for one of no file. */
  readonly file: string | undefined
  /** e.g. 2742 */
  readonly code: number
  /** The reasons follow in further lines. */
  readonly text: string
}

/** The one that is named; else the first as seen from the package, the working directory, or here. */
export async function findCompiler(
  named: string | undefined,
  near: readonly string[],
): Promise<Compiler | undefined> {
  const places = [...near, process.cwd(), dirname(fileURLToPath(import.meta.url))]
  const found =
    named === undefined
      ? places.map((from) => locate('typescript', from)).find((it) => it !== undefined)
      : resolve(named)
  if (found === undefined) return undefined
  const manifest = await readManifest(found, found)
  const bin = own(manifest, 'bin')
  // Under another name its command may have one, too: tsc6.
  const commands = isRecord(bin) ? Object.entries(bin) : [['tsc', bin] as const]
  const [, path] = commands.find(([name]) => name === 'tsc') ?? commands[0] ?? []
  const version = own(manifest, 'version')
  const program = typeof path === 'string' ? join(found, path) : undefined
  if (program === undefined || !existsSync(program) || typeof version !== 'string') {
    if (named === undefined) return undefined
    throw new DruidError('CONFIG', `checkExtension: ${found} is no package of TypeScript`, {
      option: 'typescript',
    })
  }
  return { version, compile: (config) => compile(program, config) }
}

/** Extensions are written for this version and later ones. */
export function isSupported({ version }: Compiler): boolean {
  return gte(version, '5.4.0')
}

const LIMIT = 120_000

function compile(program: string, config: string): Promise<Complaint[]> {
  const folder = dirname(config)
  const args = [program, '-p', config, '--pretty', 'false']
  return new Promise((fulfil, reject) => {
    const options = { cwd: folder, timeout: LIMIT, maxBuffer: 64 * 1024 * 1024 }
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const complaints = complaintsIn(stdout, folder)
      if (error === null || complaints.length > 0) fulfil(complaints)
      else reject(new Error(error.killed ? `it took over ${LIMIT / 1000} s` : stderr || stdout))
    })
  })
}

const LINE = /^(?:(.+?)\(\d+,\d+\): )?error TS(\d+): (.*)$/

function complaintsIn(output: string, folder: string): Complaint[] {
  const complaints: Complaint[] = []
  for (const line of output.split(/\r?\n/)) {
    const [, file, code, text] = LINE.exec(line) ?? []
    const last = complaints.at(-1)
    if (text !== undefined) {
      const absolute = file === undefined ? undefined : resolve(folder, file)
      complaints.push({ file: absolute, code: Number(code), text })
    } else if (last !== undefined && /^\s+\S/.test(line)) {
      complaints[complaints.length - 1] = { ...last, text: `${last.text}\n${line}` }
    }
  }
  return complaints
}

/** A path as a tsconfig.json or a message has it. */
export function within(folder: string, file: string): string {
  return relative(folder, file).replaceAll('\\', '/')
}
