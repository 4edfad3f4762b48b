import { parseArgs } from 'node:util'
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
}

const COMMANDS = ['start', 'stop', 'status', 'logs', 'keep']
const LOGS = [
  'router',
  'broker',
  'coordinator',
  'historical',
  'indexer',
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
  --foreground                    stay, and stop the cluster with Ctrl-C
Of all
  --data-dir <folder>             which cluster; default: one folder in the cache
Of logs
  --follow                        go on printing what comes
`

const portOptions = Object.fromEntries(
  PORT_NAMES.map((name) => [`port-${name}`, { type: 'string' as const }]),
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
  if (!LOGS.includes(service)) {
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
    properties: propertiesOf(values.property ?? []),
  }
}

function portsOf(values: Readonly<Record<string, unknown>>): Partial<Ports> {
  const given = PORT_NAMES.flatMap((name) => {
    const value = values[`port-${name}`]
    if (value === undefined) return []
    const port = Number(value)
    if (!Number.isInteger(port)) throw new Error(`--port-${name} is a number, not "${value}"`)
    return [[name, port]]
  })
  return Object.fromEntries(given) as Partial<Ports>
}

function propertiesOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const split = pair.indexOf('=')
      if (split < 1) throw new Error(`--property is <key>=<value>, not "${pair}"`)
      return [pair.slice(0, split), pair.slice(split + 1)]
    }),
  )
}
