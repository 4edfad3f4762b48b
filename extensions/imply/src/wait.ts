import {
  abortError,
  DruidError,
  isDruidError,
  type RequestOptions,
  sleep,
} from '@druid/core/extension'
import { withId } from './failure.ts'
import type { AsyncStatus } from './status.ts'

/** How a query is waited for. */
export interface WaitOptions extends RequestOptions {
  /** The longest time between two questions for the status, in milliseconds. Default 1000. */
  readonly pollInterval?: number | undefined
  /** How long the state may stay unknown, in milliseconds. Default 60000. */
  readonly undeterminedFor?: number | undefined
}

const FIRST_PAUSE = 100

/** Polls until `COMPLETE`. `latest` is a status that is known already. */
export async function waitForCompletion(
  poll: (request: RequestOptions) => Promise<AsyncStatus>,
  id: string,
  options: WaitOptions,
  latest: AsyncStatus | undefined,
): Promise<AsyncStatus> {
  const { signal, headers } = options
  const pollInterval = milliseconds('pollInterval', options.pollInterval ?? 1000)
  const undeterminedFor = milliseconds('undeterminedFor', options.undeterminedFor ?? 60_000)
  const waiting = `waiting for async query ${id}`
  let status = latest
  let answered = latest !== undefined
  let lostSince: number | undefined
  let trouble: unknown
  let pause = Math.min(FIRST_PAUSE, pollInterval)

  async function ask(): Promise<AsyncStatus | undefined> {
    try {
      const seen = await poll({ signal, headers })
      answered = true
      trouble = undefined
      return seen
    } catch (error) {
      if (!answered || !isDruidError(error) || !error.retryable) throw error
      trouble = error
      return undefined
    }
  }

  for (;;) {
    if (signal?.aborted) throw withId(abortError(signal, waiting), id)
    status ??= await ask()
    if (status?.state === 'COMPLETE') return status
    if (status && hasFailed(status)) throw failed(id, status)
    if (isLost(status)) {
      lostSince ??= performance.now()
      if (performance.now() - lostSince >= undeterminedFor) {
        throw trouble ?? undetermined(id, undeterminedFor, status?.reason)
      }
    } else {
      lostSince = undefined
    }
    await sleep(pause, signal, waiting).catch((error: unknown) => {
      throw withId(error, id)
    })
    pause = Math.min(pause * 1.5, pollInterval)
    status = undefined
  }
}

/** No answer counts as one that says nothing. */
function isLost(status: AsyncStatus | undefined): boolean {
  return status === undefined || status.state === 'UNDETERMINED'
}

/** Talaria reports a query that it could not parse as UNDETERMINED, with the error. */
function hasFailed({ state, engine, reason }: AsyncStatus): boolean {
  if (state === 'FAILED') return true
  return state === 'UNDETERMINED' && reason !== undefined && engine?.startsWith('Talaria') === true
}

function failed(id: string, { state, reason }: AsyncStatus): DruidError<'TASK_FAILED'> {
  const why = reason ?? 'the server gave no reason'
  return new DruidError('TASK_FAILED', `async query ${id} is ${state}: ${why}`, {
    taskId: id,
    queryId: id,
  })
}

function undetermined(id: string, time: number, reason?: string): DruidError<'TASK_FAILED'> {
  const said = reason === undefined ? '' : ` (${reason})`
  return new DruidError(
    'TASK_FAILED',
    `async query ${id} has been UNDETERMINED for ${time} ms${said}: the Broker that ran it may be lost. Wait again with a longer undeterminedFor, or submit it anew`,
    { taskId: id, queryId: id, retryable: true },
  )
}

function milliseconds(option: string, value: number): number {
  if (value >= 0) return value
  throw new DruidError('CONFIG', `wait: ${option} is a number of milliseconds, not ${value}`, {
    option,
  })
}
