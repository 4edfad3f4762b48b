/** A MiddleManager or Indexer, and what it runs. */
export interface WorkerInfo {
  readonly worker: {
    readonly scheme: string
    /** `host:port`. */
    readonly host: string
    readonly ip: string
    /** Slots. */
    readonly capacity: number
    /** An Overlord gives tasks to no worker with a lower one than its own `minWorkerVersion`; empty: disabled. */
    readonly version: string
    readonly category: string
  }
  /** Slots. */
  readonly currCapacityUsed: number
  readonly currParallelIndexCapacityUsed?: number
  /** Task type → slots. Later than Druid 27. */
  readonly currCapacityUsedByTaskType?: Readonly<Record<string, number>>
  readonly availabilityGroups: readonly string[]
  /** Ids. */
  readonly runningTasks: readonly string[]
  /** ISO 8601. */
  readonly lastCompletedTaskTime: string
  /** ISO 8601, while the Overlord gives it no tasks because too many failed there. */
  readonly blacklistedUntil?: string | null
  readonly [field: string]: unknown
}

/** Slots of all workers. */
export interface WorkerCapacity {
  /** −1 where it is not known. */
  readonly currentClusterCapacity: number
  /** With as many workers as auto-scaling may start; −1 where it is not known. */
  readonly maximumCapacityWithAutoScale: number
  /** Not in Druid 27. */
  readonly usedClusterCapacity?: number
}

/** Which worker is given a task (`WorkerBehaviorConfig`), and how workers are scaled. */
export interface WorkerConfig {
  /** `default`, or `k8s` where tasks run as pods. */
  readonly type: string
  readonly selectStrategy?: { readonly type: string; readonly [field: string]: unknown } | null
  readonly autoScaler?: { readonly type: string; readonly [field: string]: unknown } | null
  readonly [field: string]: unknown
}
