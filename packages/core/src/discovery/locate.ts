import { realpath } from 'node:fs/promises'
import module from 'node:module'
import { basename, dirname, join, resolve, sep } from 'node:path'

/** Yarn's Plug'n'Play: it alone knows where packages are. */
interface PnpApi {
  resolveToUnqualified(request: string, issuer: string): string | null
}

/**
 * The folder of a package as this root sees it, `undefined` when it is not installed. Not
 * `require.resolve(name + '/package.json')`: a package's `exports` may hide it.
 */
export async function locatePackage(root: string, name: string): Promise<string | undefined> {
  // Yarn adds it to the object itself, after the module's named exports were counted.
  const { findPnpApi } = module as { findPnpApi?: (lookup: string) => PnpApi | null }
  const issuer = `${root}${sep}`
  const pnp = findPnpApi?.(issuer)
  if (pnp) return locatedByPnp(pnp, name, issuer)
  for (let folder = root; ; folder = dirname(folder)) {
    if (basename(folder) !== 'node_modules') {
      const found = await realpath(join(folder, 'node_modules', name)).catch(() => undefined)
      if (found !== undefined) return found
    }
    if (dirname(folder) === folder) return undefined
  }
}

function locatedByPnp(pnp: PnpApi, name: string, issuer: string): string | undefined {
  try {
    const folder = pnp.resolveToUnqualified(name, issuer)
    return folder === null ? undefined : resolve(folder)
  } catch {
    return undefined
  }
}
