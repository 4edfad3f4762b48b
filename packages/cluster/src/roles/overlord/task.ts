/** A task as Druid takes it: `type` and whatever that type has. */
export interface TaskSpec {
  readonly type: string
  /** Default: Druid makes one. */
  readonly id?: string | undefined
  readonly [field: string]: unknown
}

/** Where a task runs; no host and −1 where it does not. */
export interface TaskLocation {
  readonly host: string | null
  readonly port: number
  readonly tlsPort: number
}

/** `TaskStatusPlus` of Druid, the fields that all versions have. */
export interface TaskStatus {
  readonly id: string
  /** Of a task that another one started: that one's; else its own id, or a name for several. */
  readonly groupId?: string | null
  readonly type: string | null
  readonly dataSource: string | null
  readonly statusCode: 'RUNNING' | 'SUCCESS' | 'FAILED' | null
  readonly runnerStatusCode: 'WAITING' | 'PENDING' | 'RUNNING' | 'NONE' | null
  /** ISO 8601. */
  readonly createdTime: string
  /** ISO 8601; `1970-01-01T00:00:00.000Z` where the Overlord does not know it any more. */
  readonly queueInsertionTime?: string
  /** Milliseconds; −1 while it runs. */
  readonly duration: number
  /** Why it failed; older versions cut it at 100 characters. */
  readonly errorMsg: string | null
  readonly location: TaskLocation | null
}

/** What `taskStatuses` tells of each task. */
export interface TaskState {
  readonly id: string
  readonly status: 'RUNNING' | 'SUCCESS' | 'FAILED'
  /** Milliseconds; −1 while it runs. */
  readonly duration: number
  readonly errorMsg: string | null
  readonly location: TaskLocation | null
}

/** Which tasks; all that are given must fit. */
export interface TaskFilter {
  /**
   * `waiting` for a lock, `pending` for a worker, `running`, `complete`: ended in either way.
   * Default: all.
   */
  readonly state?: 'waiting' | 'pending' | 'running' | 'complete' | undefined
  readonly dataSource?: string | undefined
  /** E.g. `index_parallel`. */
  readonly type?: string | undefined
  /**
   * ISO 8601, `start/end`. Druid looks at its length only: of ended tasks, those created since so long
   * ago. Default: a day, or what `druid.indexer.storage.recentlyFinishedThreshold` says.
   */
  readonly createdTimeInterval?: string | undefined
  /** At most so many ended ones, the newest. Default: all. */
  readonly max?: number | undefined
}
