import { DruidError, type RequestOptions } from '@druid/core/extension'
import type { SupervisorEntry, SupervisorState } from '../roles/overlord/supervisor.ts'
import type { OverlordSupervisors } from '../roles/overlord/supervisors.ts'

/** What a supervisor is, and what it is at. */
export interface SupervisorSummary extends SupervisorState {
  /** `kafka`, `autocompact`, … */
  readonly type: string
  /** What it reads: the topic, or the name of the stream. */
  readonly source: string
}

/** Of the lists only this one tells whether they are suspended. */
export async function summaries(
  supervisors: OverlordSupervisors,
  request: RequestOptions | undefined,
): Promise<SupervisorSummary[]> {
  return (await supervisors.system(request)).map(({ specString: _, ...summary }) => summary)
}

export async function withSpecs(
  supervisors: OverlordSupervisors,
  request: RequestOptions | undefined,
): Promise<SupervisorEntry[]> {
  const entries = await supervisors.all(request)
  return entries.map((it) => ({ ...it, suspended: it.suspended || it.spec.suspended === true }))
}

/** @throws DruidError `NOT_FOUND` where there is none. */
export async function summaryOf(
  supervisors: OverlordSupervisors,
  id: string,
  request: RequestOptions | undefined,
): Promise<SupervisorSummary> {
  const summary = (await summaries(supervisors, request)).find((it) => it.id === id)
  if (summary !== undefined) return summary
  throw new DruidError('NOT_FOUND', `there is no supervisor "${id}" that this user may write to`)
}
