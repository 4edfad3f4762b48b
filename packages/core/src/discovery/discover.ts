import { pathToFileURL } from 'node:url'
import { messageOf } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import { extensionError } from '../extension/candidate.ts'
import { extensionIn } from '../extension/module.ts'
import {
  type DiscoveredExtension,
  type DiscoverySet,
  type ExtensionReport,
  makeReport,
} from '../extension/report.ts'
import { type FindOptions, type FoundExtension, findExtensions } from './find.ts'

export interface DiscoverOptions extends FindOptions {
  /** Imports the entry of an extension, where the host has a loader of its own. */
  readonly importModule?: ((specifier: string) => Promise<unknown>) | undefined
}

/** Top-level await in an extension may hang; this long it is waited for. */
const IMPORT_LIMIT = 10_000

/**
 * Finds the extensions among the direct dependencies of the application: packages with the keyword
 * `druid-extension` that export `./register`. Imports those, and nothing else; a package that is
 * only somebody's dependency is not even read. The application's manifest may narrow it by
 * `"druid": { "extensions": { "allow": [names], "deny": [names] } }` (`@acme/*` is a pattern).
 *
 * Never rejects: what went wrong is in `reports`. `DRUID_EXTENSIONS=off` turns it off.
 */
export async function discover(options: DiscoverOptions = {}): Promise<DiscoverySet> {
  const { importModule = importFile, ...where } = Object(options) as DiscoverOptions
  const { root, found, reports } = await findExtensions(isRecord(options) ? where : options)
  const loaded = await Promise.all(found.map((one) => load(one, importModule)))
  const failed = loaded.filter((it) => 'status' in it)
  return {
    root,
    extensions: loaded.filter((it) => 'extension' in it),
    // Both are in the order of package names.
    reports: [...reports, ...failed].sort(byPackage),
  }
}

function byPackage(a: ExtensionReport, b: ExtensionReport): number {
  const [one = '', other = ''] = [a.package?.name, b.package?.name]
  return one < other ? -1 : Number(one > other)
}

async function load(
  found: FoundExtension,
  importModule: (specifier: string) => Promise<unknown>,
): Promise<DiscoveredExtension | ExtensionReport> {
  const { name, package: from, entry, apiVersion, chosen, warnings } = found
  const start = performance.now()
  const ms = (): number => found.ms + performance.now() - start
  try {
    const module = await limited(importModule(pathToFileURL(entry).href))
    const extension = extensionIn(module, name, apiVersion)
    if (!extension) throw new Error('its "./register" exports no function registerClient')
    return { extension, package: from, allowed: chosen, warnings, ms: ms() }
  } catch (cause) {
    const error = extensionError(found, messageOf(cause), cause)
    return makeReport({
      name,
      status: 'failed',
      source: 'discovered',
      package: from,
      warnings,
      ms: ms(),
      error,
    })
  }
}

async function limited(imported: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(new Error(`importing its "./register" took longer than ${IMPORT_LIMIT / 1000} s`)),
      IMPORT_LIMIT,
    )
  })
  try {
    return await Promise.race([imported, limit])
  } finally {
    clearTimeout(timer)
  }
}

const importFile = (specifier: string): Promise<unknown> => import(specifier)
