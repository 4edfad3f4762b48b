import { access } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { isRecord } from '../error/record.ts'
import type { Manifest } from './manifest.ts'

const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default'])
const WITHOUT_EXPORTS = ['register.js', 'register.mjs', 'register.cjs', 'register/index.js']

/**
 * The file of a package's `./register`, `undefined` when it has none. Resolved here, as Node would
 * for an `import`: `require.resolve` fails for packages of ES modules only, and `import.meta.resolve`
 * knows one parent only. Throws when the entry points out of the package.
 */
export async function registerEntry(
  folder: string,
  manifest: Manifest,
): Promise<string | undefined> {
  if (manifest.exports === undefined || manifest.exports === null) {
    for (const name of WITHOUT_EXPORTS) {
      if (await isThere(join(folder, name))) return join(folder, name)
    }
    return undefined
  }
  const target = targetOf(manifest.exports, './register')
  if (target === undefined) return undefined
  const file = join(folder, target)
  const inside = relative(folder, file)
  if (
    !target.startsWith('./') ||
    inside.startsWith('..') ||
    inside.split(sep).includes('node_modules')
  ) {
    throw new Error(`its exports["./register"] points outside the package: ${target}`)
  }
  return file
}

function targetOf(exports: unknown, subpath: string): string | undefined {
  if (!isRecord(exports)) return undefined
  if (Object.hasOwn(exports, subpath)) return byCondition(exports[subpath]) ?? undefined
  // The longest pattern that fits, as Node has it: "./*" or "./*.js".
  const fitting = Object.keys(exports)
    .filter((key) => key.includes('*'))
    .sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length)
  for (const pattern of fitting) {
    const [head = '', tail = ''] = pattern.split('*')
    const fits =
      subpath.length >= pattern.length && subpath.startsWith(head) && subpath.endsWith(tail)
    if (!fits) continue
    const middle = subpath.slice(head.length, subpath.length - tail.length)
    return byCondition(exports[pattern])?.replaceAll('*', () => middle)
  }
  return undefined
}

/** `null` where the package says that there is none, whatever else would fit. */
function byCondition(target: unknown): string | null | undefined {
  if (typeof target === 'string' || target === null) return target
  if (Array.isArray(target)) return target.map(byCondition).find((found) => found != null)
  if (!isRecord(target)) return undefined
  for (const [condition, next] of Object.entries(target)) {
    if (!CONDITIONS.has(condition)) continue
    const found = byCondition(next)
    if (found !== undefined) return found
  }
  return undefined
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
