import { DruidError } from '@druid/core/extension'

/** Standard deviations: the true number is within 1, 2 or 3 of them in 68.3, 95.4 or 99.7 of 100 cases. */
export type StdDevs = 1 | 2 | 3

export interface Bounds {
  readonly lower: number
  readonly upper: number
}

/** Throws `CONFIG` for what is none. */
export function checkStdDevs(stdDevs: unknown, what: string): asserts stdDevs is StdDevs {
  if (stdDevs === 1 || stdDevs === 2 || stdDevs === 3) return
  throw new DruidError('CONFIG', `${what}: stdDevs is 1, 2 or 3, not ${String(stdDevs)}`, {
    option: 'stdDevs',
  })
}
