import { isRecord, pathSegment, type ServiceHost } from '@druid/core/extension'
import { LED_ROLES, type ServerRow } from './server-row.ts'

/** Asks a Coordinator, or what passes on to one. */
export type Ask = ServiceHost['request']

/** `GET /cluster` and its like. */
interface Node {
  readonly host: string
  readonly plaintextPort?: number | undefined
  readonly tlsPort?: number | undefined
}

const LISTS = '/druid/coordinator/v1'
const LEADER: Readonly<Record<string, string>> = {
  coordinator: '/druid/coordinator/v1/leader',
  overlord: '/druid/indexer/v1/leader',
}
/** What is busy, or without a leader, is not waited for: who needs the list asks again. */
const LIMIT = { timeout: 30_000, idempotent: false }

/** All servers that a Coordinator knows, with leaders and tiers where it tells them. */
export async function coordinatorRows(ask: Ask): Promise<ServerRow[]> {
  const [cluster, coordinator, overlord, tiers] = await Promise.all([
    ask('GET', `${LISTS}/cluster`, undefined, LIMIT),
    leaderAddress(ask, 'coordinator'),
    leaderAddress(ask, 'overlord'),
    tiersOf(ask),
  ])
  const leaders: Readonly<Record<string, string | undefined>> = { coordinator, overlord }
  return Object.entries(isRecord(cluster) ? cluster : {}).flatMap(([name, nodes]) => {
    const role = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    return nodesOf(nodes).map((node) => {
      const row = rowOf(role, node)
      const leader = LED_ROLES.has(role) ? leaders[role] : undefined
      const is_leader = leader === undefined ? null : Number(addressesOf(node).includes(leader))
      return { ...row, tier: tiers.get(row.server) ?? null, is_leader }
    })
  })
}

/** The servers of a role that `sys.servers` does not know (`GET /cluster/{role}`); none where there are none. */
export async function rowsOfRole(ask: Ask, role: string): Promise<ServerRow[]> {
  const nodes = await ask('GET', `${LISTS}/cluster/${pathSegment(role)}`, undefined, LIMIT)
  return nodesOf(nodes).map((node) => rowOf(role, node))
}

/** `host:port` of who leads; `undefined` where nobody tells. */
export async function leaderAddress(ask: Ask, role: string): Promise<string | undefined> {
  const path = LEADER[role]
  if (path === undefined) return undefined
  try {
    const text = await ask<string>('GET', path, undefined, { ...LIMIT, expect: 'text' })
    // Some versions quote it.
    return URL.parse(text.trim().replace(/^"(.*)"$/, '$1'))?.host
  } catch {
    return undefined
  }
}

async function tiersOf(ask: Ask): Promise<ReadonlyMap<string, string>> {
  try {
    const servers = await ask('GET', `${LISTS}/servers?simple`, undefined, LIMIT)
    const list: unknown[] = Array.isArray(servers) ? servers : []
    return new Map(
      list.filter(isRecord).map(({ host, tier }) => [String(host), String(tier)] as const),
    )
  } catch {
    return new Map()
  }
}

function nodesOf(nodes: unknown): Node[] {
  const list: unknown[] = Array.isArray(nodes) ? nodes : []
  return list.filter((node): node is Node & Record<string, unknown> => {
    return isRecord(node) && typeof node.host === 'string'
  })
}

function rowOf(role: string, { host, plaintextPort = -1, tlsPort = -1 }: Node): ServerRow {
  return {
    server: `${host}:${tlsPort > 0 ? tlsPort : plaintextPort}`,
    host,
    plaintext_port: plaintextPort,
    tls_port: tlsPort,
    server_type: role,
    tier: null,
    is_leader: null,
  }
}

function addressesOf({ host, plaintextPort, tlsPort }: Node): string[] {
  return [`${host}:${plaintextPort}`, `${host}:${tlsPort}`]
}
