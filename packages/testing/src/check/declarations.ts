import { cp, lstat, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, parse, relative } from 'node:path'
import { isRecord } from '@druid/core/extension'
import type { Compiler, Complaint } from './compiler.ts'
import { isDeclaration, isTypeScript, resolved, subpaths } from './entries.ts'
import { type Manifest, own } from './manifest.ts'

/** What any program here is compiled with, on every version from 5.4 on. */
export const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  types: [],
  strict: true,
  skipLibCheck: true,
  declaration: true,
  emitDeclarationOnly: true,
  allowImportingTsExtensions: true,
}

export const ROOT = (folder: string): string => parse(folder).root

/** The subpaths of a package that have types, and those. */
export function typedEntries(manifest: Manifest): Map<string, string> {
  const exports = own(manifest, 'exports')
  const entries = subpaths(exports).map((subpath): [string, string | undefined] => [
    subpath,
    resolved(exports, subpath, { conditions: ['types'] }),
  ])
  return new Map(
    entries.filter((it): it is [string, string] => {
      return it[1] !== undefined && (isDeclaration(it[1]) || isTypeScript(it[1]))
    }),
  )
}

/**
 * Copies the declarations of a package into a folder, as it would publish them: for one whose
 * entries are TypeScript, the compiler writes them. What it complains of then is answered.
 */
export async function copyDeclarations(
  compiler: Compiler,
  folder: string,
  manifest: Manifest,
  into: string,
): Promise<Complaint[]> {
  await copyFiles(folder, into, isDeclaration)
  const sources = [...typedEntries(manifest).values()].filter(isTypeScript)
  if (sources.length === 0) return []
  const config = {
    compilerOptions: { ...COMPILER_OPTIONS, rootDir: folder, outDir: into },
    files: sources.map((source) => join(folder, source)),
  }
  const file = `${into}.json`
  await writeFile(file, JSON.stringify(config))
  const complaints = await compiler.compile(file)
  const emitted = { ...manifest, exports: asDeclarations(own(manifest, 'exports')) }
  await writeFile(join(into, 'package.json'), JSON.stringify(emitted))
  return complaints.filter((it) => it.file?.startsWith(folder))
}

/** `./src/register.ts` → `./src/register.d.ts`, wherever it stands. */
function asDeclarations(exports: unknown): unknown {
  if (typeof exports === 'string') {
    return isTypeScript(exports) ? exports.replace(/\.([cm]?)tsx?$/, '.d.$1ts') : exports
  }
  if (Array.isArray(exports)) return exports.map(asDeclarations)
  if (!isRecord(exports)) return exports
  return Object.fromEntries(
    Object.entries(exports).map(([key, value]) => [key, asDeclarations(value)]),
  )
}

/** Copies some of the files of a package, and every package.json, which says what they are. */
export async function copyFiles(
  folder: string,
  into: string,
  isWanted: (path: string) => boolean,
): Promise<void> {
  await cp(folder, into, {
    recursive: true,
    async filter(source) {
      const parts = relative(folder, source).split(/[\\/]/)
      if (parts.includes('node_modules') || parts[0]?.startsWith('.')) return false
      const name = basename(source)
      const isFolder = (await lstat(source)).isDirectory()
      return isFolder || name === 'package.json' || isWanted(name)
    },
  })
}

const HIDDEN = /((?:^|[{;}]|\*\/)\s*)(?:#private|private\s[^;]*);/gm

/**
 * Takes the private members out of a package's own declarations, and makes the protected ones
 * public: what still cannot be replaced by an equal type is not its own.
 */
export async function openDeclarations(folder: string): Promise<void> {
  for (const [path, text] of await readDeclarations(folder)) {
    const open = text.replace(HIDDEN, '$1').replace(/^(\s*)protected\s/gm, '$1')
    await writeFile(join(folder, path), open)
  }
}

/** Path → text. */
export async function readDeclarations(folder: string): Promise<Map<string, string>> {
  const paths = (await readdir(folder, { recursive: true })).filter(isDeclaration)
  const texts = await Promise.all(paths.map((path) => readFile(join(folder, path), 'utf8')))
  return new Map(paths.map((path, i) => [path, texts[i] ?? '']))
}
