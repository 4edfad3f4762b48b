import { pathSegment, type RequestOptions } from '@druid/core/extension'
import { CommonService, type DruidService } from './common.ts'
import { IntrospectionService, type LookupIntrospection } from './introspection.ts'
import { queryOf } from './path.ts'

/** What runs tasks: a MiddleManager, or an Indexer. `/druid/worker/v1/…`. */
export interface Worker extends DruidService {
  /** Whether it takes tasks (`GET /enabled`). */
  isEnabled(options?: RequestOptions): Promise<boolean>
  /** Takes tasks again (`POST /enable`). */
  enable(options?: RequestOptions): Promise<void>
  /** Takes no further tasks; those that it has it finishes (`POST /disable`). */
  disable(options?: RequestOptions): Promise<void>
  /** Ids of the tasks that it has (`GET /tasks`). */
  tasks(options?: RequestOptions): Promise<string[]>
  /**
   * Stops a task that it has (`POST /task/{id}/shutdown`); no error for one that it has not. Prefer
   * `overlordClient().shutdown()`, which also keeps the task from being started again.
   */
  shutdownTask(taskId: string, options?: RequestOptions): Promise<void>
  /**
   * The log of a task that it runs, as bytes (`GET /task/{id}/log`).
   * @throws DruidError `NOT_FOUND` where there is none: Indexers keep none.
   */
  taskLog(
    taskId: string,
    options?: RequestOptions & {
      /** Bytes to leave out; a negative one: the last so many bytes. Default 0. */
      readonly offset?: number | undefined
    },
  ): Promise<Uint8Array>
}

/** An Indexer: runs tasks in its own process, and answers queries on what they have read. */
export interface Indexer extends Worker {
  /** The lookups that it has loaded. */
  readonly lookups: LookupIntrospection
}

const PREFIX = '/druid/worker/v1'

export class WorkerService extends CommonService implements Worker {
  async isEnabled(options?: RequestOptions): Promise<boolean> {
    const path = `${PREFIX}/enabled`
    // The one entry is its own address.
    const answer = await this.service.request<Readonly<Record<string, boolean>>>(
      'GET',
      path,
      undefined,
      options,
    )
    return Object.values(answer)[0] === true
  }

  async enable(options?: RequestOptions): Promise<void> {
    await this.#post('/enable', options)
  }

  async disable(options?: RequestOptions): Promise<void> {
    await this.#post('/disable', options)
  }

  tasks(options?: RequestOptions): Promise<string[]> {
    return this.service.request('GET', `${PREFIX}/tasks`, undefined, options)
  }

  async shutdownTask(taskId: string, options?: RequestOptions): Promise<void> {
    await this.#post(`/task/${pathSegment(taskId)}/shutdown`, options)
  }

  taskLog(
    taskId: string,
    { offset, ...options }: RequestOptions & { readonly offset?: number | undefined } = {},
  ): Promise<Uint8Array> {
    const path = `${PREFIX}/task/${pathSegment(taskId)}/log${queryOf({ offset })}`
    return this.service.request('GET', path, undefined, { ...options, expect: 'bytes' })
  }

  /** All of them do no harm when they are sent twice. */
  async #post(path: string, options: RequestOptions | undefined): Promise<void> {
    const request = { ...options, idempotent: true }
    await this.service.request('POST', `${PREFIX}${path}`, undefined, request)
  }
}

export class IndexerService extends WorkerService implements Indexer {
  readonly lookups: LookupIntrospection = new IntrospectionService(this.service)
}
