import {
  DruidError,
  isDruidError,
  pathSegment,
  type RequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import { type ChangeOptions, changing } from '../audit.ts'
import { queryOf } from '../path.ts'
import { needs } from '../version.ts'
import type {
  OffsetReset,
  SupervisorEntry,
  SupervisorParseError,
  SupervisorReport,
  SupervisorSpec,
  SupervisorState,
  SupervisorStats,
  SupervisorVersion,
  SystemSupervisor,
} from './supervisor.ts'

export interface SubmitSupervisorOptions extends ChangeOptions {
  /** Whether a spec that is the same as the present one changes nothing. Default false. Druid 33 and later. */
  readonly skipRestartIfUnmodified?: boolean | undefined
}

export interface SupervisorHistoryOptions extends RequestOptions {
  /** The newest so many. Default: all. Druid 35 and later. */
  readonly count?: number | undefined
}

/**
 * What reads streams, and whatever else runs until it is ended. `/druid/indexer/v1/supervisor…`.
 * Lists show what the user may write to. Every method of one supervisor throws `NOT_FOUND` where there
 * is none of that id. Nothing that changes one is sent twice.
 */
export interface OverlordSupervisors {
  /** (`GET /supervisor`) */
  ids(options?: RequestOptions): Promise<string[]>
  /** (`GET /supervisor?state=true`) */
  states(options?: RequestOptions): Promise<SupervisorState[]>
  /** States and specs (`GET /supervisor?full`). */
  all(options?: RequestOptions): Promise<SupervisorEntry[]>
  /** States, and specs as text (`GET /supervisor?system`). */
  system(options?: RequestOptions): Promise<SystemSupervisor[]>
  /**
   * Creates a supervisor, or replaces the one of that id, and returns the id (`POST /supervisor`). A
   * spec that Druid can read but not start ends the one that ran before: see
   * `cluster().submitSupervisor()`.
   * @throws DruidError `INVALID_INPUT` for a spec that Druid cannot read; `SERVER` (500) for one that it
   * cannot start.
   */
  submit(spec: SupervisorSpec, options?: SubmitSupervisorOptions): Promise<string>
  /** With all defaults (`GET /supervisor/{id}`). */
  get(id: string, options?: RequestOptions): Promise<SupervisorSpec>
  /** (`GET /supervisor/{id}/status`) */
  status(id: string, options?: RequestOptions): Promise<SupervisorReport>
  /** Whether it is healthy; its 503 is an answer (`GET /supervisor/{id}/health`). */
  health(id: string, options?: RequestOptions): Promise<boolean>
  /** Rows that its tasks have read (`GET /supervisor/{id}/stats`). */
  stats(id: string, options?: RequestOptions): Promise<SupervisorStats>
  /**
   * Rows that its tasks could not read: as many of each task as `maxSavedParseExceptions` of the spec's
   * tuning says, 0 by default (`GET /supervisor/{id}/parseErrors`).
   */
  parseErrors(id: string, options?: RequestOptions): Promise<SupervisorParseError[]>
  /** Every spec that was given, also of supervisors that ended, the newest first (`GET /supervisor/history`). */
  allHistory(options?: RequestOptions): Promise<Readonly<Record<string, SupervisorVersion[]>>>
  /** The same of one, also of one that ended (`GET /supervisor/{id}/history`). */
  history(id: string, options?: SupervisorHistoryOptions): Promise<SupervisorVersion[]>
  /**
   * Its tasks publish what they have and end; returns the spec (`POST /supervisor/{id}/suspend`).
   * @throws DruidError `INVALID_INPUT` for one that is suspended.
   */
  suspend(id: string, options?: RequestOptions): Promise<SupervisorSpec>
  /**
   * Goes on; returns the spec (`POST /supervisor/{id}/resume`).
   * @throws DruidError `INVALID_INPUT` for one that runs.
   */
  resume(id: string, options?: RequestOptions): Promise<SupervisorSpec>
  /** Ends it; its history stays (`POST /supervisor/{id}/terminate`). */
  terminate(id: string, options?: RequestOptions): Promise<void>
  /** (`POST /supervisor/suspendAll`) */
  suspendAll(options?: RequestOptions): Promise<void>
  /** (`POST /supervisor/resumeAll`) */
  resumeAll(options?: RequestOptions): Promise<void>
  /** (`POST /supervisor/terminateAll`) */
  terminateAll(options?: RequestOptions): Promise<void>
  /**
   * Forgets all offsets: it begins again where its spec says, at the earliest or the latest, so rows
   * come twice or are left out (`POST /supervisor/{id}/reset`).
   */
  reset(id: string, options?: RequestOptions): Promise<void>
  /**
   * Begins again at these offsets, in these partitions; rows come twice or are left out
   * (`POST /supervisor/{id}/resetOffsets`). Druid 28 and later.
   * @throws DruidError `SERVER` (500) for another stream than the supervisor's.
   */
  resetOffsets(id: string, offsets: OffsetReset, options?: RequestOptions): Promise<void>
  /**
   * The tasks of these groups publish what they have, and others go on; groups that there are not are
   * passed over (`POST /supervisor/{id}/taskGroups/handoff`). Druid 29 and later.
   * @throws DruidError `INVALID_INPUT` for no groups, or a supervisor that reads no stream.
   */
  handoff(id: string, taskGroupIds: readonly number[], options?: RequestOptions): Promise<void>
}

const PREFIX = '/druid/indexer/v1/supervisor'

export class SupervisorsService implements OverlordSupervisors {
  readonly #service: ServiceHost

  constructor(service: ServiceHost) {
    this.#service = service
  }

  ids(options?: RequestOptions): Promise<string[]> {
    return this.#get(options, [], '')
  }

  states(options?: RequestOptions): Promise<SupervisorState[]> {
    return this.#get(options, [], '?state=true')
  }

  all(options?: RequestOptions): Promise<SupervisorEntry[]> {
    return this.#get(options, [], '?full')
  }

  system(options?: RequestOptions): Promise<SystemSupervisor[]> {
    return this.#get(options, [], '?system')
  }

  async submit(
    spec: SupervisorSpec,
    { skipRestartIfUnmodified, ...options }: SubmitSupervisorOptions = {},
  ): Promise<string> {
    if (skipRestartIfUnmodified) {
      await needs(this.#service, '>=33', `skipRestartIfUnmodified of POST ${PREFIX}`, options)
    }
    const query = queryOf({ skipRestartIfUnmodified: skipRestartIfUnmodified ? 'true' : undefined })
    const answer = await this.#post<{ id?: unknown } | undefined>(
      changing(options),
      [],
      query,
      spec,
    )
    if (typeof answer?.id === 'string') return answer.id
    throw new DruidError(
      'DECODE',
      `POST ${PREFIX} answered no id; the supervisor may be there, look at the list of them`,
    )
  }

  get(id: string, options?: RequestOptions): Promise<SupervisorSpec> {
    return this.#get(options, [id])
  }

  status(id: string, options?: RequestOptions): Promise<SupervisorReport> {
    return this.#get(options, [id], '/status')
  }

  async health(id: string, options?: RequestOptions): Promise<boolean> {
    try {
      // Not sent again after its 503.
      const request = { ...options, idempotent: false }
      const answer = await this.#get<{ healthy: boolean }>(request, [id], '/health')
      return answer.healthy
    } catch (error) {
      // A 503 without that body is of an Overlord that does not lead.
      const is503 = isDruidError(error, 'SERVER') && error.status === 503
      if (is503 && /"healthy"\s*:\s*false/.test(error.message)) return false
      throw error
    }
  }

  stats(id: string, options?: RequestOptions): Promise<SupervisorStats> {
    return this.#get(options, [id], '/stats')
  }

  parseErrors(id: string, options?: RequestOptions): Promise<SupervisorParseError[]> {
    return this.#get(options, [id], '/parseErrors')
  }

  allHistory(options?: RequestOptions): Promise<Readonly<Record<string, SupervisorVersion[]>>> {
    return this.#get(options, [], '/history')
  }

  async history(
    id: string,
    { count, ...options }: SupervisorHistoryOptions = {},
  ): Promise<SupervisorVersion[]> {
    if (count !== undefined) {
      await needs(this.#service, '>=35', `count of GET ${PREFIX}/{id}/history`, options)
    }
    return this.#get(options, [id], `/history${queryOf({ count })}`)
  }

  suspend(id: string, options?: RequestOptions): Promise<SupervisorSpec> {
    return this.#post(options, [id], '/suspend')
  }

  resume(id: string, options?: RequestOptions): Promise<SupervisorSpec> {
    return this.#post(options, [id], '/resume')
  }

  async terminate(id: string, options?: RequestOptions): Promise<void> {
    await this.#post(options, [id], '/terminate')
  }

  async suspendAll(options?: RequestOptions): Promise<void> {
    await this.#post(options, [], '/suspendAll')
  }

  async resumeAll(options?: RequestOptions): Promise<void> {
    await this.#post(options, [], '/resumeAll')
  }

  async terminateAll(options?: RequestOptions): Promise<void> {
    await this.#post(options, [], '/terminateAll')
  }

  async reset(id: string, options?: RequestOptions): Promise<void> {
    await this.#post(options, [id], '/reset')
  }

  async resetOffsets(id: string, offsets: OffsetReset, options?: RequestOptions): Promise<void> {
    await needs(this.#service, '>=28', `POST ${PREFIX}/{id}/resetOffsets`, options)
    await this.#post(options, [id], '/resetOffsets', offsets)
  }

  async handoff(
    id: string,
    taskGroupIds: readonly number[],
    options?: RequestOptions,
  ): Promise<void> {
    await needs(this.#service, '>=29', `POST ${PREFIX}/{id}/taskGroups/handoff`, options)
    await this.#post(options, [id], '/taskGroups/handoff', { taskGroupIds })
  }

  async #get<T>(options: PlainOptions, names: readonly string[], what = ''): Promise<T> {
    return this.#service.request('GET', `${pathOf(names)}${what}`, undefined, options)
  }

  async #post<T>(
    options: PlainOptions,
    names: readonly string[],
    what: string,
    body?: unknown,
  ): Promise<T> {
    return this.#service.request('POST', `${pathOf(names)}${what}`, body, options)
  }
}

type PlainOptions = (RequestOptions & { readonly idempotent?: boolean }) | undefined

function pathOf(names: readonly string[]): string {
  return [PREFIX, ...names.map(pathSegment)].join('/')
}
