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
  'extensions/imply',
] as const

export interface Published {
  readonly name: string
  /** Specifiers that a user can import: `@druid/core`, `@druid/core/extension`, … */
  readonly entries: readonly string[]
  readonly tarball: string
}

async function published(): Promise<Published[]> {
  return Promise.all(
    PUBLISHED.map(async (folder) => {
      const text = await readFile(join(root, folder, 'package.json'), 'utf8')
      const { name, exports } = JSON.parse(text) as { name: string; exports: object }
      const entries = Object.keys(exports)
        .filter((entry) => entry !== './package.json')
        .map((entry) => `${name}${entry.slice(1)}`)
      return { name, entries, tarball: join(root, folder, 'dist.tgz') }
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
