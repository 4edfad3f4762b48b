/**
 * One step of a start or stop, for a person to see: `resolve` while jars are found or downloaded,
 * `start` for each service that is up, `ready` when all are.
 */
export interface Progress {
  readonly step: 'warning' | 'resolve' | 'start' | 'ready' | 'stop'
  readonly message: string
  /** The service that has just come up, of step `start`. */
  readonly service?: string
  /** Of `total`, where steps can be counted. */
  readonly done?: number
  readonly total?: number
}

export type OnProgress = (progress: Progress) => void
