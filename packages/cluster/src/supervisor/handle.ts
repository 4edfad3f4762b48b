import { isDruidError, type RequestOptions } from '@druid/core/extension'
import type {
  StreamOffsets,
  SupervisorParseError,
  SupervisorSpec,
  SupervisorStats,
  SupervisorStatus,
  SupervisorVersion,
} from '../roles/overlord/supervisor.ts'
import type {
  OverlordSupervisors,
  SupervisorHistoryOptions,
} from '../roles/overlord/supervisors.ts'
import { type SupervisorSummary, summaryOf } from './list.ts'
import { noStream, offsetReset } from './offsets.ts'
import {
  type CaughtUpOptions,
  isCaughtUp,
  isOver,
  isRunning,
  refuseSuspended,
  type SupervisorWaitOptions,
  waitForSupervisor,
} from './wait.ts'

/** One supervisor. Its methods throw `NOT_FOUND` where there is none of that id. */
export interface SupervisorHandle {
  readonly id: string
  /** What it is at, of every type. */
  state(options?: RequestOptions): Promise<SupervisorSummary>
  /** More of it: tasks, offsets, lag, errors. @throws DruidError `NOT_FOUND` also for types that tell none. */
  status(options?: RequestOptions): Promise<SupervisorStatus>
  /** Whether it and its tasks are well. */
  health(options?: RequestOptions): Promise<boolean>
  /** Rows that its tasks have read, by task group and task. */
  stats(options?: RequestOptions): Promise<SupervisorStats>
  /** With all defaults. */
  spec(options?: RequestOptions): Promise<SupervisorSpec>
  /** Every spec that was given, also after its end, the newest first. */
  history(options?: SupervisorHistoryOptions): Promise<SupervisorVersion[]>
  /**
   * Rows that its tasks could not read: as many of each task as `maxSavedParseExceptions` of the spec's
   * tuning says, 0 by default.
   */
  parseErrors(options?: RequestOptions): Promise<SupervisorParseError[]>
  /** Its tasks publish what they have and end; no error where it is suspended. */
  suspend(options?: RequestOptions): Promise<void>
  /** Goes on where it stopped; no error where it runs. */
  resume(options?: RequestOptions): Promise<void>
  /**
   * Forgets all offsets: it begins again where its spec says, at the earliest or the latest message, so
   * rows come twice or are left out.
   */
  reset(options?: RequestOptions): Promise<void>
  /**
   * Begins again at these offsets; partitions that are not named stay where they are. Rows come twice or
   * are left out. Druid 28 and later.
   * @param offsets the next message to read, by partition (`{ 0: 1200n }`), of several topics by
   * `topic:partition`. Exact beyond 2^53 as bigint or text.
   * @throws DruidError `INVALID_INPUT` for what is no offset, or a supervisor that reads no stream.
   */
  resetOffsets(offsets: StreamOffsets, options?: RequestOptions): Promise<void>
  /**
   * The tasks of these groups publish what they have now, and others go on. Druid 29 and later.
   * @param taskGroups keys of {@link SupervisorHandle.stats}.
   */
  handoff(taskGroups: readonly number[], options?: RequestOptions): Promise<void>
  /** Ends it: its tasks publish what they have. What it wrote, and its history, stay. */
  terminate(options?: RequestOptions): Promise<void>
  /**
   * Resolves when it runs: it has connected to its stream. One that is unhealthy is waited for, as it may
   * recover; see `timeout`.
   * @throws DruidError `TIMEOUT` after `timeout`, with its last error; `INVALID_INPUT` for one that is
   * suspended.
   */
  untilRunning(options?: SupervisorWaitOptions): Promise<SupervisorSummary>
  /**
   * Resolves when its tasks have read all that was in the stream when it was called, or all but
   * `maxLag` messages: then the rows can be queried. Takes as long as Druid needs to look up the end of the
   * stream, too, which it does every 30 s (`offsetFetchPeriod` of the spec's tuning).
   * @throws DruidError as {@link SupervisorHandle.untilRunning}; `INVALID_INPUT` for one that reads no stream.
   */
  untilCaughtUp(options?: CaughtUpOptions): Promise<SupervisorStatus>
  /**
   * Resolves when one that was suspended has no tasks any more: all that it has read is published.
   * @throws DruidError `TIMEOUT` after `timeout`.
   */
  untilSuspended(options?: SupervisorWaitOptions): Promise<SupervisorSummary>
}

export class OneSupervisor implements SupervisorHandle {
  readonly id: string
  readonly #supervisors: OverlordSupervisors

  constructor(supervisors: OverlordSupervisors, id: string) {
    this.id = id
    this.#supervisors = supervisors
  }

  state(options?: RequestOptions): Promise<SupervisorSummary> {
    return summaryOf(this.#supervisors, this.id, options)
  }

  async status(options?: RequestOptions): Promise<SupervisorStatus> {
    return (await this.#supervisors.status(this.id, options)).payload
  }

  async health(options?: RequestOptions): Promise<boolean> {
    try {
      return await this.#supervisors.health(this.id, options)
    } catch (error) {
      // Also of one that is there, but of a type that does not tell.
      if (!isDruidError(error, 'NOT_FOUND')) throw error
      return (await this.state(options)).healthy
    }
  }

  stats(options?: RequestOptions): Promise<SupervisorStats> {
    return this.#supervisors.stats(this.id, options)
  }

  spec(options?: RequestOptions): Promise<SupervisorSpec> {
    return this.#supervisors.get(this.id, options)
  }

  history(options?: SupervisorHistoryOptions): Promise<SupervisorVersion[]> {
    return this.#supervisors.history(this.id, options)
  }

  parseErrors(options?: RequestOptions): Promise<SupervisorParseError[]> {
    return this.#supervisors.parseErrors(this.id, options)
  }

  async suspend(options?: RequestOptions): Promise<void> {
    await this.#supervisors.suspend(this.id, options).catch(unlessAlready('suspended'))
  }

  async resume(options?: RequestOptions): Promise<void> {
    await this.#supervisors.resume(this.id, options).catch(unlessAlready('running'))
  }

  reset(options?: RequestOptions): Promise<void> {
    return this.#supervisors.reset(this.id, options)
  }

  async resetOffsets(offsets: StreamOffsets, options?: RequestOptions): Promise<void> {
    const [{ type }, { stream }] = await Promise.all([this.spec(options), this.status(options)])
    const reset = offsetReset(this.id, { type, stream, offsets })
    await this.#supervisors.resetOffsets(this.id, reset, options)
  }

  handoff(taskGroups: readonly number[], options?: RequestOptions): Promise<void> {
    return this.#supervisors.handoff(this.id, taskGroups, options)
  }

  terminate(options?: RequestOptions): Promise<void> {
    return this.#supervisors.terminate(this.id, options)
  }

  async untilRunning(options: SupervisorWaitOptions = {}): Promise<SupervisorSummary> {
    await waitForSupervisor(this.#supervisors, this.id, options, (look) => {
      refuseSuspended(this.id, look)
      return isRunning(look)
    })
    return this.state({ signal: options.signal, headers: options.headers })
  }

  async untilCaughtUp({ maxLag = 0, ...options }: CaughtUpOptions = {}): Promise<SupervisorStatus> {
    let since: string | undefined
    const { status } = await waitForSupervisor(this.#supervisors, this.id, options, (look) => {
      refuseSuspended(this.id, look)
      if (look.status?.stream === undefined) throw noStream(this.id)
      since ??= look.at
      return since !== undefined && isCaughtUp(look, since, maxLag)
    })
    return status as SupervisorStatus
  }

  async untilSuspended(options: SupervisorWaitOptions = {}): Promise<SupervisorSummary> {
    await waitForSupervisor(this.#supervisors, this.id, options, isOver)
    return this.state({ signal: options.signal, headers: options.headers })
  }
}

/** What is asked for is so: `[id] is already suspended`. */
function unlessAlready(state: 'suspended' | 'running'): (error: unknown) => void {
  return (error) => {
    const isSo = isDruidError(error, 'INVALID_INPUT') && error.message.endsWith(`already ${state}`)
    if (!isSo) throw error
  }
}
