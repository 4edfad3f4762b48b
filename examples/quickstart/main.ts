import { parseArgs } from 'node:util'
import { cluster } from '@druid/cluster'
import { connect, sql } from '@druid/core'
import { discover } from '@druid/core/discover'
import { AIRPORTS, airportsTask, FLIGHTS, flightsTask } from '@druid/data'
import { table } from '@druid/format'
import { type Druid, load, remove } from './load.ts'
import { findOrStart, type Where } from './where.ts'

const HELP = `./dev quickstart: a real Druid, real data, three queries

  --keep    leave the cluster running
  --clean   with DRUID_URL: remove what the quickstart loaded there
  --yes     with DRUID_URL: do not ask

DRUID_URL=<url of a Router>            use that cluster
DRUID_HOME=<unpacked distribution>     start that Druid, without Maven
`

async function main(signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      clean: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
    },
  })
  if (values.help) return say(HELP)
  const where = await findOrStart({ ...values, signal })
  let druid: Druid | undefined
  let well = false
  try {
    druid = connect(where.url, {
      extensions: [cluster],
      discovered: await discover({ from: import.meta.url }),
    })
    const names = { flights: `${where.prefix}flights`, airports: `${where.prefix}airports` }
    if (values.clean) {
      await remove(druid, Object.values(names), signal)
      return say(`removed ${Object.values(names).join(' and ')}\n`)
    }
    await show(druid, names, signal)
    say(next(where))
    well = true
  } finally {
    // Written out: the oldest Node that runs this knows no `await using`.
    try {
      await druid?.close()
    } finally {
      await where.end(well)
    }
  }
}

async function show(
  druid: Druid,
  names: { readonly flights: string; readonly airports: string },
  signal: AbortSignal,
): Promise<void> {
  const services = await druid.cluster().services({ signal })
  title(`Services of the cluster, Druid ${await druid.version({ signal })}`)
  print(
    services.map(({ role, url, leader }) => ({
      role,
      address: url?.origin ?? '',
      leader: leader === undefined ? '' : leader ? 'yes' : 'no',
    })),
  )

  title('Extensions found')
  print(
    druid.extensions().map(({ name, status, source, summary, methods, parts }) => ({
      name,
      status,
      source,
      summary,
      adds: [
        ...methods
          // Of each pair, `brokerClient` and `brokerClients`, the first says enough.
          .filter((method) => !method.endsWith('Clients'))
          .map((method) => `${method.replace('cluster().', '.')}()`),
        ...parts,
      ].join(', '),
    })),
  )

  title('Loading')
  const options = { signal, onProgress: (line: string) => void process.stderr.write(`  ${line}\n`) }
  print([
    await load(druid, names.flights, FLIGHTS, flightsTask, options),
    await load(druid, names.airports, AIRPORTS, airportsTask, options),
  ])

  const flights = sql.id(names.flights)
  const airports = sql.id(names.airports)
  title('Flights and their delays (minutes), by month')
  print(
    await druid.query(
      sql`SELECT TIME_FLOOR(__time, 'P1M') AS "month", COUNT(*) AS flights,
            ROUND(AVG(delay), 1) AS average_delay, MAX(delay) AS longest_delay
          FROM ${flights} GROUP BY 1 ORDER BY 1`,
      { signal },
    ),
  )

  const hours = 2
  const since = new Date('2001-02-01')
  title(
    `Airports with the most flights over ${hours} hours late since ${since.toISOString().slice(0, 10)}`,
  )
  print(
    await druid.query(
      sql`SELECT f.origin, a.city, a.state, COUNT(*) AS late_flights
          FROM ${flights} f JOIN ${airports} a ON f.origin = a.iata
          WHERE f.delay > ${hours * 60} AND f.__time >= ${since}
          GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1 LIMIT ${5}`,
      { signal },
    ),
  )

  title('The longest routes')
  print(
    await druid.query(
      sql`SELECT origin, destination, MAX(distance) AS miles, COUNT(*) AS flights
          FROM ${flights} GROUP BY 1, 2 ORDER BY 3 DESC, 4 DESC LIMIT 5`,
      { signal },
    ),
  )
}

function next({ kind, url }: Where): string {
  const stop = 'Stop it:    ./dev exec druid-local stop\n'
  const query = `Query it:   curl ${url}/druid/v2/sql -H 'content-type: application/json' -d '{"query":"SELECT COUNT(*) FROM flights"}'\n`
  const lines = {
    own: 'Keep the cluster running:  ./dev quickstart --keep\n',
    kept: `\nDruid goes on running at ${url}\n${query}${stop}`,
    yours: `Remove what was loaded:    DRUID_URL=… ./dev quickstart --clean\n`,
  }
  return `
${lines[kind]}Run every test:            ./dev test
Your first program:        README.md
`
}

function title(text: string): void {
  say(`\n${text}\n\n`)
}

function print(rows: Parameters<typeof table>[0]): void {
  say(`${table(rows, { maxCellWidth: 100 })}\n`)
}

function say(text: string): void {
  process.stdout.write(text)
}

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => abort.abort(new Error(`stopped by ${name}`)))
}
try {
  await main(abort.signal)
} catch (error) {
  // Given up, whatever was under way reports that in words of its own.
  const { message } = (abort.signal.aborted ? abort.signal.reason : error) as Error
  process.stderr.write(`\nquickstart: ${message}\n`)
  process.exitCode = abort.signal.aborted ? 130 : 1
}
