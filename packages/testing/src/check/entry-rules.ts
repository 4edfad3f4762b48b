import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord } from '@druid/core/extension'
import {
  type ExportsMap,
  exportsMaps,
  isDeclaration,
  isTypeScript,
  registerTarget,
  resolved,
  staysInside,
  subpaths,
  valueFor,
} from './entries.ts'
import { type Manifest, own } from './manifest.ts'
import { fault, type Problem, shown, warning } from './problem.ts'
import type { PackageTarget } from './target.ts'

const FILE = 'package.json'
const WRITE =
  'write "./register": { "types": "./dist/register.d.ts", "default": "./dist/register.js" }'

/** R2, R3, R8, R17: what the `exports` of a package.json lead to. */
export function entryRules({ folder, manifest, packed }: PackageTarget): Problem[] {
  const maps = exportsMaps(manifest)
  const published = maps.at(-1)
  return [
    ...maps.flatMap((map) => [
      ...registerProblems(folder, manifest, map),
      ...typesProblems(folder, map),
      ...dualProblems(map),
      ...manifestProblems(map),
    ]),
    // A workspace's own links lead out of node_modules, so that Node runs them.
    ...(published && (packed || own(manifest, 'private') !== true)
      ? sourceProblems(published)
      : []),
  ]
}

/** R2 */
function registerProblems(
  folder: string,
  manifest: Manifest,
  { field, exports }: ExportsMap,
): Problem[] {
  if (exports === undefined || exports === null) {
    const found = registerTarget(folder, manifest)
    return found === undefined
      ? [fault('R2', `there is no "exports", and no register.js; ${WRITE} into "exports"`, FILE)]
      : [
          warning(
            'R2',
            `"./register" is found only because there is no "exports"; ${WRITE} into it`,
            FILE,
          ),
        ]
  }
  const target = resolved(exports, './register')
  if (target === undefined) {
    const required = resolved(exports, './register', { require: true })
    const why =
      required === undefined
        ? `${field} has no "./register" that can be imported`
        : `${field}["./register"] can only be required (${shown(required)}), not imported`
    return [fault('R2', `${why}; ${WRITE}`, FILE)]
  }
  if (staysInside(target)) return []
  const why = `${field}["./register"] leads to ${shown(target)}, out of the package`
  return [fault('R2', `${why}; targets start with "./" and stay inside`, FILE)]
}

/** R2: Node strips no types from what lies in node_modules. */
function sourceProblems({ field, exports }: ExportsMap): Problem[] {
  return subpaths(exports).flatMap((subpath) => {
    const target = resolved(exports, subpath)
    if (target === undefined || !isTypeScript(target)) return []
    const why = `${field}["${subpath}"] leads to TypeScript (${target}), which Node does not run from node_modules`
    return [fault('R2', `${why}; lead to built files, by "publishConfig.exports" if need be`, FILE)]
  })
}

/** R3 */
function typesProblems(folder: string, { field, exports, built }: ExportsMap): Problem[] {
  return subpaths(exports).flatMap((subpath) => {
    const target = resolved(exports, subpath)
    // TypeScript is its own declaration.
    if (target === undefined || isTypeScript(target)) return []
    const types = resolved(exports, subpath, { conditions: ['types'] })
    const where = `${field}[${shown(subpath)}]`
    if (types === undefined || !isDeclaration(types)) {
      return [
        hasCondition(valueFor(exports, subpath), 'types')
          ? fault(
              'R3',
              `${where}: "types" comes after a condition that hides it; put it first`,
              FILE,
            )
          : warning('R3', `${where} ${withoutTypes(folder, target)}; ${TYPES_FIRST}`, FILE),
      ]
    }
    if (built || !staysInside(types) || existsSync(join(folder, types))) return []
    return [fault('R3', `${where}: there is no ${shown(types)}; build it, and publish it`, FILE)]
  })
}

const TYPES_FIRST = 'put it first, before "default"'

/** Compilers look beside a module, too, where nothing else is said; not every tool does. */
function withoutTypes(folder: string, target: string): string {
  const beside = target.replace(/\.([cm]?)jsx?$/, '.d.$1ts')
  return staysInside(target) && existsSync(join(folder, beside))
    ? `has no "types": they are found only because ${shown(beside)} lies beside it, and are not checked here`
    : 'has no "types": its users get none'
}

function hasCondition(value: unknown, name: string): boolean {
  if (Array.isArray(value)) return value.some((it) => hasCondition(it, name))
  if (!isRecord(value)) return false
  return Object.hasOwn(value, name) || Object.values(value).some((it) => hasCondition(it, name))
}

/** R8 */
function dualProblems({ field, exports }: ExportsMap): Problem[] {
  return subpaths(exports).flatMap((subpath) => {
    const imported = resolved(exports, subpath)
    const required = resolved(exports, subpath, { require: true })
    if (imported === undefined || required === undefined || imported === required) return []
    const why = `${field}[${shown(subpath)}] gives ${shown(imported)} to import and ${shown(required)} to require: two copies of your classes in one process`
    return [fault('R8', `${why}; give both one file by "default"`, FILE)]
  })
}

/** R17 */
function manifestProblems({ field, exports }: ExportsMap): Problem[] {
  if (exports === undefined || exports === null) return []
  if (resolved(exports, './package.json') === './package.json') return []
  const why = `${field} hides package.json from tools`
  return [warning('R17', `${why}; write "./package.json": "./package.json"`, FILE)]
}
