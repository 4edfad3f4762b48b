import { realpathSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DruidError, messageOf } from '../error/error.ts'
import { quoted } from '../error/quoted.ts'
import { isRecord } from '../error/record.ts'
import { checkNames } from '../error/unknown-name.ts'
import { extensionError } from '../extension/candidate.ts'
import { EXTENSION_API } from '../extension/definition.ts'
import { isExtensionName, nameOfPackage } from '../extension/names.ts'
import { type ExtensionPackage, type ExtensionReport, makeReport } from '../extension/report.ts'
import { registerEntry } from './entry.ts'
import { foldersOf } from './locate.ts'
import {
  type Application,
  dependencyNames,
  findApplication,
  hasKeyword,
  type Manifest,
  manifestIn,
} from './manifest.ts'
import { peerWarning } from './peer.ts'
import { type Rules, rulesOf } from './rules.ts'

export interface FindOptions {
  /**
   * Where to look for the application's package.json, from there upwards: `import.meta.url` in a
   * program. Default: the working directory, which is right for a REPL or a notebook.
   */
  readonly from?: string | URL | undefined
  /** The application's name: a package.json of another name is not used. Default: any. */
  readonly package?: string | undefined
  /** Only these packages, e.g. `['@acme/*']`; the manifest's own allow list holds as well. */
  readonly allow?: readonly string[] | undefined
  /** None of these packages, beside those that the manifest denies. */
  readonly deny?: readonly string[] | undefined
  /** Also look at `devDependencies`. Default false. */
  readonly dev?: boolean | undefined
}

/** An installed extension, as its package.json describes it. Nothing of it was run. */
export interface FoundExtension {
  readonly name: string
  readonly package: ExtensionPackage
  /** The file of its `./register`. */
  readonly entry: string
  readonly apiVersion: number
  /** Whether an allow list chose the package by name. */
  readonly chosen: boolean
  /** See `ExtensionReport.warnings`. */
  readonly warnings: readonly string[]
  /** Milliseconds that finding it took. */
  readonly ms: number
}

export interface FoundExtensions {
  /** The folder of the application's manifest; `undefined` where none was found. */
  readonly root: string | undefined
  /** In the order of package names. */
  readonly found: readonly FoundExtension[]
  /** The packages that are extensions and cannot be used, or may not. */
  readonly reports: readonly ExtensionReport[]
}

const OPTIONS = ['from', 'package', 'allow', 'deny', 'dev']

/** Stands where the report is not about one extension. */
const NOBODY = '(discovery)'

/**
 * The first half of `discover()`: which packages are extensions, without running any of their code.
 * Never rejects. `DRUID_EXTENSIONS=off` turns it off.
 */
export async function findExtensions(options: FindOptions = {}): Promise<FoundExtensions> {
  try {
    if (isOff(process.env.DRUID_EXTENSIONS)) return { root: undefined, found: [], reports: [] }
    checkNames(options, OPTIONS, 'discover')
    return await find(options)
  } catch (cause) {
    const error = new DruidError('EXTENSION', `discovery of extensions: ${messageOf(cause)}`, {
      extension: NOBODY,
      cause,
    })
    const report = makeReport({ name: NOBODY, status: 'failed', source: 'discovered', error })
    return { root: undefined, found: [], reports: [report] }
  }
}

/** What is not understood must not be taken for "on". */
function isOff(said: string | undefined): boolean {
  if (said === undefined || said === '' || said === 'on') return false
  if (said === 'off') return true
  throw new Error(`DRUID_EXTENSIONS is ${quoted(said)}; it is "off" or "on"`)
}

async function find(options: FindOptions): Promise<FoundExtensions> {
  const { from = process.cwd(), allow, deny, dev = false } = options
  const { root, manifest } = await applicationOf(from)
  if (options.package !== undefined && manifest.name !== options.package) {
    throw new Error(
      `${root}/package.json is that of "${manifest.name ?? ''}", not of "${options.package}", so nothing was looked at`,
    )
  }
  const rules = rulesOf(manifest, { allow, deny })
  const names = dependencyNames(manifest, dev)
  const installed = names.map((name) => installedAs(root, name)).filter((it) => it !== undefined)
  if (required(manifest) && installed.length === 0) {
    throw new Error(
      `none of the dependencies of ${root}/package.json is installed, so nothing was looked at; ${LIST_THEM}`,
    )
  }
  const examined = await Promise.all(installed.map((one) => examine(one, rules)))
  const results = examined.filter((it) => it !== undefined)
  return {
    root,
    found: results.filter((it) => 'entry' in it),
    reports: results.filter((it) => 'status' in it),
  }
}

const LIST_THEM = 'in a bundle, list the extensions: connect(url, { extensions: [ … ] })'

/** Optional ones may well be absent. */
function required(manifest: Manifest): boolean {
  return isRecord(manifest.dependencies) && Object.keys(manifest.dependencies).length > 0
}

/** A dependency that is installed: its manifest, or why that cannot be read. */
interface Installed {
  readonly dependency: string
  readonly folder: string
  readonly manifest?: Manifest
  readonly problem?: unknown
}

function installedAs(root: string, dependency: string): Installed | undefined {
  for (const folder of foldersOf(root, dependency)) {
    try {
      const manifest = manifestIn(folder)
      if (manifest !== undefined) return { dependency, folder, manifest }
    } catch (problem) {
      return { dependency, folder, problem }
    }
  }
  return undefined
}

async function examine(
  { dependency, folder, manifest, problem }: Installed,
  rules: Rules,
): Promise<FoundExtension | ExtensionReport | undefined> {
  if (manifest !== undefined && !hasKeyword(manifest)) return undefined
  const start = performance.now()
  let from: ExtensionPackage = { name: dependency, version: '', path: folder }
  let name = nameOfPackage(dependency)
  let warnings: readonly string[] = []
  const report = (status: 'failed' | 'denied', error?: DruidError): ExtensionReport => {
    const ms = performance.now() - start
    const facts = { name, status, source: 'discovered', package: from, warnings, ms } as const
    return makeReport({ ...facts, ...(error && { error }) })
  }
  try {
    if (manifest === undefined) throw problem
    // Where it really is, its own dependencies are found.
    const path = realpathSync.native(folder)
    from = { name: dependency, version: String(manifest.version ?? ''), path }
    const warning = peerWarning(manifest.peerDependencies)
    if (warning !== undefined) warnings = [warning]
    const own = isRecord(manifest.druid) ? manifest.druid : {}
    if (typeof own.extension === 'string') name = own.extension
    if (!rules.permits(dependency)) return report('denied')
    if (!isExtensionName(name)) {
      throw new Error(
        'this is no name for an extension; say one in its package.json: "druid": { "extension": "…" }',
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
    return {
      name,
      package: from,
      entry,
      apiVersion: apiVersion as number,
      chosen: rules.chosen(dependency),
      warnings,
      ms: performance.now() - start,
    }
  } catch (cause) {
    return report('failed', extensionError({ name, package: from }, messageOf(cause), cause))
  }
}

async function applicationOf(from: string | URL): Promise<Application> {
  let application: Application | undefined
  try {
    application = findApplication(await folderOf(from))
  } catch (cause) {
    throw new Error(`the application's package.json cannot be used: ${messageOf(cause)}`, { cause })
  }
  if (application !== undefined) return application
  throw new Error(
    `no package.json of an application was found from ${from} upwards, so nothing was looked at; ${LIST_THEM}`,
  )
}

async function folderOf(from: string | URL): Promise<string> {
  // Also one of another scheme, which is refused; a letter alone is a drive.
  const isUrl = from instanceof URL || /^[a-z][a-z\d+.-]+:/i.test(from)
  const path = isUrl ? fileURLToPath(from) : resolve(process.cwd(), from)
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return isFolder ? path : dirname(path)
}
