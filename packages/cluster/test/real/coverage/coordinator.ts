import { ingested } from './ingested.ts'
import type { Shape, Table } from './row.ts'

/** With all that is hard in a path. */
const NAME = 'coverage 100% ö'
const DAY = '2024-01-01/2024-01-02'
const V1 = '/druid/coordinator/v1'
const DS = `${V1}/datasources/{dataSource}` as const

/** The Coordinator asks the Overlord without an `Accept`, which that answers with 500. */
const NOT_33 = 'Druid 33.0.0 fails (500) with a fault of its own; `overlordClient().segments` works'

const segment: Shape = { dataSource: 'string', interval: 'string', identifier: 'string' }
const node: Shape = { host: 'string', service: 'string' }
const nodeDetail: Shape = { druidNode: { host: 'string' }, nodeType: 'string', startTime: 'string' }
const server: Shape = { host: 'string', tier: 'string', currSize: 'number', maxSize: 'number' }
const size: Shape = { size: 'number', count: 'number' }
const served: Shape = { metadata: segment, servers: ['+', 'string'] }
const tierSize: Shape = { segmentCount: 'number', size: 'number', replicatedSize: 'number' }
const sizes: Shape = { segments: { count: 'number', size: 'number' }, tiers: { '+': tierSize } }

interface Subject {
  readonly server: string
  readonly segmentId: string
  readonly version: string
}

export const coordinatorTable: Table<Subject> = {
  title: 'Coordinator',
  async prepare(druid) {
    await ingested(druid, NAME)
    const coordinator = druid.cluster().coordinatorClient()
    const [details] = await coordinator.segmentDetails(NAME)
    const servers = await coordinator.serverSummaries()
    const historical = servers.find(({ type }) => type === 'historical')
    if (details === undefined || historical === undefined) throw new Error('nothing is served')
    const { identifier: segmentId, version } = details
    return { segmentId, version, server: historical.host }
  },
  remove: (druid) => druid.cluster().coordinatorClient().markAllUnused(NAME),
  rows: [
    {
      endpoint: `GET ${V1}/leader`,
      method: 'coordinatorClient().leader()',
      call: (cluster) => cluster.coordinatorClient().leader(),
      answer: 'string',
    },
    {
      endpoint: `GET ${V1}/isLeader`,
      method: 'coordinatorClient().isLeader()',
      call: (cluster) => cluster.coordinatorClient().isLeader(),
      answer: 'boolean',
    },
    {
      endpoint: `GET ${V1}/loadstatus`,
      method: 'coordinatorClient().loadStatus()',
      call: (cluster) => cluster.coordinatorClient().loadStatus(),
      answer: { [NAME]: 'number', '*': 'number' },
    },
    {
      endpoint: `GET ${V1}/loadstatus?simple`,
      method: 'coordinatorClient().loadStatusCounts()',
      call: (cluster) => cluster.coordinatorClient().loadStatusCounts(),
      answer: { [NAME]: 'number', '*': 'number' },
    },
    {
      endpoint: `GET ${V1}/loadstatus?full[&computeUsingClusterView]`,
      method: 'coordinatorClient().loadStatusByTier()',
      call: (cluster) =>
        cluster.coordinatorClient().loadStatusByTier({ computeUsingClusterView: true }),
      answer: { '+': { [NAME]: 'number', '*': 'number' } },
    },
    {
      endpoint: `GET ${V1}/loadqueue`,
      method: 'coordinatorClient().loadQueue()',
      call: (cluster) => cluster.coordinatorClient().loadQueue(),
      answer: { '+': { segmentsToLoad: ['string'], segmentsToDrop: ['string'] } },
    },
    {
      endpoint: `GET ${V1}/loadqueue?simple`,
      method: 'coordinatorClient().loadQueueSummaries()',
      call: (cluster) => cluster.coordinatorClient().loadQueueSummaries(),
      answer: { '+': { segmentsToLoad: 'number', segmentsToDropSize: 'number' } },
    },
    {
      endpoint: `GET ${V1}/loadqueue?full`,
      method: 'coordinatorClient().loadQueueDetails()',
      call: (cluster) => cluster.coordinatorClient().loadQueueDetails(),
      // Where servers are told by HTTP, 27.0.0 tells nothing of them.
      answer: { '+': {} },
      untested: { '33.0.0': 'Druid breaks the reply off' },
    },
    {
      endpoint: `GET ${V1}/duties`,
      method: 'coordinatorClient().duties()',
      call: (cluster) => cluster.coordinatorClient().duties(),
      answer: ['+', { name: 'string', period: 'string', dutyNames: ['+', 'string'] }],
      since: 31,
    },
    {
      endpoint: `GET ${V1}/cluster`,
      method: 'coordinatorClient().nodes()',
      call: (cluster) => cluster.coordinatorClient().nodes(),
      answer: { broker: ['+', node], '*': [node] },
    },
    {
      endpoint: `GET ${V1}/cluster?full=true`,
      method: 'coordinatorClient().nodeDetails()',
      call: (cluster) => cluster.coordinatorClient().nodeDetails(),
      answer: { broker: ['+', nodeDetail], '*': [nodeDetail] },
    },
    {
      endpoint: `GET ${V1}/cluster/{role}`,
      method: 'coordinatorClient().nodesOf()',
      call: (cluster) => cluster.coordinatorClient().nodesOf('broker'),
      // Empty for every role in both.
      answer: [node],
    },
    {
      endpoint: `GET ${V1}/cluster/{role}?full=true`,
      method: 'coordinatorClient().nodeDetailsOf()',
      call: (cluster) => cluster.coordinatorClient().nodeDetailsOf('broker'),
      answer: [nodeDetail],
    },
    {
      endpoint: `GET ${V1}/servers`,
      method: 'coordinatorClient().servers()',
      call: (cluster) => cluster.coordinatorClient().servers(),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${V1}/servers?simple`,
      method: 'coordinatorClient().serverSummaries()',
      call: (cluster) => cluster.coordinatorClient().serverSummaries(),
      answer: ['+', server],
    },
    {
      endpoint: `GET ${V1}/servers?full`,
      method: 'coordinatorClient().serverDetails()',
      call: (cluster) => cluster.coordinatorClient().serverDetails(),
      answer: ['+', { ...server, segments: { '*': segment } }],
    },
    {
      endpoint: `GET ${V1}/servers/{server}?simple`,
      method: 'coordinatorClient().serverSummary()',
      call: (cluster, { server }) => cluster.coordinatorClient().serverSummary(server),
      answer: server,
    },
    {
      endpoint: `GET ${V1}/servers/{server}`,
      method: 'coordinatorClient().serverDetail()',
      call: (cluster, { server }) => cluster.coordinatorClient().serverDetail(server),
      answer: { ...server, segments: { '+': segment } },
    },
    {
      endpoint: `GET ${V1}/servers/{server}/segments`,
      method: 'coordinatorClient().serverSegments()',
      call: (cluster, { server }) => cluster.coordinatorClient().serverSegments(server),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${V1}/servers/{server}/segments?full`,
      method: 'coordinatorClient().serverSegmentDetails()',
      call: (cluster, { server }) => cluster.coordinatorClient().serverSegmentDetails(server),
      answer: ['+', segment],
    },
    {
      endpoint: `GET ${V1}/servers/{server}/segments/{id}`,
      method: 'coordinatorClient().serverSegment()',
      call: (cluster, { server, segmentId }) =>
        cluster.coordinatorClient().serverSegment(server, segmentId),
      answer: segment,
    },
    {
      endpoint: `GET ${V1}/tiers`,
      method: 'coordinatorClient().tiers()',
      call: (cluster) => cluster.coordinatorClient().tiers(),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${V1}/tiers?simple`,
      method: 'coordinatorClient().tierSummaries()',
      call: (cluster) => cluster.coordinatorClient().tierSummaries(),
      answer: { '+': { currSize: 'number', maxSize: 'number' } },
    },
    {
      endpoint: `GET ${V1}/tiers/{tier}`,
      method: 'coordinatorClient().tierDataSources()',
      call: (cluster) => cluster.coordinatorClient().tierDataSources('_default_tier'),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${V1}/tiers/{tier}?simple`,
      method: 'coordinatorClient().tierIntervals()',
      call: (cluster) => cluster.coordinatorClient().tierIntervals('_default_tier'),
      answer: { [NAME]: { '+': size }, '*': { '*': size } },
    },
    {
      endpoint: `GET ${V1}/intervals`,
      method: 'coordinatorClient().intervals()',
      call: (cluster) => cluster.coordinatorClient().intervals(),
      answer: { '+': { '+': size } },
    },
    {
      endpoint: `GET ${V1}/intervals/{interval}`,
      method: 'coordinatorClient().interval()',
      call: (cluster) => cluster.coordinatorClient().interval(DAY),
      answer: size,
    },
    {
      endpoint: `GET ${V1}/intervals/{interval}?simple`,
      method: 'coordinatorClient().intervalSummaries()',
      call: (cluster) => cluster.coordinatorClient().intervalSummaries(DAY),
      answer: { '+': size },
    },
    {
      endpoint: `GET ${V1}/intervals/{interval}?full`,
      method: 'coordinatorClient().intervalDetails()',
      call: (cluster) => cluster.coordinatorClient().intervalDetails(DAY),
      answer: { '+': { [NAME]: size, '*': size } },
    },
    {
      endpoint: `GET ${V1}/datasources`,
      method: 'coordinatorClient().dataSources()',
      call: (cluster) => cluster.coordinatorClient().dataSources(),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${V1}/datasources?simple`,
      method: 'coordinatorClient().dataSourceSummaries()',
      call: (cluster) => cluster.coordinatorClient().dataSourceSummaries(),
      answer: ['+', { name: 'string', properties: sizes }],
    },
    {
      endpoint: `GET ${V1}/datasources?full`,
      method: 'coordinatorClient().dataSourceDetails()',
      call: (cluster) => cluster.coordinatorClient().dataSourceDetails(),
      answer: ['+', { name: 'string', properties: {}, segments: ['+', segment] }],
    },
    {
      endpoint: `GET ${DS}`,
      method: 'coordinatorClient().dataSource()',
      call: (cluster) => cluster.coordinatorClient().dataSource(NAME),
      answer: sizes,
    },
    {
      endpoint: `GET ${DS}?full`,
      method: 'coordinatorClient().dataSourceDetail()',
      call: (cluster) => cluster.coordinatorClient().dataSourceDetail(NAME),
      answer: { name: 'string', properties: {}, segments: ['+', segment] },
    },
    {
      endpoint: `GET ${DS}/intervals`,
      method: 'coordinatorClient().dataSourceIntervals()',
      call: (cluster) => cluster.coordinatorClient().dataSourceIntervals(NAME),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${DS}/intervals?simple`,
      method: 'coordinatorClient().dataSourceIntervalSummaries()',
      call: (cluster) => cluster.coordinatorClient().dataSourceIntervalSummaries(NAME),
      answer: { '+': size },
    },
    {
      endpoint: `GET ${DS}/intervals?full`,
      method: 'coordinatorClient().dataSourceIntervalDetails()',
      call: (cluster) => cluster.coordinatorClient().dataSourceIntervalDetails(NAME),
      answer: { '+': { '+': served } },
    },
    {
      endpoint: `GET ${DS}/intervals/{interval}`,
      method: 'coordinatorClient().segmentsWithin()',
      call: (cluster) => cluster.coordinatorClient().segmentsWithin(NAME, DAY),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${DS}/intervals/{interval}?simple`,
      method: 'coordinatorClient().segmentSummariesWithin()',
      call: (cluster) => cluster.coordinatorClient().segmentSummariesWithin(NAME, DAY),
      answer: { '+': size },
    },
    {
      endpoint: `GET ${DS}/intervals/{interval}?full`,
      method: 'coordinatorClient().segmentDetailsWithin()',
      call: (cluster) => cluster.coordinatorClient().segmentDetailsWithin(NAME, DAY),
      answer: { '+': { '+': served } },
    },
    {
      endpoint: `GET ${DS}/intervals/{interval}/serverview[?partial=true]`,
      method: 'coordinatorClient().serverView()',
      call: (cluster) => cluster.coordinatorClient().serverView(NAME, DAY, { partial: true }),
      answer: ['+', { segment, servers: ['+', { name: 'string', tier: 'string' }] }],
    },
    {
      endpoint: `GET ${DS}/segments`,
      method: 'coordinatorClient().segments()',
      call: (cluster) => cluster.coordinatorClient().segments(NAME),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${DS}/segments?full`,
      method: 'coordinatorClient().segmentDetails()',
      call: (cluster) => cluster.coordinatorClient().segmentDetails(NAME),
      answer: ['+', segment],
    },
    {
      endpoint: `GET ${DS}/segments/{id}`,
      method: 'coordinatorClient().segment()',
      call: (cluster, { segmentId }) => cluster.coordinatorClient().segment(NAME, segmentId),
      answer: served,
    },
    {
      endpoint: `GET ${DS}/tiers`,
      method: 'coordinatorClient().dataSourceTiers()',
      call: (cluster) => cluster.coordinatorClient().dataSourceTiers(NAME),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${DS}/loadstatus?forceMetadataRefresh={boolean}&interval={interval}`,
      method: 'coordinatorClient().percentLoaded()',
      call: (cluster) => cluster.coordinatorClient().percentLoaded(NAME),
      answer: 'number',
    },
    {
      endpoint: `GET ${DS}/loadstatus?simple&forceMetadataRefresh={boolean}&interval={interval}`,
      method: 'coordinatorClient().segmentsToLoad()',
      call: (cluster) => cluster.coordinatorClient().segmentsToLoad(NAME),
      answer: 'number',
    },
    {
      endpoint: `GET ${DS}/loadstatus?full&forceMetadataRefresh={boolean}&interval={interval}[&computeUsingClusterView]`,
      method: 'coordinatorClient().underReplicated()',
      call: (cluster) =>
        cluster.coordinatorClient().underReplicated(NAME, { computeUsingClusterView: true }),
      answer: { '+': 'number' },
    },
    {
      endpoint: `GET ${DS}/handoffComplete?interval={interval}&partitionNumber={number}&version={version}`,
      method: 'coordinatorClient().handoffComplete()',
      call: (cluster, { version }) =>
        cluster
          .coordinatorClient()
          .handoffComplete(NAME, { interval: DAY, partitionNumber: 0, version }),
      answer: 'boolean',
    },
    {
      endpoint: `DELETE ${DS}/segments/{id}`,
      method: 'coordinatorClient().markSegmentUnused()',
      call: (cluster, { segmentId }) =>
        cluster.coordinatorClient().markSegmentUnused(NAME, segmentId),
      answer: 'boolean',
      untested: { '33.0.0': NOT_33 },
    },
    {
      endpoint: `POST ${DS}/segments/{id}`,
      method: 'coordinatorClient().markSegmentUsed()',
      call: (cluster, { segmentId }) =>
        cluster.coordinatorClient().markSegmentUsed(NAME, segmentId),
      answer: 'boolean',
      untested: { '33.0.0': NOT_33 },
    },
    {
      endpoint: `POST ${DS}/markUnused`,
      method: 'coordinatorClient().markUnused()',
      call: (cluster) => cluster.coordinatorClient().markUnused(NAME, { interval: DAY }),
      answer: 'number',
    },
    {
      endpoint: `POST ${DS}/markUsed`,
      method: 'coordinatorClient().markUsed()',
      call: (cluster, { segmentId }) =>
        cluster.coordinatorClient().markUsed(NAME, { segmentIds: [segmentId] }),
      answer: 'number',
      untested: { '33.0.0': NOT_33 },
    },
    {
      endpoint: `DELETE ${DS}`,
      method: 'coordinatorClient().markAllUnused()',
      call: (cluster) => cluster.coordinatorClient().markAllUnused(NAME),
      answer: 'number',
    },
    {
      endpoint: `POST ${DS}`,
      method: 'coordinatorClient().markAllUsed()',
      call: (cluster) => cluster.coordinatorClient().markAllUsed(NAME),
      answer: 'number',
      untested: { '33.0.0': NOT_33 },
    },
    {
      endpoint: `DELETE ${DS}/intervals/{interval}`,
      method: 'coordinatorClient().kill()',
      call: (cluster) => cluster.coordinatorClient().kill(NAME, '2023-01-01/2023-01-02'),
      answer: 'undefined',
    },
    {
      endpoint: `GET ${V1}/catalog/{path}`,
      leftOut: "of Druid's extension `druid-catalog`, which is experimental: no method yet",
    },
    {
      endpoint: `POST ${V1}/catalog/{path}`,
      leftOut: "of Druid's extension `druid-catalog`, which is experimental: no method yet",
    },
    {
      endpoint: `DELETE ${V1}/catalog/{path}`,
      leftOut: "of Druid's extension `druid-catalog`, which is experimental: no method yet",
    },
  ],
}
