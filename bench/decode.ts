/**
 * How quickly results are read, beside what others do with the same bytes: `./dev bench decode`.
 * Every contender runs in a process of its own, several times, all of them in turn; ratios are medians
 * of those within one round. Options: `--rows 1000000 --rounds 5 --only druid,cube`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from '@druid/format'
import { post } from './contenders/contender.ts'
import { type Failed, type Measured, median } from './measured.ts'
import { contend, startReplay } from './processes.ts'
import { python } from './python.ts'
import { rows, type Sums } from './rows.ts'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
})
const count = Number(options.rows)
const rounds = Number(options.rounds)
const only = options.only?.split(',')
const environment = python()

/**
 * pydruid's time grows with the square of the rows. It reads a hundredth of them, and its time is that
 * times a hundred, which flatters it.
 */
const PYDRUID_SHARE = 100

/** What is right for so many rows. */
const known = new Map<number, Sums>()

const STREAM = ['druid', 'druid-rows', 'druid-columns', 'druid-untyped', 'druid-fetch', 'drain']
const PEERS = ['cube', 'toolkit', 'clickhouse', 'readline', 'fetch-json']
const TASKS: Readonly<Record<string, readonly string[]>> = {
  stream: [
    ...STREAM,
    ...PEERS,
    ...(environment ? ['requests_orjson.py', 'pydruid_cursor.py'] : []),
  ],
  query: ['druid', 'druid-fetch', 'cube', 'toolkit', 'fetch-json'],
  columns: ['druid', 'cube'],
  small: ['druid', 'druid-fetch', 'drain', 'cube', 'toolkit', 'clickhouse', 'fetch-json'],
  small32: ['druid', 'druid-fetch', 'drain', 'cube', 'toolkit', 'clickhouse', 'fetch-json'],
}

/** What must hold, as ratios of one run. */
const GATES: readonly Gate[] = [
  { what: 'stream() / cube', task: 'stream', of: 'druid', to: 'cube', most: 0.45 },
  { what: 'stream() / toolkit', task: 'stream', of: 'druid', to: 'toolkit', most: 0.35 },
  { what: 'stream() / clickhouse', task: 'stream', of: 'druid', to: 'clickhouse', most: 0.65 },
  { what: 'stream() / readline', task: 'stream', of: 'druid', to: 'readline', most: 0.45 },
  {
    what: 'stream() / requests + orjson',
    task: 'stream',
    of: 'druid',
    to: 'requests_orjson.py',
    most: 0.85,
  },
  { what: 'stream() / pydruid', task: 'stream', of: 'druid', to: 'pydruid_cursor.py', most: 0.08 },
  {
    what: 'stream() memory / cube',
    task: 'stream',
    of: 'druid',
    to: 'cube',
    by: 'rss',
    most: 0.12,
  },
  { what: 'stream() longest stall, ms', task: 'stream', of: 'druid', by: 'stall', most: 25 },
  { what: 'first row / cube', task: 'stream', of: 'druid', to: 'cube', by: 'first', most: 0.02 },
  { what: 'query() / fetch().json()', task: 'query', of: 'druid', to: 'fetch-json', most: 0.8 },
  {
    what: 'query() memory / fetch().json()',
    task: 'query',
    of: 'druid',
    to: 'fetch-json',
    by: 'rss',
    most: 0.5,
  },
  {
    what: 'stream().columns() / cube',
    task: 'stream',
    of: 'druid-columns',
    to: 'cube',
    most: 0.35,
  },
  // Kept whole: no goal was set for it.
  { what: 'columns() / cube', task: 'columns', of: 'druid', to: 'cube', most: 1 },
  { what: 'row by row / batches', task: 'stream', of: 'druid-rows', to: 'druid', most: 1.2 },
  { what: 'fetch / node transport', task: 'stream', of: 'druid-fetch', to: 'druid', most: 1.3 },
  {
    what: 'small query CPU / node:http',
    task: 'small',
    of: 'druid',
    to: 'drain',
    by: 'cpuPerRequest',
    most: 1.25,
  },
  {
    what: 'small queries at 32, cube / ours',
    task: 'small32',
    of: 'cube',
    to: 'druid',
    by: 'perSecond',
    most: 1 / 3,
  },
  { what: 'exact integers / not', task: 'stream', of: 'druid', to: 'druid-untyped', most: 1.03 },
]

interface Gate {
  readonly what: string
  readonly task: string
  readonly of: string
  readonly to?: string
  readonly by?: keyof Measured
  readonly most: number
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const note = (text: string): void => void process.stderr.write(`${text}\n`)

const replay = await startReplay()
// The server makes its replies once, before anything is measured.
for (const resultFormat of ['arrayLines', 'object', 'objectLines', 'array']) {
  for (const header of [true, false]) {
    const body = { query: `-- rows=${count}`, resultFormat, header, typesHeader: header }
    await (await post(replay.url, body)).body?.pipeTo(new WritableStream())
  }
}
/** Task → contender → a result for each round. */
const results = new Map<string, Map<string, (Measured | Failed)[]>>()
try {
  for (let round = 1; round <= rounds; round += 1) {
    for (const [task, contenders] of Object.entries(TASKS)) {
      for (const contender of contenders) {
        if (only && !only.includes(contender)) continue
        const share = contender === 'pydruid_cursor.py' ? PYDRUID_SHARE : 1
        const asked = task.startsWith('small') ? 1 : Math.ceil(count / share)
        const query = `SELECT * FROM events -- rows=${asked}`
        note(`round ${round} of ${rounds}: ${task}, ${contender}`)
        const run = { contender, task, url: replay.url, query, python: environment }
        const result = scaled(checked(contender, await contend(run), asked), share)
        const byTask = results.get(task) ?? new Map<string, (Measured | Failed)[]>()
        results.set(task, byTask)
        byTask.set(contender, [...(byTask.get(contender) ?? []), result])
      }
    }
  }
} finally {
  replay.process.kill()
}

for (const [task, byContender] of results) {
  print(`\n${task}, ${task.startsWith('small') ? 'one row' : `${count} rows`}`)
  print(table([...byContender].map(([contender, runs]) => summary(task, contender, runs))))
}
const gates = GATES.flatMap(gateRow)
if (gates.length > 0) print(`\n${table(gates)}`)
const folder = join(import.meta.dirname, 'results')
mkdirSync(folder, { recursive: true })
const file = join(folder, 'decode.json')
const facts = { node: process.version, rows: count, rounds, date: new Date().toISOString() }
const all = Object.fromEntries([...results].map(([task, by]) => [task, Object.fromEntries(by)]))
writeFileSync(file, JSON.stringify({ ...facts, results: all, gates }, undefined, 2))
note(`written to ${file}`)

/** A result that is not the whole truth is none. */
function checked(contender: string, result: Measured | Failed, asked: number): Measured | Failed {
  if ('failed' in result || result.sums === undefined || contender === 'drain') return result
  const { rows: read, added, bytes } = result.sums
  const expected = sumsOf(asked)
  const isRight = read === expected.rows && added === expected.added && bytes === expected.bytes
  return isRight ? result : { failed: `read ${read} rows with wrong sums` }
}

function scaled(result: Measured | Failed, share: number): Measured | Failed {
  if ('failed' in result || share === 1) return result
  return { ...result, wall: result.wall * share, cpu: result.cpu * share }
}

function sumsOf(rowCount: number): Sums {
  const before = known.get(rowCount)
  if (before !== undefined) return before
  const sums = { rows: 0, added: 0, bytes: 0 }
  for (const values of rows(rowCount)) {
    sums.rows += 1
    sums.added += Number(values[4])
    sums.bytes += Number(values[5])
  }
  known.set(rowCount, sums)
  return sums
}

function good(task: string, contender: string): Measured[] {
  const runs = results.get(task)?.get(contender) ?? []
  return runs.filter((run): run is Measured => !('failed' in run))
}

function summary(
  task: string,
  contender: string,
  runs: readonly (Measured | Failed)[],
): Record<string, unknown> {
  const failed = runs.find((run): run is Failed => 'failed' in run)
  if (failed) return { contender, 'wall ms': `failed: ${failed.failed.slice(0, 60)}` }
  const of = (key: keyof Measured, digits = 0): string => {
    const numbers = good(task, contender).map((run) => run[key])
    if (!numbers.every((it) => typeof it === 'number')) return ''
    return median(numbers as number[]).toFixed(digits)
  }
  const walls = good(task, contender).map((run) => run.wall)
  const spread = `${Math.min(...walls).toFixed(0)}-${Math.max(...walls).toFixed(0)}`
  if (task.startsWith('small')) {
    return {
      contender,
      'per second': of('perSecond'),
      'CPU µs': of('cpuPerRequest'),
      'p50 ms': of('p50', 2),
      'p99 ms': of('p99', 2),
      'RSS MiB': of('rss'),
    }
  }
  return {
    contender,
    'wall ms': of('wall'),
    spread,
    'CPU ms': of('cpu'),
    'RSS MiB': of('rss'),
    'first row ms': of('first', 1),
    'longest stall ms': of('stall', 1),
  }
}

function gateRow({ what, task, of, to, by = 'wall', most }: Gate): Record<string, unknown>[] {
  const ours = results.get(task)?.get(of)
  const theirs = to === undefined ? undefined : results.get(task)?.get(to)
  if (ours === undefined || (to !== undefined && theirs === undefined)) return []
  const ratios = ours.flatMap((run, i) => {
    const other = theirs === undefined ? { [by]: 1 } : (theirs[i] ?? theirs[0])
    const [a, b] = [run, other].map((it) => (it as Record<string, unknown> | undefined)?.[by])
    return typeof a === 'number' && typeof b === 'number' ? [a / b] : []
  })
  if (ratios.length === 0) return []
  const ratio = median(ratios)
  const isHeld = ratio <= most
  return [
    {
      gate: what,
      measured: ratio.toFixed(most > 2 ? 1 : 3),
      'at most': most.toFixed(most > 2 ? 0 : 3),
      held: isHeld ? 'yes' : 'NO',
    },
  ]
}
