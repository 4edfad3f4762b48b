import module from 'node:module'
import { basename, dirname, join, resolve, sep } from 'node:path'

/** Yarn's Plug'n'Play: it alone knows where packages are. */
interface PnpApi {
  resolveToUnqualified(request: string, issuer: string): string | null
}

/**
 * The folders in which this root may have a package, the nearest first. Not
 * `require.resolve(name + '/package.json')`: a package's `exports` may hide it.
 */
export function foldersOf(root: string, name: string): string[] {
  // Yarn adds it to the object itself, after the module's named exports were counted.
  const { findPnpApi } = module as { findPnpApi?: (lookup: string) => PnpApi | null }
  const issuer = `${root}${sep}`
  const pnp = findPnpApi?.(issuer)
  if (pnp) return locatedByPnp(pnp, name, issuer)
  const folders: string[] = []
  for (let folder = root; ; folder = dirname(folder)) {
    if (basename(folder) !== 'node_modules') folders.push(join(folder, 'node_modules', name))
    if (dirname(folder) === folder) return folders
  }
}

function locatedByPnp(pnp: PnpApi, name: string, issuer: string): string[] {
  try {
    const folder = pnp.resolveToUnqualified(name, issuer)
    return folder === null ? [] : [resolve(folder)]
  } catch {
    return []
  }
}
