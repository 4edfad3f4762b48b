import { pathSegment, type RequestOptions, type ServiceHost } from '@druid/core/extension'
import { type ChangeOptions, changing } from '../audit.ts'
import { queryOf } from '../path.ts'

/** A lookup, as the Coordinator has it. */
export interface LookupSpec {
  /** The one that is greater as text replaces the other. */
  readonly version: string
  /** What makes it on each server: `type` (`map`, `cachedNamespace`, …) and what that type has. */
  readonly lookupExtractorFactory: { readonly type: string; readonly [field: string]: unknown }
}

/** By name. */
export type TierLookups = Readonly<Record<string, LookupSpec>>

/** Whether the servers of a tier have the lookup in this version. */
export interface LookupStatus {
  readonly loaded: boolean
  /** `host:port` of those that have not; none where all have. */
  readonly pendingNodes?: readonly string[]
}

/** What one server has. */
export interface LookupNodeStatus {
  readonly current: TierLookups
  readonly toLoad: TierLookups
  /** Names. */
  readonly toDrop: readonly string[]
}

export interface TiersOptions extends RequestOptions {
  /** Whether to name the tiers that servers are in, rather than those that have been written to. */
  readonly discover?: boolean | undefined
}

/**
 * Lookups by tier, and where they are loaded. `/druid/coordinator/v1/lookups/…`. Until
 * {@link CoordinatorLookups.update} was called once, with `{}` say, Druid has none: reading them is
 * `NOT_FOUND`, and `put` fails. The Coordinator tells the servers of changes every 2 minutes, or as
 * its `druid.manager.lookups.period` says.
 */
export interface CoordinatorLookups {
  /** Names of tiers (`GET /config`). */
  tiers(options?: TiersOptions): Promise<string[]>
  /** Tier → name → lookup (`GET /config/all`). */
  all(options?: RequestOptions): Promise<Readonly<Record<string, TierLookups>>>
  /**
   * Adds and replaces lookups of tiers, all of them or none; others stay (`POST /config`).
   * @throws DruidError `SERVER` (500) where a version is not greater than the present one.
   */
  update(lookups: Readonly<Record<string, TierLookups>>, options?: ChangeOptions): Promise<void>
  /** Names of the lookups of a tier (`GET /config/{tier}`). */
  names(tier: string, options?: RequestOptions): Promise<string[]>
  /** The lookups of a tier (`GET /config/{tier}?detailed=true`). */
  tier(tier: string, options?: RequestOptions): Promise<TierLookups>
  /** (`GET /config/{tier}/{lookup}`) */
  get(tier: string, name: string, options?: RequestOptions): Promise<LookupSpec>
  /**
   * Adds or replaces one (`POST /config/{tier}/{lookup}`). The Coordinator does not look at what it is
   * made of: one that no server can make replaces one that works.
   * @throws DruidError `SERVER` (500) where the version is not greater than the present one.
   */
  put(tier: string, name: string, lookup: LookupSpec, options?: ChangeOptions): Promise<void>
  /** @throws DruidError `NOT_FOUND` where there is none (`DELETE /config/{tier}/{lookup}`). */
  delete(tier: string, name: string, options?: ChangeOptions): Promise<void>
  /** A tier with all its lookups (`DELETE /config/{tier}`). @throws DruidError `NOT_FOUND` for none. */
  deleteTier(tier: string, options?: ChangeOptions): Promise<void>
  /** Tier → name → whether it is loaded, as of the last time servers were asked (`GET /status?detailed=true`). */
  status(
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, Readonly<Record<string, LookupStatus>>>>>
  /** (`GET /status/{tier}?detailed=true`) */
  tierStatus(
    tier: string,
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, LookupStatus>>>
  /** (`GET /status/{tier}/{lookup}?detailed=true`) */
  lookupStatus(tier: string, name: string, options?: RequestOptions): Promise<LookupStatus>
  /**
   * Tier → `host:port` → what that server has, as of the last time it was asked; `discover`: also of
   * tiers that have not been written to (`GET /nodeStatus`).
   */
  nodeStatus(
    options?: TiersOptions,
  ): Promise<Readonly<Record<string, Readonly<Record<string, LookupNodeStatus>>>>>
  /** Empty for a tier without servers (`GET /nodeStatus/{tier}`). */
  tierNodeStatus(
    tier: string,
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, LookupNodeStatus>>>
  /** Of one server, `host:port` (`GET /nodeStatus/{tier}/{host:port}`). */
  oneNodeStatus(tier: string, node: string, options?: RequestOptions): Promise<LookupNodeStatus>
}

const PREFIX = '/druid/coordinator/v1/lookups'
const DETAILED = '?detailed=true'

export class LookupsService implements CoordinatorLookups {
  readonly #service: ServiceHost

  constructor(service: ServiceHost) {
    this.#service = service
  }

  tiers({ discover, ...options }: TiersOptions = {}): Promise<string[]> {
    return this.#get('config', [], discovering(discover), options)
  }

  all(options?: RequestOptions): Promise<Readonly<Record<string, TierLookups>>> {
    return this.#get('config/all', [], '', options)
  }

  async update(
    lookups: Readonly<Record<string, TierLookups>>,
    options?: ChangeOptions,
  ): Promise<void> {
    await this.#service.request('POST', `${PREFIX}/config`, lookups, changing(options))
  }

  names(tier: string, options?: RequestOptions): Promise<string[]> {
    return this.#get('config', [tier], '', options)
  }

  tier(tier: string, options?: RequestOptions): Promise<TierLookups> {
    return this.#get('config', [tier], DETAILED, options)
  }

  get(tier: string, name: string, options?: RequestOptions): Promise<LookupSpec> {
    return this.#get('config', [tier, name], '', options)
  }

  async put(
    tier: string,
    name: string,
    lookup: LookupSpec,
    options?: ChangeOptions,
  ): Promise<void> {
    await this.#service.request('POST', pathOf('config', [tier, name]), lookup, changing(options))
  }

  async delete(tier: string, name: string, options?: ChangeOptions): Promise<void> {
    const path = pathOf('config', [tier, name])
    await this.#service.request('DELETE', path, undefined, changing(options))
  }

  async deleteTier(tier: string, options?: ChangeOptions): Promise<void> {
    const path = pathOf('config', [tier])
    await this.#service.request('DELETE', path, undefined, changing(options))
  }

  status(
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, Readonly<Record<string, LookupStatus>>>>> {
    return this.#get('status', [], DETAILED, options)
  }

  tierStatus(
    tier: string,
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, LookupStatus>>> {
    return this.#get('status', [tier], DETAILED, options)
  }

  lookupStatus(tier: string, name: string, options?: RequestOptions): Promise<LookupStatus> {
    return this.#get('status', [tier, name], DETAILED, options)
  }

  nodeStatus({
    discover,
    ...options
  }: TiersOptions = {}): Promise<
    Readonly<Record<string, Readonly<Record<string, LookupNodeStatus>>>>
  > {
    return this.#get('nodeStatus', [], discovering(discover), options)
  }

  tierNodeStatus(
    tier: string,
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, LookupNodeStatus>>> {
    return this.#get('nodeStatus', [tier], '', options)
  }

  oneNodeStatus(tier: string, node: string, options?: RequestOptions): Promise<LookupNodeStatus> {
    return this.#get('nodeStatus', [tier, node], '', options)
  }

  async #get<T>(
    what: string,
    names: readonly string[],
    query: string,
    options: RequestOptions | undefined,
  ): Promise<T> {
    return this.#service.request('GET', `${pathOf(what, names)}${query}`, undefined, options)
  }
}

/** Druid reads it as a boolean here. */
function discovering(discover: boolean | undefined): string {
  return queryOf({ discover: discover ? 'true' : undefined })
}

function pathOf(what: string, names: readonly string[]): string {
  return [PREFIX, what, ...names.map(pathSegment)].join('/')
}
