import { checkNames } from '@druid/core/extension'
import { wrongFake } from './problem.ts'

/** A server in short: the rest of its row is filled in. */
export interface ServerSpec {
  /** `broker`, `router`, `coordinator`, `overlord`, `historical`, `middle_manager`, `indexer`, `peon`; or one that Druid does not list. */
  readonly role: string
  /** Default `druid.test`, which no name server knows. */
  readonly host?: string | undefined
  /** Default: Druid's own for the role, e.g. 8082 for a Broker. */
  readonly port?: number | undefined
  /** Where it serves TLS. Default −1: nowhere. */
  readonly tlsPort?: number | undefined
  /** Of a Coordinator or an Overlord. Default: the first of the role leads. */
  readonly leader?: boolean | undefined
  /** Default `_default_tier` where Druid has one, else null. */
  readonly tier?: string | null | undefined
  /** Where it is reached from outside, if not at its host and port. */
  readonly url?: string | URL | undefined
}

/** A row of `sys.servers`. */
export interface ServerRow {
  readonly server: string
  readonly host: string
  readonly plaintext_port: number
  readonly tls_port: number
  readonly server_type: string
  readonly tier: string | null
  readonly curr_size: number
  readonly max_size: number
  readonly is_leader: number | null
  readonly start_time: string
}

/** A server of the fake: its row, and where it answers. */
export interface Server {
  readonly row: ServerRow
  readonly role: string
  /** Whether `sys.servers` has it. */
  readonly listed: boolean
  readonly leader: boolean
  /** Addresses of the servers: origin, and a prefix of the path. */
  readonly urls: readonly URL[]
}

const PORTS: Readonly<Record<string, number>> = {
  coordinator: 8081,
  overlord: 8090,
  broker: 8082,
  historical: 8083,
  middle_manager: 8091,
  indexer: 8091,
  router: 8888,
  peon: 8100,
}
const LED: ReadonlySet<string> = new Set(['coordinator', 'overlord'])
const TIERED: ReadonlySet<string> = new Set(['historical', 'indexer'])

const SHORT = ['role', 'host', 'port', 'tlsPort', 'leader', 'tier', 'url']
export const SERVER_COLUMNS: readonly (keyof ServerRow)[] = [
  'server',
  'host',
  'plaintext_port',
  'tls_port',
  'server_type',
  'tier',
  'curr_size',
  'max_size',
  'is_leader',
  'start_time',
]

/** A small cluster: one server of each kind that Druid's own quickstart runs. */
export const USUAL_SERVERS: readonly ServerSpec[] = [
  { role: 'coordinator' },
  { role: 'overlord' },
  { role: 'broker' },
  { role: 'historical' },
  { role: 'middle_manager' },
  { role: 'router' },
]

/** A server of the fake: in short, or by columns of its row of `sys.servers`. */
export type ServerInput = ServerSpec | (Partial<ServerRow> & Pick<ServerRow, 'server_type'>)

export function serversOf(list: readonly ServerInput[]): Server[] {
  if (!Array.isArray(list) || list.length === 0) {
    throw wrongFake('servers is a list of { role, host, port, leader }, of at least one', 'servers')
  }
  const specs = list.map(shortForm)
  return specs.map((spec) => {
    const { role } = spec
    const named = specs.some((one) => one.role === role && one.leader !== undefined)
    const first = specs.find((one) => one.role === role) === spec
    return serverOf(spec, LED.has(role) && (named ? spec.leader === true : first))
  })
}

type Spec = ServerSpec & { readonly row?: Partial<ServerRow> }

function shortForm(input: ServerInput): Spec {
  if (typeof input !== 'object' || input === null) {
    throw wrongFake('a server is { role, host, port } or a row of sys.servers', 'servers')
  }
  const isRow = 'server_type' in input
  checkNames(input, isRow ? SERVER_COLUMNS : SHORT, 'a server of fakeDruid')
  if (!isRow) return checked(input)
  const { server_type, host, plaintext_port, tls_port, is_leader, tier } = input
  return checked({
    role: server_type,
    host,
    port: plaintext_port,
    tlsPort: tls_port,
    tier,
    ...(is_leader !== undefined && { leader: is_leader === 1 }),
    row: input,
  })
}

function checked(spec: Spec): Spec {
  const { role, host, port, tlsPort, url } = spec
  if (typeof role !== 'string' || role === '') throw wrongFake('a server has a role', 'servers')
  // A row is what Druid has, whatever that is.
  if (host !== undefined && spec.row === undefined && typeof host !== 'string') {
    throw wrongFake(`the host of a ${role} is a text`, 'servers')
  }
  for (const one of [port, tlsPort]) {
    if (one !== undefined && !Number.isInteger(one)) {
      throw wrongFake(`the port of a ${role} is an integer, -1 for none`, 'servers')
    }
  }
  if (url !== undefined && !URL.canParse(String(url))) {
    throw wrongFake(`the url of a ${role} is none`, 'servers')
  }
  return spec
}

function serverOf(spec: Spec, leader: boolean): Server {
  const { role, host = 'druid.test', tlsPort = -1, url } = spec
  const port = spec.port ?? PORTS[role]
  if (port === undefined) {
    throw wrongFake(`Druid has no usual port for the role "${role}": say which`, 'servers')
  }
  const row: ServerRow = {
    server: `${host}:${tlsPort > 0 && port < 0 ? tlsPort : port}`,
    host,
    plaintext_port: port,
    tls_port: tlsPort,
    server_type: role,
    tier: spec.tier === undefined ? (TIERED.has(role) ? '_default_tier' : null) : spec.tier,
    curr_size: 0,
    max_size: role === 'historical' ? 10_000_000_000 : 0,
    is_leader: LED.has(role) ? Number(leader) : null,
    start_time: '2024-01-01T00:00:00.000Z',
    ...spec.row,
  }
  const own = [
    ...(port > 0 ? [`http://${host}:${port}`] : []),
    ...(tlsPort > 0 ? [`https://${host}:${tlsPort}`] : []),
  ]
  const texts = url === undefined ? own : [String(url)]
  // A host may be odd on purpose: then nobody reaches it.
  const urls = texts.filter((text) => URL.canParse(text)).map((text) => new URL(text))
  return { row, role, leader, urls, listed: Object.hasOwn(PORTS, role) }
}

/** The servers that answer at this address, one for each role of the process; and the path there. */
export function serversAt(
  servers: readonly Server[],
  url: URL,
): { readonly here: readonly Server[]; readonly path: string } | undefined {
  for (const { urls } of servers) {
    const base = urls.find((one) => isBelow(url, one))
    if (base === undefined) continue
    const here = servers.filter((one) => one.urls.some((other) => other.href === base.href))
    return { here, path: url.pathname.slice(prefixOf(base).length) || '/' }
  }
  return undefined
}

function isBelow(url: URL, base: URL): boolean {
  return url.origin === base.origin && `${url.pathname}/`.startsWith(`${prefixOf(base)}/`)
}

function prefixOf(base: URL): string {
  return base.pathname.replace(/\/+$/, '')
}
