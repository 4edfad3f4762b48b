import type { QueryContext } from '@druid/core'
import {
  DruidError,
  type ExtensionHost,
  isDruidError,
  pathSegment,
  type RequestOptions,
  type Row,
  type ServiceHost,
  type Statement,
  snippet,
} from '@druid/core/extension'
import { withId } from './failure.ts'
import { jsonOf, objectOf } from './status.ts'

/** The state of a Talaria query. */
export type TalariaState = 'WAITING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED'

/** A task of the Talaria service; fields beyond these two are as the server sends them. */
export interface TalariaTask {
  readonly id: string
  readonly state: TalariaState
  readonly [field: string]: unknown
}

/** Which tasks to list. Default: what the server lists by itself. */
export interface TalariaFilter {
  readonly state?: 'ALL' | 'WAITING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | undefined
  readonly dataSource?: string | undefined
  readonly type?: string | undefined
  /** The most tasks to list. */
  readonly max?: number | undefined
}

/** Which rows of a result. Default: all. */
export interface TalariaPage {
  /** How many rows to leave out first. */
  readonly offset?: number | undefined
  /** The most rows to send. */
  readonly length?: number | undefined
}

/** A column, as the service names it. */
export interface TalariaColumn {
  readonly name: string
  readonly sqlType: string | null
  readonly druidType: string | null
}

/** Values are as the service sends them; an integer that a number cannot hold is a bigint. */
export interface TalariaResults<R extends object = Row> {
  readonly columns: readonly TalariaColumn[]
  readonly rows: readonly R[]
}

const BASE = '/talaria/v1'

/**
 * The Talaria service, the server that ran multi-stage queries in pre-releases of Imply of 2022
 * (role `talaria`). Imply never published it or its API. All that is known is the source of the
 * Python client `paul-rogers/druid-client`, package `druid_extn_imply`, in its last version (commit
 * bd05d3b); its first version (b30084b) had the tasks at `/talaria/v1/task/` instead of
 * `/talaria/v1/delegate/async/task/`, and is not followed.
 */
export class TalariaService {
  readonly #service: ServiceHost
  readonly #client: ExtensionHost

  constructor(service: ServiceHost, client: ExtensionHost) {
    this.#service = service
    this.#client = client
  }

  /**
   * Starts a query by `POST /druid/v2/sql` of the connection's server with the context
   * `talaria: "server"`, which is answered by one row of `TASK` and `state`.
   * @throws DruidError `UNSUPPORTED` when the reply has no such row: the server ran the query.
   */
  async submit(
    statement: Statement<object> | string,
    options: RequestOptions & { readonly context?: QueryContext | undefined } = {},
  ): Promise<TalariaTask> {
    const [first] = await this.#client.query<Row>(statement as Statement<Row>, {
      ...options,
      context: { ...options.context, talaria: 'server' },
    })
    if (typeof first?.TASK === 'string' && typeof first.state === 'string') {
      return { id: first.TASK, state: first.state as TalariaState }
    }
    throw new DruidError(
      'UNSUPPORTED',
      'the query was answered with rows, not with a task: this server does not hand queries to a Talaria service',
    )
  }

  /** The tasks that the service knows (`GET /talaria/v1/tasks?state&datasource&type&max`). */
  async tasks(filter: TalariaFilter = {}, options: RequestOptions = {}): Promise<TalariaTask[]> {
    const { state, dataSource, type, max } = filter
    const path = `${BASE}/tasks${search({ state, datasource: dataSource, type, max })}`
    const reply = await this.#service.request('GET', path, undefined, options)
    if (!Array.isArray(reply)) throw unknownReply(path, reply, 'a list of tasks')
    return reply as TalariaTask[]
  }

  /**
   * How far a task is (`GET …/task/{id}/status`).
   * @throws DruidError `NOT_FOUND` for an id that the service does not know.
   */
  async status(id: string, options: RequestOptions = {}): Promise<TalariaTask> {
    const path = taskPath(id, '/status')
    const reply = await this.#get(path, id, options)
    if (typeof objectOf(reply)?.state !== 'string') throw unknownReply(path, reply, 'a state')
    return { id, ...(reply as { state: TalariaState }) }
  }

  /** What the service tells of a task, as it is (`GET …/task/{id}/details`). */
  details(id: string, options: RequestOptions = {}): Promise<unknown> {
    return this.#get(taskPath(id, '/details'), id, options)
  }

  /**
   * The rows of a completed task (`GET …/task/{id}?offset&length`).
   * @throws DruidError `DECODE` for a reply that is no result.
   */
  async results<R extends object = Row>(
    id: string,
    page: TalariaPage = {},
    options: RequestOptions = {},
  ): Promise<TalariaResults<R>> {
    const { offset, length } = page
    const path = `${taskPath(id)}${search({ offset, length })}`
    const { schema, results } = objectOf(await this.#get(path, id, options)) ?? {}
    if (!Array.isArray(schema) || !Array.isArray(results)) {
      throw unknownReply(path, { schema, results }, 'a result')
    }
    const columns = schema.map(schemaColumn)
    const rows = results.map((values: unknown) =>
      Array.isArray(values)
        ? Object.fromEntries(columns.map(({ name }, i) => [name, values[i] ?? null]))
        : values,
    )
    return { columns, rows: rows as R[] }
  }

  /**
   * Ends a task (`DELETE …/task/{id}?remove`); `remove` also deletes what there is of its result.
   * Resolves with `false` if the service does not know the task.
   */
  async cancel(
    id: string,
    { remove = false, ...options }: RequestOptions & { readonly remove?: boolean } = {},
  ): Promise<boolean> {
    try {
      const path = `${taskPath(id)}${search({ remove })}`
      await this.#service.request('DELETE', path, undefined, { ...options, expect: 'text' })
      return true
    } catch (error) {
      if (isDruidError(error, 'NOT_FOUND')) return false
      throw withId(error, id)
    }
  }

  async #get(path: string, id: string, options: RequestOptions): Promise<unknown> {
    try {
      return await this.#service.request('GET', path, undefined, options)
    } catch (error) {
      throw withId(error, id)
    }
  }
}

function taskPath(id: string, part = ''): string {
  return `${BASE}/delegate/async/task/${pathSegment(id)}${part}`
}

function search(parameters: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  if (given.length === 0) return ''
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

function schemaColumn(column: unknown): TalariaColumn {
  const { name, sqlType, druidType } = objectOf(column) ?? {}
  return {
    name: String(name),
    sqlType: typeof sqlType === 'string' ? sqlType : null,
    druidType: typeof druidType === 'string' ? druidType : null,
  }
}

function unknownReply(path: string, reply: unknown, wanted: string): DruidError<'DECODE'> {
  const said = reply === undefined ? 'nothing' : snippet(jsonOf(reply))
  return new DruidError('DECODE', `GET ${path}: the reply is not ${wanted} (${said})`, {
    snippet: said,
  })
}
