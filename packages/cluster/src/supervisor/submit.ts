import { abortError, DruidError, type RequestOptions } from '@druid/core/extension'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { SupervisorEntry, SupervisorSpec } from '../roles/overlord/supervisor.ts'
import type { SubmitSupervisorOptions } from '../roles/overlord/supervisors.ts'
import { undone } from '../undone.ts'
import { checkBySample, isOfStream } from './check.ts'
import { OneSupervisor, type SupervisorHandle } from './handle.ts'
import type { SupervisorLook } from './look.ts'
import { idsOf, isRefusal, specsOf, undo } from './undo.ts'
import { described, isRunning, type SupervisorWaitOptions, waitForSupervisor } from './wait.ts'

export interface CheckedSubmitOptions
  extends Omit<SubmitSupervisorOptions, 'timeout'>,
    Pick<SupervisorWaitOptions, 'onProgress'> {
  /**
   * Whether a few messages of the stream are read by the spec before it is submitted (Kafka, Kinesis,
   * RabbitMQ): it takes a few seconds, and finds a stream that is not there or cannot be reached, and
   * messages of which none can be read. A spec that is suspended is not tried. Default true.
   */
  readonly sample?: boolean | undefined
  /**
   * Milliseconds within which it must run, beyond which it is taken for one that does not work. More is
   * needed where the `startDelay` of the spec is long (Druid's default is 5 s). Default 60,000; 0: it is
   * not waited for.
   */
  readonly runsWithin?: number | undefined
  /** Milliseconds for which it must then stay healthy. Default 0. */
  readonly staysFor?: number | undefined
  /**
   * Whether, if it does not work, all is put back: the spec that it replaced is submitted again, or where
   * there was none, it is terminated. Default true.
   */
  readonly restore?: boolean | undefined
}

/** So long Druid may take to answer to a spec, in milliseconds: it stops the supervisor before. */
const SUBMIT_LIMIT = 120_000

/** See `Cluster.submitSupervisor`. */
export async function submitSupervisor(
  overlord: Overlord,
  spec: SupervisorSpec,
  {
    sample = true,
    runsWithin = 60_000,
    staysFor = 0,
    restore = true,
    onProgress,
    ...options
  }: CheckedSubmitOptions,
): Promise<SupervisorHandle> {
  if (typeof spec?.type !== 'string' || spec.type === '') {
    throw new DruidError('INVALID_INPUT', 'submitSupervisor: a supervisor has a type, e.g. kafka')
  }
  const { supervisors } = overlord
  const request: Pick<RequestOptions, 'signal' | 'headers'> = {
    signal: options.signal,
    headers: options.headers,
  }
  if (sample && !spec.suspended && isOfStream(spec)) await checkBySample(overlord, spec, request)
  const ids = idsOf(spec)
  const before = restore ? await specsOf(supervisors, ids, request) : []
  const past = { ids, before, headers: options.headers }

  if (options.signal?.aborted) throw abortError(options.signal, 'submitSupervisor')
  let id: string
  try {
    // Not cut off: what comes of it would not be known, and not be undone.
    id = await supervisors.submit(spec, { ...options, signal: undefined, timeout: SUBMIT_LIMIT })
  } catch (error) {
    // One that Druid can read but not start has ended the one before it.
    if (!restore || isRefusal(error)) throw error
    throw undone(error, await undo(supervisors, past))
  }
  if (runsWithin === 0) return new OneSupervisor(supervisors, id)
  let after: readonly SupervisorEntry[] | undefined
  try {
    if (restore) after = await specsOf(supervisors, [id], request)
    const wait = { ...request, onProgress }
    await waitForSupervisor(supervisors, id, { ...wait, timeout: runsWithin }, runs(id))
    if (staysFor > 0) await waitForSupervisor(supervisors, id, wait, stays(id, staysFor))
  } catch (error) {
    if (!restore) throw error
    const replaced = before.filter((it) => it.id === id)
    const done = await undo(supervisors, { ...past, ids: [id], before: replaced, after })
    throw undone(error, done)
  }
  return new OneSupervisor(supervisors, id)
}

/** States from which Druid itself does not expect to recover soon, and those of a spec that is none. */
const BAD: ReadonlySet<string> = new Set([
  'UNABLE_TO_CONNECT_TO_STREAM',
  'LOST_CONTACT_WITH_STREAM',
  'INVALID_SPEC',
])

function runs(id: string): (look: SupervisorLook) => boolean {
  return (look) => {
    if (look.healthy && !BAD.has(look.detailedState)) {
      return isRunning(look) || look.detailedState === 'SUSPENDED'
    }
    throw new DruidError('INVALID_INPUT', `supervisor ${id} does not work: ${described(look)}`)
  }
}

function stays(id: string, milliseconds: number): (look: SupervisorLook) => boolean {
  const start = performance.now()
  const works = runs(id)
  return (look) => {
    works(look)
    return performance.now() - start >= milliseconds
  }
}
