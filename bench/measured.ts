import type { Sums } from './rows.ts'

/** What one run came to. Times in milliseconds, memory in MiB. */
export interface Measured {
  readonly wall: number
  readonly cpu: number
  readonly rss: number
  /** Until the first row. */
  readonly first?: number | undefined
  /** The longest time in which nothing else could run. */
  readonly stall?: number | null | undefined
  readonly sums?: Sums | undefined
  readonly perSecond?: number | undefined
  /** Microseconds. */
  readonly cpuPerRequest?: number | undefined
  readonly p50?: number | undefined
  readonly p99?: number | undefined
}

export interface Failed {
  readonly failed: string
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}
