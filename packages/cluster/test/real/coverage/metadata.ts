import { ingested } from './ingested.ts'
import type { Shape, Table, TheCluster } from './row.ts'

const PATH = '/druid/coordinator/v1/metadata'
const DS = `${PATH}/datasources/{dataSource}` as const
const NAME = 'covered metadata 100% ö'
const DAY = '2024-01-01/2024-01-02'

const segment: Shape = { dataSource: 'string', interval: 'string', identifier: 'string' }
const unused: Shape = { dataSegment: segment, createdDate: 'string', used: 'boolean' }
const withStatus: Shape = { dataSource: 'string', identifier: 'string', overshadowed: 'boolean' }

const group = (cluster: TheCluster): ReturnType<TheCluster['coordinatorClient']>['metadata'] =>
  cluster.coordinatorClient().metadata

/** Works on the id of a segment in use. */
export const metadataTable: Table<string> = {
  title: 'Coordinator: metadata store',
  async prepare(druid) {
    await ingested(druid, NAME)
    const [id = ''] = await group(druid.cluster()).segmentIdsIn(NAME, [DAY])
    return id
  },
  remove: (druid) => druid.cluster().dataSource(NAME).drop(),
  rows: [
    {
      endpoint: `GET ${PATH}/datasources`,
      method: 'coordinatorClient().metadata.dataSources()',
      call: (cluster) => group(cluster).dataSources(),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${PATH}/datasources?includeUnused`,
      method: 'coordinatorClient().metadata.dataSources({ includeUnused })',
      call: (cluster) => group(cluster).dataSources({ includeUnused: true }),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${PATH}/datasources?full`,
      method: 'coordinatorClient().metadata.fullDataSources()',
      call: (cluster) => group(cluster).fullDataSources(),
      answer: ['+', { name: 'string', segments: ['+', segment] }],
    },
    {
      endpoint: `GET ${DS}`,
      method: 'coordinatorClient().metadata.dataSource()',
      call: (cluster) => group(cluster).dataSource(NAME),
      answer: { name: 'string', segments: ['+', segment] },
    },
    {
      endpoint: `GET ${DS}/segments`,
      method: 'coordinatorClient().metadata.segmentIds()',
      call: (cluster) => group(cluster).segmentIds(NAME),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${DS}/segments?full`,
      method: 'coordinatorClient().metadata.segments()',
      call: (cluster) => group(cluster).segments(NAME),
      answer: ['+', segment],
    },
    {
      endpoint: `POST ${DS}/segments`,
      method: 'coordinatorClient().metadata.segmentIdsIn()',
      call: (cluster) => group(cluster).segmentIdsIn(NAME, ['2001/2002', DAY]),
      answer: ['+', 'string'],
    },
    {
      endpoint: `POST ${DS}/segments?full`,
      method: 'coordinatorClient().metadata.segmentsIn()',
      call: (cluster) => group(cluster).segmentsIn(NAME, [DAY]),
      answer: ['+', segment],
    },
    {
      endpoint: `GET ${DS}/segments/{segmentId}`,
      method: 'coordinatorClient().metadata.segment()',
      call: (cluster, id) => group(cluster).segment(NAME, id),
      answer: segment,
    },
    {
      endpoint: `GET ${DS}/segments/{segmentId}?includeUnused=true`,
      method: 'coordinatorClient().metadata.segment({ includeUnused })',
      call: (cluster, id) => group(cluster).segment(NAME, id, { includeUnused: true }),
      answer: segment,
      since: 30,
    },
    {
      endpoint: `GET ${DS}/unusedSegments?interval={interval}&limit={limit}&sortOrder=DESC`,
      method: 'coordinatorClient().metadata.unusedSegments()',
      async call(cluster) {
        await cluster.dataSource(NAME).markUnused({ interval: DAY })
        try {
          const options = { interval: DAY, limit: 5, sortOrder: 'DESC' } as const
          return await group(cluster).unusedSegments(NAME, options)
        } finally {
          await cluster.dataSource(NAME).markUsed({ interval: DAY })
        }
      },
      answer: ['+', unused],
      since: 29,
    },
    {
      endpoint: `GET ${PATH}/segments?datasources={dataSource}`,
      method: 'coordinatorClient().metadata.allSegments()',
      call: (cluster) => group(cluster).allSegments({ dataSources: ['flights', 'airports'] }),
      answer: ['+', segment],
    },
    {
      endpoint: `GET ${PATH}/segments?includeOvershadowedStatus[&datasources={dataSource}]`,
      method: 'coordinatorClient().metadata.allSegmentsWithStatus()',
      call: (cluster) => group(cluster).allSegmentsWithStatus({ dataSources: ['flights'] }),
      answer: ['+', withStatus],
    },
    {
      endpoint: `GET ${PATH}/segments?includeOvershadowedStatus&includeRealtimeSegments`,
      method: 'coordinatorClient().metadata.allSegmentsWithStatus({ includeRealtimeSegments })',
      call: (cluster) => group(cluster).allSegmentsWithStatus({ includeRealtimeSegments: true }),
      answer: ['+', withStatus],
      since: 29,
    },
    {
      endpoint: `POST ${PATH}/dataSourceInformation`,
      method: 'coordinatorClient().metadata.dataSourceInformation()',
      call: (cluster) =>
        group(cluster)
          .dataSourceInformation(['flights'])
          .catch((error) => {
            if (error.code === 'NOT_FOUND') return error.code
            throw error
          }),
      // NOT_FOUND, as centralised schemas are switched off unless a cluster wants them.
      answer: 'string',
      status: 404,
      since: 29,
    },
    {
      endpoint: `POST ${PATH}/bootstrapSegments`,
      method: 'coordinatorClient().metadata.bootstrapSegments()',
      call: (cluster) => group(cluster).bootstrapSegments(),
      answer: [segment],
      since: 31,
    },
  ],
}
