import {
  abortable,
  abortError,
  DruidError,
  type ExtensionHost,
  isDruidError,
  messageOf,
  sleep,
} from '@druid/core/extension'
import type { Discovery } from './discovery.ts'
import { copied, type Known, type Located } from './known.ts'
import type { Service } from './service.ts'

export interface UntilReadyOptions {
  /**
   * Roles that are to be there: one server of each, or so many: `{ historical: 2 }`. Default: none but
   * those that are always needed, a leading Coordinator, a leading Overlord, and what answers SQL.
   */
  readonly roles?: readonly string[] | Readonly<Record<string, number>> | undefined
  /** Milliseconds to wait at most. Default 120,000. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Told after each look what is missing still, a sentence each. */
  readonly onProgress?: ((missing: readonly string[]) => void) | undefined
}

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 1_000
/** So long a single question may take. */
const ONE = 5_000

/** No waiting helps against these. */
const LASTING: ReadonlySet<string> = new Set(['CLOSED', 'CONFIG', 'EXTENSION', 'TLS'])

export async function untilReady(
  client: ExtensionHost,
  discovery: Discovery,
  { roles = [], timeout = 120_000, signal, onProgress }: UntilReadyOptions,
): Promise<Service[]> {
  const wanted = wantedOf(roles)
  const over = AbortSignal.timeout(checkedTimeout(timeout))
  const either = signal === undefined ? over : AbortSignal.any([signal, over])
  let missing: readonly string[] = ['any answer']
  let pause = FIRST_PAUSE
  try {
    while (true) {
      const look = await lookAt(client, discovery, wanted, either)
      missing = look.missing
      if (missing.length === 0) return look.services.map(copied)
      onProgress?.(missing)
      await sleep(pause, either)
      pause = Math.min(LONGEST_PAUSE, pause * 1.5)
    }
  } catch (error) {
    const lacks = `the cluster is not ready; it lacks ${missing.join('; ')}`
    if (signal?.aborted) throw abortError(signal, lacks)
    if (!over.aborted) throw error
    throw new DruidError('TIMEOUT', `${lacks}. Waited for ${timeout} ms`, { phase: 'total' })
  }
}

interface Look {
  readonly services: readonly Known[]
  readonly missing: readonly string[]
}

async function lookAt(
  client: ExtensionHost,
  discovery: Discovery,
  wanted: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<Look> {
  const limits = { signal, timeout: ONE }
  let services: readonly Known[] = []
  const lacks = async (what: string, work: () => Promise<unknown>): Promise<string[]> => {
    try {
      await work()
      return []
    } catch (error) {
      signal.throwIfAborted()
      if (isDruidError(error) && LASTING.has(error.code)) throw error
      return [`${what} (${messageOf(error)})`]
    }
  }
  const leads = (role: string, path: string): Promise<string[]> =>
    lacks(`a leading ${role}`, () =>
      discovery.roleHost(role).request('GET', path, undefined, limits),
    )
  const [list, sql, ...leaders] = await Promise.all([
    lacks('a list of services', async () => {
      for (const role of wanted.keys()) discovery.directory.want(role)
      const soon = AbortSignal.any([signal, AbortSignal.timeout(ONE)])
      services = await abortable(discovery.directory.refresh(), soon, 'the list of services')
    }),
    lacks('SQL', () => client.query('SELECT 1', limits)),
    leads('coordinator', '/druid/coordinator/v1/isLeader'),
    leads('overlord', '/druid/indexer/v1/isLeader'),
  ])
  const fewer = await Promise.all(
    [...wanted].map(async ([role, count]) => {
      const there = await Promise.all(
        services.filter((one) => one.role === role).map((one) => isUp(discovery, one, signal)),
      )
      const up = there.filter(Boolean).length
      return up >= count ? [] : [`the role ${role}: there are ${up} of ${count}`]
    }),
  )
  return { services, missing: [...list, ...sql, ...leaders.flat(), ...fewer.flat()] }
}

/** Druid lists those that are up; of the others it knows nothing. */
async function isUp(discovery: Discovery, service: Known, signal: AbortSignal): Promise<boolean> {
  if (service.source !== 'option' || service.url === undefined) return true
  try {
    const host = discovery.hosts.of(service as Located)
    await host.request('GET', '/status/health', undefined, { signal, timeout: ONE })
    return true
  } catch {
    return false
  }
}

function wantedOf(roles: NonNullable<UntilReadyOptions['roles']>): Map<string, number> {
  const wanted: [string, unknown][] = Array.isArray(roles)
    ? roles.map((role) => [String(role), 1])
    : Object.entries(roles)
  const isCount = (count: unknown): count is number => Number.isInteger(count) && Number(count) >= 0
  return new Map(
    wanted.map(([role, count]) => {
      if (isCount(count)) return [role, count]
      const why = `untilReady: roles are names, or { [role]: how many }`
      throw new DruidError('CONFIG', why, { option: 'roles' })
    }),
  )
}

function checkedTimeout(timeout: number): number {
  if (timeout >= 0 && timeout <= 2_147_483_647) return Math.ceil(timeout)
  const why = 'untilReady: timeout is a number of milliseconds'
  throw new DruidError('CONFIG', why, { option: 'timeout' })
}
