import { DruidError, type RequestOptions } from '@druid/core/extension'
import type { SupervisorError, SupervisorStatus } from '../roles/overlord/supervisor.ts'
import type { OverlordSupervisors } from '../roles/overlord/supervisors.ts'
import { pollWithin } from '../task/poll-within.ts'
import { lookAt, type SupervisorLook } from './look.ts'

/** How a supervisor does while it is waited for. */
export interface SupervisorProgress {
  readonly id: string
  readonly state: string
  readonly detailedState: string
  readonly healthy: boolean
  /**
   * Messages that its tasks have yet to read, as Druid last counted; of Kinesis milliseconds. `undefined`
   * while it does not know.
   */
  readonly lag?: number | bigint | undefined
  /** How many tasks read, and how many publish what they have read. */
  readonly activeTasks?: number | undefined
  readonly publishingTasks?: number | undefined
  /** The newest of its errors. */
  readonly lastError?: SupervisorError | undefined
  /** Milliseconds since it is waited for. */
  readonly elapsed: number
}

export interface SupervisorWaitOptions extends Omit<RequestOptions, 'timeout'> {
  /** Milliseconds to wait at most. Default: as long as it takes. */
  readonly timeout?: number | undefined
  /** Told what is new. */
  readonly onProgress?: ((progress: SupervisorProgress) => void) | undefined
}

export interface CaughtUpOptions extends SupervisorWaitOptions {
  /** Messages that it may be behind; of Kinesis milliseconds. Default 0. */
  readonly maxLag?: number | undefined
}

/** Asks for its state until `done`; what `done` throws ends it. */
export function waitForSupervisor(
  supervisors: OverlordSupervisors,
  id: string,
  { onProgress, ...limit }: SupervisorWaitOptions,
  done: (look: SupervisorLook) => boolean,
): Promise<SupervisorLook> {
  const start = performance.now()
  let told = ''
  let last: SupervisorLook | undefined
  const ask = async (request: RequestOptions): Promise<SupervisorLook | undefined> => {
    const look = await lookAt(supervisors, id, request)
    last = look
    const progress = { id, ...progressOf(look) }
    const news = Object.values({ ...progress, lastError: progress.lastError?.timestamp }).join()
    if (news !== told) onProgress?.({ ...progress, elapsed: Math.round(performance.now() - start) })
    told = news
    return done(look) ? look : undefined
  }
  const late = (): string => (last === undefined ? 'has not answered' : `is ${described(last)}`)
  return pollWithin(`supervisor ${id}`, limit, ask, late)
}

function progressOf(look: SupervisorLook): Omit<SupervisorProgress, 'id' | 'elapsed'> {
  const { state, detailedState, healthy, status } = look
  return {
    state,
    detailedState,
    healthy,
    lag: lagOf(status),
    activeTasks: status?.activeTasks?.length,
    publishingTasks: status?.publishingTasks?.length,
    lastError: lastErrorOf(status),
  }
}

function lastErrorOf(status: SupervisorStatus | undefined): SupervisorError | undefined {
  return status?.recentErrors?.toSorted((a, b) => a.timestamp.localeCompare(b.timestamp)).at(-1)
}

/** For a message: what it is at, and what went wrong last. */
export function described({ detailedState, status }: SupervisorLook): string {
  const error = lastErrorOf(status)
  const lag = lagOf(status)
  const behind = lag === undefined || lag === 0 ? '' : `, ${lag} behind`
  return `${detailedState}${behind}${error === undefined ? '' : ` (${error.message})`}`
}

/** It reads its stream, or does whatever its type does. */
export function isRunning({ state, detailedState }: SupervisorLook): boolean {
  return ['RUNNING', 'IDLE', 'SCHEDULER_STOPPED'].includes(detailedState) || state === 'IDLE'
}

/**
 * Its tasks have read what was in the stream after `since`: the end of the stream is only looked up
 * from time to time, and what was found before tells nothing of what came meanwhile.
 */
export function isCaughtUp(look: SupervisorLook, since: string, maxLag: number): boolean {
  const { offsetsLastUpdated } = look.status ?? {}
  const lag = isRunning(look) ? lagOf(look.status) : undefined
  if (lag === undefined || !offsetsLastUpdated) return false
  return Date.parse(offsetsLastUpdated) > Date.parse(since) && lag <= maxLag
}

/** No task of it reads or publishes any more. */
export function isOver({ state, status }: SupervisorLook): boolean {
  const tasks = [...(status?.activeTasks ?? []), ...(status?.publishingTasks ?? [])]
  return state === 'SUSPENDED' && tasks.length === 0
}

/**
 * In messages; of Kinesis, which does not count them, in milliseconds. Druid says 0 while it does not know
 * the partitions, or where they are read.
 */
function lagOf(status: SupervisorStatus = {}): number | bigint | undefined {
  const { partitions = 0 } = status
  const lags = status.minimumLag ?? status.minimumLagMillis ?? {}
  const known = Object.values(lags).filter((it) => it !== null && it !== undefined)
  if (partitions === 0 || known.length < partitions) return undefined
  return status.aggregateLag ?? status.aggregateLagMillis ?? undefined
}

/** One that is suspended is waited for in vain. */
export function refuseSuspended(id: string, { state, status }: SupervisorLook): void {
  if (state !== 'SUSPENDED' && status?.suspended !== true) return
  throw new DruidError('INVALID_INPUT', `supervisor ${id} is suspended; resume it first`)
}
