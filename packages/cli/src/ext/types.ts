import type { Command } from 'commander'
import { say } from '../output.ts'
import { outputFile, put, type WriteOptions, withOutput } from './generated.ts'
import { findProject, type Project, type ProjectOptions, withProject } from './project.ts'
import { type Specifier, specifierOf } from './specifier.ts'

type TypesOptions = ProjectOptions & WriteOptions

type Typed = Specifier & { readonly name: string }

const FILE = 'druid-env.d.ts'

/** `druid ext types`: the types of what `discover()` finds at run time. */
export function addTypes(ext: Command): void {
  withOutput(withProject(ext.command('types')), FILE)
    .description('write the types of the extensions that discover() finds')
    .action(types)
}

/** Runs no code: the compiler reads from the declarations how a module defines its extension. */
async function types(options: TypesOptions): Promise<void> {
  const project = await findProject(options)
  const extensions = await typedOf(project)
  await put(
    {
      file: outputFile(project.root, options, FILE),
      by: 'druid ext types',
      source: extensions,
      body: bodyOf(extensions),
    },
    options,
  )
}

async function typedOf({ found, reports }: Project): Promise<Typed[]> {
  for (const { status, error } of reports) {
    if (status === 'failed') say(`left out: ${error?.message}`)
  }
  const byName = new Map<string, Typed>()
  for (const one of found) {
    const { name } = one
    const other = byName.get(name)
    // At run time, too, the first one gets the name.
    if (other) say(`left out: ${one.package.name}, whose name "${name}" ${other.specifier} has`)
    else byName.set(name, { name, ...(await specifierOf(one)) })
  }
  return [...byName.values()]
}

function bodyOf(extensions: readonly Typed[]): string {
  const used = [
    ...(extensions.some(({ typed }) => !typed) ? ['Extension'] : []),
    ...(extensions.some(({ typed }) => typed) ? ['ExtensionFrom'] : []),
  ]
  // Without an import or export the file would declare the module anew instead of adding to it.
  const head =
    used.length > 0
      ? `import type { ${used.join(', ')} } from '@druid/core/extension'`
      : 'export {}'
  return `${head}

declare module '@druid/core' {
  interface DiscoveredExtensions {
${extensions.map((one) => `    ${memberOf(one)}\n`).join('')}  }
}
`
}

function memberOf({ name, specifier, typed }: Typed): string {
  const key = name.includes('-') ? `'${name}'` : name
  return typed
    ? `${key}: ExtensionFrom<'${name}', typeof import('${specifier}')>`
    : `${key}: Extension<'${name}'>`
}
