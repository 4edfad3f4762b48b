import { pathToFileURL } from 'node:url'
import { type DiscoveredExtension, discover } from '@druid/core/discover'
import { isRecord } from '@druid/core/extension'
import type { Command } from 'commander'
import { isInstalledIn, untrusted } from '../trust.ts'
import { outputFile, put, type WriteOptions, withOutput } from './generated.ts'
import { camelCase } from './name.ts'
import { findProject, type Project, type ProjectOptions, withProject } from './project.ts'
import { type Specifier, specifierOf } from './specifier.ts'

interface SyncOptions extends ProjectOptions, WriteOptions {
  readonly project?: boolean
}

/**
 * How a module has its extension: as a definition, its default export; in its default export (a
 * CommonJS module); as named exports alone; or as the named export registerClient, its default being
 * something else.
 */
type Form = 'definition' | 'default' | 'module' | 'function'

type Listed = Specifier & { readonly name: string; readonly form: Form }

const FILE = 'src/druid-extensions.ts'

/** `druid ext sync`: the module that imports the extensions of a project. */
export function addSync(ext: Command): void {
  withOutput(withProject(ext.command('sync')), FILE)
    .description('write the module that imports the extensions, for connect(url, { extensions })')
    .option('--project', 'load them even if this druid is not installed in the project')
    .action(sync)
}

async function sync(options: SyncOptions): Promise<void> {
  const project = await findProject(options)
  const { root } = project
  if (!options.project && !(await isInstalledIn(root))) throw new Error(untrusted(root))
  const extensions = await listedIn(project, options)
  const file = outputFile(root, options, FILE)
  const body = bodyOf(extensions, /\.[cm]?ts$/.test(file))
  await put({ file, by: 'druid ext sync', source: extensions, body }, options)
}

/**
 * The extensions are imported here, once: only a module tells whether it exports a definition. One
 * that cannot be imported ends it: a list must not shrink because something was not built yet.
 */
async function listedIn({ root, found }: Project, { dev }: SyncOptions): Promise<Listed[]> {
  const modules = new Map<string, unknown>()
  const { extensions, reports } = await discover({
    from: root,
    dev,
    async importModule(url) {
      const module: unknown = await import(url)
      modules.set(url, module)
      return module
    },
  })
  const failed = reports.filter(({ status }) => status === 'failed')
  const names = extensions.map(({ extension }) => camelCase(extension.name))
  const twice = new Set(names.filter((name, i) => names.indexOf(name) < i))
  const problems = [
    ...failed.map(({ error }) => error?.message),
    ...[...twice].map((name) => sameName(name, extensions)),
  ]
  if (problems.length > 0) throw new Error(`nothing was written, because\n${problems.join('\n')}`)
  return Promise.all(
    extensions.map(async ({ extension: { name }, package: from }) => {
      const one = found.find((it) => it.package.name === from.name)
      if (one === undefined) throw new Error(`${from.name} changed while it was read; try again`)
      const module = modules.get(pathToFileURL(one.entry).href)
      return { name, form: formOf(module), ...(await specifierOf(one)) }
    }),
  )
}

function sameName(name: string, extensions: readonly DiscoveredExtension[]): string {
  const same = extensions.filter(({ extension }) => camelCase(extension.name) === name)
  const packages = same.map((one) => one.package.name).join(' and ')
  return `${packages} have one method, ${name}Client(); deny all but one in package.json: "druid": { "extensions": { "deny": […] } }`
}

/** In the order in which discovery looks for it. */
function formOf(module: unknown): Form {
  const own = (isRecord(module) ? module.default : undefined) as { default?: unknown } | undefined
  if (isDefinition(own)) return 'definition'
  if (isDefinition(own?.default) || hasRegisterClient(own)) return 'default'
  return own === undefined ? 'module' : 'function'
}

function isDefinition(value: unknown): boolean {
  return isRecord(value) && isRecord(value['~druid']) && hasRegisterClient(value)
}

function hasRegisterClient(value: unknown): boolean {
  return typeof (value as { registerClient?: unknown } | undefined)?.registerClient === 'function'
}

function bodyOf(extensions: readonly Listed[], isTypeScript: boolean): string {
  const parts = extensions.map((one) => partOf(one, isTypeScript))
  const made = parts.flatMap((part) => part.made ?? [])
  const helpers = [
    ...(made.some((line) => line.includes(': AnyExtension')) ? ['type AnyExtension'] : []),
    ...(made.some((line) => line.includes('fromModule(')) ? ['fromModule'] : []),
  ]
  const lines = [
    ...(helpers.length > 0
      ? [`import { ${helpers.join(', ')} } from '@druid/core/extension'`]
      : []),
    ...parts.map((part) => part.imported),
    '',
    ...made,
    'export const extensions = [',
    ...parts.map((part) => `  ${part.variable},`),
    isTypeScript ? '] as const' : ']',
    '',
  ]
  return lines.join('\n').replace('[\n]', '[]')
}

interface Part {
  readonly imported: string
  /** What makes an extension of the import, where that is none. */
  readonly made?: string
  readonly variable: string
}

/** Variables are named after the extension: one that comes or goes changes no other line. */
function partOf({ name, specifier, form, typed }: Listed, isTypeScript: boolean): Part {
  const word = camelCase(name)
  const variable = `${word}Extension`
  const imported = (what: string): string => {
    const line = `import ${what} from '${specifier}'`
    return typed || !isTypeScript ? line : `// @ts-ignore: it has no types\n${line}`
  }
  const untyped = isTypeScript && !typed
  if (form === 'definition' && !untyped) return { imported: imported(variable), variable }
  if (form === 'definition') {
    // What cannot be resolved is an `any` that would take the types of all the others with it.
    const made = `const ${variable}: AnyExtension = ${word}Module`
    return { imported: imported(`${word}Module`), made, variable }
  }
  const [what, argument] = {
    default: [`${word}Module`, `${word}Module`],
    module: [`* as ${word}Module`, `${word}Module`],
    function: [`{ registerClient as ${word}Register }`, `{ registerClient: ${word}Register }`],
  }[form] as [string, string]
  const made = `const ${variable} = fromModule('${name}', ${argument}${untyped ? ' as object' : ''})`
  return { imported: imported(what), made, variable }
}
