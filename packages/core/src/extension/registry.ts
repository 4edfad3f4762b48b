import { DruidError, type ExtensionError, isDruidError } from '../error/error.ts'
import type { AnyExtension } from './definition.ts'
import type { ClusterContext, ClusterHost, ExtensionHost, ServiceHost } from './host.ts'
import { type Instances, instances } from './instances.ts'
import { clientMethod, isExtensionName } from './names.ts'
import { type Candidate, extensionError, type Recorded, record } from './record.ts'
import type { ExtensionReport } from './report.ts'

/** The extensions of one connection. */
export interface Registry {
  readonly reports: readonly ExtensionReport[]
  /** Gives a client, or one derived from it, the methods of all extensions. */
  patch(client: object): void
  /** The client instance of an extension, by its definition or name. Throws `EXTENSION`. */
  client(extension: AnyExtension | string): unknown
  dispose(): Promise<void>
}

/** What registering needs of the connection. */
export interface RegistryHost {
  /** The client that instances are given. */
  readonly client: ExtensionHost
  readonly clusterContext: (trusted: boolean) => ClusterContext
  readonly optionsOf: (extension: AnyExtension) => unknown
}

interface Registered {
  readonly candidate: Candidate
  readonly recorded: Recorded
  readonly methods: string[]
}

type Method = () => unknown

/** Anything but an active extension: how it ended, for its report. */
interface Left {
  readonly candidate: Candidate
  readonly status: 'failed' | 'shadowed'
  readonly error?: ExtensionError
}

const NO_CLUSTER =
  'no extension of this connection provides the cluster; install @druid/cluster and connect with { extensions: [cluster] }'

/**
 * Records every candidate, checks its names against those already taken, and adds it whole or not
 * at all. The order is: the extension that provides the cluster, then as listed, then the
 * discovered ones by package name; the first to claim a name keeps it.
 */
export function register(candidates: readonly Candidate[], host: RegistryHost): Registry {
  const kept: Instances = instances()
  const active = new Map<string, Registered>()
  const left: Left[] = []
  const times = new Map<Candidate, number>()
  const clientMethods = new Map<string, Method>()
  const clusterMethods = new Map<string, Method>()
  const owners = new Map<string, Candidate>()
  let cluster: ClusterHost | undefined

  const recorded = withoutDoubles(candidates).flatMap((candidate) => {
    const start = performance.now()
    try {
      return [
        {
          candidate,
          recorded: record(candidate, host.optionsOf(candidate.extension)),
          methods: [],
        },
      ]
    } catch (error) {
      left.push({ candidate, status: 'failed', error: asExtensionError(candidate, error) })
      return []
    } finally {
      times.set(candidate, candidate.ms + performance.now() - start)
    }
  })
  const provides = (one: Registered): boolean => one.recorded.cluster !== undefined
  for (const one of [...recorded.filter(provides), ...recorded.filter((it) => !provides(it))]) {
    add(one)
  }
  addStubs()

  function withoutDoubles(all: readonly Candidate[]): Candidate[] {
    const names = new Map<string, Candidate>()
    return all.filter((candidate) => {
      const name = candidate.extension?.name
      const first = names.get(name)
      if (first === undefined) {
        names.set(name, candidate)
        return true
      }
      if (first.extension === candidate.extension) return false
      if (first.source === 'explicit' && candidate.source === 'discovered') {
        left.push({ candidate, status: 'shadowed' })
      } else {
        const error = extensionError(
          candidate,
          `the name is already taken by ${describe(first)}; give one of them another name by renamed(extension, name)`,
        )
        left.push({ candidate, status: 'failed', error })
      }
      return false
    })
  }

  /** All of its names, then all of its methods: a claim that fails leaves nothing behind. */
  function add(one: Registered): void {
    const { candidate } = one
    const made = new Map<string, Method>()
    try {
      const own = one.recorded.cluster === undefined ? undefined : makeCluster(one)
      const { name } = candidate.extension
      if (own !== undefined) claim(made, 'client.cluster', candidate, () => own)
      if (one.recorded.client !== undefined) {
        claim(made, `client.${clientMethod(name)}`, candidate, () => clientOf(name))
      }
      for (const [method, make] of clusterAdditions(one)) {
        claim(made, `cluster.${method}`, candidate, make, own)
      }
      if (own !== undefined) cluster = own
    } catch (error) {
      left.push({ candidate, status: 'failed', error: asExtensionError(candidate, error) })
      return
    }
    active.set(candidate.extension.name, one)
    for (const [claimed, method] of made) {
      owners.set(claimed, candidate)
      const [on, key] = claimed.split('.') as [string, string]
      one.methods.push(on === 'client' ? key : `cluster().${key}`)
      const methods = on === 'client' ? clientMethods : clusterMethods
      methods.set(key, method)
    }
  }

  function claim(
    made: Map<string, Method>,
    name: string,
    candidate: Candidate,
    method: Method,
    provider = cluster,
  ): void {
    const [on, key] = name.split('.') as [string, string]
    const object = on === 'client' ? host.client : provider
    const owner = owners.get(name)
    const taken = owner
      ? describe(owner)
      : made.has(name)
        ? 'another role or method of its own'
        : object !== undefined && key in object && key !== 'cluster'
          ? `the ${on} itself`
          : undefined
    if (taken === undefined) made.set(name, method)
    else throw extensionError(candidate, `${on}.${key}() is already taken by ${taken}`)
  }

  function makeCluster({ candidate, recorded }: Registered): ClusterHost {
    const ClusterClass = recorded.cluster as NonNullable<Recorded['cluster']>
    const { name } = candidate.extension
    return kept.get(
      `${name}: the cluster`,
      name,
      () => new ClusterClass(host.client, host.clusterContext(candidate.trusted)),
    )
  }

  function* clusterAdditions({ candidate, recorded }: Registered): Generator<[string, Method]> {
    const { name } = candidate.extension
    for (const [role, RoleClass] of recorded.roles) {
      const method = clientMethod(role)
      const perServer = new WeakMap<ServiceHost, unknown>()
      yield [
        method,
        () =>
          kept.get(
            `cluster().${method}()`,
            name,
            () => new RoleClass(clusterNow().serviceHost(role), host.client as never),
          ),
      ]
      const each = `cluster().${method}s()`
      yield [
        `${method}s`,
        async () => {
          kept.assertOpen(each)
          const services = await clusterNow().serviceHosts(role)
          return services.map((service) => {
            if (!perServer.has(service)) {
              const make = (): unknown => new RoleClass(service, host.client as never)
              perServer.set(service, kept.make(each, name, make))
            }
            return perServer.get(service)
          })
        },
      ]
    }
    for (const [method, MethodClass] of recorded.clusterMethods) {
      yield [
        method,
        () => kept.get(`cluster().${method}()`, name, () => new MethodClass(host.client as never)),
      ]
    }
  }

  function clusterNow(): ClusterHost {
    if (cluster === undefined)
      throw new DruidError('EXTENSION', NO_CLUSTER, { extension: 'cluster' })
    return cluster
  }

  function clientOf(name: string): unknown {
    const one = active.get(name)
    const ClientClass = one?.recorded.client
    if (one === undefined) throw inactive(name)
    if (ClientClass === undefined) {
      throw extensionError(one.candidate, 'it adds no client; use what it adds to the cluster')
    }
    return kept.get(`${clientMethod(name)}()`, name, () => new ClientClass(host.client as never))
  }

  function inactive(name: string): DruidError<'EXTENSION'> {
    const cause = left.find((it) => it.candidate.extension?.name === name && it.error)?.error
    const why = cause
      ? 'is not active on this connection, as it failed to register'
      : 'is not registered on this connection'
    return new DruidError('EXTENSION', `extension "${name}": ${why}`, { extension: name, cause })
  }

  /** Methods that the types promise and that are not there say why, instead of "is not a function". */
  function addStubs(): void {
    for (const { candidate, status } of left) {
      const name = candidate.extension?.name
      if (status !== 'failed' || !isExtensionName(name)) continue
      const method = clientMethod(name)
      if (clientMethods.has(method) || method in host.client) continue
      clientMethods.set(method, () => {
        throw inactive(name)
      })
    }
    if (cluster !== undefined) return
    clientMethods.set('cluster', () => {
      const failed = left.find((it) => it.candidate.extension?.name === 'cluster' && it.error)
      throw failed
        ? inactive('cluster')
        : new DruidError('EXTENSION', `client.cluster(): ${NO_CLUSTER}`, { extension: 'cluster' })
    })
  }

  for (const [method, make] of clusterMethods) if (cluster) addMethod(cluster, method, make)

  return {
    reports: Object.freeze([
      ...[...active.values()].map((one) => activeReport(one)),
      ...left.map((one) => leftReport(one)),
    ]),
    patch(client) {
      for (const [method, make] of clientMethods) addMethod(client, method, make)
    },
    client(extension) {
      return clientOf(typeof extension === 'string' ? extension : nameFor(extension))
    },
    dispose: () => kept.dispose(),
  }

  /** By identity; else by what registers it, so that `imply` finds `imply.with({ … })`. */
  function nameFor(extension: AnyExtension): string {
    const all = [...active.values()].map((one) => one.candidate.extension)
    const found =
      all.find((one) => one === extension) ??
      all.find((one) => one.registerClient === extension.registerClient)
    return (found ?? extension).name
  }

  function activeReport({ candidate, recorded, methods }: Registered): ExtensionReport {
    const waits = cluster === undefined
    return report(candidate, {
      status: 'active',
      summary: recorded.summary,
      methods: waits ? methods.filter((method) => !method.startsWith('cluster()')) : methods,
      roles: [...recorded.roles.keys()],
      waiting: waits ? [...recorded.roles.keys(), ...recorded.clusterMethods.keys()] : [],
    })
  }

  function leftReport({ candidate, status, error }: Left): ExtensionReport {
    return report(candidate, { status, ...(error && { error }) })
  }

  function report(candidate: Candidate, facts: Partial<ExtensionReport>): ExtensionReport {
    const name = String(candidate.extension?.name)
    return Object.freeze({
      name,
      status: 'failed' as const,
      source: candidate.source,
      summary: `${name} extension`,
      methods: [],
      roles: [],
      waiting: [],
      ms: times.get(candidate) ?? candidate.ms,
      ...(candidate.package && { package: candidate.package }),
      ...facts,
    })
  }
}

/** Not enumerable, so that a logged client does not list it; replaceable, so that tests can spy. */
function addMethod(object: object, name: string, value: Method): void {
  Object.defineProperty(object, name, {
    value,
    enumerable: false,
    configurable: true,
    writable: true,
  })
}

function describe({ extension, package: from, source }: Candidate): string {
  return from
    ? `extension "${extension.name}" of ${from.name} ${from.version} (${from.path})`
    : `${source === 'explicit' ? 'the listed ' : ''}extension "${extension.name}"`
}

function asExtensionError(candidate: Candidate, error: unknown): ExtensionError {
  return isDruidError(error, 'EXTENSION') ? error : extensionError(candidate, String(error), error)
}
