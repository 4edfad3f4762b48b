import type { cluster } from '@druid/cluster'
import type { DruidClient } from '@druid/core'

export type Druid = DruidClient<typeof cluster>
export type TheCluster = ReturnType<Druid['cluster']>

/** The versions that a real Druid is tested in. */
export const VERSIONS = ['33.0.0', '27.0.0'] as const
export type TestedVersion = (typeof VERSIONS)[number]

/**
 * What an answer looks like: a `typeof`, `null`, or `any` of what Druid leaves open; a list of one
 * shape; an object that has at least these fields, or with `*` one of any keys whose values are so. A
 * list or map may be empty unless it begins with `+`: `['+', shape]`, `{ '+': shape }`.
 */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'undefined'
  | 'null'
  | 'any'
  | 'bytes'
  | readonly [Shape]
  | readonly ['+', Shape]
  | { readonly [field: string]: Shape }

interface Endpoint {
  /**
   * Verb and path with `{parameters}`, and the query: names of flags, `name={value}`, and in brackets
   * what is not always sent: `GET /druid/coordinator/v1/loadstatus?full[&computeUsingClusterView]`.
   */
  readonly endpoint: `${'GET' | 'POST' | 'DELETE'} /${string}`
}

/** An endpoint and the method that asks it. */
export interface MethodRow<Subject> extends Endpoint {
  /** As written on a cluster, with no more arguments than tell it apart: `coordinatorClient().leader()`. */
  readonly method: string
  /** Calls the method, as a user would; the answer is checked by `answer`. */
  call(cluster: TheCluster, subject: Subject): Promise<unknown>
  readonly answer: Shape
  /** The HTTP status that is seen. Default: 200. */
  readonly status?: number | readonly number[]
  /** The first version of Druid that has it, e.g. `28`. */
  readonly since?: number
  /** The last one. */
  readonly until?: number
  /** Why it is not asked: on no version that is tested, or on this one. */
  readonly untested?: string | Partial<Record<TestedVersion, string>>
}

/** An endpoint without a method. */
export interface LeftOutRow extends Endpoint {
  /** Why. */
  readonly leftOut: string
}

export type Row<Subject> = MethodRow<Subject> | LeftOutRow

/** The endpoints of one service, or of one part of it. */
export interface Table<Subject = unknown> {
  readonly title: string
  /** Makes what the rows work on, of names that nothing else uses. */
  prepare(druid: Druid, version: TestedVersion): Promise<Subject>
  /** Takes it away again. */
  remove?(druid: Druid, subject: Subject): Promise<unknown>
  readonly rows: readonly Row<Subject>[]
}

/** Whether a version of Druid has it. */
export function has(row: MethodRow<unknown>, version: TestedVersion): boolean {
  const major = Number.parseInt(version, 10)
  return major >= (row.since ?? 0) && major <= (row.until ?? Number.POSITIVE_INFINITY)
}

/** Why a row is not called on a version that has it. */
export function untestedOn(row: MethodRow<unknown>, version: TestedVersion): string | undefined {
  return typeof row.untested === 'object' ? row.untested[version] : row.untested
}
