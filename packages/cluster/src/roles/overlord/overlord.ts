import {
  DruidError,
  isDruidError,
  isRecord,
  pathSegment,
  type RequestOptions,
  versionFits,
} from '@druid/core/extension'
import { type AuditEntry, type ChangeOptions, changing, type HistoryOptions } from '../audit.ts'
import { CommonService, type DruidService, isLeading, leaderUrl } from '../common.ts'
import { queryOf } from '../path.ts'
import { needs, versionOf } from '../version.ts'
import { type OverlordCompaction, OverlordCompactionService } from './compaction.ts'
import { type LockFilter, lockFilter, type TaskLock } from './lock.ts'
import type { TaskReport } from './report.ts'
import type { SamplerResult, SamplerSpec } from './sampler.ts'
import { type OverlordSegments, SegmentsService } from './segments.ts'
import { type OverlordSupervisors, SupervisorsService } from './supervisors.ts'
import type { TaskFilter, TaskSpec, TaskState, TaskStatus } from './task.ts'
import type { WorkerCapacity, WorkerConfig, WorkerInfo } from './worker.ts'

/** The Overlord: tasks, and the workers that run them. `/druid/indexer/v1/…`. */
export interface Overlord extends DruidService {
  /** What reads streams, and whatever else runs until it is ended (`/supervisor…`). */
  readonly supervisors: OverlordSupervisors
  /** Auto-compaction (`/compaction/…`). */
  readonly compaction: OverlordCompaction
  /** Takes segments into use and out of it (`/datasources/…`). */
  readonly segments: OverlordSegments

  /** URL of the leading Overlord (`GET /leader`). */
  leader(options?: RequestOptions): Promise<string>
  /** Whether this one leads (`GET /isLeader`). */
  isLeader(options?: RequestOptions): Promise<boolean>

  /**
   * The workers and what they run; none where tasks run as pods of Kubernetes (`GET /workers`).
   * @throws DruidError `SERVER` (503) where the Overlord cannot tell.
   */
  workers(options?: RequestOptions): Promise<WorkerInfo[]>
  /** Slots of all workers (`GET /totalWorkerCapacity`). */
  totalWorkerCapacity(options?: RequestOptions): Promise<WorkerCapacity>
  /** What auto-scaling did; `undefined` where there is none (`GET /scaling`). */
  scaling(options?: RequestOptions): Promise<unknown>
  /** How workers are chosen and scaled; `undefined` where nothing was set (`GET /worker`). */
  workerConfig(options?: RequestOptions): Promise<WorkerConfig | undefined>
  /** Sets the whole of it (`POST /worker`). */
  setWorkerConfig(config: WorkerConfig, options?: ChangeOptions): Promise<void>
  /** What was set, the newest first (`GET /worker/history`). */
  workerConfigHistory(options?: HistoryOptions): Promise<AuditEntry[]>
  /**
   * Gives tasks to this worker again (`POST /worker/{host:port}/enable`).
   * @param worker `host:port`, as {@link workers} has it.
   * @throws DruidError `SERVER` for a worker that there is not.
   */
  enableWorker(worker: string, options?: RequestOptions): Promise<void>
  /**
   * Gives no further tasks to this worker; those it has it finishes
   * (`POST /worker/{host:port}/disable`). Parameters and errors as {@link enableWorker}.
   */
  disableWorker(worker: string, options?: RequestOptions): Promise<void>

  /**
   * Submits a task and returns its id (`POST /task`). Never sent twice.
   * @throws DruidError `INVALID_INPUT` for a spec that Druid refuses, or an id it already knows.
   */
  submit(task: TaskSpec, options?: RequestOptions): Promise<string>
  /**
   * The tasks that this user may see (`GET /tasks`).
   * @throws DruidError `FORBIDDEN` for a data source that he may not read.
   */
  tasks(options?: TaskFilter & RequestOptions): Promise<TaskStatus[]>
  /** Tasks that wait for a lock (`GET /waitingTasks`). */
  waitingTasks(options?: RequestOptions): Promise<TaskStatus[]>
  /** Tasks that wait for a worker (`GET /pendingTasks`). */
  pendingTasks(options?: RequestOptions): Promise<TaskStatus[]>
  /** Tasks that run; `type` limits them to one (`GET /runningTasks`). */
  runningTasks(options?: Pick<TaskFilter, 'type'> & RequestOptions): Promise<TaskStatus[]>
  /** Tasks that have ended, the newest `n`; default: all that are recent (`GET /completeTasks`). */
  completeTasks(
    options?: RequestOptions & { readonly n?: number | undefined },
  ): Promise<TaskStatus[]>
  /**
   * The task as the Overlord took it, with all defaults (`GET /task/{id}`). Passwords are masked.
   * @throws DruidError `NOT_FOUND` for an unknown id.
   */
  taskSpec(taskId: string, options?: RequestOptions): Promise<TaskSpec>
  /** @throws DruidError `NOT_FOUND` for an unknown id (`GET /task/{id}/status`). */
  taskStatus(taskId: string, options?: RequestOptions): Promise<TaskStatus>
  /** The states of many; ids that are not known are left out (`POST /taskStatus`). */
  taskStatuses(
    taskIds: readonly string[],
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, TaskState>>>
  /**
   * The segments that a task published (`GET /task/{id}/segments`). Up to Druid 30.
   * @throws DruidError `UNSUPPORTED` from Druid 31 on.
   */
  taskSegments(taskId: string, options?: RequestOptions): Promise<unknown[]>
  /**
   * The task's log so far, as bytes (`GET /task/{id}/log`): UTF-8, which may end within a character
   * while the task runs.
   * @throws DruidError `NOT_FOUND` where there is none: before it runs, and for tasks of Indexers, which
   * keep none.
   */
  taskLog(taskId: string, options?: TaskLogOptions): Promise<Uint8Array>
  /**
   * The task's reports (`GET /task/{id}/reports`): of one that runs those it can tell now. For seconds
   * around its start and end, and for tasks that make none, there are none: `NOT_FOUND`.
   */
  taskReport(taskId: string, options?: RequestOptions): Promise<TaskReport>
  /** Asks a task to stop (`POST /task/{id}/shutdown`); no error when it has already ended. */
  shutdown(taskId: string, options?: RequestOptions): Promise<void>
  /**
   * Asks all tasks of a data source to stop; no error when there are none
   * (`POST /datasources/{dataSource}/shutdownAllTasks`, and one by one where that is not found: Druid 33
   * has it, but does not reach it).
   */
  shutdownAll(dataSource: string, options?: RequestOptions): Promise<void>

  /**
   * Data source → the intervals that tasks have locked (`POST /lockedIntervals/v2`; before Druid 28,
   * which knows only data source and priority, `POST /lockedIntervals`).
   * @throws DruidError `UNSUPPORTED` for `intervals` or `context` before Druid 28.
   */
  lockedIntervals(
    filters: readonly LockFilter[],
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, readonly string[]>>>
  /** Data source → the locks on it (`POST /activeLocks`). Druid 28 and later. */
  activeLocks(
    filters: readonly LockFilter[],
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, readonly TaskLock[]>>>
  /**
   * Deletes the pending segments that were created within an interval, and returns how many
   * (`DELETE /pendingSegments/{dataSource}`).
   * @param interval ISO 8601, `start/end`.
   * @throws DruidError `INVALID_INPUT` where tasks run that are older than its end.
   */
  deletePendingSegments(
    dataSource: string,
    interval: string,
    options?: RequestOptions,
  ): Promise<number>
  /**
   * Reads a few rows as an ingestion would, and writes nothing (`POST /sampler`).
   * @throws DruidError `INVALID_INPUT` for a spec that Druid refuses, or input that it cannot reach.
   */
  sampler(spec: SamplerSpec, options?: RequestOptions): Promise<SamplerResult>
}

export interface TaskLogOptions extends RequestOptions {
  /** Bytes to leave out; a negative one: the last so many bytes. Default 0. */
  readonly offset?: number | undefined
}

const PREFIX = '/druid/indexer/v1'

/** So short that no task which has ended is listed; those that have not always are. */
const NONE_ENDED = '2000-01-01T00:00:00.000Z/2000-01-01T00:00:00.001Z'

export class OverlordService extends CommonService implements Overlord {
  readonly supervisors: OverlordSupervisors = new SupervisorsService(this.service)
  readonly compaction: OverlordCompaction = new OverlordCompactionService(this.service)
  readonly segments: OverlordSegments = new SegmentsService(this.service)

  leader(options?: RequestOptions): Promise<string> {
    return leaderUrl(this.service, `${PREFIX}/leader`, options)
  }

  isLeader(options?: RequestOptions): Promise<boolean> {
    return isLeading(this.service, `${PREFIX}/isLeader`, options)
  }

  workers(options?: RequestOptions): Promise<WorkerInfo[]> {
    return this.#get('/workers', options)
  }

  totalWorkerCapacity(options?: RequestOptions): Promise<WorkerCapacity> {
    return this.#get('/totalWorkerCapacity', options)
  }

  scaling(options?: RequestOptions): Promise<unknown> {
    return this.#get('/scaling', options)
  }

  workerConfig(options?: RequestOptions): Promise<WorkerConfig | undefined> {
    return this.#get('/worker', options)
  }

  async setWorkerConfig(config: WorkerConfig, options?: ChangeOptions): Promise<void> {
    await this.#post('/worker', config, { ...changing(options), idempotent: true })
  }

  workerConfigHistory({ interval, count, ...options }: HistoryOptions = {}): Promise<AuditEntry[]> {
    return this.#get(`/worker/history${queryOf({ interval, count })}`, options)
  }

  async enableWorker(worker: string, options?: RequestOptions): Promise<void> {
    await this.#post(`/worker/${pathSegment(worker)}/enable`, undefined, {
      ...options,
      idempotent: true,
    })
  }

  async disableWorker(worker: string, options?: RequestOptions): Promise<void> {
    await this.#post(`/worker/${pathSegment(worker)}/disable`, undefined, {
      ...options,
      idempotent: true,
    })
  }

  async submit(task: TaskSpec, options?: RequestOptions): Promise<string> {
    const answer = await this.#post<{ task?: unknown } | undefined>('/task', task, options)
    if (typeof answer?.task === 'string') return answer.task
    throw new DruidError(
      'DECODE',
      `POST ${PREFIX}/task answered no task id; the task may run, look at the Overlord's task list`,
    )
  }

  tasks(options: TaskFilter & RequestOptions = {}): Promise<TaskStatus[]> {
    const { state, dataSource, type, createdTimeInterval, max, ...request } = options
    const filter = { state, datasource: dataSource, type, createdTimeInterval, max }
    return this.#get(`/tasks${queryOf(filter)}`, request)
  }

  waitingTasks(options?: RequestOptions): Promise<TaskStatus[]> {
    return this.#get('/waitingTasks', options)
  }

  pendingTasks(options?: RequestOptions): Promise<TaskStatus[]> {
    return this.#get('/pendingTasks', options)
  }

  runningTasks({
    type,
    ...options
  }: Pick<TaskFilter, 'type'> & RequestOptions = {}): Promise<TaskStatus[]> {
    return this.#get(`/runningTasks${queryOf({ type })}`, options)
  }

  completeTasks({
    n,
    ...options
  }: RequestOptions & { readonly n?: number | undefined } = {}): Promise<TaskStatus[]> {
    return this.#get(`/completeTasks${queryOf({ n })}`, options)
  }

  async taskSpec(taskId: string, options?: RequestOptions): Promise<TaskSpec> {
    const path = taskPath(taskId)
    const answer = await this.#get<{ payload?: TaskSpec | null } | undefined>(path, options)
    if (answer?.payload) return answer.payload
    throw unknownTask(path)
  }

  async taskStatus(taskId: string, options?: RequestOptions): Promise<TaskStatus> {
    const path = `${taskPath(taskId)}/status`
    const answer = await this.#get<{ status?: TaskStatus | null } | undefined>(path, options)
    if (answer?.status) return answer.status
    throw unknownTask(path)
  }

  async taskStatuses(
    taskIds: readonly string[],
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, TaskState>>> {
    // Druid refuses an empty list.
    if (taskIds.length === 0) return {}
    return this.#post('/taskStatus', taskIds, { ...options, idempotent: true })
  }

  async taskSegments(taskId: string, options?: RequestOptions): Promise<unknown[]> {
    await needs(this.service, '<31', `GET ${PREFIX}/task/{id}/segments`, options)
    return this.#get(`${taskPath(taskId)}/segments`, options)
  }

  async taskLog(taskId: string, { offset, ...options }: TaskLogOptions = {}): Promise<Uint8Array> {
    const path = `${PREFIX}${taskPath(taskId)}/log${queryOf({ offset })}`
    // Text, which is not given to who asks for JSON.
    const headers = { accept: 'text/plain, */*', ...options.headers }
    return this.service.request('GET', path, undefined, { ...options, headers, expect: 'bytes' })
  }

  async taskReport(taskId: string, options?: RequestOptions): Promise<TaskReport> {
    const path = `${taskPath(taskId)}/reports`
    const report = await this.#get<TaskReport | { error?: unknown } | undefined>(path, options)
    // A running task that makes none, or not yet, answers 200 with an error.
    const error = isRecord(report) ? report.error : undefined
    if (report !== undefined && typeof error !== 'string') return report as TaskReport
    throw new DruidError(
      'NOT_FOUND',
      `GET ${PREFIX}${path}: there is no report yet${error === undefined ? '' : ` (${error})`}`,
    )
  }

  async shutdown(taskId: string, options?: RequestOptions): Promise<void> {
    await this.#stop(`${taskPath(taskId)}/shutdown`, options)
  }

  async shutdownAll(dataSource: string, options?: RequestOptions): Promise<void> {
    const path = `/datasources/${pathSegment(dataSource)}/shutdownAllTasks`
    if (await this.#stop(path, options)) return
    const tasks = await this.tasks({ dataSource, createdTimeInterval: NONE_ENDED, ...options })
    const active = tasks.filter(({ statusCode }) => statusCode === 'RUNNING')
    await Promise.all(active.map(({ id }) => this.shutdown(id, options)))
  }

  async lockedIntervals(
    filters: readonly LockFilter[],
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, readonly string[]>>> {
    const request = { ...options, idempotent: true }
    if (versionFits(await versionOf(this.service, options), '>=28')) {
      return this.#post('/lockedIntervals/v2', filters.map(lockFilter), request)
    }
    if (filters.some(({ intervals, context }) => intervals ?? context)) {
      const what = `intervals and context of POST ${PREFIX}/lockedIntervals`
      await needs(this.service, '>=28', what, options)
    }
    const priorities = filters.map(({ dataSource, priority = 0 }) => [dataSource, priority])
    return this.#post('/lockedIntervals', Object.fromEntries(priorities), request)
  }

  async activeLocks(
    filters: readonly LockFilter[],
    options?: RequestOptions,
  ): Promise<Readonly<Record<string, readonly TaskLock[]>>> {
    await needs(this.service, '>=28', `POST ${PREFIX}/activeLocks`, options)
    const answer = await this.#post<{
      datasourceToLocks?: Readonly<Record<string, readonly TaskLock[]>>
    }>('/activeLocks', filters.map(lockFilter), { ...options, idempotent: true })
    return answer.datasourceToLocks ?? {}
  }

  async deletePendingSegments(
    dataSource: string,
    interval: string,
    options?: RequestOptions,
  ): Promise<number> {
    const path = `${PREFIX}/pendingSegments/${pathSegment(dataSource)}${queryOf({ interval })}`
    const answer = await this.service.request<{ numDeleted?: number } | undefined>(
      'DELETE',
      path,
      undefined,
      options,
    )
    return answer?.numDeleted ?? 0
  }

  sampler(spec: SamplerSpec, options?: RequestOptions): Promise<SamplerResult> {
    return this.#post('/sampler', spec, { ...options, idempotent: true })
  }

  #get<T>(path: string, options: RequestOptions | undefined): Promise<T> {
    return this.service.request('GET', `${PREFIX}${path}`, undefined, options)
  }

  #post<T>(
    path: string,
    body: unknown,
    options: (RequestOptions & { readonly idempotent?: boolean }) | undefined,
  ): Promise<T> {
    return this.service.request('POST', `${PREFIX}${path}`, body, options)
  }

  /** Whether there was something to stop: what is not there any more has stopped. */
  async #stop(path: string, options: RequestOptions | undefined): Promise<boolean> {
    try {
      await this.#post(path, undefined, { ...options, idempotent: true })
      return true
    } catch (error) {
      if (isDruidError(error, 'NOT_FOUND')) return false
      throw error
    }
  }
}

function taskPath(taskId: string): string {
  return `/task/${pathSegment(taskId)}`
}

function unknownTask(path: string): DruidError {
  return new DruidError('NOT_FOUND', `GET ${PREFIX}${path}: the Overlord knows no such task`)
}
