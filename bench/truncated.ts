/**
 * A result that breaks off in the middle of a 200, and integers beyond 2^53: what each makes of them.
 * `./dev bench truncated`.
 */
import { table } from '@druid/format'
import { contend, startReplay } from './processes.ts'
import { python } from './python.ts'
import { rows } from './rows.ts'

const COUNT = 20_000
const environment = python()
const CONTENDERS = [
  'druid',
  'druid-fetch',
  'druid-columns',
  'cube',
  'toolkit',
  'clickhouse',
  'readline',
  'fetch-json',
]
if (environment) CONTENDERS.push('requests_orjson.py', 'pydruid_cursor.py')

const whole = [...rows(COUNT)].length
const replay = await startReplay()
try {
  const found: Record<string, unknown>[] = []
  for (const contender of CONTENDERS) {
    const query = `SELECT * FROM events -- rows=${COUNT} cut=0.6`
    const run = { contender, task: 'stream', url: replay.url, query, python: environment }
    const result = await contend(run)
    const said = 'failed' in result ? `an error: ${result.failed.slice(0, 70)}` : ''
    const gave = 'failed' in result ? undefined : result.sums?.rows
    found.push({
      contender,
      'of a result cut at 60 %': said || `${gave} of ${whole} rows as if they were all`,
      noticed: said === '' ? 'NO' : 'yes',
    })
  }
  process.stdout.write(`${table(found)}\n`)
} finally {
  replay.process.kill()
}
