import type { Row, Shape, Table, TheCluster } from './row.ts'

const V1 = '/druid/coordinator/v1'
const OVERLORD = '/druid/indexer/v1/compaction'
const NAME = 'covered compaction 100% ö'
const CONFIG = { dataSource: NAME, skipOffsetFromLatest: 'P3D' }

const config: Shape = { dataSource: 'string', skipOffsetFromLatest: 'string' }
const clusterConfig: Shape = { compactionTaskSlotRatio: 'number', maxCompactionTaskSlots: 'number' }
const status: Shape = { dataSource: 'string', scheduleStatus: 'string', bytesCompacted: 'number' }
const audited: Shape = { compactionConfig: 'any', auditTime: 'string' }

/** That a data source is not compacted, or not looked at yet, is an answer of the endpoint, too. */
const codeOf = (error: { readonly code?: string }): string | undefined => error.code

const byCoordinator = (
  cluster: TheCluster,
): ReturnType<TheCluster['coordinatorClient']>['compaction'] =>
  cluster.coordinatorClient().compaction
const byOverlord = (cluster: TheCluster): ReturnType<TheCluster['overlordClient']>['compaction'] =>
  cluster.overlordClient().compaction

const coordinatorRows: readonly Row<unknown>[] = [
  {
    endpoint: `POST ${V1}/config/compaction`,
    method: 'coordinatorClient().compaction.setConfig()',
    call: (cluster) => byCoordinator(cluster).setConfig(CONFIG, { author: 'tests' }),
    answer: 'undefined',
  },
  {
    endpoint: `GET ${V1}/config/compaction`,
    method: 'coordinatorClient().compaction.configs()',
    call: (cluster) => byCoordinator(cluster).configs(),
    answer: { compactionConfigs: ['+', config], compactionTaskSlotRatio: 'number' },
  },
  {
    endpoint: `GET ${V1}/config/compaction/{dataSource}`,
    method: 'coordinatorClient().compaction.config()',
    call: (cluster) => byCoordinator(cluster).config(NAME),
    answer: config,
  },
  {
    endpoint: `GET ${V1}/config/compaction/{dataSource}/history?count={count}`,
    method: 'coordinatorClient().compaction.configHistory()',
    call: (cluster) => byCoordinator(cluster).configHistory(NAME, { count: 2 }),
    answer: ['+', audited],
  },
  {
    endpoint: `DELETE ${V1}/config/compaction/{dataSource}`,
    method: 'coordinatorClient().compaction.deleteConfig()',
    call: (cluster) => byCoordinator(cluster).deleteConfig(NAME),
    answer: 'undefined',
  },
  {
    endpoint: `POST ${V1}/config/compaction/taskslots?ratio={ratio}&max={max}`,
    method: 'coordinatorClient().compaction.setTaskSlots()',
    // What they are already.
    async call(cluster) {
      const now = await byCoordinator(cluster).configs()
      const { compactionTaskSlotRatio: ratio, maxCompactionTaskSlots: max } = now
      return byCoordinator(cluster).setTaskSlots({ ratio: ratio ?? 0.1, max: max ?? 2 ** 31 - 1 })
    },
    answer: 'undefined',
  },
  {
    endpoint: `POST ${V1}/config/compaction/taskslots?useAutoScaleSlots={use}`,
    method: 'coordinatorClient().compaction.setTaskSlots({ useAutoScaleSlots })',
    call: (cluster) => byCoordinator(cluster).setTaskSlots({ useAutoScaleSlots: false }),
    answer: 'undefined',
    until: 31,
  },
  {
    endpoint: `POST ${V1}/compaction/compact`,
    method: 'coordinatorClient().compaction.compact()',
    call: (cluster) => byCoordinator(cluster).compact(),
    answer: 'undefined',
  },
  {
    endpoint: `GET ${V1}/compaction/progress?dataSource={dataSource}`,
    method: 'coordinatorClient().compaction.progress()',
    call: (cluster) => byCoordinator(cluster).progress(NAME).catch(codeOf),
    answer: 'any',
    status: [200, 404],
  },
  {
    endpoint: `GET ${V1}/compaction/status`,
    method: 'coordinatorClient().compaction.status()',
    call: (cluster) => byCoordinator(cluster).status(),
    answer: [status],
  },
  {
    endpoint: `GET ${V1}/compaction/status?dataSource={dataSource}`,
    method: 'coordinatorClient().compaction.dataSourceStatus()',
    call: (cluster) => byCoordinator(cluster).dataSourceStatus(NAME).catch(codeOf),
    answer: 'any',
    status: [200, 404],
  },
  {
    endpoint: `POST ${V1}/compaction/simulate`,
    method: 'coordinatorClient().compaction.simulate()',
    call: (cluster) => byCoordinator(cluster).simulate({ maxCompactionTaskSlots: 1 }),
    answer: { '*': { columnNames: ['string'], rows: ['any'] } },
    since: 32,
  },
]

const overlordRows: readonly Row<unknown>[] = [
  {
    endpoint: `GET ${OVERLORD}/isSupervisorEnabled`,
    method: 'overlordClient().compaction.isSupervisorEnabled()',
    call: (cluster) => byOverlord(cluster).isSupervisorEnabled(),
    answer: 'boolean',
    since: 33,
  },
  {
    endpoint: `GET ${OVERLORD}/config/cluster`,
    method: 'overlordClient().compaction.clusterConfig()',
    call: (cluster) => byOverlord(cluster).clusterConfig(),
    answer: clusterConfig,
    since: 33,
  },
  {
    endpoint: `POST ${OVERLORD}/config/cluster`,
    method: 'overlordClient().compaction.setClusterConfig()',
    // What it is already.
    async call(cluster) {
      const { maxCompactionTaskSlots = 1 } = await byOverlord(cluster).clusterConfig()
      return byOverlord(cluster).setClusterConfig({ maxCompactionTaskSlots })
    },
    answer: 'undefined',
    since: 33,
  },
  {
    endpoint: `POST ${OVERLORD}/config/datasources/{dataSource}`,
    method: 'overlordClient().compaction.setConfig()',
    call: (cluster) => byOverlord(cluster).setConfig(CONFIG, { author: 'tests' }),
    answer: 'undefined',
    since: 33,
  },
  {
    endpoint: `GET ${OVERLORD}/config/datasources`,
    method: 'overlordClient().compaction.configs()',
    call: (cluster) => byOverlord(cluster).configs(),
    answer: ['+', config],
    since: 33,
  },
  {
    endpoint: `GET ${OVERLORD}/config/datasources/{dataSource}`,
    method: 'overlordClient().compaction.config()',
    call: (cluster) => byOverlord(cluster).config(NAME),
    answer: config,
    since: 33,
  },
  {
    endpoint: `GET ${OVERLORD}/config/datasources/{dataSource}/history?count={count}`,
    method: 'overlordClient().compaction.configHistory()',
    call: (cluster) => byOverlord(cluster).configHistory(NAME, { count: 2 }),
    answer: ['+', audited],
    since: 33,
  },
  {
    endpoint: `DELETE ${OVERLORD}/config/datasources/{dataSource}`,
    method: 'overlordClient().compaction.deleteConfig()',
    call: (cluster) => byOverlord(cluster).deleteConfig(NAME),
    answer: 'undefined',
    since: 33,
  },
  {
    endpoint: `GET ${OVERLORD}/status/datasources`,
    method: 'overlordClient().compaction.status()',
    call: (cluster) => byOverlord(cluster).status(),
    answer: [status],
    since: 33,
  },
  {
    endpoint: `GET ${OVERLORD}/status/datasources/{dataSource}`,
    method: 'overlordClient().compaction.dataSourceStatus()',
    call: (cluster) =>
      byOverlord(cluster)
        .dataSourceStatus(NAME)
        .catch((error) => {
          if (error.code === 'NOT_FOUND') return error.code
          throw error
        }),
    answer: 'any',
    status: [200, 404],
    since: 33,
  },
  {
    endpoint: `POST ${OVERLORD}/simulate`,
    method: 'overlordClient().compaction.simulate()',
    call: (cluster) => byOverlord(cluster).simulate({ maxCompactionTaskSlots: 1 }),
    answer: { '*': { columnNames: ['string'], rows: ['any'] } },
    since: 33,
  },
]

export const compactionTable: Table<true> = {
  title: 'Coordinator and Overlord: auto-compaction',
  prepare: async () => true,
  remove: (druid) => druid.cluster().dataSource(NAME).compaction.clear(),
  rows: [...coordinatorRows, ...overlordRows],
}
