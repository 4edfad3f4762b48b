import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type CheckOptions, checkExtension, type Problem } from '@druid/testing'
import { createTarGzip, type TarFileInput } from 'nanotar'
import { afterAll, beforeAll, vi } from 'vitest'

const run = promisify(execFile)

// Each check takes some tenths of a second of a machine that has nothing else to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let base = ''
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'druid-package-')))
  // All is loaded from its sources in every run: once is enough to compile them.
  process.env.NODE_COMPILE_CACHE = join(base, 'cache')
  const entries = ['@druid/core', '@druid/core/extension', '@druid/core/discover']
  const code = [...entries, '../../src/check/trial.ts', '../../src/check/runner.ts']
    .map((entry) => `await import('${entry}')`)
    .join('\n')
  const options = { cwd: import.meta.dirname }
  // The runner has nothing to run, and says so.
  await run(process.execPath, ['--input-type=module', '-e', code], options).catch(() => {})
})
afterAll(async () => {
  delete process.env.NODE_COMPILE_CACHE
  await rm(base, { recursive: true, force: true })
})

const require = createRequire(import.meta.url)
export const core: string = dirname(require.resolve('@druid/core/package.json'))
/** The quickest compiler that there is. */
export const typescript: string = dirname(
  createRequire(join(core, '../../package.json')).resolve('@typescript/native/package.json'),
)
const { version } = JSON.parse(await readFile(join(core, 'package.json'), 'utf8'))
export const coreVersion: string = version

/**
 * Core as it is installed, so that a compiler does not check its sources with every package: its
 * declarations, and modules that lead to the sources. `more` is declared beside each entry's own.
 */
export async function installCore(folder: string, more = ''): Promise<void> {
  const exports: Record<string, unknown> = { './package.json': './package.json' }
  const files: Files = {}
  for (const entry of ['index', 'extension', 'discover']) {
    const source = join(core, 'src', `${entry}.ts`)
    files[`${entry}.js`] = `export * from '${pathToFileURL(source).href}'`
    files[`${entry}.d.ts`] = `export * from './types/${entry}.js'\n${more}`
    exports[entry === 'index' ? '.' : `./${entry}`] = {
      types: `./${entry}.d.ts`,
      default: `./${entry}.js`,
    }
  }
  const manifest = { name: '@druid/core', version, type: 'module', exports }
  await write(folder, { 'package.json': manifest, ...files })
  declarations ??= emitDeclarations()
  await cp(await declarations, join(folder, 'types'), { recursive: true })
}

let declarations: Promise<string> | undefined
async function emitDeclarations(): Promise<string> {
  const outDir = join(base, 'declarations')
  const emitting = { noEmit: false, declaration: true, emitDeclarationOnly: true }
  const compilerOptions = { ...emitting, rootDir: join(core, 'src'), outDir }
  const files = ['index', 'extension', 'discover'].map((entry) => join(core, 'src', `${entry}.ts`))
  const config = { extends: join(core, 'tsconfig.json'), compilerOptions, files, include: [] }
  await write(base, { 'tsconfig.json': config })
  // What it complains of is not what these tests are about.
  await run(process.execPath, [join(typescript, 'bin/tsc'), '-p', base]).catch(() => {})
  return outDir
}

/** Path → content; objects become JSON, `undefined` is left out. */
export type Files = Record<string, string | object | undefined>

export const MANIFEST = {
  name: 'druid-ranger',
  version: '1.0.0',
  type: 'module',
  keywords: ['druid-extension'],
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './register': { types: './dist/register.d.ts', default: './dist/register.js' },
    './package.json': './package.json',
  },
  peerDependencies: { '@druid/core': `^${version}` },
  druid: { extension: 'ranger', apiVersion: 1 },
}

export const REGISTER = `
import { defineExtension } from '@druid/core/extension'
export class RangerClient {
  #client
  constructor(client) { this.#client = client }
  users() { return this.#client.query('SELECT 1 AS id') }
}
export const ranger = defineExtension({ name: 'ranger', summary: 'Ranger', client: RangerClient })
export const { registerClient } = ranger
export default ranger
`

export const TYPES = `
import { type Extension, type ExtensionHost, type Row } from '@druid/core/extension'
export declare class RangerClient {
  #private;
  constructor(client: ExtensionHost);
  users(): Promise<Row[]>;
}
export declare const ranger: Extension<'ranger', { readonly client: RangerClient }>
export declare const registerClient: typeof ranger.registerClient
export default ranger
`

/** An extension in which nothing is wrong. */
export const GOOD: Files = {
  'package.json': MANIFEST,
  'dist/register.js': REGISTER,
  'dist/register.d.ts': TYPES,
  'dist/index.js': "export { RangerClient, ranger } from './register.js'",
  'dist/index.d.ts': "export { RangerClient, ranger } from './register.js'",
}

let installed: Promise<string> | undefined
let count = 0
export function newFolder(): string {
  count += 1
  return join(base, `package-${count}`)
}

/** The good package, or what these files make of it, installed beside core and a compiler. */
export async function packageWith(files: Files = {}): Promise<string> {
  const folder = newFolder()
  await write(folder, { ...GOOD, ...files })
  installed ??= installCore(join(base, 'core')).then(() => join(base, 'core'))
  await mkdir(join(folder, 'node_modules/@druid'), { recursive: true })
  await symlink(await installed, join(folder, 'node_modules/@druid/core'), 'junction')
  await symlink(typescript, join(folder, 'node_modules/typescript'), 'junction')
  return folder
}

/** The good package with this in its package.json, fields of the value `undefined` left out. */
export function manifestWith(fields: object): Promise<string> {
  return packageWith({ 'package.json': { ...MANIFEST, ...fields } })
}

/** The same without types. */
export function untypedWith(fields: object): Promise<string> {
  return packageWith({
    ...UNTYPED,
    'package.json': { ...(UNTYPED['package.json'] as object), ...fields },
  })
}

/** The good package with this code for a `./register` that has no types to check. */
export function registerWith(code: string, files: Files = {}): Promise<string> {
  return packageWith({ ...UNTYPED, 'dist/register.js': code, ...files })
}

/** Nothing for a compiler to do: quick. R3 warns of it. */
export const UNTYPED: Files = {
  'package.json': {
    ...MANIFEST,
    exports: { './register': './dist/register.js', './package.json': './package.json' },
  },
  'dist/register.d.ts': undefined,
  'dist/index.d.ts': undefined,
}

export async function write(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) continue
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
}

/** As npm packs it; the other entries are added as they are. */
export async function tarballOf(files: Files, others: TarFileInput[] = []): Promise<string> {
  const packed = Object.entries(files).flatMap(([path, content]): TarFileInput[] => {
    if (content === undefined) return []
    const data = typeof content === 'string' ? content : JSON.stringify(content)
    return [{ name: `package/${path}`, data }]
  })
  const folder = await packageWith()
  const file = join(folder, 'packed.tgz')
  await writeFile(file, await createTarGzip([...packed, ...others]))
  return file
}

/** What is found, in short: `R1 error: …`. Without what R3 says of a package without types. */
export async function problemsOf(
  target: string | URL | object,
  options?: CheckOptions,
): Promise<string[]> {
  const problems = await checkExtension(target, options)
  return problems
    .filter((it) => !isUntyped(it))
    .map((it) => `${it.rule} ${it.level}: ${it.message}`)
}

function isUntyped({ rule, message }: Problem): boolean {
  return rule === 'R3' && message.includes('["./register"] has no "types"')
}
