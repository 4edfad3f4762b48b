import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** `$XDG_CACHE_HOME/druid-local/…`, made if need be: class paths, class data archives, classes of ours. */
export async function cacheFolder(...parts: readonly string[]): Promise<string> {
  const folder = cachePath(...parts)
  await mkdir(folder, { recursive: true })
  return folder
}

export function cachePath(...parts: readonly string[]): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(base, 'druid-local', ...parts)
}
