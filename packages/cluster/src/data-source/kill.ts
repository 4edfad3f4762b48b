import { DruidError, type RequestOptions, versionFits } from '@druid/core/extension'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { TaskHandle } from '../task/handle.ts'
import { submit } from '../task/submit.ts'
import { ETERNITY } from './eternity.ts'

/** What a task of type `kill` deletes: unused segments only. */
export interface KillOptions extends RequestOptions {
  /** ISO 8601, `start/end`: those that lie within it. Default: all. */
  readonly interval?: string | undefined
  /** Only those of these versions. Druid 30 and later. */
  readonly versions?: readonly string[] | undefined
  /** ISO 8601: only those that are unused since before then. Druid 30 and later. */
  readonly maxUsedStatusLastUpdatedTime?: string | undefined
  /** At most so many. Default: all. Druid 28 and later. */
  readonly limit?: number | undefined
  /** Segments that are deleted at once. Default 100. Druid 27 does not know it. */
  readonly batchSize?: number | undefined
  /** Of the task. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/**
 * See `DataSource.kill`. A task rather than `DELETE /datasources/{dataSource}/intervals/{interval}`,
 * which does not tell the id of the task that it submits.
 */
export async function kill(
  overlord: Overlord,
  dataSource: string,
  {
    interval = ETERNITY,
    versions,
    maxUsedStatusLastUpdatedTime,
    limit,
    batchSize,
    context,
    ...request
  }: KillOptions,
): Promise<TaskHandle> {
  const narrowed: readonly (readonly [string, unknown, string])[] = [
    ['limit', limit, '>=28'],
    ['versions', versions, '>=30'],
    ['maxUsedStatusLastUpdatedTime', maxUsedStatusLastUpdatedTime, '>=30'],
  ]
  const given = narrowed.filter(([, value]) => value !== undefined)
  if (given.length > 0) {
    // One that does not know them would not look at them, and delete more.
    const { version } = await overlord.status(request)
    for (const [name, , range] of given) {
      if (versionFits(version, range)) continue
      throw new DruidError(
        'UNSUPPORTED',
        `kill ${dataSource}: ${name} needs Druid ${range}; the Overlord has ${version}`,
      )
    }
  }
  const id = ['kill', dataSource, crypto.randomUUID()].join('_')
  const task = { type: 'kill', id, dataSource, interval, versions, limit, batchSize, context }
  return submit(overlord, { ...task, maxUsedStatusLastUpdatedTime }, request)
}
