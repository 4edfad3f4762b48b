import { parseArgs } from 'node:util'
import type { ServiceCounts } from './members.ts'
import { PORT_NAMES, type Ports } from './ports.ts'

/** What the command line of `druid-local` says. */
export interface Command {
  readonly name: string | undefined
  readonly help: boolean
  /** Of `logs`. */
  readonly service: string
  readonly follow: boolean
  readonly foreground: boolean
  readonly dataDir: string | undefined
  readonly version: string | undefined
  readonly extensions: readonly string[]
  readonly home: string | undefined
  readonly ports: Partial<Ports>
  readonly properties: Readonly<Record<string, string>>
  readonly tls: boolean
  /** As given: a start says what it may be. */
  readonly hosts: string | undefined
  readonly services: ServiceCounts
}

const COMMANDS = ['start', 'stop', 'status', 'logs', 'keep']
const LOGS = [
  'router',
  'broker',
  'coordinator',
  'historical',
  'indexer',
  'middleManager',
  'zookeeper',
  'metadata',
  'keeper',
]

export const HELP = `druid-local: a real Apache Druid on this machine

  druid-local start [options]     starts one that goes on in the background
  druid-local stop                stops it
  druid-local status              says where it is
  druid-local logs [service]      prints a log: ${LOGS.join(', ')}

Options of start
  --version <version>             default 33.0.0
  --extension <name>              a Druid extension to load; may be repeated
  --home <folder>                 an unpacked distribution, instead of Maven (or DRUID_HOME)
  --port-router <port>            likewise --port-broker and so on; default: free ones
  --property <key=value>          a Druid property for all services; may be repeated
  --service <name=count>          how many of one, e.g. historical=2; may be repeated
  --tls                           HTTPS of Router and Broker, beside plain HTTP
  --hosts internal                host names that only the cluster can resolve
  --foreground                    stay, and stop the cluster with Ctrl-C
Of all
  --data-dir <folder>             which cluster; default: one folder in the cache
Of logs
  --follow                        go on printing what comes
`

const GIVEN_PORTS = [...PORT_NAMES, 'router-tls', 'broker-tls'] as const

const portOptions = Object.fromEntries(
  GIVEN_PORTS.map((name) => [`port-${name}`, { type: 'string' as const }]),
)

/** Reads it. @throws Error for what it does not know, naming that. */
export function readArguments(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'string' },
      extension: { type: 'string', multiple: true },
      home: { type: 'string' },
      property: { type: 'string', multiple: true },
      service: { type: 'string', multiple: true },
      tls: { type: 'boolean' },
      hosts: { type: 'string' },
      foreground: { type: 'boolean' },
      'data-dir': { type: 'string' },
      follow: { type: 'boolean' },
      ...portOptions,
    },
  })
  const [name, service = 'router', ...more] = positionals
  if (name !== undefined && !COMMANDS.includes(name)) {
    throw new Error(`there is no command "${name}"; see druid-local --help`)
  }
  if (!LOGS.includes(service.replace(/-\d$/, ''))) {
    throw new Error(`there is no log of "${service}"; there are ${LOGS.join(', ')}`)
  }
  const unexpected = name === 'logs' ? more[0] : positionals[1]
  if (unexpected !== undefined) throw new Error(`"${unexpected}" is one word too many`)
  return {
    name,
    help: values.help ?? false,
    service,
    follow: values.follow ?? false,
    foreground: values.foreground ?? false,
    dataDir: values['data-dir'],
    version: values.version,
    extensions: values.extension ?? [],
    home: values.home,
    ports: portsOf(values),
    properties: pairsOf('property', values.property ?? []),
    tls: values.tls ?? false,
    hosts: values.hosts,
    services: countsOf(pairsOf('service', values.service ?? [])),
  }
}

function portsOf(values: Readonly<Record<string, unknown>>): Partial<Ports> {
  const given = GIVEN_PORTS.flatMap((name) => {
    const value = values[`port-${name}`]
    if (value === undefined) return []
    const port = Number(value)
    if (!Number.isInteger(port)) throw new Error(`--port-${name} is a number, not "${value}"`)
    return [[name, port]]
  })
  return Object.fromEntries(given) as Partial<Ports>
}

function countsOf(pairs: Readonly<Record<string, string>>): ServiceCounts {
  return Object.fromEntries(Object.entries(pairs).map(([name, count]) => [name, Number(count)]))
}

function pairsOf(option: string, pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const split = pair.indexOf('=')
      if (split < 1) throw new Error(`--${option} is <key>=<value>, not "${pair}"`)
      return [pair.slice(0, split), pair.slice(split + 1)]
    }),
  )
}
