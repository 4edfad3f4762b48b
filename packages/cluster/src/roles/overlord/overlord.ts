import { DruidError, isDruidError, pathSegment, type RequestOptions } from '@druid/core/extension'
import { poll } from '../../task/poll.ts'
import { CommonService, type DruidService, leaderUrl } from '../common.ts'

/** `TaskStatusPlus` of Druid, the fields that all versions have. */
export interface TaskStatus {
  readonly id: string
  readonly type: string | null
  readonly dataSource: string | null
  readonly statusCode: 'RUNNING' | 'SUCCESS' | 'FAILED' | null
  readonly runnerStatusCode: 'WAITING' | 'PENDING' | 'RUNNING' | 'NONE' | null
  readonly createdTime: string
  /** Milliseconds; −1 while it runs. */
  readonly duration: number
  /** Why it failed; older versions cut it at 100 characters. */
  readonly errorMsg: string | null
  readonly location: {
    readonly host: string | null
    readonly port: number
    readonly tlsPort: number
  } | null
}

/** A task as Druid takes it: `type` and whatever that type has. */
export interface TaskSpec {
  readonly type: string
  /** Default: Druid makes one. */
  readonly id?: string | undefined
  readonly [field: string]: unknown
}

/** Report key → report, e.g. `ingestionStatsAndErrors`. */
export type TaskReport = Readonly<
  Record<
    string,
    { readonly type: string; readonly taskId: string; readonly payload: unknown } | undefined
  >
>

export interface WaitOptions extends RequestOptions {
  /** Told each state once: waiting, pending, running, ended. */
  readonly onProgress?: ((status: TaskStatus) => void) | undefined
}

/** The Overlord: tasks. `/druid/indexer/v1/…`. */
export interface Overlord extends DruidService {
  /** URL of the leading Overlord (`GET /leader`). */
  leader(options?: RequestOptions): Promise<string>
  /**
   * Submits a task and returns its id (`POST /task`). Never sent twice.
   * @throws DruidError `INVALID_INPUT` for a spec that Druid refuses, or an id it already knows.
   */
  submit(task: TaskSpec, options?: RequestOptions): Promise<string>
  /** @throws DruidError `NOT_FOUND` for an unknown id (`GET /task/{id}/status`). */
  taskStatus(taskId: string, options?: RequestOptions): Promise<TaskStatus>
  /**
   * The task's reports (`GET /task/{id}/reports`). For seconds around its start and end there may
   * be none: then `NOT_FOUND`.
   */
  taskReport(taskId: string, options?: RequestOptions): Promise<TaskReport>
  /**
   * Resolves when the task has succeeded. Leader changes and short outages are waited through; an
   * abort only ends the waiting.
   * @throws DruidError `TASK_FAILED` with the reason that Druid gives.
   */
  wait(taskId: string, options?: WaitOptions): Promise<TaskStatus>
  /** Asks a task to stop (`POST /task/{id}/shutdown`); no error when it has already ended. */
  shutdown(taskId: string, options?: RequestOptions): Promise<void>
}

const PREFIX = '/druid/indexer/v1'

export class OverlordService extends CommonService implements Overlord {
  leader(options?: RequestOptions): Promise<string> {
    return leaderUrl(this.service, `${PREFIX}/leader`, options)
  }

  async submit(task: TaskSpec, options?: RequestOptions): Promise<string> {
    const path = `${PREFIX}/task`
    const answer = await this.service.request<{ task?: unknown } | undefined>(
      'POST',
      path,
      task,
      options,
    )
    if (typeof answer?.task === 'string') return answer.task
    throw new DruidError(
      'DECODE',
      `POST ${path} answered no task id; the task may run, look at the Overlord's task list`,
    )
  }

  async taskStatus(taskId: string, options?: RequestOptions): Promise<TaskStatus> {
    const path = `${taskPath(taskId)}/status`
    const answer = await this.service.request<{ status?: TaskStatus | null } | undefined>(
      'GET',
      path,
      undefined,
      options,
    )
    if (answer?.status) return answer.status
    throw new DruidError('NOT_FOUND', `GET ${path}: the Overlord knows no such task`)
  }

  async taskReport(taskId: string, options?: RequestOptions): Promise<TaskReport> {
    const path = `${taskPath(taskId)}/reports`
    const report = await this.service.request<TaskReport | undefined>(
      'GET',
      path,
      undefined,
      options,
    )
    if (report !== undefined) return report
    throw new DruidError('NOT_FOUND', `GET ${path}: there is no report yet`)
  }

  async wait(taskId: string, { onProgress, ...options }: WaitOptions = {}): Promise<TaskStatus> {
    let told = ''
    return poll(
      `task ${taskId}`,
      async () => {
        const status = await this.taskStatus(taskId, options)
        const state = `${status.statusCode} ${status.runnerStatusCode}`
        if (state !== told) onProgress?.(status)
        told = state
        if (status.statusCode === 'SUCCESS') return status
        if (status.statusCode !== 'FAILED') return undefined
        throw new DruidError(
          'TASK_FAILED',
          `task ${taskId} failed: ${status.errorMsg ?? 'Druid gives no reason'}; see its log: GET ${taskPath(taskId)}/log`,
          { taskId, dataSource: status.dataSource ?? undefined },
        )
      },
      options.signal,
    )
  }

  async shutdown(taskId: string, options?: RequestOptions): Promise<void> {
    await this.service
      .request('POST', `${taskPath(taskId)}/shutdown`, undefined, { ...options, idempotent: true })
      .catch((error: unknown) => {
        if (!isDruidError(error, 'NOT_FOUND')) throw error
      })
  }
}

function taskPath(taskId: string): string {
  return `${PREFIX}/task/${pathSegment(taskId)}`
}
