import type { Shape, Table } from './row.ts'

const V1 = '/druid/indexer/v1'

const STATUS: Shape = { id: 'string', statusCode: 'string', createdTime: 'string' }

interface Subject {
  /** Of a task that has succeeded. */
  readonly done: string
  readonly worker: string
}

export const overlordTable: Table<Subject> = {
  title: 'Overlord: workers and tasks',
  async prepare(druid) {
    const cluster = druid.cluster()
    const task = await cluster.submit({
      type: 'index_parallel',
      spec: {
        dataSchema: {
          dataSource: 'coverage_tasks',
          timestampSpec: { column: 't' },
          dimensionsSpec: { dimensions: ['i'] },
          granularitySpec: { segmentGranularity: 'DAY' },
        },
        ioConfig: {
          type: 'index_parallel',
          inputSource: { type: 'inline', data: '{"t":"2001-01-01","i":1}' },
          inputFormat: { type: 'json' },
        },
      },
    })
    await task.wait()
    const [worker] = await cluster.overlordClient().workers()
    return { done: task.id, worker: worker?.worker.host ?? '' }
  },
  remove: (druid) => druid.request('DELETE', '/druid/coordinator/v1/datasources/coverage_tasks'),
  rows: [
    {
      endpoint: `GET ${V1}/leader`,
      method: 'overlordClient().leader()',
      call: (cluster) => cluster.overlordClient().leader(),
      answer: 'string',
    },
    {
      endpoint: `GET ${V1}/isLeader`,
      method: 'overlordClient().isLeader()',
      call: (cluster) => cluster.overlordClient().isLeader(),
      answer: 'boolean',
    },
    {
      endpoint: `GET ${V1}/workers`,
      method: 'overlordClient().workers()',
      call: (cluster) => cluster.overlordClient().workers(),
      answer: ['+', { worker: { host: 'string', capacity: 'number' }, currCapacityUsed: 'number' }],
    },
    {
      endpoint: `GET ${V1}/totalWorkerCapacity`,
      method: 'overlordClient().totalWorkerCapacity()',
      call: (cluster) => cluster.overlordClient().totalWorkerCapacity(),
      answer: { currentClusterCapacity: 'number', maximumCapacityWithAutoScale: 'number' },
    },
    {
      endpoint: `GET ${V1}/scaling`,
      method: 'overlordClient().scaling()',
      call: (cluster) => cluster.overlordClient().scaling(),
      answer: 'undefined',
      status: [200, 204],
    },
    {
      endpoint: `GET ${V1}/worker`,
      method: 'overlordClient().workerConfig()',
      call: async (cluster) =>
        (await cluster.overlordClient().workerConfig()) ?? { type: 'default' },
      answer: { type: 'string' },
    },
    {
      endpoint: `POST ${V1}/worker`,
      method: 'overlordClient().setWorkerConfig()',
      call: async (cluster) => {
        const overlord = cluster.overlordClient()
        const usual = { type: 'default', selectStrategy: { type: 'equalDistribution' } }
        return overlord.setWorkerConfig((await overlord.workerConfig()) ?? usual)
      },
      answer: 'undefined',
    },
    {
      endpoint: `GET ${V1}/worker/history?[count={n}]`,
      method: 'overlordClient().workerConfigHistory()',
      call: (cluster) => cluster.overlordClient().workerConfigHistory({ count: 2 }),
      answer: ['+', { auditTime: 'string', payload: 'string', auditInfo: { author: 'string' } }],
    },
    {
      endpoint: `POST ${V1}/worker/{worker}/disable`,
      method: 'overlordClient().disableWorker()',
      call: async (cluster, { worker }) => {
        try {
          await cluster.overlordClient().disableWorker(worker)
        } finally {
          // Tasks of others wait for it.
          await cluster.overlordClient().enableWorker(worker)
        }
      },
      answer: 'undefined',
    },
    {
      endpoint: `POST ${V1}/worker/{worker}/enable`,
      method: 'overlordClient().enableWorker()',
      call: (cluster, { worker }) => cluster.overlordClient().enableWorker(worker),
      answer: 'undefined',
    },
    {
      endpoint: 'GET /druid-internal/v1/httpRemoteTaskRunner/{path}',
      leftOut: 'for debugging Druid itself',
    },
    {
      endpoint: `POST ${V1}/task`,
      method: 'submit()',
      call: async (cluster) => (await cluster.submit({ type: 'noop', runTime: 1 })).id,
      answer: 'string',
    },
    {
      endpoint: `GET ${V1}/tasks?[state={state}&datasource={dataSource}&type={type}&max={n}&createdTimeInterval={interval}]`,
      method: 'tasks()',
      call: (cluster) =>
        cluster.tasks({
          state: 'complete',
          dataSource: 'coverage_tasks',
          type: 'index_parallel',
          createdTimeInterval: '2020-01-01/2020-02-01',
          max: 3,
        }),
      answer: ['+', STATUS],
    },
    {
      endpoint: `GET ${V1}/waitingTasks`,
      method: 'overlordClient().waitingTasks()',
      call: (cluster) => cluster.overlordClient().waitingTasks(),
      answer: [STATUS],
    },
    {
      endpoint: `GET ${V1}/pendingTasks`,
      method: 'overlordClient().pendingTasks()',
      call: (cluster) => cluster.overlordClient().pendingTasks(),
      answer: [STATUS],
    },
    {
      endpoint: `GET ${V1}/runningTasks?[type={type}]`,
      method: 'overlordClient().runningTasks()',
      call: (cluster) => cluster.overlordClient().runningTasks({ type: 'noop' }),
      answer: [STATUS],
    },
    {
      endpoint: `GET ${V1}/completeTasks?[n={n}]`,
      method: 'overlordClient().completeTasks()',
      call: (cluster) => cluster.overlordClient().completeTasks({ n: 1 }),
      answer: ['+', STATUS],
    },
    {
      endpoint: `GET ${V1}/task/{id}`,
      method: 'task().spec()',
      call: (cluster, { done }) => cluster.task(done).spec(),
      answer: { id: 'string', type: 'string', spec: { dataSchema: 'any' } },
    },
    {
      endpoint: `GET ${V1}/task/{id}/status`,
      method: 'task().status()',
      call: (cluster, { done }) => cluster.task(done).status(),
      answer: STATUS,
    },
    {
      endpoint: `GET ${V1}/task/{id}/segments`,
      method: 'overlordClient().taskSegments()',
      call: (cluster, { done }) => cluster.overlordClient().taskSegments(done),
      answer: [{ dataSource: 'string' }],
      until: 30,
    },
    {
      endpoint: `POST ${V1}/task/{id}/shutdown`,
      method: 'task().shutdown()',
      call: (cluster, { done }) => cluster.task(done).shutdown(),
      answer: 'undefined',
    },
    {
      endpoint: `POST ${V1}/datasources/{dataSource}/shutdownAllTasks`,
      method: 'overlordClient().shutdownAll()',
      call: (cluster) => cluster.overlordClient().shutdownAll('coverage_none'),
      answer: 'undefined',
      status: 404,
    },
    {
      endpoint: `POST ${V1}/taskStatus`,
      method: 'overlordClient().taskStatuses()',
      call: (cluster, { done }) => cluster.overlordClient().taskStatuses([done, 'none']),
      answer: { '+': { id: 'string', status: 'string', duration: 'number' } },
    },
    {
      endpoint: `GET ${V1}/task/{id}/log?[offset={bytes}]`,
      method: 'task().log()',
      // The tests' Indexer keeps no logs; the tests with a cluster of their own read some.
      call: (cluster, { done }) =>
        cluster
          .task(done)
          .log({ offset: -100 })
          .catch(() => ''),
      answer: 'string',
      status: [200, 404],
    },
    {
      endpoint: `GET ${V1}/task/{id}/reports`,
      method: 'task().report()',
      call: (cluster, { done }) => cluster.task(done).report(),
      answer: {
        ingestionStatsAndErrors: {
          type: 'string',
          payload: {
            ingestionState: 'string',
            rowStats: { buildSegments: { processed: 'number' } },
          },
        },
      },
    },
    {
      endpoint: `POST ${V1}/lockedIntervals/v2`,
      method: 'overlordClient().lockedIntervals()',
      call: (cluster) => cluster.overlordClient().lockedIntervals([{ dataSource: 'flights' }]),
      answer: { '*': ['string'] },
      since: 28,
      untested: { '27.0.0': 'has only the older form, which the same method asks' },
    },
    {
      endpoint: `POST ${V1}/lockedIntervals`,
      method: 'overlordClient().lockedIntervals()',
      call: (cluster) => cluster.overlordClient().lockedIntervals([{ dataSource: 'flights' }]),
      answer: { '*': ['string'] },
      until: 27,
      untested: { '33.0.0': 'has only `/lockedIntervals/v2`, which the same method asks' },
    },
    {
      endpoint: `POST ${V1}/activeLocks`,
      method: 'overlordClient().activeLocks()',
      call: (cluster) => cluster.overlordClient().activeLocks([{ dataSource: 'flights' }]),
      answer: { '*': [{ groupId: 'string', interval: 'string' }] },
      since: 28,
    },
    {
      endpoint: `DELETE ${V1}/pendingSegments/{dataSource}?interval={interval}`,
      method: 'overlordClient().deletePendingSegments()',
      call: (cluster) =>
        cluster.overlordClient().deletePendingSegments('coverage_tasks', '2000/2001'),
      answer: 'number',
    },
    { endpoint: `POST ${V1}/action`, leftOut: 'between services' },
    {
      endpoint: `POST ${V1}/sampler`,
      method: 'overlordClient().sampler()',
      call: (cluster) =>
        cluster.overlordClient().sampler({
          type: 'index',
          spec: {
            type: 'index',
            dataSchema: {
              dataSource: 'sample',
              timestampSpec: { column: 't' },
              dimensionsSpec: { dimensions: ['i'] },
            },
            ioConfig: {
              type: 'index',
              inputSource: { type: 'inline', data: '{"t":"2001-01-01","i":1}' },
              inputFormat: { type: 'json' },
            },
          },
        }),
      answer: { numRowsRead: 'number', data: ['+', { parsed: { __time: 'number' } }] },
    },
  ],
}
