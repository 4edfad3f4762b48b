import type { RequestOptions } from '@druid/core/extension'
import type { TaskLock } from '../roles/overlord/lock.ts'
import type { Overlord, TaskLogOptions } from '../roles/overlord/overlord.ts'
import type { TaskReport } from '../roles/overlord/report.ts'
import type { TaskSpec, TaskStatus } from '../roles/overlord/task.ts'
import { type FollowLogOptions, followLog } from './follow-log.ts'
import { type WaitOptions, waitForTask } from './wait.ts'

/** One task. Its methods throw `NOT_FOUND` where the Overlord does not know it. */
export interface TaskHandle {
  readonly id: string
  /** What it is doing, and how it ended. */
  status(options?: RequestOptions): Promise<TaskStatus>
  /** The task as the Overlord took it, with all defaults. */
  spec(options?: RequestOptions): Promise<TaskSpec>
  /**
   * Its reports: rows, what could not be read, errors. Of a task that runs those it can tell now.
   * @throws DruidError `NOT_FOUND` also where it makes none, or not yet.
   */
  report(options?: RequestOptions): Promise<TaskReport>
  /**
   * Its log so far. What is no UTF-8 becomes U+FFFD.
   * @throws DruidError `NOT_FOUND` also where there is none: before it runs, and for tasks of Indexers.
   */
  log(options?: TaskLogOptions): Promise<string>
  /**
   * Its log as it grows, until the task has ended: pieces of text, in order, none twice. Leader changes
   * and short outages are waited through. An abort or leaving the loop ends the following only.
   */
  followLog(options?: FollowLogOptions): AsyncIterable<string>
  /** The locks that it, and those it started, hold now. Druid 28 and later. */
  locks(options?: RequestOptions): Promise<readonly TaskLock[]>
  /** Asks it to stop; no error when it has already ended. It ends as FAILED. */
  shutdown(options?: RequestOptions): Promise<void>
  /**
   * Resolves when it has succeeded. Leader changes and outages of up to a minute are waited through; an
   * abort only ends the waiting.
   * @throws DruidError `TASK_FAILED` with the reason that Druid gives, and the first rows that it could
   * not read where its report has them; `TIMEOUT` after `timeout`.
   */
  wait(options?: WaitOptions): Promise<TaskStatus>
}

export class OneTask implements TaskHandle {
  readonly id: string
  readonly #overlord: Overlord

  constructor(overlord: Overlord, id: string) {
    this.id = id
    this.#overlord = overlord
  }

  status(options?: RequestOptions): Promise<TaskStatus> {
    return this.#overlord.taskStatus(this.id, options)
  }

  spec(options?: RequestOptions): Promise<TaskSpec> {
    return this.#overlord.taskSpec(this.id, options)
  }

  report(options?: RequestOptions): Promise<TaskReport> {
    return this.#overlord.taskReport(this.id, options)
  }

  async log(options?: TaskLogOptions): Promise<string> {
    const bytes = await this.#overlord.taskLog(this.id, options)
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  }

  followLog(options?: FollowLogOptions): AsyncIterable<string> {
    return followLog(this.#overlord, this.id, options)
  }

  async locks(options?: RequestOptions): Promise<readonly TaskLock[]> {
    const { dataSource, groupId } = await this.status(options)
    if (dataSource === null) return []
    const locks = await this.#overlord.activeLocks([{ dataSource }], options)
    return (locks[dataSource] ?? []).filter((lock) => lock.groupId === (groupId ?? this.id))
  }

  shutdown(options?: RequestOptions): Promise<void> {
    return this.#overlord.shutdown(this.id, options)
  }

  wait(options?: WaitOptions): Promise<TaskStatus> {
    return waitForTask(this.#overlord, this.id, options)
  }
}
