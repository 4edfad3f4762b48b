import { isDruidError, type RequestOptions } from '@druid/core/extension'
import type { SupervisorStatus } from '../roles/overlord/supervisor.ts'
import type { OverlordSupervisors } from '../roles/overlord/supervisors.ts'
import { summaryOf } from './list.ts'

/** What there is to know of a supervisor at a moment. */
export interface SupervisorLook {
  readonly state: string
  readonly detailedState: string
  readonly healthy: boolean
  /** When it was (ISO 8601), by the clock of the Overlord; of streams only. */
  readonly at?: string | undefined
  /** Of those that have one. */
  readonly status?: SupervisorStatus | undefined
}

/** The state is in the status of supervisors of streams, and in the list for all others. */
export async function lookAt(
  supervisors: OverlordSupervisors,
  id: string,
  request: RequestOptions | undefined,
): Promise<SupervisorLook> {
  const report = await supervisors.status(id, request).catch((error: unknown) => {
    // Not every type has a status.
    if (isDruidError(error, 'NOT_FOUND')) return error
    throw error
  })
  const found = isDruidError(report) ? undefined : report
  const status = found?.payload
  const { state, detailedState, healthy } = status ?? {}
  if (state !== undefined && detailedState !== undefined && healthy !== undefined) {
    return { state, detailedState, healthy, at: found?.generationTime, status }
  }
  return { ...(await summaryOf(supervisors, id, request)), status }
}
