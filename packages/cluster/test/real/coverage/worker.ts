import { setTimeout as sleep } from 'node:timers/promises'
import type { Druid, Shape, Table } from './row.ts'
import { type SlowSource, slowSource } from './slow-source.ts'

const V1 = '/druid/worker/v1'
const CHAT = `${V1}/chat/{taskId}` as const
const DATA_SOURCE = 'coverage_worker'

const OF_STREAMS =
  'of tasks of streams only: with 33.0.0 and a real Kafka, in `test/own/peon.test.ts`'
const NO_LOGS = 'the tests run tasks in an Indexer, which keeps no logs'

const spec: Shape = { id: 'string', groupId: 'string', supervisorTaskId: 'string' }

interface Subject {
  readonly source: SlowSource
  /** One that works by sub tasks. */
  readonly taskId: string
  readonly subtaskId: string
  /** What one that has ended was to do. */
  readonly specId: string
}

async function submitted(druid: Druid, source: SlowSource): Promise<string> {
  const task = await druid.cluster().submit({
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: DATA_SOURCE,
        timestampSpec: { column: 'time', format: 'iso' },
        dimensionsSpec: { dimensions: ['text'] },
        granularitySpec: { segmentGranularity: 'DAY', rollup: false },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'http', uris: source.urls },
        inputFormat: { type: 'json' },
      },
      tuningConfig: {
        type: 'index_parallel',
        maxNumConcurrentSubTasks: 3,
        maxSavedParseExceptions: 5,
      },
    },
  })
  return task.id
}

/** Until there is one. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  while (true) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) return answer
    await sleep(200)
  }
}

export const workerTable: Table<Subject> = {
  title: 'MiddleManager, Indexer and Peon',
  async prepare(druid) {
    const cluster = druid.cluster()
    const source = await slowSource(3)
    const taskId = await submitted(druid, source)
    const peon = cluster.peonClient(taskId)
    const specId = await eventually(async () => (await peon.completeSubtaskSpecs())[0]?.id)
    const subtaskId = await eventually(async () => (await peon.runningSubtasks())[0])
    await eventually(() => cluster.peonClient(subtaskId).rowStats())
    return { source, taskId, subtaskId, specId }
  },
  async remove(druid, { source, taskId }) {
    source.close()
    await druid.cluster().task(taskId).shutdown()
  },
  rows: [
    {
      endpoint: `GET ${V1}/enabled`,
      method: 'indexerClient().isEnabled()',
      call: (cluster) => cluster.indexerClient().isEnabled(),
      answer: 'boolean',
    },
    {
      endpoint: `POST ${V1}/disable`,
      method: 'indexerClient().disable()',
      call: (cluster) => cluster.indexerClient().disable(),
      answer: 'undefined',
    },
    {
      endpoint: `POST ${V1}/enable`,
      method: 'indexerClient().enable()',
      call: (cluster) => cluster.indexerClient().enable(),
      answer: 'undefined',
    },
    {
      endpoint: `GET ${V1}/tasks`,
      method: 'indexerClient().tasks()',
      call: (cluster) => cluster.indexerClient().tasks(),
      answer: ['+', 'string'],
    },
    {
      endpoint: `POST ${V1}/task/{id}/shutdown`,
      method: 'indexerClient().shutdownTask()',
      call: (cluster) => cluster.indexerClient().shutdownTask('coverage_none'),
      answer: 'undefined',
    },
    {
      endpoint: `GET ${V1}/task/{id}/log[?offset={bytes}]`,
      method: 'indexerClient().taskLog()',
      call: (cluster, { taskId }) => cluster.indexerClient().taskLog(taskId, { offset: -100 }),
      answer: 'bytes',
      untested: NO_LOGS,
    },
    {
      endpoint: `GET ${V1}/shuffle/task/{supervisorTaskId}/{subTaskId}/partition`,
      leftOut: 'between tasks',
    },
    {
      endpoint: `GET ${CHAT}/rowStats[?full]`,
      method: 'peonClient(taskId).rowStats()',
      call: (cluster, { subtaskId }) => cluster.peonClient(subtaskId).rowStats({ full: true }),
      answer: { totals: { buildSegments: { processed: 'number', unparseable: 'number' } } },
    },
    {
      endpoint: `GET ${CHAT}/unparseableEvents[?full]`,
      method: 'peonClient(taskId).unparseableEvents()',
      call: (cluster, { subtaskId }) => cluster.peonClient(subtaskId).unparseableEvents(),
      answer: { buildSegments: ['+', { input: 'string', details: ['+', 'string'] }] },
    },
    {
      endpoint: `GET ${CHAT}/liveReports[?full]`,
      method: 'peonClient(taskId).liveReports()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).liveReports(),
      answer: { ingestionStatsAndErrors: { payload: { ingestionState: 'string' } } },
    },
    {
      endpoint: `GET ${CHAT}/mode`,
      method: 'peonClient(taskId).mode()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).mode(),
      answer: 'string',
    },
    {
      endpoint: `GET ${CHAT}/phase`,
      method: 'peonClient(taskId).phase()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).phase(),
      answer: 'string',
    },
    {
      endpoint: `GET ${CHAT}/progress`,
      method: 'peonClient(taskId).progress()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).progress(),
      answer: { running: 'number', succeeded: 'number', total: 'number' },
    },
    {
      endpoint: `GET ${CHAT}/subtasks/running`,
      method: 'peonClient(taskId).runningSubtasks()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).runningSubtasks(),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${CHAT}/subtaskspecs`,
      method: 'peonClient(taskId).subtaskSpecs()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).subtaskSpecs(),
      answer: ['+', spec],
    },
    {
      endpoint: `GET ${CHAT}/subtaskspecs/running`,
      method: 'peonClient(taskId).runningSubtaskSpecs()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).runningSubtaskSpecs(),
      answer: ['+', spec],
    },
    {
      endpoint: `GET ${CHAT}/subtaskspecs/complete`,
      method: 'peonClient(taskId).completeSubtaskSpecs()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).completeSubtaskSpecs(),
      answer: [spec],
    },
    {
      endpoint: `GET ${CHAT}/subtaskspec/{id}`,
      method: 'peonClient(taskId).subtaskSpec()',
      call: (cluster, { taskId, specId }) => cluster.peonClient(taskId).subtaskSpec(specId),
      answer: spec,
    },
    {
      endpoint: `GET ${CHAT}/subtaskspec/{id}/state`,
      method: 'peonClient(taskId).subtaskState()',
      call: (cluster, { taskId, specId }) => cluster.peonClient(taskId).subtaskState(specId),
      answer: { spec, taskHistory: ['any'] },
    },
    {
      endpoint: `GET ${CHAT}/subtaskspec/{id}/history`,
      method: 'peonClient(taskId).subtaskHistory()',
      call: (cluster, { taskId, specId }) => cluster.peonClient(taskId).subtaskHistory(specId),
      answer: ['+', { id: 'string' }],
    },
    {
      endpoint: `GET ${CHAT}/status`,
      method: 'peonClient(taskId).streamStatus()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).streamStatus(),
      answer: 'string',
      untested: OF_STREAMS,
    },
    {
      endpoint: `GET ${CHAT}/offsets/current`,
      method: 'peonClient(taskId).currentOffsets()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).currentOffsets(),
      answer: { '+': 'number' },
      untested: OF_STREAMS,
    },
    {
      endpoint: `GET ${CHAT}/offsets/end`,
      method: 'peonClient(taskId).endOffsets()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).endOffsets(),
      answer: { '+': 'number' },
      untested: OF_STREAMS,
    },
    {
      endpoint: `GET ${CHAT}/checkpoints`,
      method: 'peonClient(taskId).checkpoints()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).checkpoints(),
      answer: { '+': { '+': 'number' } },
      untested: OF_STREAMS,
    },
    {
      endpoint: `GET ${CHAT}/time/start`,
      method: 'peonClient(taskId).startTime()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).startTime(),
      answer: 'string',
      untested: OF_STREAMS,
    },
    {
      endpoint: `POST ${CHAT}/pause`,
      method: 'peonClient(taskId).pause()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).pause(),
      answer: { '+': 'number' },
      untested: OF_STREAMS,
    },
    {
      endpoint: `POST ${CHAT}/resume`,
      method: 'peonClient(taskId).resume()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).resume(),
      answer: 'undefined',
      untested: OF_STREAMS,
    },
    {
      endpoint: `POST ${CHAT}/stop`,
      method: 'peonClient(taskId).stop()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).stop(),
      answer: 'undefined',
      untested: OF_STREAMS,
    },
    {
      endpoint: `POST ${CHAT}/offsets/end`,
      leftOut: 'between a supervisor and its tasks: it would lose rows',
    },
    {
      endpoint: `GET ${CHAT}/taskList`,
      method: 'peonClient(taskId).taskList()',
      call: (cluster, { taskId }) => cluster.peonClient(taskId).taskList(),
      answer: { taskIds: ['string'] },
      untested: 'of multi-stage queries only',
    },
  ],
}
