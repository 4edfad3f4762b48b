import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What a process holds at one moment. */
export interface Sample {
  /** MiB, after a collection. */
  readonly heap: number
  readonly external: number
  readonly rss: number
  /** Sockets, timers and so on that keep it alive. */
  readonly handles: number
  readonly listeners: number
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const MIB = 1024 * 1024

export function sample(): Sample {
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return {
    heap: heapUsed / MIB,
    external: external / MIB,
    rss: rss / MIB,
    handles: process.getActiveResourcesInfo().length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  }
}

/** More than this part of what there was, and more than this many, is growth. */
const PART = 0.2
const AT_LEAST: Sample = { heap: 8, external: 8, rss: 60, handles: 20, listeners: 2 }

/** The second quarter beside the last: the first one warms up. */
export function growthOf(samples: readonly Sample[]): { table: string; hasGrown: boolean } {
  const quarter = Math.floor(samples.length / 4)
  const early = samples.slice(quarter, quarter * 2)
  const late = samples.slice(-quarter)
  let hasGrown = samples.length < 8
  const lines = Object.keys(AT_LEAST).map((name) => {
    const key = name as keyof Sample
    const [before, after] = [early, late].map((part) => median(part.map((one) => one[key])))
    const grown = (after as number) - (before as number)
    const isGrowth = grown > AT_LEAST[key] && grown > (before as number) * PART
    hasGrown ||= isGrowth
    const numbers = `${(before as number).toFixed(1)} → ${(after as number).toFixed(1)}`
    return `${key.padEnd(10)} ${numbers}${isGrowth ? '  GROWN' : ''}`
  })
  return { table: lines.join('\n'), hasGrown }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
