import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { messageOf } from '@druid/core/extension'
import type { Problem } from '@druid/testing'
import { type Command, InvalidArgumentError } from 'commander'
import { foundProblems, harmless, print } from '../output.ts'

interface CheckOptions {
  readonly options?: unknown
  readonly core?: readonly string[]
  readonly json?: boolean
}

/** `druid ext check`: what is wrong with a package, before its users find out. */
export function addCheck(ext: Command): void {
  ext
    .command('check')
    .description('say what is wrong with an extension package')
    .argument('[target]', 'its folder, or its packed tarball', '.')
    .option('--options <json>', 'what .with() takes, for one that cannot do without', fromJson)
    .option('--core <folder>', 'another copy of @druid/core to register on; may be repeated', more)
    .option('--json', 'as JSON')
    .action(check)
}

async function check(target: string, { options, core, json }: CheckOptions): Promise<void> {
  // Loaded only here: it brings the tools that look into a package.
  const { checkExtension } = await import('@druid/testing')
  const removeTemporary = ownTemporaryFolder()
  let problems: readonly Problem[]
  try {
    problems = await checkExtension(target, { options, cores: core })
  } finally {
    removeTemporary()
  }
  if (json) print(JSON.stringify(problems, undefined, 2))
  else for (const line of [...problems.map(lineOf), summary(problems)]) print(line)
  if (problems.some(({ level }) => level === 'error')) foundProblems()
}

/** Not `<folder...>`, which would take the target for one of them. */
function more(folder: string, folders: readonly string[] = []): readonly string[] {
  return [...folders, folder]
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`)
  }
}

/** What is unpacked goes to a folder that Ctrl-C removes, too. */
function ownTemporaryFolder(): () => void {
  let folder: string | undefined
  const remove = (): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      remove()
      process.kill(process.pid, signal)
    })
  }
  folder = mkdtempSync(join(tmpdir(), 'druid-'))
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder
  return remove
}

function lineOf({ rule, level, message, file }: Problem): string {
  const colour = level === 'error' ? 'red' : 'yellow'
  // Colours only on a terminal that shows them.
  const head = styleText(colour, level.padEnd(7), { stream: process.stdout })
  const where = file === undefined ? '' : `${file}: `
  return `${head}  ${rule.padEnd(3)}  ${harmless(`${where}${message}`)}`
}

function summary(problems: readonly Problem[]): string {
  if (problems.length === 0) return 'nothing is wrong'
  const errors = problems.filter(({ level }) => level === 'error').length
  return `${counted(errors, 'error')}, ${counted(problems.length - errors, 'warning')}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
