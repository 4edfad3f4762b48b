import {
  isDruidError,
  pathSegment,
  type RequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import type { IngestionReport, RowStats, TaskReport } from './overlord/report.ts'
import type { StreamOffsets } from './overlord/supervisor.ts'
import type { TaskLocation } from './overlord/task.ts'
import { queryOf } from './path.ts'

/**
 * What a task that runs tells itself, at the place where it runs: a Peon or an Indexer
 * (`/druid/worker/v1/chat/{taskId}/…`). What there is depends on the type of the task; other paths are
 * `NOT_FOUND`. A task that has ended, or not begun, is `NO_SERVICE`, and for a moment `SERVER` (503).
 */
export interface Peon {
  /** Its rows, of what it is at; `full`: of all its phases (`GET /rowStats`). Of ingestions. */
  rowStats(options?: PhaseOptions): Promise<RowStats>
  /** Rows that it could not read (`GET /unparseableEvents`). Of ingestions that are no supervisor task. */
  unparseableEvents(options?: PhaseOptions): Promise<UnparseableEvents>
  /** Its report so far (`GET /liveReports`). Of ingestions and multi-stage queries. */
  liveReports(options?: PhaseOptions): Promise<TaskReport>

  /** How an `index_parallel` works: by sub tasks, or by itself (`GET /mode`). */
  mode(options?: RequestOptions): Promise<'parallel' | 'sequential'>
  /** What its sub tasks are at: `segment generation`, … (`GET /phase`). */
  phase(options?: RequestOptions): Promise<string>
  /** Its sub tasks in numbers (`GET /progress`). */
  progress(options?: RequestOptions): Promise<SubtaskProgress>
  /** Ids of the sub tasks that run (`GET /subtasks/running`). */
  runningSubtasks(options?: RequestOptions): Promise<string[]>
  /** What its sub tasks are to do (`GET /subtaskspecs`). */
  subtaskSpecs(options?: RequestOptions): Promise<SubtaskSpec[]>
  /** Of those that run (`GET /subtaskspecs/running`). */
  runningSubtaskSpecs(options?: RequestOptions): Promise<SubtaskSpec[]>
  /** Of those that are done (`GET /subtaskspecs/complete`). */
  completeSubtaskSpecs(options?: RequestOptions): Promise<SubtaskSpec[]>
  /** (`GET /subtaskspec/{id}`) */
  subtaskSpec(id: string, options?: RequestOptions): Promise<SubtaskSpec>
  /** It, and the task that runs it now (`GET /subtaskspec/{id}/state`). */
  subtaskState(id: string, options?: RequestOptions): Promise<SubtaskState>
  /** The tasks that ran it; `NOT_FOUND` before the first has ended (`GET /subtaskspec/{id}/history`). */
  subtaskHistory(id: string, options?: RequestOptions): Promise<readonly SubtaskAttempt[]>

  /** What a task of a stream is at: `READING`, `PAUSED`, `PUBLISHING`, … (`GET /status`). */
  streamStatus(options?: RequestOptions): Promise<string>
  /** How far it has read (`GET /offsets/current`). */
  currentOffsets(options?: RequestOptions): Promise<StreamOffsets>
  /** How far it is to read (`GET /offsets/end`). */
  endOffsets(options?: RequestOptions): Promise<StreamOffsets>
  /** Sequence → where it begins (`GET /checkpoints`). */
  checkpoints(options?: RequestOptions): Promise<Readonly<Record<string, StreamOffsets>>>
  /** When it began to read, ISO 8601; `undefined` before (`GET /time/start`). */
  startTime(options?: RequestOptions): Promise<string | undefined>
  /**
   * Has it read no further; how far it is, or `undefined` where it has not paused yet (`POST /pause`). Its
   * supervisor does not know: {@link resume} it soon, or suspend the supervisor.
   */
  pause(options?: RequestOptions): Promise<StreamOffsets | undefined>
  /** Has it read on (`POST /resume`). */
  resume(options?: RequestOptions): Promise<void>
  /** Ends it without publishing what it has read (`POST /stop`). */
  stop(options?: RequestOptions): Promise<void>

  /** Tasks of a multi-stage query, which its controller started (`GET /taskList`). */
  taskList(options?: RequestOptions): Promise<{ readonly taskIds: readonly string[] }>
}

export interface PhaseOptions extends RequestOptions {
  /** Also of phases that are done, or to come. Default: of the present one. */
  readonly full?: boolean | undefined
}

/** By phase; of a task of a stream a list. */
export type UnparseableEvents =
  | NonNullable<IngestionReport['payload']['unparseableEvents']>
  | readonly Readonly<Record<string, unknown>>[]

export interface SubtaskProgress {
  readonly running: number
  readonly succeeded: number
  readonly failed: number
  /** Succeeded and failed. */
  readonly complete: number
  readonly total: number
  readonly estimatedExpectedSucceeded: number
}

export interface SubtaskSpec {
  readonly id: string
  readonly groupId: string
  readonly supervisorTaskId: string
  readonly [field: string]: unknown
}

export interface SubtaskState {
  readonly spec: SubtaskSpec
  /** The task that runs it. */
  readonly currentStatus: SubtaskAttempt | null
  readonly taskHistory: readonly SubtaskAttempt[]
}

export interface SubtaskAttempt {
  readonly id: string
  readonly location?: TaskLocation
  readonly [field: string]: unknown
}

export class PeonService implements Peon {
  readonly #service: ServiceHost
  readonly #taskId: string

  constructor(service: ServiceHost, taskId: string) {
    this.#service = service
    this.#taskId = taskId
  }

  rowStats({ full, ...options }: PhaseOptions = {}): Promise<RowStats> {
    return this.#ask('GET', `/rowStats${queryOf({ full })}`, options)
  }

  unparseableEvents({ full, ...options }: PhaseOptions = {}): Promise<UnparseableEvents> {
    return this.#ask('GET', `/unparseableEvents${queryOf({ full })}`, options)
  }

  liveReports({ full, ...options }: PhaseOptions = {}): Promise<TaskReport> {
    return this.#ask('GET', `/liveReports${queryOf({ full })}`, options)
  }

  mode(options?: RequestOptions): Promise<'parallel' | 'sequential'> {
    return this.#text('/mode', options)
  }

  phase(options?: RequestOptions): Promise<string> {
    return this.#text('/phase', options)
  }

  progress(options?: RequestOptions): Promise<SubtaskProgress> {
    return this.#ask('GET', '/progress', options)
  }

  runningSubtasks(options?: RequestOptions): Promise<string[]> {
    return this.#ask('GET', '/subtasks/running', options)
  }

  subtaskSpecs(options?: RequestOptions): Promise<SubtaskSpec[]> {
    return this.#ask('GET', '/subtaskspecs', options)
  }

  runningSubtaskSpecs(options?: RequestOptions): Promise<SubtaskSpec[]> {
    return this.#ask('GET', '/subtaskspecs/running', options)
  }

  completeSubtaskSpecs(options?: RequestOptions): Promise<SubtaskSpec[]> {
    return this.#ask('GET', '/subtaskspecs/complete', options)
  }

  subtaskSpec(id: string, options?: RequestOptions): Promise<SubtaskSpec> {
    return this.#ask('GET', `/subtaskspec/${pathSegment(id)}`, options)
  }

  subtaskState(id: string, options?: RequestOptions): Promise<SubtaskState> {
    return this.#ask('GET', `/subtaskspec/${pathSegment(id)}/state`, options)
  }

  subtaskHistory(id: string, options?: RequestOptions): Promise<readonly SubtaskAttempt[]> {
    return this.#ask('GET', `/subtaskspec/${pathSegment(id)}/history`, options)
  }

  streamStatus(options?: RequestOptions): Promise<string> {
    return this.#text('/status', options)
  }

  currentOffsets(options?: RequestOptions): Promise<StreamOffsets> {
    return this.#ask('GET', '/offsets/current', options)
  }

  endOffsets(options?: RequestOptions): Promise<StreamOffsets> {
    return this.#ask('GET', '/offsets/end', options)
  }

  checkpoints(options?: RequestOptions): Promise<Readonly<Record<string, StreamOffsets>>> {
    return this.#ask('GET', '/checkpoints', options)
  }

  async startTime(options?: RequestOptions): Promise<string | undefined> {
    return (await this.#ask<string | null | undefined>('GET', '/time/start', options)) ?? undefined
  }

  async pause(options?: RequestOptions): Promise<StreamOffsets | undefined> {
    try {
      return await this.#ask('POST', '/pause', options)
    } catch (error) {
      // Where it has not paused yet, it says so in words (202).
      if (isDruidError(error, 'DECODE')) return undefined
      throw error
    }
  }

  async resume(options?: RequestOptions): Promise<void> {
    await this.#ask('POST', '/resume', { ...options, expect: 'text' })
  }

  async stop(options?: RequestOptions): Promise<void> {
    await this.#ask('POST', '/stop', { ...options, expect: 'text' })
  }

  taskList(options?: RequestOptions): Promise<{ readonly taskIds: readonly string[] }> {
    return this.#ask('GET', '/taskList', options)
  }

  /** Druid writes single words without quotes. */
  async #text<T extends string>(path: string, options: RequestOptions | undefined): Promise<T> {
    const text = await this.#ask<string>('GET', path, { ...options, expect: 'text' })
    return text.trim().replace(/^"(.*)"$/, '$1') as T
  }

  #ask<T>(
    method: 'GET' | 'POST',
    path: string,
    options: (RequestOptions & { readonly expect?: 'text' }) | undefined,
  ): Promise<T> {
    const taskId = this.#taskId
    // Another task may have the port by now; it refuses.
    const headers = { 'X-Druid-Task-Id': taskId, ...options?.headers }
    const target = `/druid/worker/v1/chat/${pathSegment(taskId)}${path}`
    return this.#service.request(method, target, undefined, { ...options, headers })
  }
}
