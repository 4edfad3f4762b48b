import { join } from 'node:path'
import { type Life, makeCrew } from './crew.ts'
import { type DataFolder, takeDataFolder } from './data-folder.ts'
import { launcher } from './launch.ts'
import {
  checkCounts,
  checkNames,
  type Member,
  membersOf,
  portNames,
  type ServiceCounts,
  type ServiceName,
} from './members.ts'
import { choosePorts, type Ports } from './ports.ts'
import { checkPrerequisites, type Prerequisites } from './prerequisites.ts'
import type { OnProgress } from './progress.ts'
import { untilReady } from './ready.ts'
import { type Druid, distribution, resolveDruid } from './resolve.ts'
import {
  adminHeaders,
  checkSecurity,
  makeUsers,
  SECURITY_EXTENSION,
  type Security,
  securityProperties,
} from './security.ts'
import { askable, type LocalService, serviceOf, tlsUrlOf } from './service.ts'
import type { Properties } from './services.ts'
import { authority, type LocalTls, type Tls } from './tls.ts'
import { checkVersion, DEFAULT_VERSION } from './versions.ts'

export interface StartOptions {
  /** Default `33.0.0`; `27.0.0` is the other. With `home` the version is that of the distribution. */
  readonly version?: string | undefined
  /** Druid extensions to load, e.g. `druid-datasketches`. Default none. */
  readonly extensions?: readonly string[] | undefined
  /** Default: free ones. */
  readonly ports?: Partial<Ports> | undefined
  /**
   * Folder of all data, configuration and logs, kept for the next start. Default: a temporary one
   * that goes with the cluster.
   */
  readonly dataDir?: string | undefined
  /** Further Druid properties for all services, which override those that a start sets. */
  readonly properties?: Properties | undefined
  /**
   * The same by service, which override `properties`: `{ broker: { 'druid.…': 1 } }`; and for one of
   * several, which override those: `{ 'historical-2': { 'druid.server.tier': 'cold' } }`.
   */
  readonly serviceProperties?:
    | Partial<Record<ServiceName | `${ServiceName}-${number}`, Properties>>
    | undefined
  /** Passwords and users, by `druid-basic-security`, which it adds to `extensions`. Default: none. */
  readonly security?: Security | undefined
  /**
   * HTTPS of the Router and the Broker, on ports of their own beside plain HTTP, by certificates that
   * the start makes. `true` is `{}`. Default: none.
   */
  readonly tls?: boolean | Tls | undefined
  /**
   * `internal`: every service has a host name that nobody but the cluster can resolve
   * (`historical.druid.internal`), so that a client needs an address mapper to reach one. The services
   * then resolve no other names. Default: all are `127.0.0.1`.
   */
  readonly hosts?: 'internal' | undefined
  /** An unpacked distribution to use instead of Maven. */
  readonly home?: string | undefined
  /**
   * How many of each service to start: `{ coordinator: 2, historical: 2 }`, `{ indexer: 0 }`.
   * Coordinator, Broker and Router are needed. Default one each, and no `middleManager`, which runs
   * each task in a JVM of its own, with a log.
   */
  readonly services?: ServiceCounts | undefined
  /** Milliseconds until the services must be up, once started or restarted. Default 180,000. */
  readonly timeout?: number | undefined
  readonly onProgress?: OnProgress | undefined
  /** Aborting ends a start under way, and everything it started. */
  readonly signal?: AbortSignal | undefined
}

/** A Druid that runs on this machine. */
export interface LocalDruid extends AsyncDisposable {
  readonly version: string
  readonly routerUrl: string
  /** How to speak HTTPS with it, when it was started with `tls`. */
  readonly tls: LocalTls | undefined
  /** All processes as they are now, ZooKeeper and the metadata store (Derby) among them. */
  readonly services: readonly LocalService[]
  readonly ports: Ports
  readonly dataDir: string
  /** Folder of the log files. */
  readonly logs: string
  /**
   * Kills a service, by its name in `services` (SIGKILL), and resolves when it is gone. The others
   * notice at once by their connections, or after 10 s, when its ZooKeeper session ends.
   */
  kill(name: string): Promise<void>
  /**
   * Starts a service again, with the same port and data, and resolves when the others list it anew.
   * One that still runs is asked to end first. @throws Error as `startDruid`; the rest runs on.
   */
  restart(name: string): Promise<void>
  /** Stops all of it; a second call waits for the same. */
  stop(): Promise<void>
}

const STOP_GRACE = 60_000

/**
 * Starts ZooKeeper and Druid's services, and resolves when the Router answers SQL and lists every
 * role: 15 s or so, the first time minutes, while jars are downloaded. When this process ends, in
 * whatever way, so do they.
 *
 * @throws Error naming what is missing (see `checkPrerequisites`), the port or data folder that is
 * in use, or the service that failed, with the tail of its log; nothing is left running then.
 */
export async function startDruid(options: StartOptions = {}): Promise<LocalDruid> {
  const onProgress: OnProgress = options.onProgress ?? (() => {})
  const { signal, security } = options
  const tls = options.tls === true ? {} : options.tls || undefined
  const extensions = [
    ...new Set([...(options.extensions ?? []), ...(security ? [SECURITY_EXTENSION] : [])]),
  ]
  const version = options.version ?? DEFAULT_VERSION
  const services = options.services ?? {}
  checkCounts(services)
  const members = membersOf(services)
  checkNames(Object.keys(options.serviceProperties ?? {}), members)
  if (options.home === undefined) checkVersion(version, extensions)
  if (security) checkSecurity(security)
  if (options.hosts !== undefined && options.hosts !== 'internal') {
    throw new Error(`hosts: "${options.hosts}" is none of what it may be: internal`)
  }
  const found = await checkPrerequisites({ home: options.home, signal })
  for (const message of found.warnings) onProgress({ step: 'warning', message })
  signal?.throwIfAborted()

  const folder = await takeDataFolder(options.dataDir)
  try {
    const druid = options.home
      ? await distribution(options.home, extensions)
      : await resolveDruid(version, extensions, onProgress, signal)
    const checked = { ...options, extensions, tls, members, onProgress }
    return await startOn(checked, { druid, found, folder })
  } catch (error) {
    await folder.release()
    // Whatever was under way reports an abort in words of its own.
    throw signal?.aborted ? signal.reason : error
  }
}

interface Ground {
  readonly druid: Druid
  readonly found: Prerequisites
  readonly folder: DataFolder
}

type CheckedOptions = StartOptions & {
  readonly extensions: readonly string[]
  readonly members: readonly Member[]
  readonly tls: Tls | undefined
  readonly onProgress: OnProgress
}

async function startOn(options: CheckedOptions, ground: Ground): Promise<LocalDruid> {
  const names = portNames(options.members, options.tls !== undefined)
  for (let attempt = 1; ; attempt += 1) {
    const ports = await choosePorts(options.ports, names)
    try {
      return await startWith(options, ground, ports)
    } catch (error) {
      // A free port may be taken between being chosen and being bound.
      const unlucky = /Address already in use|BindException/.test(String(error))
      if (!unlucky || attempt === 3) throw error
    }
  }
}

async function startWith(
  options: CheckedOptions,
  { druid, found, folder }: Ground,
  ports: Ports,
): Promise<LocalDruid> {
  const dataDir = folder.path
  const { members, extensions, security, tls, onProgress, signal } = options
  const { extensionsFolder } = druid
  const facts = { dataDir, ports, extensions, extensionsFolder, tls, hosts: options.hosts }
  const certificates = tls && (await authority(dataDir, found.javaBin))
  const spec = await launcher({
    druid,
    found,
    facts,
    members,
    overrides: ({ kind, name }) => ({
      ...(security && securityProperties(security)),
      ...options.properties,
      ...options.serviceProperties?.[kind as ServiceName],
      ...options.serviceProperties?.[name as ServiceName],
    }),
  })
  let started = false
  let stopping: Promise<void> | undefined
  const crew = makeCrew({
    spec,
    lock: folder.lock,
    onLost({ name, logFile }, how) {
      if (!started) return
      const message = `${name} has ended by itself (${how}); its log is ${logFile}`
      onProgress({ step: 'warning', message })
    },
  })
  const ready = (
    lives: readonly Life[],
    askUrls: readonly string[],
    until?: AbortSignal,
  ): Promise<void> =>
    untilReady(
      lives.map((life) => ({ ...serviceOf(life, facts), ...life })),
      {
        askUrls,
        timeout: options.timeout ?? 180_000,
        dataDir,
        headers: adminHeaders(security),
        onProgress,
        signal: until,
      },
    )
  const routerUrl = `http://127.0.0.1:${ports.router}`
  try {
    const begin = async (some: readonly Member[]): Promise<void> => {
      for (const member of some) {
        await crew.begin(member)
        signal?.throwIfAborted()
      }
    }
    // Two Coordinators that find an empty metadata store at once are in each other's way.
    const isLate = ({ kind, number }: Member): boolean => kind === 'coordinator' && number > 1
    const late = members.filter(isLate)
    await begin(members.filter((member) => !isLate(member)))
    if (late.length > 0) {
      await ready(
        crew.lives().filter(({ member }) => member.kind === 'coordinator'),
        [],
        signal,
      )
      await begin(late)
    }
    await ready(crew.lives(), [routerUrl], signal)
    if (security) await makeUsers({ routerUrl, security, signal })
    onProgress({ step: 'ready', message: `Druid ${druid.version} answers at ${routerUrl}` })
    started = true
  } catch (error) {
    await crew.endAll(3_000)
    throw error
  }
  const stop = async (): Promise<void> => {
    onProgress({ step: 'stop', message: 'stopping Druid' })
    await crew.endAll(STOP_GRACE)
    for (const { jvm, archive } of crew.lives()) if ((await jvm.exit) === 0) await archive.keep()
    await folder.release()
  }
  const stopOnce = (): Promise<void> => {
    stopping ??= stop()
    return stopping
  }
  return {
    version: druid.version,
    routerUrl,
    tls: certificates && { routerUrl: tlsUrlOf('router', ports), ...certificates },
    ports,
    dataDir,
    logs: join(dataDir, 'log'),
    get services() {
      return crew.lives().map((life) => serviceOf(life, facts))
    },
    kill: (name) => crew.kill(name),
    async restart(name) {
      const life = await crew.renew(name, STOP_GRACE)
      await ready(
        [life],
        askable(life, crew).map((it) => serviceOf(it, facts).url as string),
      )
    },
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  }
}
