import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isRecord } from '@druid/core/extension'
import { exports as resolveExports } from 'resolve.exports'
import { type Manifest, own, section } from './manifest.ts'

/** One of the maps by which a package.json says what can be imported. */
export interface ExportsMap {
  /** `exports`, or `publishConfig.exports`, which pnpm and Yarn swap in when they pack. */
  readonly field: string
  readonly exports: unknown
  /** Whether its files need not be there yet. */
  readonly built: boolean
}

export function exportsMaps(manifest: Manifest): ExportsMap[] {
  const published = own(section(manifest, 'publishConfig'), 'exports')
  return [
    { field: 'exports', exports: own(manifest, 'exports'), built: false },
    ...(published === undefined
      ? []
      : [{ field: 'publishConfig.exports', exports: published, built: true }]),
  ]
}

/** Where one subpath leads under these conditions beside `node` and `default`. */
export function resolved(
  exports: unknown,
  subpath: string,
  how: { readonly require?: boolean; readonly conditions?: readonly string[] } = {},
): string | undefined {
  if (typeof exports !== 'string' && !isRecord(exports)) return undefined
  try {
    const conditions = [...(how.conditions ?? []), 'module-sync']
    const [target] =
      resolveExports({ name: '', exports: exports as never }, subpath, { ...how, conditions }) ?? []
    return target
  } catch {
    return undefined
  }
}

/** The subpaths that are modules: `.`, `./register`; not patterns, and no data. */
export function subpaths(exports: unknown): string[] {
  if (typeof exports === 'string') return ['.']
  if (!isRecord(exports)) return []
  const keys = Object.keys(exports)
  if (!keys.some((key) => key.startsWith('.'))) return keys.length > 0 ? ['.'] : []
  return keys.filter((key) => key.startsWith('.') && !key.includes('*') && !key.endsWith('.json'))
}

/** The value of one subpath: a path, conditions, or a list of either. */
export function valueFor(exports: unknown, subpath: string): unknown {
  if (!isRecord(exports)) return subpath === '.' ? exports : undefined
  if (Object.hasOwn(exports, subpath)) return exports[subpath]
  const keys = Object.keys(exports)
  return subpath === '.' && !keys.some((key) => key.startsWith('.')) ? exports : undefined
}

/** Whether Node lets a target be: it starts with `./`, and stays in the package. */
export function staysInside(target: string): boolean {
  const parts = posix.normalize(target).split('/')
  return target.startsWith('./') && !parts.includes('..') && !parts.includes('node_modules')
}

export function isTypeScript(target: string): boolean {
  return /\.[cm]?tsx?$/.test(target) && !isDeclaration(target)
}

export function isDeclaration(target: string): boolean {
  return /\.d\.([\w-]+\.)?[cm]?ts$/.test(target)
}

/** What discovery takes where there are no `exports` at all. */
const WITHOUT_EXPORTS = ['./register.js', './register.mjs', './register.cjs', './register/index.js']

/** The module that `import '<package>/register'` loads, as a path within the package. */
export function registerTarget(folder: string, manifest: Manifest): string | undefined {
  const exports = own(manifest, 'exports')
  if (exports === undefined || exports === null) {
    return WITHOUT_EXPORTS.find((target) => existsSync(join(folder, target)))
  }
  const target = resolved(exports, './register')
  return target !== undefined && staysInside(target) ? target : undefined
}
