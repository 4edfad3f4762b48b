import { ingested } from './ingested.ts'
import type { Table, TheCluster } from './row.ts'

const PATH = '/druid/indexer/v1/datasources/{dataSource}'
const NAME = 'covered segments 100% ö'
const DAY = '2024-01-01/2024-01-02'

const group = (cluster: TheCluster): ReturnType<TheCluster['overlordClient']>['segments'] =>
  cluster.overlordClient().segments

/** Works on the id of a segment. */
export const segmentsTable: Table<string> = {
  title: 'Overlord: segments in use',
  async prepare(druid) {
    await ingested(druid, NAME)
    const { metadata } = druid.cluster().coordinatorClient()
    const [id = ''] = await metadata.segmentIdsIn(NAME, [DAY])
    return id
  },
  remove: (druid) => druid.cluster().dataSource(NAME).drop(),
  rows: [
    {
      endpoint: `POST ${PATH}/markUnused`,
      method: 'overlordClient().segments.markUnused()',
      call: (cluster) => group(cluster).markUnused(NAME, { interval: DAY }),
      answer: 'number',
      since: 33,
    },
    {
      endpoint: `POST ${PATH}/markUsed`,
      method: 'overlordClient().segments.markUsed()',
      call: (cluster, id) => group(cluster).markUsed(NAME, { segmentIds: [id] }),
      answer: 'number',
      since: 33,
    },
    {
      endpoint: `DELETE ${PATH}/segments/{segmentId}`,
      method: 'overlordClient().segments.markSegmentUnused()',
      call: (cluster, id) => group(cluster).markSegmentUnused(NAME, id),
      answer: 'number',
      since: 33,
    },
    {
      endpoint: `POST ${PATH}/segments/{segmentId}`,
      method: 'overlordClient().segments.markSegmentUsed()',
      call: (cluster, id) => group(cluster).markSegmentUsed(NAME, id),
      answer: 'number',
      since: 33,
    },
    {
      endpoint: `DELETE ${PATH}`,
      method: 'overlordClient().segments.markAllUnused()',
      call: (cluster) => group(cluster).markAllUnused(NAME),
      answer: 'number',
      since: 33,
    },
    {
      endpoint: `POST ${PATH}`,
      method: 'overlordClient().segments.markAllUsed()',
      call: (cluster) => group(cluster).markAllUsed(NAME),
      answer: 'number',
      since: 33,
    },
  ],
}
