/** A server as `sys.servers` has it; columns are named, as their set changes between versions. */
export interface ServerRow {
  /** `host:port`, with the TLS port where it serves TLS. */
  readonly server: string
  readonly host: string
  readonly plaintext_port: number
  readonly tls_port: number
  readonly server_type: string
  readonly tier: string | null
  /** Null where it is not known. */
  readonly is_leader: number | null
}

export const SERVERS_SQL =
  'SELECT server, host, plaintext_port, tls_port, server_type, tier, is_leader FROM sys.servers'

/** Only these elect a leader; for others `is_leader` means nothing. */
export const LED_ROLES: ReadonlySet<string> = new Set(['coordinator', 'overlord'])

/** The roles that Druid lists: others are asked for by name. */
export const LISTED_ROLES: ReadonlySet<string> = new Set([
  ...LED_ROLES,
  'broker',
  'historical',
  'indexer',
  'middle_manager',
  'peon',
  'router',
])

export function leaderOf({ server_type, is_leader }: ServerRow): boolean | undefined {
  return LED_ROLES.has(server_type) && is_leader !== null ? is_leader === 1 : undefined
}
