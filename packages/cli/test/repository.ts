import { cp, mkdir, readdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')

/** What its tools read. */
const FILES = [
  'biome.json',
  'package.json',
  'vitest.config.ts',
  'tooling/vitest/redaction.ts',
  '.gitignore',
]

/** A repository like this one, with its packages and tools, and no extensions yet. */
export async function writeRepository(folder: string): Promise<void> {
  for (const file of FILES) await cp(join(root, file), join(folder, file))
  await writeFile(join(folder, 'pnpm-workspace.yaml'), 'packages: [extensions/*]\n')
  const include = ['extensions', join(root, 'tooling/vitest/real.ts')]
  const tsconfig = { extends: join(root, 'tsconfig.json'), include }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  await mkdir(join(folder, 'extensions'))
  await linkAll(join(root, 'node_modules'), join(folder, 'node_modules'))
  await linkAll(join(root, 'node_modules/@druid'), join(folder, 'node_modules/@druid'))
}

/** What `./dev install` does with a new extension: as a package of the root, and its own presets. */
export async function installExtension(folder: string, name: string): Promise<void> {
  const extension = join(folder, 'extensions', name)
  await symlink(extension, join(folder, 'node_modules/@druid', name))
  const presets = join(extension, 'node_modules/@druid')
  await mkdir(presets, { recursive: true })
  for (const preset of ['tsconfig', 'tsup', 'vitest']) {
    const target = join(root, 'tooling', preset)
    await symlink(target, join(presets, preset))
  }
}

async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const name of await readdir(from)) {
    if (name === '@druid' || name === '.vite') continue
    const target = await realpath(join(from, name))
    await mkdir(dirname(join(to, name)), { recursive: true })
    await symlink(target, join(to, name))
  }
}
