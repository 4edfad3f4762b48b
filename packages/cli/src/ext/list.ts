import { connect, type ExtensionReport } from '@druid/core'
import { discover } from '@druid/core/discover'
import { messageOf } from '@druid/core/extension'
import { table } from '@druid/format'
import type { Command } from 'commander'
import { foundProblems, print, say } from '../output.ts'
import { isInstalledIn, untrusted } from '../trust.ts'
import { findProject, type Project, type ProjectOptions, withProject } from './project.ts'

interface ListOptions extends ProjectOptions {
  readonly load?: boolean
  readonly extensions: boolean
  readonly project?: boolean
  readonly json?: boolean
}

/** A line of the list; one that was not loaded is `found`. */
type Listed = Omit<Partial<ExtensionReport>, 'status'> & {
  readonly name: string
  readonly status: ExtensionReport['status'] | 'found'
}

/** `druid ext list`: what package.json files say; with `--load`, what became of each. */
export function addList(ext: Command): void {
  withProject(ext.command('list'))
    .description('list the extensions among the direct dependencies of a project')
    .option('--load', 'import and register them: methods, roles, errors')
    .option('--project', 'load them even if this druid is not installed in the project')
    .option('--no-extensions', 'load none, whatever else is said')
    .option('--json', 'as JSON')
    .action(list)
}

async function list(options: ListOptions): Promise<void> {
  const project = await findProject(options)
  const loads = options.load === true && (await mayLoad(project.root, options))
  const extensions = loads ? await loaded(project.root, options) : described(project)
  if (options.json) print(asJson(project.root, loads, extensions))
  else show(project.root, extensions)
  if (extensions.some(({ status }) => status === 'failed')) foundProblems()
}

async function mayLoad(root: string, { extensions, project }: ListOptions): Promise<boolean> {
  if (!extensions) return false
  if (project || (await isInstalledIn(root))) return true
  say(untrusted(root))
  foundProblems()
  return false
}

function described({ found, reports }: Project): Listed[] {
  const installed = found.map((one): Listed => {
    return { name: one.name, status: 'found', package: one.package }
  })
  return [...installed, ...reports].sort(byPackage)
}

function byPackage(a: Listed, b: Listed): number {
  const [one = '', other = ''] = [a.package?.name, b.package?.name]
  return one < other ? -1 : Number(one > other)
}

async function loaded(root: string, { dev }: ListOptions): Promise<Listed[]> {
  const discovered = await discover({ from: root, dev })
  // Nothing is sent: an address is only needed to have a client on which they register.
  const client = connect('http://localhost:8888', { discovered, onExtensionError: 'silent' })
  try {
    return [...client.extensions()].sort(byPackage)
  } finally {
    await client.close().catch((error: unknown) => say(`closing: ${messageOf(error)}`))
  }
}

const STYLE = { footer: false, nonNullColumns: true, nullText: '', maxCellWidth: 60 }

function show(root: string, extensions: readonly Listed[]): void {
  if (extensions.length === 0) {
    say(`no package that ${root}/package.json depends on is an extension`)
    return
  }
  print(table(extensions.map(row), STYLE))
  for (const { error } of extensions) if (error) say(error.message)
}

function row(listed: Listed): object {
  const { name, package: from, status, methods, roles, waiting, parts } = listed
  return {
    name,
    package: from?.name ?? null,
    version: from?.version || null,
    status,
    methods: words(methods),
    roles: words(roles),
    'takes part in': words(parts),
    waiting: words(waiting),
  }
}

function words(list: readonly string[] | undefined): string | null {
  return list?.join(', ') || null
}

function asJson(root: string, isLoaded: boolean, extensions: readonly Listed[]): string {
  const plain = extensions.map((listed) => (listed.error ? withMessage(listed) : listed))
  return JSON.stringify({ root, loaded: isLoaded, extensions: plain }, undefined, 2)
}

function withMessage({ error, ...listed }: Listed): object {
  return { ...listed, error: { code: error?.code, message: error?.message } }
}
