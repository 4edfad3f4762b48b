/**
 * From end to end on a real Druid: a million rows streamed, beside draining the same reply with curl.
 * `./dev bench druid`. It starts a Druid of its own and loads the rows. Options: `--rounds 5`.
 */
import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { flightsTask } from '@druid/data'
import { table } from '@druid/format'
import { startDruid } from '@druid/local'
import { median } from './measured.ts'
import { contend } from './processes.ts'

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const run = promisify(execFile)

await using local = await startDruid({
  onProgress: ({ message }) => process.stderr.write(`${message}\n`),
})
await using druid = connect(local.routerUrl, { extensions: [cluster] })
await druid.cluster().ingest(await flightsTask('flights'))
// 20,000 flights, fifty times over.
const times = Array.from({ length: 50 }, (_, i) => `(${i})`).join(', ')
const query = `SELECT f.*, t.n AS added, f.distance AS bytes FROM flights f CROSS JOIN (VALUES ${times}) AS t(n)`

const body = JSON.stringify({
  query,
  resultFormat: 'arrayLines',
  header: true,
  typesHeader: true,
  sqlTypesHeader: true,
})
const curl = ['-s', '-o', '/dev/null', '-w', '%{time_total} %{size_download}', '-d', body]
const url = `${local.routerUrl}/druid/v2/sql`

const walls = new Map<string, number[]>()
const keep = (name: string, ms: number): void =>
  void walls.set(name, [...(walls.get(name) ?? []), ms])
for (let round = 0; round < Number(options.rounds); round += 1) {
  const { stdout } = await run('curl', [...curl, '-H', 'content-type: application/json', url])
  const [seconds, bytes] = stdout.split(' ').map(Number)
  keep(`curl, drained (${((bytes ?? 0) / 1e6).toFixed(0)} MB)`, (seconds ?? Number.NaN) * 1000)
  for (const contender of ['druid', 'druid-columns', 'druid-fetch', 'readline']) {
    const result = await contend({ contender, task: 'stream', url: local.routerUrl, query })
    if ('failed' in result) throw new Error(`${contender}: ${result.failed}`)
    if (result.sums?.rows !== 1_000_000)
      throw new Error(`${contender} read ${result.sums?.rows} rows`)
    keep(contender, result.wall)
  }
}
const rows = [...walls].map(([name, all]) => ({
  name,
  'median ms': median(all).toFixed(0),
  spread: `${Math.min(...all).toFixed(0)}-${Math.max(...all).toFixed(0)}`,
}))
process.stdout.write(
  `1,000,000 rows from the Router of Druid ${await druid.version()}\n${table(rows)}\n`,
)
