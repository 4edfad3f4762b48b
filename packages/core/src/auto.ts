import {
  type Connected,
  type ConnectOptions,
  connect as connectTo,
  type Known,
} from './client/connect.ts'
import { discover } from './discovery/discover.ts'
import type { AnyExtension } from './extension/definition.ts'
import type { Discovered, DiscoverySet } from './extension/report.ts'
import type { ValuesPolicy } from './result/policy.ts'
import type { PolicyOf } from './result/typed.ts'

export interface AutoConnectOptions<
  E extends readonly unknown[] = readonly [],
  V extends ValuesPolicy = ValuesPolicy,
> extends Omit<ConnectOptions<E, DiscoverySet, V>, 'discovered'> {
  /** See `DiscoverOptions.from`. */
  readonly from?: string | URL | undefined
}

/**
 * Discovers the extensions of the application, then connects with them: the one line for a REPL, a
 * notebook or a script. Errors as those of `connect`.
 *
 * @example const druid = await connect('http://localhost:8888')
 */
export async function connect<
  const E extends readonly AnyExtension[] = readonly [],
  const V extends ValuesPolicy = Record<never, never>,
>(
  url: string | URL,
  options: AutoConnectOptions<E, V> = {},
): Promise<Connected<Known<E>, Discovered, PolicyOf<V>>> {
  // What connect refuses is not looked into.
  if (typeof options !== 'object' || options === null) return connectTo(url, options) as never
  const { from, ...rest } = options
  const discovered = await discover({ from })
  return connectTo(url, { ...rest, discovered } as never) as never
}
