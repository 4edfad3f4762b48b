import type { RequestOptions, ServiceHost } from '@druid/core/extension'
import type { MappedService } from '../discovery/explain.ts'
import type { Coordinator } from '../roles/coordinator/coordinator.ts'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { HealthLimits } from './limits.ts'

/** What a check looks with. */
export interface HealthSetup {
  readonly coordinator: Coordinator
  readonly overlord: Overlord
  readonly limits: HealthLimits
  /** For each request. */
  readonly options: RequestOptions
  /** All services, and whether they are reached; asked for once. */
  services(): Promise<readonly MappedService[]>
  hosts(role: string): Promise<readonly ServiceHost[]>
}
