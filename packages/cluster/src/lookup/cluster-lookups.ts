import { DruidError, isDruidError, messageOf, type RequestOptions } from '@druid/core/extension'
import type { ChangeOptions } from '../roles/audit.ts'
import type {
  CoordinatorLookups,
  LookupNodeStatus,
  LookupSpec,
  LookupStatus,
  TierLookups,
} from '../roles/coordinator/lookups.ts'
import { pollWithin } from '../task/poll-within.ts'
import { undone } from '../undone.ts'
import type { LookupFactory } from './factory.ts'
import type {
  DeleteLookupOptions,
  Lookup,
  LookupOptions,
  LookupPropagation,
  Lookups,
  LookupTier,
  LookupWaitOptions,
  PutLookupOptions,
} from './lookups.ts'
import { nextVersion } from './version.ts'

/** The tier of servers that are told no other by `druid.lookup.lookupTier`. */
const DEFAULT_TIER = '__default'

/** Twice the time after which the Coordinator, by default, tells servers of changes, and some more. */
const LOAD_LIMIT = 300_000

/** So long it may take to put one back, in milliseconds, whatever became of the caller's signal. */
const RESTORE_LIMIT = 30_000

export class ClusterLookups implements Lookups {
  readonly #lookups: CoordinatorLookups

  constructor(lookups: CoordinatorLookups) {
    this.#lookups = lookups
  }

  async initialise(options?: ChangeOptions): Promise<boolean> {
    if ((await orNone(this.#lookups.all(reading(options)))) !== undefined) return false
    await this.#lookups.update({}, options)
    return true
  }

  async tiers(options?: RequestOptions): Promise<LookupTier[]> {
    const [configured, found] = await Promise.all([
      orNone(this.#lookups.tiers(options)),
      this.#lookups.nodeStatus({ ...options, discover: true }),
    ])
    const names = new Set([...(configured ?? []), ...Object.keys(found)])
    return [...names].sort().map((name) => ({
      name,
      configured: configured?.includes(name) ?? false,
      nodes: Object.keys(found[name] ?? {}).sort(),
    }))
  }

  async list({ tier, ...options }: LookupOptions = {}): Promise<Lookup[]> {
    const [all = {}, status = {}] = await Promise.all([
      orNone(this.#lookups.all(options)),
      orNone(this.#lookups.status(options)),
    ])
    const tiers = Object.entries(all).filter(([name]) => tier === undefined || name === tier)
    return tiers.flatMap(([name, lookups]) => listed(name, lookups, status[name] ?? {}))
  }

  get(name: string, { tier = DEFAULT_TIER, ...options }: LookupOptions = {}): Promise<LookupSpec> {
    return this.#lookups.get(tier, name, options)
  }

  async put(
    name: string,
    factory: LookupFactory,
    { version, wait = true, restore = true, ...options }: PutLookupOptions = {},
  ): Promise<string> {
    const { tier = DEFAULT_TIER, timeout: _, onProgress: __, ...request } = options
    if (wait) await this.#checkTier(tier, reading(request))
    await this.initialise(request)
    const before = await orNone(this.#lookups.get(tier, name, reading(request)))
    const lookup = {
      version: version ?? nextVersion(before?.version, new Date()),
      lookupExtractorFactory: { ...factory },
    }
    await this.#write(tier, name, lookup, request)
    if (!wait) return lookup.version
    try {
      await this.untilLoaded(name, options)
    } catch (error) {
      if (!restore) throw error
      throw await this.#restored(error, { tier, name, before, failed: lookup, request })
    }
    return lookup.version
  }

  async delete(name: string, { wait = true, ...options }: DeleteLookupOptions = {}): Promise<void> {
    const { tier = DEFAULT_TIER, timeout: _, onProgress: __, ...request } = options
    await this.#lookups.delete(tier, name, request)
    if (!wait) return
    await this.#until(name, options, 'is still on', async (asking) => {
      const nodes = await this.#nodes(tier, asking)
      return nodes.map(([node, { current }]) => [node, !Object.hasOwn(current, name)] as const)
    })
  }

  async propagation(
    name: string,
    { tier = DEFAULT_TIER, ...options }: LookupOptions = {},
  ): Promise<LookupPropagation> {
    const [spec, found] = await Promise.all([
      orNone(this.#lookups.get(tier, name, options)),
      this.#nodes(tier, options),
    ])
    const nodes = found.map(([node, { current }]) => ({ node, version: current[name]?.version }))
    if (spec === undefined && nodes.every((it) => it.version === undefined)) {
      throw new DruidError('NOT_FOUND', `there is no lookup "${name}" in the tier "${tier}"`)
    }
    const isLoaded = nodes.length > 0 && nodes.every((it) => it.version === spec?.version)
    return { tier, name, version: spec?.version, loaded: isLoaded, nodes }
  }

  async untilLoaded(name: string, options: LookupWaitOptions = {}): Promise<void> {
    const { tier = DEFAULT_TIER } = options
    await this.#checkTier(tier, reading(options))
    await this.#until(name, options, 'is not loaded by', async (asking) => {
      const { version } = await this.#lookups.get(tier, name, asking)
      const nodes = await this.#nodes(tier, asking)
      return nodes.map(([node, { current }]) => [node, current[name]?.version === version] as const)
    })
  }

  /** Asks which servers have followed, until all have. */
  async #until(
    name: string,
    { tier = DEFAULT_TIER, timeout = LOAD_LIMIT, onProgress, ...given }: LookupWaitOptions,
    doesNot: string,
    ask: (request: RequestOptions) => Promise<(readonly [node: string, done: boolean])[]>,
  ): Promise<void> {
    const start = performance.now()
    let told = ''
    let pending: readonly string[] | undefined
    const check = async (request: RequestOptions): Promise<true | undefined> => {
      const nodes = await ask(request)
      const nodesThat = (are: boolean): string[] =>
        nodes.flatMap(([node, done]) => (done === are ? [node] : []))
      const doneNodes = nodesThat(true)
      const pendingNodes = nodesThat(false)
      pending = pendingNodes
      const elapsed = Math.round(performance.now() - start)
      const news = `${doneNodes.join()} ${pendingNodes.join()}`
      if (news !== told) onProgress?.({ tier, name, doneNodes, pendingNodes, elapsed })
      told = news
      return pendingNodes.length === 0 ? true : undefined
    }
    const what = `the lookup "${name}" of the tier "${tier}"`
    const late = (): string =>
      `${doesNot} ${pending?.join(', ') ?? 'servers that have not answered'}`
    await pollWithin(what, { ...reading(given), timeout }, check, late)
  }

  async #write(
    tier: string,
    name: string,
    lookup: LookupSpec,
    request: ChangeOptions,
  ): Promise<void> {
    try {
      await this.#lookups.put(tier, name, lookup, request)
    } catch (error) {
      const isConflict =
        isDruidError(error, 'SERVER') && /can't replace existing spec/.test(error.message)
      if (!isConflict) throw error
      throw new DruidError(
        'CONFLICT',
        `the lookup "${name}" of the tier "${tier}" is there in a version that "${lookup.version}" does not replace, as it is not greater as text`,
        { status: error.status, cause: error },
      )
    }
  }

  /** The error, after all was put back. */
  async #restored(
    error: unknown,
    {
      tier,
      name,
      before,
      failed,
      request,
    }: {
      readonly tier: string
      readonly name: string
      readonly before: LookupSpec | undefined
      readonly failed: LookupSpec
      readonly request: ChangeOptions
    },
  ): Promise<unknown> {
    const restoring = { ...request, signal: AbortSignal.timeout(RESTORE_LIMIT) }
    try {
      const now = await orNone(this.#lookups.get(tier, name, reading(restoring)))
      if (now?.version !== failed.version) {
        return undone(error, ['somebody else has changed it meanwhile, and it is left so'])
      }
      if (before === undefined) {
        await this.#lookups.delete(tier, name, restoring)
        return undone(error, ['it was not there before, and is deleted'])
      }
      const version = nextVersion(failed.version, new Date())
      await this.#write(tier, name, { ...before, version }, restoring)
      return undone(error, [`the one that was there before is back, as version "${version}"`])
    } catch (cause) {
      return undone(error, [`what was there before could not be put back: ${messageOf(cause)}`])
    }
  }

  async #checkTier(tier: string, request: RequestOptions): Promise<void> {
    if ((await this.#nodes(tier, request)).length > 0) return
    const tiers = await this.#lookups.tiers({ ...request, discover: true })
    throw new DruidError(
      'NOT_FOUND',
      `no server is in the lookup tier "${tier}"; there are ${tiers.map((it) => `"${it}"`).join(', ')}`,
    )
  }

  async #nodes(
    tier: string,
    request: RequestOptions,
  ): Promise<(readonly [node: string, status: LookupNodeStatus])[]> {
    return Object.entries((await orNone(this.#lookups.tierNodeStatus(tier, request))) ?? {})
  }
}

/** What a request that changes nothing takes of the options of one that does. */
function reading({
  signal,
  headers,
}: Pick<RequestOptions, 'signal' | 'headers'> = {}): Pick<RequestOptions, 'signal' | 'headers'> {
  return { signal, headers }
}

function listed(
  tier: string,
  lookups: TierLookups,
  status: Readonly<Record<string, LookupStatus>>,
): Lookup[] {
  return Object.entries(lookups).map(([name, spec]) => {
    const { loaded = false, pendingNodes = [] } = status[name] ?? {}
    return { ...spec, tier, name, loaded, pendingNodes }
  })
}

/** Druid says by a 404 that it has none, also where it never had any. */
async function orNone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isDruidError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
