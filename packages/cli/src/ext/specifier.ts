import { access, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { FoundExtension } from '@druid/core/discover'
import { exports } from 'resolve.exports'

/** How the application imports an extension. */
export interface Specifier {
  /** `@acme/druid-imply/register` */
  readonly specifier: string
  /** Whether TypeScript finds types there. */
  readonly typed: boolean
}

/** By what the application imports it, and whether with types. Reads its package.json, no more. */
export async function specifierOf(found: FoundExtension): Promise<Specifier> {
  const { name, path } = found.package
  const manifest = JSON.parse(
    (await readFile(join(path, 'package.json'), 'utf8')).replace(/^\ufeff/, ''),
  )
  // Without `exports` an import names the file.
  const file = relative(path, found.entry).split(sep).join('/')
  const hidden = manifest.exports !== undefined && manifest.exports !== null
  const specifier = `${name}/${hidden ? 'register' : file}`
  const declared = hidden ? (exports(manifest, './register', { conditions: ['types'] }) ?? []) : []
  return { specifier, typed: await hasTypes(path, [...declared, file]) }
}

/** Whether one of these files is, or has beside it, a file with types. */
async function hasTypes(folder: string, files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    if (/\.[cm]?tsx?$/.test(file)) return true
    const types = file.replace(/\.([cm]?)jsx?$/, '.d.$1ts')
    if (types !== file && (await isThere(join(folder, types)))) return true
  }
  return false
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
