import { execFile } from 'node:child_process'
import { access, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface RootManifest {
  readonly name?: unknown
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** The root of the repository of `@druid/*`, if the folder lies in it. */
export async function findRepository(from: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = await manifestIn(folder).catch(() => undefined)
    if (manifest?.name === 'druid-workspace') return folder
    if (dirname(folder) === folder) return undefined
  }
}

/** Whether the repository has a package of this name. */
export async function hasPackage(root: string, packageName: string): Promise<boolean> {
  const { devDependencies } = await manifestIn(root)
  return Object.hasOwn(devDependencies ?? {}, packageName)
}

/** Makes a new package known to the tests of the repository, and formats it as the others are. */
export async function wire(root: string, folder: string, packageName: string): Promise<void> {
  const manifest = await manifestIn(root)
  const devDependencies = { ...manifest.devDependencies, [packageName]: 'workspace:*' }
  const sorted = Object.fromEntries(Object.entries(devDependencies).sort(byName))
  const text = JSON.stringify({ ...manifest, devDependencies: sorted }, undefined, 2)
  await writeFile(join(root, 'package.json'), `${text}\n`)
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const isThere = await access(biome).then(
    () => true,
    () => false,
  )
  // The order of imports, and where lines end, follow from the name.
  if (isThere) await run(process.execPath, [biome, 'check', '--write', folder], { cwd: root })
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b)
}

async function manifestIn(folder: string): Promise<RootManifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
}
