import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { DruidError, messageOf } from '../error/error.ts'
import { type AnyExtension, EXTENSION_API } from '../extension/definition.ts'
import { isExtensionName, nameOfPackage } from '../extension/names.ts'
import type {
  DiscoveredExtension,
  DiscoverySet,
  ExtensionPackage,
  ExtensionReport,
} from '../extension/report.ts'
import { registerEntry } from './entry.ts'
import { locatePackage } from './locate.ts'
import {
  type Application,
  dependencyNames,
  findApplication,
  hasKeyword,
  isAbsent,
  isRecord,
  type Manifest,
  readManifest,
} from './manifest.ts'

export interface DiscoverOptions {
  /**
   * Where to look for the application's package.json, from there upwards: `import.meta.url` in a
   * program. Default: the working directory, which is right for a REPL or a notebook.
   */
  readonly from?: string | URL | undefined
  /** Also look at `devDependencies`. Default false. */
  readonly dev?: boolean | undefined
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
  if (process.env.DRUID_EXTENSIONS === 'off')
    return { root: undefined, extensions: [], reports: [] }
  let application: Application | undefined
  let rules: Rules
  const from = options.from ?? process.cwd()
  try {
    application = await findApplication(await folderOf(from))
    rules = rulesOf(application?.manifest ?? {})
  } catch (cause) {
    return nothing(`the application's package.json cannot be used: ${messageOf(cause)}`, cause)
  }
  if (application === undefined) {
    return nothing(
      `no package.json of an application was found from ${from} upwards, so nothing was looked at; in a bundle, list the extensions: connect(url, { extensions: [ … ] })`,
    )
  }
  const { root, manifest } = application
  const found = await Promise.all(
    dependencyNames(manifest, options.dev ?? false).map((name) =>
      examine(root, name, rules, options.importModule ?? importFile),
    ),
  )
  const results = found.filter((it) => it !== undefined)
  return {
    root,
    extensions: results.filter((it) => 'extension' in it),
    reports: results.filter((it) => 'status' in it),
  }
}

type Found = DiscoveredExtension | ExtensionReport | undefined

async function examine(
  root: string,
  dependency: string,
  rules: Rules,
  importModule: (specifier: string) => Promise<unknown>,
): Promise<Found> {
  const start = performance.now()
  const path = await locatePackage(root, dependency)
  if (path === undefined) return undefined
  let from: ExtensionPackage = { name: dependency, version: '', path }
  let name = nameOfPackage(dependency)
  let isExtension = false
  try {
    const manifest = await readManifest(path)
    if (!hasKeyword(manifest)) return undefined
    isExtension = true
    from = { name: dependency, version: String(manifest.version ?? ''), path }
    const own = isRecord(manifest.druid) ? manifest.druid : {}
    if (typeof own.extension === 'string') name = own.extension
    if (!rules.permits(dependency)) return reportOf('denied', name, from, start)
    if (!isExtensionName(name)) {
      throw new Error(
        `"${name}" is no name for an extension; say one in its package.json: "druid": { "extension": "…" }`,
      )
    }
    const apiVersion = own.apiVersion ?? 1
    if (!Number.isInteger(apiVersion) || (apiVersion as number) > EXTENSION_API) {
      throw new Error(
        `it was built for extension API ${apiVersion}, and this version of @druid/core offers ${EXTENSION_API}; update @druid/core`,
      )
    }
    const entry = await registerEntry(path, manifest)
    if (entry === undefined) {
      throw new Error('it has the keyword "druid-extension" but its exports have no "./register"')
    }
    const module = await limited(importModule(pathToFileURL(entry).href))
    return {
      extension: extensionIn(module, name, apiVersion as number),
      package: from,
      allowed: rules.names(dependency),
      ms: performance.now() - start,
    }
  } catch (cause) {
    if (isAbsent(cause) && !isExtension) return undefined
    return reportOf('failed', name, from, start, cause)
  }
}

/** A definition if the module has one; else its bare `registerClient`, under the package's name. */
function extensionIn(module: unknown, name: string, apiVersion: number): AnyExtension {
  const own = module as { default?: { default?: unknown } }
  const places: unknown[] = [own.default, own.default?.default, own]
  const definition = places.find(isDefinition)
  if (definition) return definition
  for (const place of places) {
    const { registerClient } = (place ?? {}) as Partial<AnyExtension>
    if (typeof registerClient === 'function') {
      return { '~druid': { apiVersion }, name, registerClient }
    }
  }
  throw new Error('its "./register" exports no function registerClient')
}

function isDefinition(value: unknown): value is AnyExtension {
  return isRecord(value) && isRecord(value['~druid']) && typeof value.registerClient === 'function'
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

/** Which packages the application's manifest lets in. Deny comes before allow. */
interface Rules {
  permits(packageName: string): boolean
  /** Whether an allow list names it. */
  names(packageName: string): boolean
}

function rulesOf(manifest: Manifest): Rules {
  const druid = isRecord(manifest.druid) ? manifest.druid : {}
  const rules = isRecord(druid.extensions) ? druid.extensions : {}
  const allow = patterns(rules.allow, 'allow')
  const deny = patterns(rules.deny, 'deny') ?? []
  const names = (name: string): boolean => allow?.some((pattern) => fits(name, pattern)) ?? false
  return {
    names,
    permits: (name) =>
      !deny.some((pattern) => fits(name, pattern)) && (allow === undefined || names(name)),
  }
}

/** A list that is not one must not be taken for "no list". */
function patterns(list: unknown, which: string): string[] | undefined {
  if (list === undefined) return undefined
  if (Array.isArray(list) && list.every((it) => typeof it === 'string')) return list
  throw new Error(`"druid.extensions.${which}" must be a list of package names`)
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

async function folderOf(from: string | URL): Promise<string> {
  const path =
    from instanceof URL || from.startsWith('file:')
      ? fileURLToPath(from)
      : resolve(process.cwd(), from)
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return isFolder ? path : dirname(path)
}

function nothing(why: string, cause?: unknown): DiscoverySet {
  const start = performance.now()
  return {
    root: undefined,
    extensions: [],
    reports: [reportOf('failed', 'discovery', undefined, start, new Error(why, { cause }))],
  }
}

function reportOf(
  status: 'failed' | 'denied',
  name: string,
  from: ExtensionPackage | undefined,
  start: number,
  ...causes: readonly [cause?: unknown]
): ExtensionReport {
  const [cause] = causes
  const where = from ? ` (${from.name} ${from.version}, ${from.path})` : ''
  return Object.freeze({
    name,
    status,
    source: 'discovered',
    summary: `${name} extension`,
    methods: [],
    roles: [],
    waiting: [],
    ms: performance.now() - start,
    ...(from && { package: from }),
    // Also where undefined was thrown.
    ...(causes.length > 0 && {
      error: new DruidError('EXTENSION', `extension "${name}"${where}: ${messageOf(cause)}`, {
        extension: name,
        cause,
      }),
    }),
  })
}
