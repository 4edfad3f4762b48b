import { existsSync, realpathSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DruidError } from '@druid/core'
import { resolved } from './entries.ts'
import { CORE, isPackageName, type Manifest, own, readManifest, section } from './manifest.ts'

/** An installed copy of @druid/core. */
export interface CoreCopy {
  readonly folder: string
  readonly version: string
  /** URLs of its entries. */
  readonly index: string
  readonly extension: string
  readonly discover: string
}

/** The folder of an installed package as code in `from` finds it; links are followed. */
export function locate(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name)
    if (existsSync(join(found, 'package.json'))) return realpathSync(found)
    if (dirname(folder) === folder) return undefined
  }
}

/** The copy of core that a package uses; where it has none, the one that this package uses. */
export async function coreOf(folder: string): Promise<CoreCopy> {
  return coreIn(locate(CORE, folder) ?? ownCore())
}

/** @throws DruidError `CONFIG` when this is no copy of core. */
export async function coreIn(folder: string): Promise<CoreCopy> {
  const manifest = await readManifest(folder, folder)
  const entry = (subpath: string): string => {
    const target = resolved(own(manifest, 'exports'), subpath)
    if (target !== undefined) return pathToFileURL(join(folder, target)).href
    const why = `${folder} is no ${CORE} that an extension can be tried on: it has no "${subpath}"`
    throw new DruidError('CONFIG', `checkExtension: ${why}`, { option: 'cores' })
  }
  return {
    folder,
    version: String(own(manifest, 'version')),
    index: entry('.'),
    extension: entry('./extension'),
    discover: entry('./discover'),
  }
}

function ownCore(): string {
  return realpathSync(dirname(createRequire(import.meta.url).resolve(`${CORE}/package.json`)))
}

/**
 * Puts what a package depends on into `node_modules` of a folder, as links to where it is
 * installed as seen from the first of some folders that has it. What none of them has is left out.
 */
export async function linkDependencies(
  manifest: Manifest,
  into: string,
  from: readonly string[],
): Promise<void> {
  const fields = ['dependencies', 'optionalDependencies', 'peerDependencies']
  const names = fields.flatMap((field) => Object.keys(section(manifest, field)))
  for (const name of new Set(names)) {
    if (!isPackageName(name)) continue
    const found = from.map((folder) => locate(name, folder)).find((it) => it !== undefined)
    const folder = found ?? (name === CORE ? ownCore() : undefined)
    if (folder !== undefined) await link(folder, join(into, 'node_modules', name))
  }
}

export async function link(folder: string, path: string): Promise<void> {
  if (existsSync(path)) return
  await mkdir(dirname(path), { recursive: true })
  // `junction`: on Windows other links need a right that few have.
  await symlink(folder, path, 'junction')
}
