import {
  type ClusterContext,
  type ExtensionHost,
  isDruidError,
  type ServiceHost,
} from '@druid/core/extension'
import { locate } from '../mapping/locate.ts'
import type { AddressMapper } from '../mapping/mapper.ts'
import { coordinatorRows, rowsOfRole } from './coordinator-list.ts'
import type { Known } from './known.ts'
import { leaderOf, SERVERS_SQL, type ServerRow } from './server-row.ts'
import type { ServiceSource } from './service.ts'

export interface Lister {
  readonly client: ExtensionHost
  readonly context: ClusterContext
  readonly mapUrl: AddressMapper | undefined
  /** Those of the option. */
  readonly named: readonly Known[]
}

/**
 * The services that there are, by role and address: as SQL tells, else as the Coordinator does, else
 * those that were named. `unlisted`: further roles to ask for.
 */
export async function listServices(
  lister: Lister,
  unlisted: readonly string[],
): Promise<readonly Known[]> {
  const { named } = lister
  const listed = await listedServices(lister)
  const asked = await Promise.all(
    unlisted.map(async (role) => {
      const rows = await rowsByName(lister, listed, role)
      return rows.map((row) => knownOf(lister, row, 'coordinator'))
    }),
  )
  return inOrder([...listed, ...asked.flat(), ...named])
}

async function listedServices(lister: Lister): Promise<Known[]> {
  const { client, named } = lister
  const of = (rows: readonly ServerRow[], source: ServiceSource): Known[] =>
    rows.map((row) => knownOf(lister, row, source))
  let refused: unknown
  let rows: readonly ServerRow[]
  try {
    rows = await client.query<ServerRow & Record<string, never>>(SERVERS_SQL)
    return of(rows, 'sys.servers')
  } catch (error) {
    if (!isDruidError(error) || HOPELESS.has(error.code)) throw error
    refused = error
  }
  try {
    rows = await coordinatorRows((...request) => client.request(...request))
  } catch {
    // It is not a moment's failure, and there are others that the application knows.
    if (isDruidError(refused) && REFUSED.has(refused.code) && named.length > 0) return []
    throw refused
  }
  return of(rows, 'coordinator')
}

/** After these the same server would answer no better to anything else. */
const HOPELESS: ReadonlySet<string> = new Set([
  'CANCELLED',
  'CLOSED',
  'CONFIG',
  'CONNECT',
  'EXTENSION',
  'TLS',
  'UNAUTHENTICATED',
])

/** SQL is forbidden, or there is none. */
const REFUSED: ReadonlySet<string> = new Set([
  'FORBIDDEN',
  'INVALID_INPUT',
  'NOT_FOUND',
  'UNSUPPORTED',
])

/** Of a role that Druid does not list: by the connection's own server, else by the Coordinator. */
async function rowsByName(
  { client, context }: Lister,
  listed: readonly Known[],
  role: string,
): Promise<ServerRow[]> {
  const asked: ServiceHost['request'][] = [(...request) => client.request(...request)]
  const leader = listed.find((service) => service.role === 'coordinator' && service.leader)
  if (leader?.url) asked.push(context.service(leader.url, leader.mapped).request)
  for (const ask of asked) {
    try {
      return await rowsOfRole(ask, role)
    } catch {
      // That one does not tell; who asked for the role hears that there is none.
    }
  }
  return []
}

function knownOf({ mapUrl, context }: Lister, row: ServerRow, source: ServiceSource): Known {
  const { server, server_type: role, tier } = row
  const location = locate(row, mapUrl, context)
  return { role, server, ...location, leader: leaderOf(row), tier: tier ?? undefined, source }
}

function inOrder(services: readonly Known[]): readonly Known[] {
  const name = ({ role, server }: Known): string => `${role} ${server}`
  return [...services].sort((a, b) => name(a).localeCompare(name(b)))
}
