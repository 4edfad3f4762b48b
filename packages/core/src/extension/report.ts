import type { DruidError } from '../error/error.ts'
import type { AnyExtension } from './definition.ts'

/** The package an extension was discovered in. */
export interface ExtensionPackage {
  readonly name: string
  readonly version: string
  /** Its folder. */
  readonly path: string
}

/** What became of one extension on one connection. */
export interface ExtensionReport {
  readonly name: string
  /**
   * `active`: registered. `failed`: left out whole, see `error`. `shadowed`: discovered, but one of
   * this name is listed. `denied`: the application's manifest does not allow it; not even imported.
   */
  readonly status: 'active' | 'failed' | 'shadowed' | 'denied'
  /** Listed in `extensions`, or found by `discover()`. */
  readonly source: 'explicit' | 'discovered'
  readonly summary: string
  /** What it added: methods of the client, and of the cluster as `cluster().<method>`. */
  readonly methods: readonly string[]
  readonly roles: readonly string[]
  /** What else it takes part in, e.g. `formatter csv`, `codec COMPLEX<HLLSketch>`, `middleware`. */
  readonly parts: readonly string[]
  /** Roles and cluster methods that wait for an extension that provides `cluster`. */
  readonly waiting: readonly string[]
  /**
   * What may be wrong though it works: the package asks for another version of @druid/core than
   * this.
   */
  readonly warnings: readonly string[]
  /** Time to import and register it. */
  readonly ms: number
  readonly package?: ExtensionPackage
  readonly error?: DruidError
}

type ReportFacts = Partial<ExtensionReport> & Pick<ExtensionReport, 'name' | 'status' | 'source'>

/** A report with what is known; the rest is empty. */
export function makeReport(facts: ReportFacts): ExtensionReport {
  const { methods = [], roles = [], parts = [], waiting = [], warnings = [] } = facts
  const { package: from } = facts
  return Object.freeze({
    summary: `${facts.name} extension`,
    ms: 0,
    ...facts,
    methods: Object.freeze([...methods]),
    roles: Object.freeze([...roles]),
    parts: Object.freeze([...parts]),
    waiting: Object.freeze([...waiting]),
    warnings: Object.freeze([...warnings]),
    ...(from && { package: Object.freeze({ ...from }) }),
  })
}

/** An extension that `discover()` found and imported. */
export interface DiscoveredExtension {
  readonly extension: AnyExtension
  readonly package: ExtensionPackage
  /** Whether the application's manifest allows it by name; see `ClusterContext.service`. */
  readonly allowed: boolean
  /** See {@link ExtensionReport.warnings}. */
  readonly warnings?: readonly string[] | undefined
  readonly ms: number
}

/** Filled by the file that `druid ext types` writes; empty otherwise. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be augmented
export interface DiscoveredExtensions {}
export type Discovered = DiscoveredExtensions[keyof DiscoveredExtensions]

/** What `discover()` found: give it to `connect(url, { discovered })`. */
export interface DiscoverySet<E = Discovered> {
  readonly '~types'?: E
  /** The folder of the application's manifest; `undefined` where none was found. */
  readonly root: string | undefined
  /** In the order of package names. */
  readonly extensions: readonly DiscoveredExtension[]
  /** The packages that are extensions and could not be used, with the reason. */
  readonly reports: readonly ExtensionReport[]
}
