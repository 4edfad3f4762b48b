import type { ExtensionHost } from '@druid/core/extension'
import type { Coordinator } from './roles/coordinator/coordinator.ts'
import type { Overlord } from './roles/overlord/overlord.ts'

/** What work in a cluster is done with: SQL, and the leading servers. */
export interface Services {
  readonly client: ExtensionHost
  readonly coordinator: Coordinator
  readonly overlord: Overlord
}
