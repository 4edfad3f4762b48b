import type { Crew, Life } from './crew.ts'
import { type MemberKind, portOf, ROLES, servesTls } from './members.ts'
import type { Ports } from './ports.ts'
import { type ClusterFacts, hostOf } from './services.ts'

/** A process of a cluster, as a test sees it. */
export interface LocalService {
  /** `historical`, and of several `historical-2` and so on. */
  readonly name: string
  readonly kind: MemberKind
  /** As `sys.servers` lists them. */
  readonly roles: readonly string[]
  /** As the cluster knows it, and lists it with its port: `127.0.0.1`, or with `hosts` another. */
  readonly host: string
  /** Where it can be reached; `undefined` for ZooKeeper and the metadata store, which speak no HTTP. */
  readonly url: string | undefined
  /** The same over HTTPS, of one that serves it. */
  readonly tlsUrl: string | undefined
  readonly port: number
  /** Of its process, which is another after `restart`. */
  readonly pid: number
  /** Its log file; what a restart adds goes to its end. */
  readonly log: string
}

/** Whom to ask whether a service is back: itself if it can tell, else a Broker, if one runs. */
export function askable(life: Life, crew: Crew): Life[] {
  const isBroker = ({ member, jvm }: Life): boolean => member.kind === 'broker' && !jvm.hasEnded()
  const broker = isBroker(life) ? life : crew.lives().find(isBroker)
  if (broker === undefined) return []
  return [life.member.kind === 'router' ? life : broker]
}

export function serviceOf(
  { member, jvm }: Life,
  { ports, hosts }: Pick<ClusterFacts, 'ports' | 'hosts'>,
): LocalService {
  const { name, kind } = member
  const port = portOf(ports, name)
  const speaksHttp = ROLES[kind].length > 0
  return {
    name,
    kind,
    roles: ROLES[kind],
    host: speaksHttp ? hostOf(member, hosts) : '127.0.0.1',
    url: speaksHttp ? `http://127.0.0.1:${port}` : undefined,
    tlsUrl: servesTls(member) && `${name}-tls` in ports ? tlsUrlOf(name, ports) : undefined,
    port,
    pid: jvm.pid,
    log: jvm.logFile,
  }
}

export function tlsUrlOf(name: string, ports: Ports): string {
  return `https://127.0.0.1:${portOf(ports, `${name}-tls`)}`
}
