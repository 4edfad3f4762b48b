import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord, messageOf } from '@druid/core/extension'
import { type Compiler, type Complaint, isSupported, within } from './compiler.ts'
import {
  COMPILER_OPTIONS,
  copyDeclarations,
  copyFiles,
  openDeclarations,
  ROOT,
  readDeclarations,
  typedEntries,
} from './declarations.ts'
import { isDeclaration, isTypeScript, staysInside } from './entries.ts'
import { CORE, isPackageName, own, readManifest } from './manifest.ts'
import { type CoreCopy, link, linkDependencies, locate } from './packages.ts'
import { fault, type Problem, warning } from './problem.ts'
import type { PackageTarget } from './target.ts'

/**
 * R9 and R16: compiles programs that use the package. A package without types has nothing to
 * compile (R3 says so); without a compiler one warning says that nothing was checked.
 */
export async function typeRules(
  target: PackageTarget,
  core: CoreCopy,
  compiler: Compiler | undefined,
): Promise<Problem[]> {
  const { folder, manifest, temporary } = target
  const name = own(manifest, 'name')
  const entries = typedEntries(manifest)
  const isThere = (path: string): boolean => staysInside(path) && existsSync(join(folder, path))
  if (!isPackageName(name) || !entries.has('./register')) return []
  if (![...entries.values()].every(isThere)) return []
  if (compiler === undefined) {
    return [warning('R9', 'not checked, and R16 neither: TypeScript is not installed')]
  }
  if (!isSupported(compiler)) {
    const why = `not checked, and R16 neither: TypeScript ${compiler.version} is older than 5.4`
    return [warning('R9', why)]
  }
  try {
    const root = join(temporary, 'types')
    const program: Program = { ...target, root, name, core, compiler, entries: [...entries.keys()] }
    return await checkProgram(program)
  } catch (cause) {
    const why = `not checked, and R16 neither: TypeScript ${compiler.version} failed`
    return [warning('R9', `${why}: ${messageOf(cause)}`)]
  }
}

interface Program extends PackageTarget {
  /** Its folder. */
  readonly root: string
  readonly name: string
  readonly core: CoreCopy
  readonly compiler: Compiler
  /** Subpaths that have types. */
  readonly entries: readonly string[]
}

async function checkProgram(program: Program): Promise<Problem[]> {
  const { root, folder, name, compiler } = program
  const emitting = await stage(program)
  const declarations = join(root, 'node_modules', name)
  await writeFile(
    join(root, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...COMPILER_OPTIONS, rootDir: ROOT(root), outDir: join(root, 'out') },
      files: ['names.mts', 'needs.mts', 'copies.mts'],
    }),
  )
  const complaints = await compiler.compile(join(root, 'tsconfig.json'))
  const of = (file: string): Complaint[] => complaints.filter((it) => it.file === join(root, file))
  const inSources = emitting.filter(isUnnameable).map(({ file, text }) => {
    return fault('R9', `${text}; export what it names`, within(folder, file ?? folder))
  })
  return [
    ...inSources,
    ...of('names.mts').map(nameProblem),
    ...of('needs.mts').map(needProblem),
    ...of('copies.mts').flatMap(copyProblem),
    ...(await deepProblems(program, declarations)),
  ]
}

/** Three programs, beside the package as its users have it, and with two copies of core. */
async function stage(program: Program): Promise<Complaint[]> {
  const { root, name, core, folder, manifest, near, compiler, entries } = program
  const one = join(root, 'one', 'node_modules')
  const two = join(root, 'two', 'node_modules')
  await mkdir(join(root, 'node_modules'), { recursive: true })
  await link(core.folder, join(root, 'node_modules', CORE))
  await linkDependencies(manifest, root, near)
  const nodeTypes = near.map((from) => locate('@types/node', from)).find(Boolean)
  if (nodeTypes !== undefined) await link(nodeTypes, join(root, 'node_modules', '@types/node'))

  const declarations = join(root, 'node_modules', name)
  await mkdir(join(declarations, '..'), { recursive: true })
  const complaints = await copyDeclarations(compiler, folder, manifest, declarations)
  for (const copy of [one, two]) {
    await copyFiles(declarations, join(copy, name), isDeclaration)
    await openDeclarations(join(copy, name))
    await setVersion(join(copy, name), copy === one ? '1.0.1' : '1.0.2')
  }
  const isSource = typedEntries(await readManifest(core.folder, core.folder)).get('.')
  const isWanted = isSource !== undefined && isTypeScript(isSource) ? isTypeScript : isDeclaration
  await copyFiles(core.folder, join(two, CORE), isWanted)
  await setVersion(join(two, CORE), '1.0.2')

  const specifiers = entries.map((entry) => JSON.stringify(`${name}${entry.slice(1)}`))
  const all = specifiers.map((it, i) => `export * as entry${i} from ${it}\n`).join('')
  for (const folder of [one, two]) await writeFile(join(folder, '..', 'index.mts'), all)
  await writeFile(join(root, 'names.mts'), namesProgram(name, specifiers))
  await writeFile(join(root, 'needs.mts'), NEEDS)
  await writeFile(join(root, 'copies.mts'), COPIES)
  return complaints
}

/** TypeScript takes two folders for one package if they hold one version of it. */
async function setVersion(folder: string, version: string): Promise<void> {
  const manifest = await readManifest(folder, folder)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, version }))
}

/** R9: an application exports what it makes with the extension, without saying its type. */
function namesProgram(name: string, specifiers: readonly string[]): string {
  return `import { fromModule } from '${CORE}/extension'
${specifiers.map((it, i) => `import type * as entry${i} from ${it}`).join('\n')}
import * as register from '${name}/register'
export const extension = fromModule('checked', register)
`
}

/** R16: whether a client of another copy of core could be what its classes ask for. */
const NEEDS = `import type { ProvidesOf } from '${CORE}/extension'
import type { extension } from './names.mjs'
type Needs = ProvidesOf<typeof extension> extends { readonly needs: infer N } ? N : object
type Open<T> = { [K in keyof T]: T[K] }
export const open: Open<Needs> extends Needs ? true : false = true
`

/** R16: whether what it exports fits together when there are two copies of core. */
const COPIES = `import type * as one from './one/index.mjs'
import type * as two from './two/index.mjs'
declare const first: typeof one
declare const second: typeof two
export const forth: typeof one = second
export const back: typeof two = first
`

/** Errors of writing a declaration: a type cannot be named from outside, or is too long to write. */
const UNNAMEABLE = new Set([2527, 2742, 2883, 7056])

function isUnnameable({ code }: Complaint): boolean {
  return UNNAMEABLE.has(code) || (code >= 4000 && code < 4130)
}

function nameProblem({ code, text }: Complaint): Problem {
  const why = `an application cannot export what it makes with it: ${text} (TS${code})`
  return fault('R9', `${why}; export every class, and every type in its signatures, from "."`)
}

function needProblem({ code }: Complaint): Problem {
  const why = `its classes ask for a client with private members (TS${code}), which no other copy of ${CORE} has`
  return fault('R16', `${why}; take an ExtensionHost, or DruidClient<…>`)
}

/** Only what is private keeps equal types apart. */
function copyProblem({ text }: Complaint): Problem[] {
  if (!/private|protected|different member/.test(text)) return []
  const [last = ''] = text
    .split('\n')
    .map((line) => line.trim())
    .slice(-1)
  const why = `two installed copies of ${CORE} would not fit together: ${last}`
  return [fault('R16', `${why}; in public types name only interfaces of ${CORE}/extension`)]
}

const SPECIFIER = /(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g

/** R16: declarations that reach past the entries of core, where nothing is promised. */
async function deepProblems({ core }: Program, declarations: string): Promise<Problem[]> {
  const exports = own(await readManifest(core.folder, core.folder), 'exports')
  const entries = isRecord(exports) ? Object.keys(exports) : []
  const isDeep = (specifier: string): boolean => {
    const path = specifier.replace(/^.*node_modules\//, '')
    if (path !== CORE && !path.startsWith(`${CORE}/`)) return false
    return path !== specifier || !entries.includes(`.${path.slice(CORE.length)}`)
  }
  const problems: Problem[] = []
  for (const [file, text] of await readDeclarations(declarations)) {
    for (const [, , specifier = ''] of text.matchAll(SPECIFIER)) {
      if (!isDeep(specifier)) continue
      const why = `it names types of ${specifier}, which is no entry of ${CORE}`
      problems.push(fault('R16', `${why}; import them from ${CORE} or ${CORE}/extension`, file))
    }
  }
  return problems
}
