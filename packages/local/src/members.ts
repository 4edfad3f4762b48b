import { PORT_NAMES, type Ports } from './ports.ts'

export const SERVICE_NAMES = [
  'coordinator',
  'broker',
  'historical',
  'router',
  'indexer',
  'middleManager',
] as const
export type ServiceName = (typeof SERVICE_NAMES)[number]

/** A kind of process: ZooKeeper and the metadata store are what the services stand on. */
export type MemberKind = ServiceName | 'zookeeper' | 'metadata'

/** One process of a cluster. */
export interface Member {
  /** `historical`; the second of several is `historical-2`. */
  readonly name: string
  readonly kind: MemberKind
  /** Of several of a kind, from 1. */
  readonly number: number
}

const MOST = 9

/** Of a kind of which nothing is said. A MiddleManager starts a JVM for each task, which takes long. */
function usual(kind: ServiceName): number {
  return kind === 'middleManager' ? 0 : 1
}

/** How many of each service to start. */
export type ServiceCounts = Readonly<Partial<Record<ServiceName, number | undefined>>>

/** Throws for a service that there is none of, and for a number of them that is none. */
export function checkCounts(counts: ServiceCounts): void {
  for (const [name, count = 1] of Object.entries(counts)) {
    checkNames([name])
    if (Number.isInteger(count) && count >= 0 && count <= MOST) continue
    throw new Error(`services: ${name}: ${count} is no number of services, from 0 to ${MOST}`)
  }
  for (const needed of ['router', 'broker', 'coordinator'] as const) {
    if (counts[needed] === 0) throw new Error(`services: the ${needed} is needed`)
  }
}

/** Throws for a name that neither a service nor one of several of it has. */
export function checkNames(names: readonly string[], members: readonly Member[] = []): void {
  const there: readonly string[] = [...SERVICE_NAMES, ...severalOf(members)]
  for (const name of names) {
    if (there.includes(name)) continue
    throw new Error(`there is no service "${name}"; there are ${there.join(', ')}`)
  }
}

function severalOf(members: readonly Member[]): string[] {
  return members.filter(({ number }) => number > 1).map(({ name }) => name)
}

/** All processes of a cluster: one of each usual service that nothing is said of. */
export function membersOf(counts: ServiceCounts): Member[] {
  const services = SERVICE_NAMES.flatMap((kind) =>
    Array.from({ length: counts[kind] ?? usual(kind) }, (_, at) => ({
      name: at === 0 ? kind : `${kind}-${at + 1}`,
      kind,
      number: at + 1,
    })),
  )
  return [
    { name: 'zookeeper', kind: 'zookeeper', number: 1 },
    { name: 'metadata', kind: 'metadata', number: 1 },
    ...services,
  ]
}

/** Whether the services must end before it does. */
export function isGround({ kind }: Member): boolean {
  return kind === 'zookeeper' || kind === 'metadata'
}

/** Names of the ports that they need. */
export function portNames(members: readonly Member[], tls: boolean): string[] {
  const further = members.flatMap((member) => [
    member.name,
    ...(member.kind === 'coordinator' ? [`${member.name}-derby`] : []),
    ...(member.kind === 'middleManager' ? peonPorts(member.name) : []),
    ...(tls && servesTls(member) ? [`${member.name}-tls`] : []),
  ])
  return [...new Set([...PORT_NAMES, ...further])]
}

/** Of the tasks of a MiddleManager, which may run at once. */
export function peonPorts(name: string): string[] {
  return [`${name}-peon`, `${name}-peon-2`]
}

export function portOf(ports: Ports, name: string): number {
  const port = (ports as Readonly<Record<string, number | undefined>>)[name]
  if (port === undefined) throw new Error(`there is no port of ${name}`)
  return port
}

export function servesTls({ kind }: Member): boolean {
  return kind === 'router' || kind === 'broker'
}

/** Roles that `sys.servers` lists for a service: the Coordinator is the Overlord as well. */
export const ROLES: Readonly<Record<MemberKind, readonly string[]>> = {
  zookeeper: [],
  metadata: [],
  coordinator: ['coordinator', 'overlord'],
  broker: ['broker'],
  historical: ['historical'],
  router: ['router'],
  indexer: ['indexer'],
  middleManager: ['middle_manager'],
}

/** `-Xmx`, enough for tests and examples of some million rows. */
export const HEAP: Readonly<Record<MemberKind, string>> = {
  zookeeper: '128m',
  metadata: '128m',
  coordinator: '512m',
  broker: '512m',
  historical: '512m',
  router: '256m',
  indexer: '1g',
  middleManager: '128m',
}
