import type { ExtensionHost } from '@druid/core/extension'
import type { Location } from '../mapping/locate.ts'
import type { Known } from './directory.ts'
import { leaderOf, SERVERS_SQL, type ServerRow } from './server-row.ts'

/** The services that Druid lists. */
export async function listServices(
  client: ExtensionHost,
  locate: (row: ServerRow) => Location,
): Promise<Known[]> {
  const rows = await client.query<ServerRow & Record<string, never>>(SERVERS_SQL)
  return rows.map((row) => {
    const { server, server_type: role, tier } = row
    return { role, server, ...locate(row), leader: leaderOf(row), tier: tier ?? undefined }
  })
}
