import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Folders of the packages that are published. */
const PUBLISHED = [
  'packages/core',
  'packages/cluster',
  'packages/format',
  'packages/local',
  'packages/testing',
  'packages/cli',
  'extensions/datasketches',
  'extensions/imply',
] as const

export interface Published {
  readonly name: string
  /** In the repository. */
  readonly folder: string
  readonly isExtension: boolean
  readonly commands: readonly string[]
  /** Specifiers that a user can import: `@druid/core`, `@druid/core/extension`, … */
  readonly entries: readonly string[]
  readonly tarball: string
}

interface Manifest {
  readonly name: string
  readonly keywords: readonly string[]
  readonly exports: object
  readonly bin?: object
}

export async function published(): Promise<Published[]> {
  return Promise.all(
    PUBLISHED.map(async (path) => {
      const folder = join(root, path)
      const text = await readFile(join(folder, 'package.json'), 'utf8')
      const { name, keywords, exports, bin = {} } = JSON.parse(text) as Manifest
      const entries = Object.keys(exports)
        .filter((entry) => entry !== './package.json')
        .map((entry) => `${name}${entry.slice(1)}`)
      return {
        name,
        folder,
        isExtension: keywords.includes('druid-extension'),
        commands: Object.keys(bin),
        entries,
        tarball: join(folder, 'dist.tgz'),
      }
    }),
  )
}

const run = promisify(execFile)

/** Builds and packs all of them; what did not change comes from turbo's cache. */
export async function pack(): Promise<void> {
  await run(join(root, 'dev'), ['turbo', 'run', 'pack:check', '--filter=!@druid/release'], {
    cwd: root,
  })
}

/** An empty project in this folder, with the packed tarballs installed by npm. */
export async function installTarballs(
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Published[]> {
  const packages = await published()
  const tarballs = packages.map(({ name, tarball }) => [name, `file:${tarball}`])
  const dependencies = { ...Object.fromEntries(tarballs), ...more }
  const manifest = { name: 'consumer', version: '1.0.0', type: 'module', dependencies }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2))
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    shell: process.platform === 'win32',
  })
  return packages
}
