import type { Shape, Table, TheCluster } from './row.ts'

const PATH = '/druid/coordinator/v1/lookups'

const LOOKUP = {
  version: 'v1',
  lookupExtractorFactory: { type: 'map', map: { a: 'A' } },
}
const SPEC: Shape = { version: 'string', lookupExtractorFactory: { type: 'string' } }
const STATUS: Shape = { loaded: 'boolean' }
const NODE: Shape = { current: 'any', toLoad: 'any', toDrop: ['string'] }

/** A tier that no server is in, so that nothing is loaded by these. */
const TIER = 'covered tier 100% é'
const NAME = 'covered "lookup" 100% é'

/** The tier of servers that are told no other. */
const DEFAULT_TIER = '__default'

const group = (cluster: TheCluster): ReturnType<TheCluster['coordinatorClient']>['lookups'] =>
  cluster.coordinatorClient().lookups

/** Works on a server of the default tier. */
export const lookupsTable: Table<string> = {
  title: 'Coordinator: lookups',
  async prepare(druid) {
    const lookups = group(druid.cluster())
    await lookups.update({})
    await lookups.update({ [TIER]: { [NAME]: LOOKUP } })
    const [node = ''] = Object.keys(await lookups.tierNodeStatus(DEFAULT_TIER))
    return node
  },
  async remove(druid) {
    await group(druid.cluster())
      .deleteTier(TIER)
      .catch(() => undefined)
  },
  rows: [
    {
      endpoint: `POST ${PATH}/config`,
      method: 'coordinatorClient().lookups.update()',
      call: (cluster) => group(cluster).update({ [TIER]: { other: LOOKUP } }),
      answer: 'undefined',
      status: 202,
    },
    {
      endpoint: `POST ${PATH}/config/{tier}/{lookup}`,
      method: 'coordinatorClient().lookups.put()',
      call: (cluster) => group(cluster).put(TIER, NAME, { ...LOOKUP, version: 'v2' }),
      answer: 'undefined',
      status: 202,
    },
    {
      endpoint: `GET ${PATH}/config`,
      method: 'coordinatorClient().lookups.tiers()',
      call: (cluster) => group(cluster).tiers(),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${PATH}/config?discover=true`,
      method: 'coordinatorClient().lookups.tiers({ discover })',
      call: (cluster) => group(cluster).tiers({ discover: true }),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${PATH}/config/all`,
      method: 'coordinatorClient().lookups.all()',
      call: (cluster) => group(cluster).all(),
      answer: { '+': { '*': SPEC } },
    },
    {
      endpoint: `GET ${PATH}/config/{tier}`,
      method: 'coordinatorClient().lookups.names()',
      call: (cluster) => group(cluster).names(TIER),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${PATH}/config/{tier}?detailed=true`,
      method: 'coordinatorClient().lookups.tier()',
      call: (cluster) => group(cluster).tier(TIER),
      answer: { '+': SPEC },
    },
    {
      endpoint: `GET ${PATH}/config/{tier}/{lookup}`,
      method: 'coordinatorClient().lookups.get()',
      call: (cluster) => group(cluster).get(TIER, NAME),
      answer: SPEC,
    },
    {
      endpoint: `GET ${PATH}/status?detailed=true`,
      method: 'coordinatorClient().lookups.status()',
      call: (cluster) => group(cluster).status(),
      answer: { '+': { '*': STATUS } },
    },
    {
      endpoint: `GET ${PATH}/status/{tier}?detailed=true`,
      method: 'coordinatorClient().lookups.tierStatus()',
      call: (cluster) => group(cluster).tierStatus(TIER),
      answer: { '+': STATUS },
    },
    {
      endpoint: `GET ${PATH}/status/{tier}/{lookup}?detailed=true`,
      method: 'coordinatorClient().lookups.lookupStatus()',
      call: (cluster) => group(cluster).lookupStatus(TIER, NAME),
      answer: STATUS,
    },
    {
      endpoint: `GET ${PATH}/nodeStatus`,
      method: 'coordinatorClient().lookups.nodeStatus()',
      call: (cluster) => group(cluster).nodeStatus(),
      answer: { '*': { '*': NODE } },
    },
    {
      endpoint: `GET ${PATH}/nodeStatus?discover=true`,
      method: 'coordinatorClient().lookups.nodeStatus({ discover })',
      call: (cluster) => group(cluster).nodeStatus({ discover: true }),
      answer: { '+': { '+': NODE } },
    },
    {
      endpoint: `GET ${PATH}/nodeStatus/{tier}`,
      method: 'coordinatorClient().lookups.tierNodeStatus()',
      call: (cluster) => group(cluster).tierNodeStatus(DEFAULT_TIER),
      answer: { '+': NODE },
    },
    {
      endpoint: `GET ${PATH}/nodeStatus/{tier}/{node}`,
      method: 'coordinatorClient().lookups.oneNodeStatus()',
      call: (cluster, node) => group(cluster).oneNodeStatus(DEFAULT_TIER, node),
      answer: NODE,
    },
    {
      endpoint: `DELETE ${PATH}/config/{tier}/{lookup}`,
      method: 'coordinatorClient().lookups.delete()',
      call: (cluster) => group(cluster).delete(TIER, 'other'),
      answer: 'undefined',
      status: 202,
    },
    {
      endpoint: `DELETE ${PATH}/config/{tier}`,
      method: 'coordinatorClient().lookups.deleteTier()',
      call: (cluster) => group(cluster).deleteTier(TIER),
      answer: 'undefined',
      status: 202,
    },
  ],
}
