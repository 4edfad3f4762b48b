import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isRecord } from '../error/record.ts'

/** The parts of a package.json that discovery reads; anything may be missing or of another type. */
export interface Manifest {
  readonly name?: unknown
  readonly version?: unknown
  readonly keywords?: unknown
  readonly exports?: unknown
  readonly dependencies?: unknown
  readonly optionalDependencies?: unknown
  readonly devDependencies?: unknown
  readonly peerDependencies?: unknown
  readonly druid?: unknown
}

/** The application: the folder of its package.json, and what that says. */
export interface Application {
  readonly root: string
  readonly manifest: Manifest
}

/** A package.json, read and parsed; rejects when it cannot be. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, 'package.json'), 'utf8')
  const manifest: unknown = JSON.parse(text.replace(/^\ufeff/, ''))
  if (!isRecord(manifest)) throw new Error(`${join(folder, 'package.json')} holds no object`)
  return manifest
}

/**
 * The nearest package.json upwards that is an application's: it has a name or dependencies, unlike
 * the markers that build folders hold. Never above a folder called `node_modules`: the code there
 * is somebody's package, not the application.
 */
export async function findApplication(from: string): Promise<Application | undefined> {
  let folder = from
  while (basename(folder) !== 'node_modules') {
    const manifest = await readManifest(folder).catch((error: unknown) => {
      if (isAbsent(error)) return undefined
      throw error
    })
    if (manifest && isApplication(manifest)) return { root: folder, manifest }
    const parent = dirname(folder)
    if (parent === folder) return undefined
    folder = parent
  }
  return undefined
}

function isApplication(manifest: Manifest): boolean {
  const { name, dependencies, optionalDependencies, devDependencies } = manifest
  return Boolean(name || dependencies || optionalDependencies || devDependencies)
}

/** Names of the direct dependencies, sorted. */
export function dependencyNames(manifest: Manifest, dev: boolean): string[] {
  const maps = [
    manifest.dependencies,
    manifest.optionalDependencies,
    ...(dev ? [manifest.devDependencies] : []),
  ]
  const names = maps.flatMap((map) => (isRecord(map) ? Object.keys(map) : []))
  return [...new Set(names)].sort()
}

export function hasKeyword(manifest: Manifest): boolean {
  return Array.isArray(manifest.keywords) && manifest.keywords.includes('druid-extension')
}

export function isAbsent(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code
  return code === 'ENOENT' || code === 'ENOTDIR'
}
