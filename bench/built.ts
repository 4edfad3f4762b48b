/**
 * `node --import ./built.ts`: the packages as they are published, from `dist`. Their sources would
 * have Node strip their types first, which no user pays for.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const packages = join(import.meta.dirname, '../packages')

interface Published {
  readonly publishConfig: {
    readonly exports: Record<string, string | { readonly default: string }>
    readonly imports?: Record<string, { readonly node: string }>
  }
}

function targetOf(name: string, entry: string): string {
  const folder = join(packages, name)
  const { publishConfig } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Published
  const target = entry.startsWith('#')
    ? publishConfig.imports?.[entry]?.node
    : publishConfig.exports[entry]
  const file = typeof target === 'object' ? target.default : target
  if (file === undefined) throw new Error(`@druid/${name} does not export ${entry}`)
  return pathToFileURL(join(folder, file)).href
}

registerHooks({
  resolve(specifier, context, next) {
    const [, name, entry = ''] = /^@druid\/(core|cluster|format)(\/.*)?$/.exec(specifier) ?? []
    if (name !== undefined) return { url: targetOf(name, `.${entry}`), shortCircuit: true }
    if (specifier === '#transport') {
      return { url: targetOf('core', specifier), shortCircuit: true }
    }
    return next(specifier, context)
  },
})
