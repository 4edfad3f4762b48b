import type { Shape, Table, TheCluster } from './row.ts'

const PATH = '/druid/indexer/v1/supervisor'

/** One that does nothing: the only type that needs no extension on both versions. */
const NOOP = { type: 'NoopSupervisorSpec', dataSources: ['covered_supervisor'] }

const STATE: Shape = {
  id: 'string',
  state: 'string',
  detailedState: 'string',
  healthy: 'boolean',
  suspended: 'boolean',
}
const VERSIONS: Shape = ['+', { spec: { type: 'string' }, version: 'string' }]

/** Of what the supervisor that does nothing has not. */
const OF_STREAMS =
  'of streams only: on a real Kafka, with 33.0.0, in `test/own/supervisors.test.ts`'

const group = (cluster: TheCluster): ReturnType<TheCluster['overlordClient']>['supervisors'] =>
  cluster.overlordClient().supervisors

export const supervisorsTable: Table<string> = {
  title: 'Overlord: supervisors',
  async prepare(druid) {
    const id = 'covered "supervisor" 100% é'
    await group(druid.cluster()).submit({ ...NOOP, id })
    return id
  },
  async remove(druid) {
    await group(druid.cluster()).terminateAll()
  },
  rows: [
    {
      endpoint: `POST ${PATH}`,
      method: 'overlordClient().supervisors.submit()',
      call: (cluster, id) => group(cluster).submit({ ...NOOP, id }),
      answer: 'string',
    },
    {
      endpoint: `POST ${PATH}?skipRestartIfUnmodified=true`,
      method: 'overlordClient().supervisors.submit({ skipRestartIfUnmodified })',
      call: (cluster, id) =>
        group(cluster).submit({ ...NOOP, id }, { skipRestartIfUnmodified: true }),
      answer: 'string',
      since: 33,
    },
    {
      endpoint: `GET ${PATH}`,
      method: 'overlordClient().supervisors.ids()',
      call: (cluster) => group(cluster).ids(),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${PATH}?state=true`,
      method: 'overlordClient().supervisors.states()',
      call: (cluster) => group(cluster).states(),
      answer: ['+', STATE],
    },
    {
      endpoint: `GET ${PATH}?full`,
      method: 'overlordClient().supervisors.all()',
      call: (cluster) => group(cluster).all(),
      answer: ['+', { id: 'string', state: 'string', spec: { type: 'string' } }],
    },
    {
      endpoint: `GET ${PATH}?system`,
      method: 'overlordClient().supervisors.system()',
      call: (cluster) => group(cluster).system(),
      answer: ['+', { id: 'string', type: 'string', source: 'string', specString: 'string' }],
    },
    {
      endpoint: `GET ${PATH}/{id}`,
      method: 'overlordClient().supervisors.get()',
      call: (cluster, id) => group(cluster).get(id),
      answer: { type: 'string', dataSources: ['+', 'string'] },
    },
    {
      endpoint: `GET ${PATH}/{id}/status`,
      method: 'overlordClient().supervisors.status()',
      call: (cluster, id) => group(cluster).status(id),
      answer: { id: 'string', generationTime: 'string', payload: 'any' },
      untested: OF_STREAMS,
    },
    {
      endpoint: `GET ${PATH}/{id}/health`,
      method: 'overlordClient().supervisors.health()',
      call: (cluster, id) => group(cluster).health(id),
      answer: 'boolean',
      untested: OF_STREAMS,
    },
    {
      endpoint: `GET ${PATH}/{id}/stats`,
      method: 'overlordClient().supervisors.stats()',
      call: (cluster, id) => group(cluster).stats(id),
      answer: {},
    },
    {
      endpoint: `GET ${PATH}/{id}/parseErrors`,
      method: 'overlordClient().supervisors.parseErrors()',
      call: (cluster, id) => group(cluster).parseErrors(id),
      answer: ['any'],
    },
    {
      endpoint: `GET ${PATH}/history`,
      method: 'overlordClient().supervisors.allHistory()',
      call: (cluster) => group(cluster).allHistory(),
      answer: { '+': VERSIONS },
    },
    {
      endpoint: `GET ${PATH}/{id}/history`,
      method: 'overlordClient().supervisors.history()',
      call: (cluster, id) => group(cluster).history(id),
      answer: VERSIONS,
    },
    {
      endpoint: `GET ${PATH}/{id}/history?count={n}`,
      method: 'overlordClient().supervisors.history({ count })',
      call: (cluster, id) => group(cluster).history(id, { count: 1 }),
      answer: VERSIONS,
      since: 35,
    },
    {
      endpoint: `POST ${PATH}/{id}/suspend`,
      method: 'overlordClient().supervisors.suspend()',
      call: (cluster, id) => group(cluster).suspend(id),
      answer: { type: 'string' },
    },
    {
      endpoint: `POST ${PATH}/{id}/resume`,
      method: 'overlordClient().supervisors.resume()',
      call: (cluster, id) => group(cluster).resume(id),
      answer: { type: 'string' },
      untested: OF_STREAMS,
    },
    {
      endpoint: `POST ${PATH}/{id}/reset`,
      method: 'overlordClient().supervisors.reset()',
      call: (cluster, id) => group(cluster).reset(id),
      answer: 'undefined',
      untested: OF_STREAMS,
    },
    {
      endpoint: `POST ${PATH}/{id}/resetOffsets`,
      method: 'overlordClient().supervisors.resetOffsets()',
      call: (cluster, id) =>
        group(cluster).resetOffsets(id, {
          type: 'kafka',
          partitions: { type: 'end', stream: 'flights', partitionOffsetMap: { 0: 1 } },
        }),
      answer: 'undefined',
      since: 28,
      untested: { '33.0.0': OF_STREAMS },
    },
    {
      endpoint: `POST ${PATH}/{id}/taskGroups/handoff`,
      method: 'overlordClient().supervisors.handoff()',
      call: (cluster, id) => group(cluster).handoff(id, [0]),
      answer: 'undefined',
      since: 29,
      untested: { '33.0.0': OF_STREAMS },
    },
    {
      endpoint: `POST ${PATH}/{id}/resetToLatestAndBackfill`,
      leftOut: 'Druid 38 and later',
    },
    {
      endpoint: `POST ${PATH}/suspendAll`,
      method: 'overlordClient().supervisors.suspendAll()',
      call: (cluster) => group(cluster).suspendAll(),
      answer: 'undefined',
    },
    {
      endpoint: `POST ${PATH}/resumeAll`,
      method: 'overlordClient().supervisors.resumeAll()',
      call: (cluster) => group(cluster).resumeAll(),
      answer: 'undefined',
    },
    {
      endpoint: `POST ${PATH}/{id}/terminate`,
      method: 'overlordClient().supervisors.terminate()',
      call: (cluster, id) => group(cluster).terminate(id),
      answer: 'undefined',
    },
    {
      endpoint: `POST ${PATH}/{id}/shutdown`,
      leftOut: 'the older name of `terminate`',
    },
    {
      endpoint: `POST ${PATH}/terminateAll`,
      method: 'overlordClient().supervisors.terminateAll()',
      call: (cluster) => group(cluster).terminateAll(),
      answer: 'undefined',
    },
  ],
}
