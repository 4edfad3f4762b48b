/** A row of `sys.servers`; columns are named, as their set changes between versions. */
export interface ServerRow {
  readonly server: string
  readonly host: string
  readonly plaintext_port: number
  readonly tls_port: number
  readonly server_type: string
  readonly tier: string | null
  readonly is_leader: number | null
}

export const SERVERS_SQL =
  'SELECT server, host, plaintext_port, tls_port, server_type, tier, is_leader FROM sys.servers'

/** Only these elect a leader; for others `is_leader` means nothing. */
const LED_ROLES: ReadonlySet<string> = new Set(['coordinator', 'overlord'])

export function leaderOf(row: ServerRow): boolean | undefined {
  return LED_ROLES.has(row.server_type) ? row.is_leader === 1 : undefined
}
