import { DruidError, type RequestOptions } from '@druid/core/extension'
import type { OverlordSupervisors } from '../roles/overlord/supervisors.ts'
import { OneSupervisor } from './handle.ts'

/** Ids of supervisors, or all of them. */
export type SupervisorSet = readonly string[] | 'all'

/**
 * Does the same to many: all at once where all are meant, else each. Each is tried, also after one has
 * failed; then the first error is thrown.
 */
export async function changeSupervisors(
  supervisors: OverlordSupervisors,
  change: 'suspend' | 'resume' | 'terminate',
  set: SupervisorSet,
  options: RequestOptions | undefined,
): Promise<void> {
  if (set === 'all') return supervisors[`${change}All`](options)
  if (!Array.isArray(set)) {
    throw new DruidError('CONFIG', `which supervisors to ${change} is a list of ids, or 'all'`, {
      option: 'ids',
    })
  }
  const each = set.map((id) => new OneSupervisor(supervisors, id)[change](options))
  const failed = (await Promise.allSettled(each)).find((it) => it.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
