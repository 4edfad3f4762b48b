/**
 * Mixed queries, ingestion and faults for a long time, through one client, in front of a real Druid:
 * `./dev soak --minutes 30`. Memory, sockets, handles and listeners must stay as they are, no result may
 * be short, and rows that are ingested are counted exactly. Ends with 1 where that is not so.
 */
import { parseArgs } from 'node:util'
import { cluster } from '@druid/cluster'
import { connect, isDruidError, sql } from '@druid/core'
import { FLIGHTS, flightsTask } from '@druid/data'
import { format } from '@druid/format'
import { startDruid } from '@druid/local'
import {
  cutAfter,
  type Fault,
  faultProxy,
  gzipped,
  htmlPage,
  latency,
  stallAfter,
} from '@druid/testing'
import { growthOf, type Sample, sample } from './samples.ts'

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    workers: { type: 'string', default: '6' },
  },
})
const lasting = Number(options.minutes) * 60_000
const print = (text: string): void => void process.stdout.write(`${text}\n`)

print('starting a Druid')
await using local = await startDruid()
await using proxy = await faultProxy(local.routerUrl)
const druid = connect(proxy.url, {
  extensions: [cluster],
  timeout: { firstByte: 20_000, idle: 5_000, total: 60_000 },
})
await druid.cluster().ingest(await flightsTask('flights'))

const end = performance.now() + lasting
const counts = new Map<string, number>()
const wrong: string[] = []
const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)
function expect(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) wrong.push(`${what}: ${String(actual)}, not ${String(expected)}`)
}

/** What is asked, each in its own way. Throws DruidErrors as they come. */
const WORK: Readonly<Record<string, () => Promise<void>>> = {
  async query() {
    const rows = await druid.query(sql`SELECT * FROM flights WHERE delay > ${0}`)
    expect('query', rows.length > 5_000, true)
  },
  async count() {
    expect('count', await druid.value('SELECT COUNT(*) FROM flights'), FLIGHTS)
  },
  async stream() {
    let rows = 0
    for await (const batch of druid.stream('SELECT * FROM flights').batches()) rows += batch.length
    expect('stream', rows, FLIGHTS)
  },
  async left() {
    for await (const _ of druid.stream('SELECT * FROM flights')) break
  },
  async columns() {
    const { length } = await druid.columns('SELECT delay, distance FROM flights')
    expect('columns', length, FLIGHTS)
  },
  async raw() {
    const { body } = await druid.raw('SELECT origin FROM flights', { format: 'csv' })
    expect('raw', (await new Response(body).text()).trimEnd().split('\n').length, FLIGHTS)
  },
  async native() {
    let rows = 0
    const query = {
      queryType: 'scan',
      dataSource: 'flights',
      intervals: ['1000/3000'],
      columns: ['origin', 'delay'],
    } as const
    for await (const _ of druid.streamNative(query)) rows += 1
    expect('native', rows, FLIGHTS)
  },
  async cancelled() {
    const signal = AbortSignal.timeout(30)
    const slow = 'SELECT COUNT(*) FROM flights a JOIN flights b ON a.destination = b.origin'
    await druid.query(slow, { signal })
  },
  async refused() {
    await druid.query('SELECT no_such_column FROM flights')
  },
  async metadata() {
    await druid.metadata.tables()
  },
  async derived() {
    await using own = connect(proxy.url, { extensions: [cluster, format] })
    await own.cluster().services()
  },
}

const FAULTS: readonly Fault[] = [
  cutAfter(2_000),
  cutAfter(200_000, { by: 'close' }),
  cutAfter(50, { in: 'reply' }),
  stallAfter(1_000, { lasting: 300 }),
  latency(100, { jitter: 100 }),
  htmlPage(502),
  htmlPage(503),
  gzipped(),
]

async function worker(seed: number): Promise<void> {
  const names = Object.keys(WORK)
  for (let i = seed; performance.now() < end; i += 1) {
    const name = names[(i * 7 + seed) % names.length] as string
    try {
      await WORK[name]?.()
      count(`${name}: done`)
    } catch (error) {
      if (isDruidError(error)) count(`${name}: ${error.code}`)
      else wrong.push(`${name}: ${String(error)}`)
    }
  }
}

async function faults(): Promise<void> {
  for (let i = 0; performance.now() < end; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    proxy.next(FAULTS[i % FAULTS.length] as Fault, { on: 'POST /druid/v2/sql' })
    // Else what it notes of each request would be all that grows.
    proxy.requests.length = 0
  }
  proxy.clear()
}

/** What counts is the number, once no fault meets its query. */
async function withoutFault<T>(ask: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await ask()
    } catch (error) {
      if (!isDruidError(error)) throw error
    }
  }
}

async function ingestion(): Promise<void> {
  while (performance.now() < end - 60_000) {
    try {
      const { rows } = await druid.cluster().ingest(await flightsTask('soaked'))
      expect('ingested', rows, FLIGHTS)
    } catch (error) {
      // A fault met the asking whether its rows are there.
      if (!isDruidError(error)) throw error
      count(`ingestion: ${error.code}`)
      continue
    }
    const there = 'SELECT COUNT(*) FROM soaked'
    expect('ingested, in SQL', await withoutFault(() => druid.value(there)), FLIGHTS)
    count('ingestion: done')
    await new Promise((resolve) => setTimeout(resolve, 20_000))
  }
}

const samples: Sample[] = []
const sampling = setInterval(() => samples.push(sample()), Math.max(2_000, lasting / 60))
const ingesting = ingestion().catch((error: unknown) => wrong.push(`ingestion: ${String(error)}`))
await Promise.all([
  faults(),
  ...Array.from({ length: Number(options.workers) }, (_, i) => worker(i)),
])
await ingesting
clearInterval(sampling)
await druid.close()

for (const [what, times] of [...counts].sort()) print(`${what.padEnd(32)} ${times}`)
const grown = growthOf(samples)
print(grown.table)
for (const one of [...new Set(wrong)].slice(0, 20)) print(`WRONG ${one}`)
process.exitCode = wrong.length > 0 || grown.hasGrown ? 1 : 0
print(process.exitCode === 0 ? 'nothing grew, nothing was wrong' : 'FAILED')
