import type { Candidate } from './candidate.ts'
import type { ClusterHost, ExtensionHost, ServiceHost } from './host.ts'
import type { Instances } from './instances.ts'
import { clientMethod } from './names.ts'
import type { Recorded } from './record.ts'

export type Method = () => unknown

/** What the methods of one extension need when they are called. */
export interface MemberHost {
  readonly kept: Instances
  /** The client that its classes are given. */
  face(): ExtensionHost
  /** The service as its role classes are given it. */
  service(service: ServiceHost): ServiceHost
  /** Throws `EXTENSION` where nothing provides the cluster. */
  cluster(): ClusterHost
}

/** The methods that an extension adds to the cluster, by name; of two of one name the second too. */
export function clusterMembers(
  { name }: Candidate,
  { roles, clusterMethods }: Recorded,
  host: MemberHost,
): [string, Method][] {
  const { kept } = host
  const members: [string, Method][] = []
  for (const [role, RoleClass] of roles) {
    const one = clientMethod(role)
    const made = (service: ServiceHost): unknown =>
      new RoleClass(host.service(service), host.face() as never)
    const make = (): unknown => made(host.cluster().serviceHost(role))
    const ask = kept.each(`cluster().${one}s()`, name, made)
    members.push([one, kept.once(`cluster().${one}()`, name, make)])
    members.push([`${one}s`, forEach(role, host, ask)])
  }
  for (const [method, MethodClass] of clusterMethods) {
    const key = `cluster().${method}()`
    members.push([method, kept.once(key, name, () => new MethodClass(host.face() as never))])
  }
  return members
}

/** A function of its own, so that it does not hold the class: a closed connection lets that go. */
function forEach(
  role: string,
  { cluster }: MemberHost,
  ask: () => (services: readonly ServiceHost[]) => unknown[],
): Method {
  return async () => {
    const take = ask()
    return take(await cluster().serviceHosts(role))
  }
}
