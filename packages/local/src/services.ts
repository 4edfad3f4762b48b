import { join } from 'node:path'
import type { Ports } from './ports.ts'
import { serverTlsProperties, type Tls } from './tls.ts'

export const SERVICE_NAMES = ['coordinator', 'broker', 'historical', 'router', 'indexer'] as const
export type ServiceName = (typeof SERVICE_NAMES)[number]

/** Roles that `sys.servers` lists for a service: the Coordinator is the Overlord as well. */
export const ROLES: Readonly<Record<ServiceName, readonly string[]>> = {
  coordinator: ['coordinator', 'overlord'],
  broker: ['broker'],
  historical: ['historical'],
  router: ['router'],
  indexer: ['indexer'],
}

/** `-Xmx`, enough for tests and examples of some million rows. */
export const HEAP: Readonly<Record<ServiceName | 'zookeeper', string>> = {
  zookeeper: '128m',
  coordinator: '512m',
  broker: '512m',
  historical: '512m',
  router: '256m',
  indexer: '1g',
}

export type Properties = Readonly<Record<string, string | number | boolean>>

export interface ClusterFacts {
  readonly dataDir: string
  readonly ports: Ports
  readonly extensions: readonly string[]
  readonly extensionsFolder: string
  readonly tls?: Tls | undefined
}

const HOST = '127.0.0.1'

/**
 * All properties of a service, in one file each: the class path then holds jars only, which class
 * data sharing wants. Periods are short, so that new rows can be queried within seconds.
 */
export function propertiesOf(service: ServiceName, facts: ClusterFacts): Properties {
  const { dataDir, ports, tls } = facts
  const tlsPort = tlsPortOf(service, ports)
  return {
    ...common(facts),
    ...own[service](dataDir),
    'druid.plaintextPort': ports[service],
    ...(tls && tlsPort !== undefined && serverTlsProperties(dataDir, tlsPort, tls)),
  }
}

/** Of a service that serves HTTPS. */
export function tlsPortOf(service: ServiceName, ports: Ports): number | undefined {
  return service === 'router' || service === 'broker' ? ports[`${service}-tls`] : undefined
}

function common({ dataDir, ports, extensions, extensionsFolder }: ClusterFacts): Properties {
  const metadata = join(dataDir, 'metadata')
  return {
    'druid.host': HOST,
    'druid.bindOnHost': true,
    'druid.extensions.directory': extensionsFolder,
    'druid.extensions.loadList': JSON.stringify(extensions),
    'druid.zk.service.host': `${HOST}:${ports.zookeeper}`,
    'druid.metadata.storage.type': 'derby',
    'druid.metadata.storage.connector.connectURI': `jdbc:derby://${HOST}:${ports.metadata}/${metadata};create=true`,
    'druid.metadata.storage.connector.host': HOST,
    'druid.metadata.storage.connector.port': ports.metadata,
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

const own: Readonly<Record<ServiceName, (dataDir: string) => Properties>> = {
  coordinator: () => ({
    'druid.service': 'druid/coordinator',
    'druid.coordinator.asOverlord.enabled': true,
    'druid.coordinator.asOverlord.overlordService': 'druid/overlord',
    'druid.coordinator.startDelay': 'PT1S',
    'druid.coordinator.period': 'PT5S',
    'druid.manager.segments.pollDuration': 'PT2S',
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
  historical: (dataDir) => ({
    'druid.service': 'druid/historical',
    'druid.segmentCache.locations': JSON.stringify([
      { path: join(dataDir, 'segment-cache'), maxSize: '10g' },
    ]),
  }),
  router: () => ({
    'druid.service': 'druid/router',
    'druid.router.defaultBrokerServiceName': 'druid/broker',
    'druid.router.coordinatorServiceName': 'druid/coordinator',
    'druid.router.managementProxy.enabled': true,
    'druid.router.http.numConnections': 20,
  }),
  indexer: (dataDir) => ({
    'druid.service': 'druid/indexer',
    'druid.worker.capacity': 3,
    'druid.worker.baseTaskDirs': JSON.stringify([join(dataDir, 'tasks')]),
  }),
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
