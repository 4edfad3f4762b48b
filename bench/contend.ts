/** One contender at one task, in this process: `node contend.ts <contender> <task> <url> <query>`. */
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Contender } from './contenders/contender.ts'
import type { Measured } from './measured.ts'
import type { Sums } from './rows.ts'

const [name, task, url = '', query = ''] = process.argv.slice(2)
const { contender } = (await import(`./contenders/${name}.ts`)) as { contender: Contender }

/** So many small queries, after as many that warm up: a server does not stay cold. */
const SMALL = 10_000
const WARM = 10_000

/**
 * MiB at the highest. Not by `getrusage`, which on Linux begins with what the process held that started
 * this one.
 */
function peak(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}

async function small(parallel: number): Promise<Measured> {
  const send = contender.small?.(url)
  if (send === undefined) throw new Error(`${name} does not send small queries`)
  const many = async (count: number, times: number[]): Promise<void> => {
    let left = count
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        const start = performance.now()
        await send(query)
        times.push(performance.now() - start)
      }
    }
    await Promise.all(Array.from({ length: parallel }, worker))
  }
  await many(WARM, [])
  const cpu = process.cpuUsage()
  const start = performance.now()
  const times: number[] = []
  await many(SMALL, times)
  const wall = performance.now() - start
  const used = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  return {
    wall,
    cpu: (used.user + used.system) / 1000,
    rss: peak(),
    perSecond: (SMALL / wall) * 1000,
    cpuPerRequest: (used.user + used.system) / SMALL,
    p50: times[Math.floor(times.length / 2)],
    p99: times[Math.floor(times.length * 0.99)],
  }
}

async function bulk(run: (first: () => void) => Promise<Sums>): Promise<Measured> {
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const start = performance.now()
  let first: number | undefined
  const sums = await run(() => {
    first ??= performance.now() - start
  })
  const wall = performance.now() - start
  loop.disable()
  // Of the whole process, its start included: that is what a user pays.
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  return {
    wall,
    cpu: (userCPUTime + systemCPUTime) / 1000,
    rss: peak(),
    first,
    stall: loop.max / 1e6,
    sums: { rows: sums.rows, added: sums.added, bytes: sums.bytes },
  }
}

async function measured(): Promise<Measured> {
  if (task === 'small') return small(1)
  if (task === 'small32') return small(32)
  const run = contender[task as 'stream' | 'query' | 'columns']
  if (run === undefined) throw new Error(`${name} has no ${task}`)
  return bulk((first) => run(url, query, first))
}

try {
  process.stdout.write(`${JSON.stringify(await measured())}\n`)
} catch (error) {
  process.stdout.write(`${JSON.stringify({ failed: (error as Error).message })}\n`)
}
process.exit(0)
