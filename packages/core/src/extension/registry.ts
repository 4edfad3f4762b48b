import type { DruidError } from '../error/error.ts'
import { quoted } from '../error/quoted.ts'
import { absent } from './absent.ts'
import { attach } from './attach.ts'
import {
  asExtensionError,
  type Candidate,
  candidate,
  described,
  extensionError,
  type Origin,
  withoutShadowed,
} from './candidate.ts'
import { claims } from './claims.ts'
import type { AnyExtension } from './definition.ts'
import { disposeAll } from './dispose.ts'
import type { ClusterContext, ClusterHost, ExtensionHost } from './host.ts'
import { instances } from './instances.ts'
import { clusterMembers, type MemberHost, type Method } from './members.ts'
import { clientMethod, isExtensionName } from './names.ts'
import { circleOf, clusterFirst, inOrder, nextOf } from './order.ts'
import { addParts, describedParts, noParts, type Parts, partNames } from './parts.ts'
import { type Ready, whenReady } from './ready.ts'
import { type Recorded, record } from './record.ts'
import { type ExtensionReport, makeReport } from './report.ts'
import { checkDruid } from './requirements.ts'

/** The extensions of one connection. */
export interface Registry {
  readonly reports: readonly ExtensionReport[]
  readonly parts: Parts
  /** Once, before the client is handed out. `without`: what discovery could not use. */
  add(
    candidates: readonly Candidate[],
    without: readonly ExtensionReport[],
    host: RegistryHost,
  ): void
  /** Gives a client, or one derived from it, the methods of all extensions. */
  patch(client: object): void
  /** The client instance of an extension, by its definition or name. Throws `EXTENSION`. */
  client(extension: AnyExtension | string): unknown
  /** The errors of what failed to close. */
  dispose(): Promise<DruidError<'EXTENSION'>[]>
  /** Lets go of what extensions take part in: a closed client may be kept. */
  forget(): void
}

/** What registering needs of the connection. */
export interface RegistryHost {
  /** The application's client: the names of its own members are taken. */
  readonly client: object
  /** Makes the client that an extension is given; `ready` is awaited before each of its requests. */
  face(ready: Ready | undefined): ExtensionHost
  clusterContext(trusted: boolean): ClusterContext
  optionsOf(candidate: Candidate): unknown
  /** The server's version; `undefined` where it does not say. Asked for at most once. */
  druidVersion(signal: AbortSignal | undefined): Promise<string | undefined>
}

interface Registered {
  readonly candidate: Candidate
  readonly recorded: Recorded
  readonly methods: string[]
  readonly members: MemberHost
  /** What its method of the client does. */
  readonly client: Method
}

export function openRegistry(): Registry {
  const kept = instances()
  const parts = noParts()
  const active = new Map<string, Registered>()
  const missing = absent()
  const clientMethods = new Map<string, Method>()
  /** What was added to the cluster, or waits for it. */
  const clusterMethods = new Map<string, Method>()
  const names = claims()
  const early: object[] = []
  let reports: readonly ExtensionReport[] | undefined
  let cluster: ClusterHost | undefined

  /**
   * Records every candidate, checks its names against those already taken, and adds it whole or not
   * at all. Names are claimed first by what provides the cluster, then as listed, then by the
   * discovered ones by package name, each after those it requires; the first to claim a name keeps
   * it. They take part in requests and queries in the same order, the cluster at its own place.
   */
  function add(
    candidates: readonly Candidate[],
    without: readonly ExtensionReport[],
    host: RegistryHost,
  ): void {
    const times = new Map<Candidate, number>()
    const recordings: Registered[] = []
    const lost: Registered[] = []

    for (const candidate of withoutShadowed(candidates, leave)) {
      const start = performance.now()
      try {
        const recorded = record(candidate, host.optionsOf(candidate))
        const members = memberHost(candidate, recorded, host)
        const client = clientMaker(candidate, recorded, members)
        recordings.push({ candidate, recorded, methods: [], members, client })
      } catch (error) {
        leave(candidate, { status: 'failed', error: asExtensionError(candidate, error) })
      }
      times.set(candidate, candidate.ms + performance.now() - start)
    }
    const waiting = clusterFirst(recordings)
    while (waiting.length > 0) {
      const next = nextOf(waiting, (name) => active.has(name))
      const circle = next === undefined ? circleOf(waiting) : []
      const one = next ?? (waiting[0] as Registered)
      waiting.splice(waiting.indexOf(one), 1)
      settle(one, circle)
    }
    missing.add(...without)
    addStubs(host.client, lost)
    const added = inOrder(recordings.filter((one) => active.get(one.candidate.name) === one))
    for (const { candidate, recorded } of added) addParts(parts, candidate, recorded)
    reports = Object.freeze([...added.map(activeReport), ...missing.reports])
    for (const client of early.splice(0)) patch(client)

    function settle(one: Registered, circle: readonly string[]): void {
      const { candidate, recorded } = one
      try {
        if (circle.length > 0) throw inCircle(candidate, circle)
        for (const name of recorded.requires.extensions ?? []) {
          if (name === candidate.name) throw inCircle(candidate, [name, name])
          if (!active.has(name)) throw unmet(candidate, name)
        }
        commit(one)
      } catch (error) {
        lost.push(one)
        leave(candidate, {
          status: 'failed',
          summary: recorded.summary,
          error: asExtensionError(candidate, error),
        })
      }
    }

    function inCircle(candidate: Candidate, names: readonly string[]): Error {
      const why = `extensions require one another in a circle: ${names.join(' → ')}`
      return extensionError(candidate, why)
    }

    function unmet(candidate: Candidate, name: string): Error {
      return extensionError(
        candidate,
        `it requires extension "${name}", which ${missing.reasonOf(name)}`,
        missing.causeOf(name),
      )
    }

    /** All of its names, then all that it adds: a claim that fails leaves nothing behind. */
    function commit(one: Registered): void {
      const { candidate, recorded, members } = one
      const { name } = candidate
      const { claim, take } = names.of(candidate)
      const namesake = active.get(name)?.candidate
      if (namesake !== undefined) {
        const why = `the name is already taken by ${described(namesake)}; give one of them another name by renamed(extension, name)`
        throw extensionError(candidate, why)
      }
      const added = clusterMembers(candidate, recorded, members)
      const method = clientMethod(name)
      if (recorded.cluster !== undefined) claim('client', 'cluster')
      if (recorded.client !== undefined) claim('client', method, host.client)
      for (const [kind, keys] of partNames(recorded)) for (const key of keys) claim(kind, key)
      const own = recorded.cluster && makeCluster(one, recorded.cluster, host)
      for (const [key] of added) claim('cluster', key, own ?? cluster)
      // Only those that the cluster's extension requires are there before it.
      if (own !== undefined) {
        for (const key of clusterMethods.keys()) if (key in own) claim('cluster', key)
      }

      if (own !== undefined) attach(own, [...clusterMethods, ...added])
      else if (cluster !== undefined) attach(cluster, added)
      take()
      if (own !== undefined) {
        cluster = own
        clientMethods.set('cluster', clusterOf)
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
      active.set(name, one)
    }

    function leave(candidate: Candidate, facts: Left): void {
      missing.add(reportOf(candidate, facts))
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
      const { name, source, package: from, warnings = [] } = candidate
      const ms = times.get(candidate) ?? candidate.ms
      return makeReport({ name, source, warnings, ms, ...(from && { package: from }), ...facts })
    }
  }

  function memberHost(
    { name }: Candidate,
    { requires: { druid } }: Recorded,
    host: RegistryHost,
  ): MemberHost {
    const ready: Ready | undefined =
      druid === undefined
        ? undefined
        : async (signal) => {
            const version = await host.druidVersion(signal)
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
        throw missing.clusterError()
      },
    }
  }

  function makeCluster(
    { candidate, members }: Registered,
    ClusterClass: NonNullable<Recorded['cluster']>,
    host: RegistryHost,
  ): ClusterHost {
    const { name, trusted } = candidate
    const context = host.clusterContext(trusted)
    const own: ClusterContext = {
      ...context,
      service: (...address) => members.service(context.service(...address)),
    }
    const make = (): ClusterHost => new ClusterClass(members.face(), own)
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
    if (ClientClass === undefined) return noClient(candidate)
    const make = (): unknown => new ClientClass(members.face() as never)
    return kept.once(`${clientMethod(name)}()`, name, make)
  }

  function clusterOf(): unknown {
    kept.assertOpen('cluster()')
    return cluster
  }

  function clientOf(name: string): unknown {
    kept.assertOpen(`extension(${quoted(name)})`)
    const one = active.get(name)
    if (one === undefined) {
      throw missing.error(name, reports ? undefined : 'connect() has not returned yet')
    }
    return one.client()
  }

  /** Methods that the types promise and that are not there say why, instead of "is not a function". */
  function addStubs(client: object, lost: readonly Registered[]): void {
    const stub = (name: string) => (): never => {
      throw missing.error(name)
    }
    for (const { name, status } of missing.reports) {
      const method = clientMethod(name)
      if (status === 'shadowed' || !isExtensionName(name)) continue
      if (clientMethods.has(method) || method in client) continue
      clientMethods.set(method, stub(name))
    }
    if (cluster === undefined) {
      clientMethods.set('cluster', () => {
        throw missing.clusterError('client.cluster()')
      })
      return
    }
    for (const { candidate, recorded, members } of lost) {
      for (const [method] of clusterMembers(candidate, recorded, members)) {
        if (method in cluster) continue
        try {
          attach(cluster, [[method, stub(candidate.name)]])
        } catch {
          // A cluster that takes no more methods has no stubs either.
        }
      }
    }
  }

  function patch(client: object): void {
    if (reports === undefined) early.push(client)
    // An extension may freeze the client that it is given: its own loss.
    else if (Object.isExtensible(client)) attach(client, clientMethods)
  }

  /**
   * By what registers it, so that `imply` finds `imply.with({ … })`; else by name, so that the
   * definition of another installed copy of its package finds it.
   */
  function nameFor(extension: AnyExtension): string {
    const { name, registerClient } = candidate(extension, ASKED_FOR)
    const all = [...active.values()].map((one) => one.candidate)
    const same = all.filter((one) => one.registerClient === registerClient)
    const found = same.find((one) => one.name === name) ?? same[0]
    return found?.name ?? name
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
      const closers = [...parts.closers].reverse()
      return disposeAll([
        ...kept.close(),
        ...closers.map(({ extension, part }) => ({ extension, run: part })),
      ])
    },
    forget() {
      active.clear()
      names.clear()
      clusterMethods.clear()
      cluster = undefined
      for (const part of Object.values(parts)) {
        if (Array.isArray(part)) part.length = 0
        else part.clear()
      }
    },
  }
}

type Left = Partial<ExtensionReport> & Pick<ExtensionReport, 'status'>

/** Where the definition that somebody asks for comes from does not matter. */
const ASKED_FOR: Origin = { source: 'explicit', trusted: false, ms: 0 }

function noClient({ name, package: from }: Candidate): Method {
  const facts = { name, ...(from && { package: from }) }
  return () => {
    throw extensionError(facts, 'it adds no client; use what it adds to the cluster')
  }
}
