import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ArchiveUse, archiveFolder, archiveUse } from './archive.ts'
import { compiledJar } from './compile.ts'
import { type DataFolder, takeDataFolder } from './data-folder.ts'
import { DERBY_LOG, type Jvm, startJvm } from './jvm.ts'
import { LEASH } from './leash.ts'
import { choosePorts, PORT_NAMES, type Ports, TLS_PORT_NAMES } from './ports.ts'
import { checkPrerequisites, type Prerequisites } from './prerequisites.ts'
import { processId } from './process.ts'
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
import {
  HEAP,
  LOG4J,
  type Properties,
  propertiesFile,
  propertiesOf,
  ROLES,
  SERVICE_NAMES,
  type ServiceName,
  tlsPortOf,
  zookeeperProperties,
} from './services.ts'
import { authority, clientTlsFlags, type LocalTls, type Tls } from './tls.ts'
import { tlsModule } from './tls-module.ts'
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
  /** The same for single services, which override `properties`: `{ broker: { 'druid.…': 1 } }`. */
  readonly serviceProperties?: Partial<Record<ServiceName, Properties>> | undefined
  /** Passwords and users, by `druid-basic-security`, which it adds to `extensions`. Default: none. */
  readonly security?: Security | undefined
  /**
   * HTTPS of the Router and the Broker, on ports of their own beside plain HTTP, by certificates that
   * the start makes. `true` is `{}`. Default: none.
   */
  readonly tls?: boolean | Tls | undefined
  /** An unpacked distribution to use instead of Maven. */
  readonly home?: string | undefined
  /** Which services to start; Coordinator, Broker and Router are needed. Default all five. */
  readonly services?: readonly ServiceName[] | undefined
  /** Milliseconds until the services must be up, once started. Default 180,000. */
  readonly timeout?: number | undefined
  readonly onProgress?: OnProgress | undefined
  /** Aborting ends a start under way, and everything it started. */
  readonly signal?: AbortSignal | undefined
}

export interface LocalService {
  readonly name: ServiceName | 'zookeeper'
  /** As `sys.servers` lists them. */
  readonly roles: readonly string[]
  /** `undefined` for ZooKeeper, which speaks no HTTP. */
  readonly url: string | undefined
  /** The same over HTTPS, of one that serves it. */
  readonly tlsUrl: string | undefined
  readonly port: number
  readonly pid: number
  /** Its log file. */
  readonly log: string
}

/** A Druid that runs on this machine. */
export interface LocalDruid extends AsyncDisposable {
  readonly version: string
  readonly routerUrl: string
  /** How to speak HTTPS with it, when it was started with `tls`. */
  readonly tls: LocalTls | undefined
  readonly services: readonly LocalService[]
  readonly ports: Ports
  readonly dataDir: string
  /** Folder of the log files. */
  readonly logs: string
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
  const services = checkServices(options.services ?? SERVICE_NAMES)
  for (const name of Object.keys(options.serviceProperties ?? {})) checkService(name)
  if (options.home === undefined) checkVersion(version, extensions)
  if (security) checkSecurity(security)
  const found = await checkPrerequisites({ home: options.home, signal })
  for (const message of found.warnings) onProgress({ step: 'warning', message })
  signal?.throwIfAborted()

  const folder = await takeDataFolder(options.dataDir)
  try {
    const druid = options.home
      ? await distribution(options.home, extensions)
      : await resolveDruid(version, extensions, onProgress, signal)
    const checked = { ...options, extensions, tls, services, onProgress }
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
  readonly services: readonly ServiceName[]
  readonly tls: Tls | undefined
  readonly onProgress: OnProgress
}

async function startOn(options: CheckedOptions, ground: Ground): Promise<LocalDruid> {
  const names = [...PORT_NAMES, ...(options.tls ? TLS_PORT_NAMES : [])]
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
  const { services, extensions = [], security, tls, onProgress, signal } = options
  for (const name of ['conf', 'log', 'tmp', 'zookeeper', 'segments']) {
    await mkdir(join(dataDir, name), { recursive: true })
  }
  await writeFile(join(dataDir, 'conf', 'log4j2.xml'), LOG4J)
  const shared = [await compiledJar(LEASH, found), ...druid.jars]
  const classPath = tls ? [...shared, await compiledJar(tlsModule(druid.jars), found)] : shared
  const archives = await archiveFolder(druid.version, found.javaBuild, shared)
  const derbyLog = join(dataDir, 'log', DERBY_LOG)
  // What an earlier start met says nothing of this one.
  await rm(derbyLog, { force: true })
  const jvms: Jvm[] = []
  const uses = new Map<Jvm, ArchiveUse>()

  const begin = async (
    name: ServiceName | 'zookeeper',
    rest: {
      mainClass: string
      args: readonly string[]
      flags: readonly string[]
      leashDelay: number
    },
  ): Promise<void> => {
    const { javaBin, javaVersion } = found
    const readOnly = classPath !== shared
    const archive = await archiveUse(archives, name, { dataDir, javaVersion, readOnly })
    const jvm = await startJvm({
      name,
      javaBin,
      classPath,
      heap: HEAP[name],
      archive,
      dataDir,
      ...rest,
    })
    jvms.push(jvm)
    uses.set(jvm, archive)
    await folder.lock.record(await Promise.all(jvms.map((it) => processId(it.pid))))
    signal?.throwIfAborted()
  }

  const stopAll = async (grace: number): Promise<void> => {
    // A service whose ZooKeeper is gone never ends its shutdown.
    const zookeeper = jvms.filter((jvm) => jvm.name === 'zookeeper')
    const others = jvms.filter((jvm) => jvm.name !== 'zookeeper')
    for (const group of [others, zookeeper]) await Promise.all(group.map((jvm) => jvm.stop(grace)))
  }

  const facts = { dataDir, ports, extensions, extensionsFolder: druid.extensionsFolder, tls }
  const certificates = tls && (await authority(dataDir, found.javaBin))
  try {
    const zookeeper = join(dataDir, 'conf', 'zookeeper.properties')
    await writeFile(zookeeper, propertiesFile(zookeeperProperties(facts)))
    await begin('zookeeper', {
      mainClass: 'org.apache.zookeeper.server.ZooKeeperServerMain',
      args: [zookeeper],
      flags: ['-Dzookeeper.jmx.log4j.disable=true'],
      leashDelay: 15_000,
    })
    for (const name of services) {
      const file = join(dataDir, 'conf', `${name}.properties`)
      const properties = {
        ...propertiesOf(name, facts),
        ...(security && securityProperties(security)),
        ...options.properties,
        ...options.serviceProperties?.[name],
      }
      await writeFile(file, propertiesFile(properties))
      await begin(name, {
        mainClass: 'org.apache.druid.cli.Main',
        args: ['server', name],
        flags: [`-Ddruid.properties.file=${file}`, ...(tls ? clientTlsFlags(dataDir) : [])],
        leashDelay: 0,
      })
    }
    const running = jvms.map((jvm) => serviceOf(jvm, ports))
    const routerUrl = `http://127.0.0.1:${ports.router}`
    await untilReady(jvms, running, routerUrl, {
      timeout: options.timeout ?? 180_000,
      derbyLog,
      headers: adminHeaders(security),
      onProgress,
      signal,
    })
    if (security) {
      const coordinatorUrl = `http://127.0.0.1:${ports.coordinator}`
      await makeUsers({ coordinatorUrl, routerUrl, security, signal })
    }
    onProgress({ step: 'ready', message: `Druid ${druid.version} answers at ${routerUrl}` })
    let stopping: Promise<void> | undefined
    for (const { name, exit, logFile } of jvms) {
      void exit.then((code) => {
        if (stopping !== undefined) return
        const message = `${name} has ended by itself (${code}); its log is ${logFile}`
        onProgress({ step: 'warning', message })
      })
    }
    const stop = async (): Promise<void> => {
      onProgress({ step: 'stop', message: 'stopping Druid' })
      await stopAll(STOP_GRACE)
      for (const [jvm, use] of uses) if ((await jvm.exit) === 0) await use.keep()
      await folder.release()
    }
    const stopOnce = (): Promise<void> => {
      stopping ??= stop()
      return stopping
    }
    return {
      version: druid.version,
      routerUrl,
      tls: certificates && { routerUrl: tlsUrlOf('router', ports) ?? '', ...certificates },
      ports,
      dataDir,
      logs: join(dataDir, 'log'),
      services: running,
      stop: stopOnce,
      [Symbol.asyncDispose]: stopOnce,
    }
  } catch (error) {
    await stopAll(3_000)
    throw error
  }
}

function serviceOf(jvm: Jvm, ports: Ports): LocalService {
  const name = jvm.name as LocalService['name']
  const port = ports[name]
  return {
    name,
    roles: name === 'zookeeper' ? [] : ROLES[name],
    url: name === 'zookeeper' ? undefined : `http://127.0.0.1:${port}`,
    tlsUrl: name === 'zookeeper' ? undefined : tlsUrlOf(name, ports),
    port,
    pid: jvm.pid,
    log: jvm.logFile,
  }
}

function tlsUrlOf(name: ServiceName, ports: Ports): string | undefined {
  const port = tlsPortOf(name, ports)
  return port === undefined ? undefined : `https://127.0.0.1:${port}`
}

function checkServices(names: readonly string[]): readonly ServiceName[] {
  const services = names.map(checkService)
  for (const needed of ['router', 'broker', 'coordinator'] as const) {
    if (!services.includes(needed)) throw new Error(`services: the ${needed} is needed`)
  }
  return [...new Set(services)]
}

function checkService(name: string): ServiceName {
  const service = SERVICE_NAMES.find((it) => it === name)
  if (service !== undefined) return service
  throw new Error(`there is no service "${name}"; there are ${SERVICE_NAMES.join(', ')}`)
}
