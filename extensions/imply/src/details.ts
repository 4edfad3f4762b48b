import { objectOf } from './status.ts'

/** Why a Talaria query failed. */
export interface TalariaError {
  /** E.g. `Canceled`, `TooManyBuckets`. */
  readonly errorCode: string
  /** Not always there. */
  readonly errorMessage?: string | undefined
  readonly [field: string]: unknown
}

/** One stage of a Talaria query. What depends on its progress is absent before. */
export interface TalariaStage {
  readonly stageNumber: number
  readonly inputStages: readonly number[]
  /** `NEW`, `READING_INPUT`, `POST_READING`, `RESULTS_COMPLETE` or `FAILED`. */
  readonly phase?: string | undefined
  readonly workerCount?: number | undefined
  readonly partitionCount?: number | undefined
  readonly startTime?: string | undefined
  /** In milliseconds. */
  readonly duration?: number | undefined
  readonly [field: string]: unknown
}

/** A task report of the Talaria alpha, as its documentation has it. */
export interface TalariaReport {
  /** Of the controller task. */
  readonly taskId: string
  readonly payload: {
    readonly status: {
      /** The task's own word: its status in `AsyncStatus` may differ, and is the one that counts. */
      readonly status: 'RUNNING' | 'SUCCESS' | 'FAILED'
      readonly startTime?: string | undefined
      /** −1 before it has started. */
      readonly durationMs?: number | undefined
      readonly errorReport?:
        | {
            readonly taskId?: string | undefined
            readonly host?: string | undefined
            readonly stageNumber?: number | undefined
            readonly error: TalariaError
            readonly exceptionStackTrace?: string | undefined
          }
        | undefined
    }
    readonly stages: readonly TalariaStage[]
    readonly [field: string]: unknown
  }
  /** Specification of the controller task. */
  readonly task?: unknown
}

/** The report in a reply. A task that has none yet may also answer 200 with an error. */
export function reportIn(reply: unknown): TalariaReport | undefined {
  const report = objectOf(objectOf(reply)?.talaria)
  return objectOf(objectOf(report?.payload)?.status) && (report as unknown as TalariaReport)
}
