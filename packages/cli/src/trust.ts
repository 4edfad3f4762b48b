import { access, readFile, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { isRecord } from '@druid/core/extension'
import { ownFolder } from './own.ts'

/**
 * Whether this very command is the one that the project has installed. Only then is the code of the
 * project's extensions run unasked: `druid` from elsewhere, in a folder that was just unpacked, must
 * not start what lies there.
 */
export async function isInstalledIn(root: string): Promise<boolean> {
  const own = await realpath(ownFolder)
  if (process.versions.pnp !== undefined) return (await locatedByPnp(root)) === own
  for (const folder of await foldersUpTo(root)) {
    const installed = await realpath(join(folder, 'node_modules/@druid/cli')).catch(() => undefined)
    if (installed !== undefined) return installed === own
  }
  return false
}

/** Why nothing was loaded, and what to do. */
export function untrusted(root: string): string {
  return `the extensions of ${root} are not loaded, because this druid is not installed there; install @druid/cli in it and run \`npx druid\`, or say --project if you trust it`
}

async function locatedByPnp(root: string): Promise<string | undefined> {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('@druid/cli/package.json')
    return await realpath(dirname(manifest))
  } catch {
    return undefined
  }
}

/** The project, and the folders above it as far as the root of its workspace, if it is in one. */
async function foldersUpTo(root: string): Promise<string[]> {
  const folders = [root]
  for (let folder = root; ; folder = dirname(folder)) {
    if (folder !== root) folders.push(folder)
    if (await isWorkspace(folder)) return folders
    if (dirname(folder) === folder) return [root]
  }
}

async function isWorkspace(folder: string): Promise<boolean> {
  const isPnpm = await access(join(folder, 'pnpm-workspace.yaml')).then(
    () => true,
    () => false,
  )
  if (isPnpm) return true
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    return isRecord(manifest) && manifest.workspaces !== undefined
  } catch {
    return false
  }
}
