import { DruidError, type RequestOptions } from '@druid/core/extension'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { IngestionReport, RowCounts, TaskReport } from '../roles/overlord/report.ts'
import type { TaskStatus } from '../roles/overlord/task.ts'
import { pollWithin, type WaitLimit } from './poll-within.ts'
import { ingestionsOf, liveReport, rowsIn, storedReport, unparseableIn } from './report.ts'

/** How far a task is, as far as Druid tells: it does not know how much there is to do. */
export interface TaskProgress {
  readonly taskId: string
  /** `waiting` for a lock, `pending` for a worker, then `running`. */
  readonly phase: 'waiting' | 'pending' | 'running' | 'success' | 'failed'
  readonly status: TaskStatus
  /** What an ingestion that runs is at, from its live report. */
  readonly ingestionState?: IngestionReport['payload']['ingestionState'] | undefined
  /** Rows so far, from the same. */
  readonly rows?: RowCounts | undefined
  /** Of a task that started others: how many of them are in which state. */
  readonly subtasks?: Subtasks | undefined
  /** Milliseconds since it is waited for. */
  readonly elapsed: number
}

export interface Subtasks {
  readonly running: number
  readonly succeeded: number
  readonly failed: number
}

/** `timeout`: milliseconds to wait at most. Default: as long as it takes. */
export interface WaitOptions extends WaitLimit {
  /** Told what is new, and the end. */
  readonly onProgress?: ((progress: TaskProgress) => void) | undefined
}

/** See `TaskHandle.wait`. */
export async function waitForTask(
  overlord: Overlord,
  taskId: string,
  { onProgress, ...limit }: WaitOptions = {},
): Promise<TaskStatus> {
  let tell: ((status: TaskStatus) => Promise<void>) | undefined
  return pollWithin(
    `task ${taskId}`,
    limit,
    async (request) => {
      const status = await overlord.taskStatus(taskId, request)
      if (onProgress) tell ??= teller(overlord, taskId, { onProgress, request })
      await tell?.(status)
      if (status.statusCode === 'FAILED') throw await failure(overlord, status, request)
      return status.statusCode === 'SUCCESS' ? status : undefined
    },
    () => 'has not ended, and goes on,',
  )
}

/** Tells what is not as it was told before. */
function teller(
  overlord: Overlord,
  taskId: string,
  {
    onProgress,
    request,
  }: {
    readonly onProgress: (progress: TaskProgress) => void
    readonly request: RequestOptions
  },
): (status: TaskStatus) => Promise<void> {
  const start = performance.now()
  let told = ''
  let hasRun = false
  return async (status) => {
    const phase = phaseOf(status, hasRun)
    if (phase === 'running') hasRun = true
    const more = phase === 'running' ? await details(overlord, status, request) : {}
    const news = JSON.stringify([phase, more])
    if (news === told) return
    told = news
    onProgress({ taskId, phase, status, ...more, elapsed: Math.round(performance.now() - start) })
  }
}

/** A task that is ending no longer runs for the runner, and does not wait again. */
function phaseOf(
  { statusCode, runnerStatusCode }: TaskStatus,
  hasRun: boolean,
): TaskProgress['phase'] {
  if (statusCode === 'SUCCESS') return 'success'
  if (statusCode === 'FAILED') return 'failed'
  if (hasRun) return 'running'
  if (runnerStatusCode === 'WAITING') return 'waiting'
  return runnerStatusCode === 'PENDING' ? 'pending' : 'running'
}

/** Only these have reports while they run, and start others. */
const WITH_DETAILS: ReadonlySet<string | null> = new Set(['index_parallel', 'index', 'compact'])

async function details(
  overlord: Overlord,
  status: TaskStatus,
  request: RequestOptions,
): Promise<Pick<TaskProgress, 'ingestionState' | 'rows' | 'subtasks'>> {
  if (!WITH_DETAILS.has(status.type)) return {}
  const [report, subtasks] = await Promise.all([
    liveReport(overlord, status.id, request),
    subtasksOf(overlord, status, request),
  ])
  const state = report && ingestionsOf(report).at(-1)?.ingestionState
  const rows = report && rowsIn(report)
  return {
    ...(state && { ingestionState: state }),
    ...(rows && { rows }),
    ...(subtasks && { subtasks }),
  }
}

const HOUR = 3_600_000

async function subtasksOf(
  overlord: Overlord,
  { id, dataSource, createdTime }: TaskStatus,
  request: RequestOptions,
): Promise<Subtasks | undefined> {
  // Of those that have ended, what came after it: an hour more, as clocks differ.
  const since = new Date(Math.min(Date.parse(createdTime), Date.now()) - HOUR).toISOString()
  const createdTimeInterval = `${since}/${new Date().toISOString()}`
  const tasks = await overlord
    .tasks({ dataSource: dataSource ?? undefined, createdTimeInterval, ...request })
    .catch((error: unknown) => {
      if (request.signal?.aborted) throw error
      return []
    })
  const others = tasks.filter((task) => task.groupId === id && task.id !== id)
  if (others.length === 0) return undefined
  const count = (code: TaskStatus['statusCode']): number =>
    others.filter(({ statusCode }) => statusCode === code).length
  return { running: count('RUNNING'), succeeded: count('SUCCESS'), failed: count('FAILED') }
}

/** With what its report adds: the whole reason, where the status has it cut, and the failing rows. */
async function failure(
  overlord: Overlord,
  { id, dataSource, errorMsg }: TaskStatus,
  request: RequestOptions,
): Promise<DruidError> {
  const report = await reportOfFailed(overlord, id, request)
  const reported = ingestionsOf(report).find((it) => it.errorMsg)?.errorMsg
  const reason = withoutStack([errorMsg, reported].find(Boolean) ?? 'Druid gives no reason')
  const events = unparseableIn(report)
  const first = events[0]?.details?.[0]
  return new DruidError(
    'TASK_FAILED',
    `task ${id} failed: ${reason}${first === undefined ? '' : `; the first row that it could not read: ${first}`}; see its log: GET /druid/indexer/v1/task/${encodeURIComponent(id)}/log`,
    {
      taskId: id,
      dataSource: dataSource ?? undefined,
      ...(events.length > 0 && { unparseableEvents: events }),
    },
  )
}

/** Its log has all of it. */
function withoutStack(reason: string): string {
  const lines = reason.split('\n').filter((line) => !/^\s+(?:at |\.\.\. \d)/.test(line))
  return lines.join('\n').trim()
}

/** Many that fail have none: it is not worth more than a few seconds. */
async function reportOfFailed(
  overlord: Overlord,
  taskId: string,
  request: RequestOptions,
): Promise<TaskReport> {
  try {
    return await storedReport(overlord, taskId, request, 2_000)
  } catch (error) {
    if (request.signal?.aborted) throw error
    return {}
  }
}
