import { readFileSync } from 'node:fs'
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

/**
 * A package.json, read and parsed; throws when it cannot be. Read as Node's own resolution reads
 * them, without waiting: a thousand take 10 ms, and seven times that by promises.
 */
function readManifest(folder: string): Manifest {
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  const manifest: unknown = JSON.parse(text.replace(/^\ufeff/, ''))
  if (!isRecord(manifest)) throw new Error(`${join(folder, 'package.json')} holds no object`)
  return manifest
}

/**
 * The nearest package.json upwards that is an application's: it has a name or dependencies, unlike
 * the markers that build folders hold. Never above a folder called `node_modules`: the code there
 * is somebody's package, not the application.
 */
export function findApplication(from: string): Application | undefined {
  let folder = from
  while (basename(folder) !== 'node_modules') {
    const manifest = manifestIn(folder)
    if (manifest && isApplication(manifest)) return { root: folder, manifest }
    const parent = dirname(folder)
    if (parent === folder) return undefined
    folder = parent
  }
  return undefined
}

/** The same; `undefined` where there is none. */
export function manifestIn(folder: string): Manifest | undefined {
  try {
    return readManifest(folder)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
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

function isAbsent(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code
  return code === 'ENOENT' || code === 'ENOTDIR'
}
