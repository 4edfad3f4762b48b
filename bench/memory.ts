/**
 * Memory while very many rows are streamed, and while their reader is slow: `./dev bench memory`.
 * Options: `--rows 10000000`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { connect } from '@druid/core'
import { table } from '@druid/format'
import { startReplay } from './processes.ts'

const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '10000000' } },
})
const times = Math.max(1, Math.round(Number(options.rows) / 100_000))
const query = `SELECT * FROM events -- rows=100000 times=${times}`
const MIB = 1024 * 1024
setFlagsFromString('--expose-gc')
/** What is left after it is what is held: the heap before depends on when V8 last collected. */
const collect = runInNewContext('gc') as () => void

const replay = await startReplay()
try {
  await using druid = connect(replay.url)
  const marks: Record<string, unknown>[] = []
  let rows = 0
  const tenth = (times * 100_000) / 10
  let next = tenth
  for await (const batch of druid.stream(query).batches()) {
    rows += batch.length
    if (rows < next) continue
    next += tenth
    const { rss } = process.memoryUsage()
    collect()
    const { heapUsed } = process.memoryUsage()
    marks.push({ rows, 'RSS MiB': Math.round(rss / MIB), 'held MiB': Math.round(heapUsed / MIB) })
  }
  process.stdout.write(`streaming ${rows} rows\n${table(marks)}\n\n`)

  // A reader that stops: what has come meanwhile is bounded by the sockets, not by the result.
  const slow: Record<string, unknown>[] = []
  await using stream = druid.stream(query)
  const batches = stream.batches()[Symbol.asyncIterator]()
  for (let second = 0; second < 5; second += 1) {
    await batches.next()
    await sleep(1_000)
    const { rss, external } = process.memoryUsage()
    slow.push({
      second,
      'RSS MiB': Math.round(rss / MIB),
      'external MiB': Math.round(external / MIB),
    })
  }
  process.stdout.write(`a reader that takes one batch a second\n${table(slow)}\n`)
} finally {
  replay.process.kill()
}
