import type { RequestOptions } from '@druid/core/extension'
import type { ChangeOptions } from '../roles/audit.ts'
import type { LookupSpec } from '../roles/coordinator/lookups.ts'
import type { LookupFactory } from './factory.ts'

export interface LookupOptions extends RequestOptions {
  /** Default: `__default`, the tier of servers that are told no other. */
  readonly tier?: string | undefined
}

export interface LookupWaitOptions extends Omit<LookupOptions, 'timeout'> {
  /** Milliseconds to wait at most. Default 300,000: the Coordinator tells servers every 2 minutes. */
  readonly timeout?: number | undefined
  /** Told whenever there are other servers that have yet to follow. */
  readonly onProgress?: ((progress: LookupProgress) => void) | undefined
}

/** How far a change has come. */
export interface LookupProgress {
  readonly tier: string
  readonly name: string
  /** `host:port` of the servers that have followed, and of those that have not. */
  readonly doneNodes: readonly string[]
  readonly pendingNodes: readonly string[]
  /** Milliseconds since it is waited for. */
  readonly elapsed: number
}

export interface PutLookupOptions
  extends Omit<ChangeOptions, 'timeout'>,
    Pick<LookupWaitOptions, 'tier' | 'timeout' | 'onProgress'> {
  /** It must be greater as text than the present one. Default: one that is, the time as a rule. */
  readonly version?: string | undefined
  /** Whether to wait until all servers of the tier have it. Default true. */
  readonly wait?: boolean | undefined
  /**
   * Whether, if they do not get it in time, the lookup that was there before is put back, or where there
   * was none, it is deleted. Default true.
   */
  readonly restore?: boolean | undefined
}

export interface DeleteLookupOptions
  extends Omit<ChangeOptions, 'timeout'>,
    Pick<LookupWaitOptions, 'tier' | 'timeout' | 'onProgress'> {
  /** Whether to wait until no server has it any more. Default true. */
  readonly wait?: boolean | undefined
}

/** A tier of servers that have the same lookups. */
export interface LookupTier {
  readonly name: string
  /** Whether lookups were ever written to it. */
  readonly configured: boolean
  /** `host:port` of the servers that are in it. */
  readonly nodes: readonly string[]
}

/** A lookup, and how far it has come. */
export interface Lookup extends LookupSpec {
  readonly tier: string
  readonly name: string
  readonly loaded: boolean
  /** `host:port` of the servers that have yet to load it. */
  readonly pendingNodes: readonly string[]
}

/** Which servers have a lookup, in which version. */
export interface LookupPropagation {
  readonly tier: string
  readonly name: string
  /** The one that they should have; `undefined` for a lookup that was deleted. */
  readonly version: string | undefined
  /** Whether they all do, and there is one. */
  readonly loaded: boolean
  /** As of the last time that the Coordinator asked; `version` is `undefined` where a server has none. */
  readonly nodes: readonly { readonly node: string; readonly version: string | undefined }[]
}

/** The lookups of a cluster: `client.cluster().lookups()`. */
export interface Lookups {
  /**
   * Makes Druid ready to have lookups, which {@link Lookups.put} does by itself. Harmless where it is.
   * Returns whether it was not.
   */
  initialise(options?: ChangeOptions): Promise<boolean>
  /** Those that lookups were written to, and those that servers are in. */
  tiers(options?: RequestOptions): Promise<LookupTier[]>
  /** All of them, or those of a tier; none where Druid never had any. */
  list(options?: LookupOptions): Promise<Lookup[]>
  /** @throws DruidError `NOT_FOUND` where there is none. */
  get(name: string, options?: LookupOptions): Promise<LookupSpec>
  /**
   * Adds or replaces a lookup, and resolves when every server of the tier has it, so that SQL sees it.
   * The Coordinator takes anything, also what no server can make: what does not load in time is put back.
   * Returns the version that it has now.
   * @throws DruidError `CONFLICT` for a version that is not greater than the present one, also where
   * somebody else wrote meanwhile; `TIMEOUT` where servers do not load it in time; `NOT_FOUND` for a tier
   * without servers, unless `wait` is false.
   */
  put(name: string, factory: LookupFactory, options?: PutLookupOptions): Promise<string>
  /**
   * Deletes a lookup, and resolves when no server has it any more.
   * @throws DruidError `NOT_FOUND` where there is none; `TIMEOUT` where servers still have it.
   */
  delete(name: string, options?: DeleteLookupOptions): Promise<void>
  /** Which servers have it. @throws DruidError `NOT_FOUND` where there is no such lookup, nor ever was on them. */
  propagation(name: string, options?: LookupOptions): Promise<LookupPropagation>
  /**
   * Resolves when all servers of the tier have it, in its present version.
   * @throws DruidError `TIMEOUT` naming those that have not; `NOT_FOUND` where there is no such lookup, or
   * no server in the tier.
   */
  untilLoaded(name: string, options?: LookupWaitOptions): Promise<void>
}
