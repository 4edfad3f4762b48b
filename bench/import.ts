/** What it takes to import the package, beside the peers: `./dev bench import`. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { table } from '@druid/format'
import { median } from './measured.ts'

const PROGRAM = `
  const before = process.memoryUsage().heapUsed
  const start = performance.now()
  await import(process.argv[1])
  console.log(JSON.stringify([performance.now() - start, process.memoryUsage().heapUsed - before]))
`
const SPECIFIERS = [
  '@druid/core',
  '@druid/core/fetch',
  'druid-query-toolkit',
  '@clickhouse/client',
  'axios',
  '@cubejs-backend/druid-driver',
]
const ROUNDS = 9

const found = new Map<string, [ms: number, bytes: number][]>()
for (let round = 0; round < ROUNDS; round += 1) {
  for (const specifier of SPECIFIERS) {
    const argv = ['--import', join(import.meta.dirname, 'built.ts'), '--input-type=module']
    const said = execFileSync(process.execPath, [...argv, '--eval', PROGRAM, specifier], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    })
    found.set(specifier, [...(found.get(specifier) ?? []), JSON.parse(said) as [number, number]])
  }
}
const rows = [...found].map(([specifier, runs]) => ({
  import: specifier,
  ms: median(runs.map(([ms]) => ms)).toFixed(1),
  'heap MiB': (median(runs.map(([, bytes]) => bytes)) / 1024 / 1024).toFixed(2),
}))
process.stdout.write(`${table(rows)}\n`)
