/** Which locks of a data source. */
export interface LockFilter {
  readonly dataSource: string
  /** Those of tasks with at least this priority. Default 0: all. */
  readonly priority?: number | undefined
  /**
   * ISO 8601, `start/end`: those that overlap one of these. Default: all of time. Not looked at by
   * `lockedIntervals` of Druid 33.
   */
  readonly intervals?: readonly string[] | undefined
  /** Of a task that would be in conflict: `useConcurrentLocks`, `taskLockType`, … */
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/** A lock that tasks hold on an interval of a data source. */
export interface TaskLock {
  /** `timeChunk`, or `segment`. */
  readonly granularity: string
  /** `EXCLUSIVE`, `SHARED`, `REPLACE`, `APPEND`. */
  readonly type: string
  /** `groupId` of the tasks that hold it. */
  readonly groupId: string
  readonly dataSource: string
  /** ISO 8601, `start/end`. */
  readonly interval: string
  readonly version: string
  readonly priority: number
  /** A task of a higher priority took it over. */
  readonly revoked: boolean
  readonly [field: string]: unknown
}

/** As Druid takes it. */
export function lockFilter({ dataSource, priority = 0, ...rest }: LockFilter): object {
  return { datasource: dataSource, priority, ...rest }
}
