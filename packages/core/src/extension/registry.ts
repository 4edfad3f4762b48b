import { DruidError } from '../error/error.ts'
import { asExtensionError, type Candidate, described, extensionError } from './candidate.ts'
import type { AnyExtension } from './definition.ts'
import { disposeAll } from './dispose.ts'
import type { ClusterContext, ClusterHost, ExtensionHost, ServiceHost } from './host.ts'
import { instances } from './instances.ts'
import { clusterMembers, type MemberHost, type Method } from './members.ts'
import { clientMethod, isExtensionName } from './names.ts'
import { addParts, describedParts, noParts, type Parts, partNames } from './parts.ts'
import { type Recorded, record } from './record.ts'
import { type ExtensionReport, makeReport } from './report.ts'
import { checkDruid } from './requirements.ts'

/** The extensions of one connection. */
export interface Registry {
  readonly reports: readonly ExtensionReport[]
  readonly parts: Parts
  /** Once, before the client is handed out. `lost`: what discovery could not use. */
  add(candidates: readonly Candidate[], lost: readonly ExtensionReport[], host: RegistryHost): void
  /** Gives a client, or one derived from it, the methods of all extensions. */
  patch(client: object): void
  /** The client instance of an extension, by its definition or name. Throws `EXTENSION`. */
  client(extension: AnyExtension | string): unknown
  dispose(): Promise<void>
}

/** What registering needs of the connection. */
export interface RegistryHost {
  /** The application's client: the names of its own members are taken. */
  readonly client: object
  /** Makes the client that an extension is given; `ready` is awaited before each of its requests. */
  face(ready: (() => Promise<void>) | undefined): ExtensionHost
  clusterContext(trusted: boolean): ClusterContext
  optionsOf(candidate: Candidate): unknown
  /** The server's version; `undefined` where it does not say. Asked for at most once. */
  druidVersion(): Promise<string | undefined>
}

interface Registered {
  readonly candidate: Candidate
  readonly recorded: Recorded
  readonly methods: string[]
  readonly members: MemberHost
  /** What its method of the client does. */
  readonly client: Method
}

const NO_CLUSTER =
  'no extension of this connection provides the cluster; install @druid/cluster and connect with { extensions: [cluster] }'

export function openRegistry(): Registry {
  const kept = instances()
  const parts = noParts()
  const active = new Map<string, Registered>()
  const left: ExtensionReport[] = []
  const clientMethods = new Map<string, Method>()
  /** What was added to the cluster, or waits for it. */
  const clusterMethods = new Map<string, Method>()
  const owners = new Map<string, Candidate>()
  const early: object[] = []
  let reports: readonly ExtensionReport[] | undefined
  let cluster: ClusterHost | undefined

  /**
   * Records every candidate, checks its names against those already taken, and adds it whole or not
   * at all. The order is: the extension that provides the cluster, then as listed, then the
   * discovered ones by package name, each after those it requires; the first to claim a name keeps it.
   */
  function add(
    candidates: readonly Candidate[],
    lost: readonly ExtensionReport[],
    host: RegistryHost,
  ): void {
    const times = new Map<Candidate, number>()
    const waiting = new Map<string, Registered>()
    const path: string[] = []

    for (const candidate of withoutDoubles(candidates, leave)) {
      const start = performance.now()
      try {
        const recorded = record(candidate, host.optionsOf(candidate))
        const members = memberHost(candidate, recorded, host)
        const client = clientMaker(candidate, recorded, members)
        waiting.set(candidate.name, { candidate, recorded, methods: [], members, client })
      } catch (error) {
        leave(candidate, { status: 'failed', error: asExtensionError(candidate, error) })
      }
      times.set(candidate, candidate.ms + performance.now() - start)
    }
    const all = [...waiting.values()]
    const provides = (one: Registered): boolean => one.recorded.cluster !== undefined
    for (const one of [...all.filter(provides), ...all]) settle(one)
    left.push(...lost)
    addStubs(host.client)
    reports = Object.freeze([...[...active.values()].map(activeReport), ...left])
    for (const client of early.splice(0)) patch(client)

    /** Adds one, after those it requires. */
    function settle(one: Registered): void {
      const { candidate, recorded } = one
      if (!waiting.delete(candidate.name)) return
      path.push(candidate.name)
      try {
        for (const name of recorded.requires.extensions ?? []) {
          const required = waiting.get(name)
          if (required) settle(required)
          if (!active.has(name)) throw unmet(candidate, name)
        }
        commit(one)
      } catch (error) {
        leave(candidate, {
          status: 'failed',
          summary: recorded.summary,
          error: asExtensionError(candidate, error),
        })
      } finally {
        path.pop()
      }
    }

    function unmet(candidate: Candidate, name: string): Error {
      if (path.includes(name)) {
        const circle = [...path.slice(path.indexOf(name)), name].join(' → ')
        return extensionError(candidate, `extensions require one another in a circle: ${circle}`)
      }
      return extensionError(
        candidate,
        `it requires extension "${name}", which ${reasonOf(name)}`,
        left.find((it) => it.name === name)?.error,
      )
    }

    /** All of its names, then all that it adds: a claim that fails leaves nothing behind. */
    function commit(one: Registered): void {
      const { candidate, recorded, members } = one
      const { name } = candidate
      const claims = new Set<string>()
      const claim = (on: string, key: string, object?: object): void => {
        const taken = owners.get(`${on}.${key}`)
        const by = taken
          ? described(taken)
          : claims.has(`${on}.${key}`)
            ? 'another role or method of its own'
            : object !== undefined && key in object && key !== 'cluster'
              ? `the ${on} itself`
              : undefined
        const what = on === 'client' || on === 'cluster' ? `${on}.${key}()` : `${on} ${key}`
        if (by !== undefined) throw extensionError(candidate, `${what} is already taken by ${by}`)
        claims.add(`${on}.${key}`)
      }

      const own = recorded.cluster && makeCluster(one, recorded.cluster, host)
      const added = clusterMembers(candidate, recorded, members)
      const method = clientMethod(name)
      if (own !== undefined) claim('client', 'cluster')
      if (recorded.client !== undefined) claim('client', method, host.client)
      for (const [key] of added) claim('cluster', key, own ?? cluster)
      for (const [kind, names] of partNames(recorded)) for (const key of names) claim(kind, key)
      // Only those that the cluster's extension requires are there before it.
      if (own !== undefined) for (const key of clusterMethods.keys()) claim('cluster', key, own)

      if (own !== undefined) defineAll(own, [...clusterMethods, ...added])
      else if (cluster !== undefined) defineAll(cluster, added)
      for (const claimed of claims) owners.set(claimed, candidate)
      if (own !== undefined) {
        cluster = own
        clientMethods.set('cluster', () => own)
        one.methods.push('cluster')
      }
      if (recorded.client !== undefined) {
        clientMethods.set(method, one.client)
        one.methods.push(method)
      }
      for (const [key, make] of added) {
        clusterMethods.set(key, make)
        one.methods.push(`cluster().${key}`)
      }
      addParts(parts, candidate, recorded)
      active.set(name, one)
    }

    function leave(candidate: Candidate, facts: Left): void {
      left.push(reportOf(candidate, facts))
    }

    function activeReport({ candidate, recorded, methods }: Registered): ExtensionReport {
      const waits = cluster === undefined
      const roles = [...recorded.roles.keys()]
      return reportOf(candidate, {
        status: 'active',
        summary: recorded.summary,
        methods: waits ? methods.filter((it) => !it.startsWith('cluster()')) : methods,
        roles,
        parts: describedParts(recorded),
        waiting: waits ? [...roles, ...recorded.clusterMethods.keys()] : [],
      })
    }

    function reportOf(candidate: Candidate, facts: Left): ExtensionReport {
      const { name, source, package: from } = candidate
      const ms = times.get(candidate) ?? candidate.ms
      return makeReport({ name, source, ms, ...(from && { package: from }), ...facts })
    }
  }

  function memberHost(
    { name }: Candidate,
    { requires: { druid } }: Recorded,
    host: RegistryHost,
  ): MemberHost {
    const ready =
      druid === undefined
        ? undefined
        : async (): Promise<void> => {
            const version = await host.druidVersion()
            if (version !== undefined) checkDruid(name, druid, version)
          }
    let face: ExtensionHost | undefined
    return {
      kept,
      face() {
        face ??= host.face(ready)
        return face
      },
      service: (service) => (ready ? whenReady(service, ready) : service),
      cluster() {
        if (cluster !== undefined) return cluster
        throw new DruidError('EXTENSION', NO_CLUSTER, { extension: 'cluster' })
      },
    }
  }

  function makeCluster(
    { candidate, members }: Registered,
    ClusterClass: NonNullable<Recorded['cluster']>,
    host: RegistryHost,
  ): ClusterHost {
    const { name, trusted } = candidate
    const make = (): ClusterHost => new ClusterClass(members.face(), host.clusterContext(trusted))
    const made = kept.make(`${name}: the cluster`, name, make)
    for (const method of ['refresh', 'serviceHost', 'serviceHosts'] as const) {
      if (typeof made[method] === 'function') continue
      throw extensionError(candidate, `its cluster class has no method ${method}()`)
    }
    return made
  }

  function clientMaker(candidate: Candidate, recorded: Recorded, members: MemberHost): Method {
    const { client: ClientClass } = recorded
    const { name } = candidate
    if (ClientClass === undefined) {
      return () => {
        throw extensionError(candidate, 'it adds no client; use what it adds to the cluster')
      }
    }
    const make = (): unknown => new ClientClass(members.face() as never)
    return kept.once(`${clientMethod(name)}()`, name, make)
  }

  function clientOf(name: string): unknown {
    const one = active.get(name)
    if (one === undefined) throw inactive(name)
    return one.client()
  }

  function inactive(name: string): DruidError<'EXTENSION'> {
    const cause = left.find((it) => it.name === name && it.error)?.error
    const why = reports === undefined ? 'connect() has not returned yet' : reasonOf(name)
    const message = `extension "${name}": ${why}`
    return new DruidError('EXTENSION', message, { extension: name, cause })
  }

  function reasonOf(name: string): string {
    const status = left.find((it) => it.name === name)?.status
    if (status === 'denied') return "is not allowed by the application's manifest"
    return status === 'failed'
      ? 'is not active on this connection, as it failed to register'
      : 'is not registered on this connection'
  }

  /** Methods that the types promise and that are not there say why, instead of "is not a function". */
  function addStubs(client: object): void {
    for (const { name, status } of left) {
      const method = clientMethod(name)
      if (status === 'shadowed' || !isExtensionName(name)) continue
      if (clientMethods.has(method) || method in client) continue
      clientMethods.set(method, () => {
        throw inactive(name)
      })
    }
    if (cluster !== undefined) return
    clientMethods.set('cluster', () => {
      throw left.some((it) => it.name === 'cluster')
        ? inactive('cluster')
        : new DruidError('EXTENSION', `client.cluster(): ${NO_CLUSTER}`, { extension: 'cluster' })
    })
  }

  function patch(client: object): void {
    if (reports === undefined) early.push(client)
    // An extension may freeze the client that it is given: its own loss.
    else if (Object.isExtensible(client)) defineAll(client, clientMethods)
  }

  /** By identity; else by what registers it, so that `imply` finds `imply.with({ … })`. */
  function nameFor(extension: AnyExtension): string {
    const all = [...active.values()].map((one) => one.candidate)
    const found =
      all.find((one) => one.extension === extension) ??
      all.find((one) => one.registerClient === extension.registerClient)
    return found?.name ?? String(extension.name)
  }

  return {
    get reports() {
      return reports ?? []
    },
    parts,
    add,
    patch,
    client: (extension) => clientOf(typeof extension === 'string' ? extension : nameFor(extension)),
    dispose() {
      const closers = parts.closers.splice(0).reverse()
      return disposeAll([
        ...kept.close(),
        ...closers.map(({ extension, part }) => ({ extension, run: part })),
      ])
    },
  }
}

type Left = Partial<ExtensionReport> & Pick<ExtensionReport, 'status'>

/** The very same extension again is no fault; another of its name is, unless a listed one shadows it. */
function withoutDoubles(
  all: readonly Candidate[],
  leave: (candidate: Candidate, facts: Left) => void,
): Candidate[] {
  const names = new Map<string, Candidate>()
  return all.filter((candidate) => {
    const first = names.get(candidate.name)
    if (first === undefined || !isExtensionName(candidate.name)) {
      names.set(candidate.name, candidate)
      return true
    }
    if (first.extension === candidate.extension) return false
    if (first.source === 'explicit' && candidate.source === 'discovered') {
      leave(candidate, { status: 'shadowed' })
    } else {
      const why = `the name is already taken by ${described(first)}; give one of them another name by renamed(extension, name)`
      leave(candidate, { status: 'failed', error: extensionError(candidate, why) })
    }
    return false
  })
}

/**
 * All or none. Not enumerable, so that a logged client does not list them; replaceable, so that
 * tests can spy.
 */
function defineAll(object: object, methods: Iterable<readonly [string, Method]>): void {
  const done: string[] = []
  try {
    for (const [name, value] of methods) {
      Object.defineProperty(object, name, {
        value,
        enumerable: false,
        configurable: true,
        writable: true,
      })
      done.push(name)
    }
  } catch (error) {
    for (const name of done) Reflect.deleteProperty(object, name)
    throw error
  }
}

function whenReady(service: ServiceHost, ready: () => Promise<void>): ServiceHost {
  return {
    get url() {
      return service.url
    },
    async request<T>(...call: Parameters<ServiceHost['request']>): Promise<T> {
      await ready()
      return service.request<T>(...call)
    },
  }
}
