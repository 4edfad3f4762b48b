import { mkdir, mkdtemp, realpath, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DruidError } from '@druid/core'
import { messageOf } from '@druid/core/extension'
import { isPackageName, type Manifest, own, readManifest } from './manifest.ts'
import { linkDependencies } from './packages.ts'
import { unpack } from './tarball.ts'

/** A package to check. */
export interface PackageTarget {
  readonly folder: string
  readonly manifest: Manifest
  /** Whether it is what npm installs: unpacked from a tarball. */
  readonly packed: boolean
  /** A folder for whatever the check needs; removed after it. */
  readonly temporary: string
  /** From where its dependencies are found. */
  readonly near: readonly string[]
}

/**
 * Opens the package at a folder or a tarball for the time of one call.
 * @throws DruidError `CONFIG` when there is none, or it cannot be read.
 */
export async function withPackage<T>(
  target: string | URL,
  use: (target: PackageTarget) => Promise<T>,
): Promise<T> {
  const path = pathOf(target)
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    (cause: unknown) => {
      throw wrongTarget(`there is no folder or tarball ${path}: ${messageOf(cause)}`, cause)
    },
  )
  const temporary = await realpath(await mkdtemp(join(tmpdir(), 'druid-check-')))
  try {
    return await use(isFolder ? await inFolder(path, temporary) : await packed(path, temporary))
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function inFolder(path: string, temporary: string): Promise<PackageTarget> {
  const folder = await realpath(path)
  const manifest = await readManifest(folder, path)
  return { folder, manifest, packed: false, temporary, near: [folder] }
}

/** As npm would install it, with links to its dependencies: those of the tarball's folder, or ours. */
async function packed(tarball: string, temporary: string): Promise<PackageTarget> {
  const staged = join(temporary, 'unpacked')
  await unpack(tarball, staged).catch((cause: unknown) => {
    throw wrongTarget(`${tarball} is no packed package: ${messageOf(cause)}`, cause)
  })
  const manifest = await readManifest(staged, tarball)
  const name = own(manifest, 'name')
  const folder = join(temporary, 'node_modules', isPackageName(name) ? name : 'unnamed')
  await mkdir(dirname(folder), { recursive: true })
  await rename(staged, folder)
  const near = [dirname(tarball), process.cwd()]
  await linkDependencies(manifest, temporary, near)
  return { folder, manifest, packed: true, temporary, near }
}

function pathOf(target: string | URL): string {
  try {
    const isUrl = target instanceof URL || target.startsWith('file:')
    return isUrl ? fileURLToPath(target) : resolve(target)
  } catch (cause) {
    throw wrongTarget(`${target} is no path and no file: URL: ${messageOf(cause)}`, cause)
  }
}

export function wrongTarget(why: string, cause?: unknown): DruidError<'CONFIG'> {
  return new DruidError('CONFIG', `checkExtension: ${why}`, { option: 'target', cause })
}
