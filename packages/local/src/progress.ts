/** One step of a start or stop, for a person to see. */
export interface Progress {
  readonly step: 'warning' | 'resolve' | 'start' | 'ready' | 'stop'
  readonly message: string
  /** Of `total`, where steps can be counted. */
  readonly done?: number
  readonly total?: number
}

export type OnProgress = (progress: Progress) => void
