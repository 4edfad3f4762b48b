import { checkNames, DruidError } from '@druid/core/extension'
import type { AddressMapper } from '../mapping/mapper.ts'
import type { Known } from './known.ts'
import { namedServices } from './named.ts'
import type { Through } from './role-host.ts'
import type { NamedService } from './service.ts'

/** Options of `cluster.with({ … })`. */
export interface ClusterOptions {
  /**
   * Where each server that Druid lists is reached. Default: `firstOf(byExtensions, identity)`, where an
   * extension's `mapUrl` says, else at the address that Druid has.
   */
  readonly mapUrl?: AddressMapper | undefined
  /**
   * Services that Druid does not list, e.g. those of an extension's own role. Where this user may ask
   * nobody for a list, they are all that there are.
   */
  readonly services?: readonly NamedService[] | undefined
  /**
   * Milliseconds between two times that the list of services is asked for in the background, from its
   * first use until the connection is closed. It keeps no process alive. Default: none; then a list that
   * is older than 5 s is asked for again by the next call that wants it.
   */
  readonly refreshInterval?: number | undefined
  /**
   * How the Coordinator and the Overlord are reached, which a Router passes requests on to where its
   * management proxy is on. `direct`: at their own addresses only; `router`: through the Router where it
   * passes them on. Default `auto`: directly, and through the Router while that does not work.
   */
  readonly through?: Through | undefined
}

export interface CheckedOptions {
  readonly mapUrl: AddressMapper | undefined
  readonly named: readonly Known[]
  readonly refreshInterval: number | undefined
  readonly through: Through
}

const NAMES = ['mapUrl', 'services', 'refreshInterval', 'through']
const WAYS: readonly unknown[] = ['auto', 'direct', 'router']

/** @throws DruidError `CONFIG` for what is none. */
export function checkedOptions(options: ClusterOptions): CheckedOptions {
  checkNames(options, NAMES, 'cluster.with')
  const { mapUrl, services = [], refreshInterval, through = 'auto' } = options
  if (mapUrl !== undefined && typeof mapUrl !== 'function') throw wrong('mapUrl is a function')
  if (refreshInterval !== undefined && !(refreshInterval >= 1 && refreshInterval <= LONGEST)) {
    throw wrong('refreshInterval is a number of milliseconds, of at least 1')
  }
  if (!WAYS.includes(through)) throw wrong("through is 'auto', 'direct' or 'router'")
  return { mapUrl, named: namedServices(services), refreshInterval, through }
}

/** The longest time of a timer: 2^31 - 1 milliseconds. */
const LONGEST = 2_147_483_647

function wrong(why: string): DruidError<'CONFIG'> {
  return new DruidError('CONFIG', `cluster.with: ${why}`, { option: 'cluster' })
}
