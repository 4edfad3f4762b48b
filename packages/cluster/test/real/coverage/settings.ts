import type { Row, Shape, Table, TheCluster } from './row.ts'

const V1 = '/druid/coordinator/v1'
const NAME = 'covered settings 100% ö'

const audited: Shape = {
  key: 'string',
  type: 'string',
  payload: 'string',
  auditTime: 'string',
  auditInfo: { author: 'string', comment: 'string', ip: 'string' },
}
const rule: Shape = { type: 'string' }
const config: Shape = { maxSegmentsToMove: 'number', pauseCoordination: 'boolean' }
const NOT_TESTED = 'in no version that is tested'

const rules = (cluster: TheCluster): ReturnType<TheCluster['coordinatorClient']>['rules'] =>
  cluster.coordinatorClient().rules
const configs = (cluster: TheCluster): ReturnType<TheCluster['coordinatorClient']>['config'] =>
  cluster.coordinatorClient().config

const rulesRows: readonly Row<unknown>[] = [
  {
    endpoint: `POST ${V1}/rules/{dataSource}`,
    method: 'coordinatorClient().rules.set()',
    call: (cluster) => rules(cluster).set(NAME, [{ type: 'dropForever' }], { author: 'tests' }),
    answer: 'undefined',
  },
  {
    endpoint: `GET ${V1}/rules`,
    method: 'coordinatorClient().rules.all()',
    call: (cluster) => rules(cluster).all(),
    answer: { _default: ['+', rule], [NAME]: ['+', rule] },
  },
  {
    endpoint: `GET ${V1}/rules/{dataSource}`,
    method: 'coordinatorClient().rules.get()',
    call: (cluster) => rules(cluster).get(NAME),
    answer: ['+', rule],
  },
  {
    endpoint: `GET ${V1}/rules/{dataSource}?full`,
    method: 'coordinatorClient().rules.get({ full })',
    call: (cluster) => rules(cluster).get('none such', { full: true }),
    answer: ['+', rule],
  },
  {
    endpoint: `GET ${V1}/rules/history?count={count}`,
    method: 'coordinatorClient().rules.history()',
    call: (cluster) => rules(cluster).history({ count: 3 }),
    answer: ['+', audited],
  },
  {
    endpoint: `GET ${V1}/rules/{dataSource}/history?interval={interval}`,
    method: 'coordinatorClient().rules.dataSourceHistory()',
    call: (cluster) => rules(cluster).dataSourceHistory(NAME, { interval: '2020/2100' }),
    answer: ['+', audited],
  },
]

const configRows: readonly Row<unknown>[] = [
  {
    endpoint: `POST ${V1}/config`,
    method: 'coordinatorClient().config.set()',
    // What it is already.
    call: async (cluster) => {
      const { maxSegmentsToMove = 100 } = await configs(cluster).get()
      return configs(cluster).set({ maxSegmentsToMove }, { author: 'tests' })
    },
    answer: 'undefined',
  },
  {
    endpoint: `GET ${V1}/config`,
    method: 'coordinatorClient().config.get()',
    call: (cluster) => configs(cluster).get(),
    answer: config,
  },
  {
    endpoint: `GET ${V1}/config/history?count={count}`,
    method: 'coordinatorClient().config.history()',
    call: (cluster) => configs(cluster).history({ count: 2 }),
    answer: ['+', audited],
  },
  {
    endpoint: `GET ${V1}/config/syncedBrokers`,
    method: 'coordinatorClient().config.syncedBrokers()',
    call: (cluster) => configs(cluster).syncedBrokers(),
    answer: [{ host: 'string' }],
    since: 34,
    untested: NOT_TESTED,
  },
  {
    endpoint: `GET ${V1}/config/cloneStatus`,
    method: 'coordinatorClient().config.cloneStatus()',
    call: (cluster) => configs(cluster).cloneStatus(),
    answer: [{ sourceServer: 'string' }],
    since: 34,
    untested: NOT_TESTED,
  },
  {
    endpoint: `GET ${V1}/config/cloneStatus?targetServer={server}`,
    method: 'coordinatorClient().config.serverCloneStatus()',
    call: (cluster) => configs(cluster).serverCloneStatus('nowhere:1'),
    answer: { sourceServer: 'string' },
    since: 34,
    untested: NOT_TESTED,
  },
  {
    endpoint: `GET ${V1}/broker/config`,
    method: 'coordinatorClient().config.brokerConfig()',
    call: (cluster) => configs(cluster).brokerConfig(),
    answer: 'any',
    since: 37,
    untested: NOT_TESTED,
  },
  {
    endpoint: `POST ${V1}/broker/config`,
    method: 'coordinatorClient().config.setBrokerConfig()',
    call: (cluster) => configs(cluster).setBrokerConfig({}),
    answer: 'undefined',
    since: 37,
    untested: NOT_TESTED,
  },
  {
    endpoint: `GET ${V1}/broker/config/history[?interval={interval}]`,
    method: 'coordinatorClient().config.brokerConfigHistory()',
    call: (cluster) => configs(cluster).brokerConfigHistory(),
    answer: [audited],
    since: 37,
    untested: NOT_TESTED,
  },
]

/** Rules and dynamic configuration. */
export const settingsTable: Table<true> = {
  title: 'Coordinator: retention rules and dynamic configuration',
  prepare: async () => true,
  remove: (druid) => rules(druid.cluster()).set(NAME, []),
  rows: [...rulesRows, ...configRows],
}
