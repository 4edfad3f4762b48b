import { join } from 'node:path'
import { type Member, peonPorts, portOf, type ServiceName, servesTls } from './members.ts'
import type { Ports } from './ports.ts'
import { serverTlsProperties, type Tls } from './tls.ts'

export type Properties = Readonly<Record<string, string | number | boolean>>

export interface ClusterFacts {
  readonly dataDir: string
  readonly ports: Ports
  readonly extensions: readonly string[]
  readonly extensionsFolder: string
  readonly tls?: Tls | undefined
  readonly hosts?: 'internal' | undefined
}

const HOST = '127.0.0.1'

/** As which the services of a cluster know one. */
export function hostOf(member: Member, hosts: 'internal' | undefined): string {
  return hosts === 'internal' ? `${member.name}.druid.internal` : HOST
}

/** The only names that a JVM then can resolve. */
export function hostsFile(members: readonly Member[], ownName: string): string {
  const names = ['localhost', ownName, ...members.map((member) => hostOf(member, 'internal'))]
  return names.map((name) => `${HOST} ${name}\n`).join('')
}

/**
 * All properties of a service, in one file each: the class path then holds jars only, which class
 * data sharing wants. Periods are short, so that new rows can be queried within seconds.
 */
export function propertiesOf(member: Member, facts: ClusterFacts): Properties {
  const { dataDir, ports, tls, hosts } = facts
  return {
    ...common(facts),
    'druid.host': hostOf(member, hosts),
    ...own[member.kind as ServiceName](member, facts),
    'druid.plaintextPort': portOf(ports, member.name),
    ...(tls &&
      servesTls(member) &&
      serverTlsProperties(dataDir, portOf(ports, `${member.name}-tls`), tls)),
  }
}

function common({ dataDir, ports, extensions, extensionsFolder }: ClusterFacts): Properties {
  const metadata = join(dataDir, 'metadata')
  return {
    'druid.bindOnHost': true,
    'druid.extensions.directory': extensionsFolder,
    'druid.extensions.loadList': JSON.stringify(extensions),
    'druid.zk.service.host': `${HOST}:${ports.zookeeper}`,
    // How soon the others notice that a service was killed.
    'druid.zk.service.sessionTimeoutMs': 10_000,
    'druid.metadata.storage.type': 'derby',
    'druid.metadata.storage.connector.connectURI': `jdbc:derby://${HOST}:${ports.metadata}/${metadata};create=true`,
    'druid.storage.type': 'local',
    'druid.storage.storageDirectory': join(dataDir, 'segments'),
    'druid.indexer.logs.type': 'file',
    'druid.indexer.logs.directory': join(dataDir, 'task-logs'),
    'druid.selectors.indexing.serviceName': 'druid/overlord',
    'druid.selectors.coordinator.serviceName': 'druid/coordinator',
    'druid.lookup.enableLookupSyncOnStartup': false,
    'druid.emitter': 'noop',
    'druid.server.http.numThreads': 20,
    // Services hold long requests open to one another; a stop waits for them, an Indexer's for 30 s.
    'druid.server.http.gracefulShutdownTimeout': 'PT0S',
    'druid.serverview.http.serverTimeout': 'PT2S',
    'druid.processing.numThreads': 1,
    'druid.processing.numMergeBuffers': 2,
    'druid.processing.buffer.sizeBytes': '16MiB',
    'druid.processing.tmpDir': join(dataDir, 'tmp'),
    // Results of statements that MSQ keeps; of no effect without it.
    'druid.msq.intermediate.storage.enable': true,
    'druid.msq.intermediate.storage.type': 'local',
    'druid.msq.intermediate.storage.basePath': join(dataDir, 'msq'),
  }
}

type Own = (member: Member, facts: ClusterFacts) => Properties

const own: Readonly<Record<ServiceName, Own>> = {
  coordinator: ({ name }, { ports }) => ({
    // It starts a server of its own whatever the URI says, and ends it as it ends.
    'druid.metadata.storage.connector.host': HOST,
    'druid.metadata.storage.connector.port': portOf(ports, `${name}-derby`),
    'druid.service': 'druid/coordinator',
    'druid.coordinator.asOverlord.enabled': true,
    'druid.coordinator.asOverlord.overlordService': 'druid/overlord',
    'druid.coordinator.startDelay': 'PT1S',
    'druid.coordinator.period': 'PT5S',
    'druid.manager.segments.pollDuration': 'PT2S',
    'druid.manager.lookups.period': 2_000,
    'druid.indexer.queue.startDelay': 'PT1S',
    'druid.indexer.runner.type': 'httpRemote',
    'druid.indexer.runner.syncRequestTimeout': 'PT2S',
    'druid.indexer.storage.type': 'metadata',
  }),
  broker: () => ({
    'druid.service': 'druid/broker',
    'druid.broker.http.numConnections': 10,
    'druid.sql.planner.metadataRefreshPeriod': 'PT2S',
  }),
  historical: (member, { dataDir }) => ({
    'druid.service': 'druid/historical',
    'druid.segmentCache.locations': JSON.stringify([
      { path: ownFolder(dataDir, 'segment-cache', member), maxSize: '10g' },
    ]),
  }),
  router: () => ({
    'druid.service': 'druid/router',
    'druid.router.defaultBrokerServiceName': 'druid/broker',
    'druid.router.coordinatorServiceName': 'druid/coordinator',
    'druid.router.managementProxy.enabled': true,
    'druid.router.http.numConnections': 20,
  }),
  indexer: (member, { dataDir }) => ({
    'druid.service': 'druid/indexer',
    'druid.worker.capacity': 3,
    'druid.worker.baseTaskDirs': JSON.stringify([ownFolder(dataDir, 'tasks', member)]),
  }),
  middleManager: (member, { dataDir, ports }) => ({
    'druid.service': 'druid/middleManager',
    'druid.worker.capacity': 2,
    'druid.worker.baseTaskDirs': JSON.stringify([ownFolder(dataDir, 'middle-manager', member)]),
    'druid.indexer.runner.ports': JSON.stringify(
      peonPorts(member.name).map((name) => portOf(ports, name)),
    ),
  }),
}

/** What no two services may share. */
function ownFolder(dataDir: string, name: string, { number }: Member): string {
  return join(dataDir, number === 1 ? name : `${name}-${number}`)
}

/** ZooKeeper's own configuration: its command line cannot say to listen on this machine only. */
export function zookeeperProperties({ dataDir, ports }: ClusterFacts): Properties {
  return {
    dataDir: join(dataDir, 'zookeeper'),
    clientPort: ports.zookeeper,
    clientPortAddress: HOST,
    maxClientCnxns: 0,
    'admin.enableServer': false,
  }
}

/** The metadata store: Derby's own server, so that it outlives any Coordinator. */
export function metadataArguments({ ports }: ClusterFacts): string[] {
  // The JVMs of today know no security manager.
  return ['start', '-h', HOST, '-p', String(ports.metadata), '-noSecurityManager']
}

/** A Java properties file, in ASCII: ZooKeeper and Druid read others differently. */
export function propertiesFile(properties: Properties): string {
  return Object.entries(properties)
    .map(([key, value]) => {
      const name = escaped(key).replace(/[ :=#!]/g, '\\$&')
      return `${name}=${escaped(String(value)).replace(/^ /, '\\ ')}\n`
    })
    .join('')
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('\f', '\\f')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Without a configuration of its own Log4j writes errors only. */
export const LOG4J = `<Configuration status="WARN">
  <Appenders><Console name="out" target="SYSTEM_OUT">
    <PatternLayout pattern="%d{ISO8601} %p [%t] %c - %m%n"/>
  </Console></Appenders>
  <Loggers><Root level="info"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`
