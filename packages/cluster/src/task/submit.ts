import { DruidError, isDruidError, type RequestOptions, sleep } from '@druid/core/extension'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { TaskSpec } from '../roles/overlord/task.ts'
import { OneTask, type TaskHandle } from './handle.ts'

/** So long the Overlord may take to learn of a task whose submission was cut off. */
const LEARN_LIMIT = 5_000

/** See `Cluster.submit`. */
export async function submit(
  overlord: Overlord,
  task: TaskSpec,
  options: RequestOptions,
): Promise<TaskHandle> {
  const { dataSource } = Object(task) as { readonly dataSource?: unknown }
  const named = withId(task, typeof dataSource === 'string' ? dataSource : undefined)
  await submitOnce(overlord, named, options)
  return new OneTask(overlord, named.id)
}

/**
 * A task with an id, so that it can be found and stopped also when the reply to submitting it does not
 * come.
 */
export function withId<Task extends TaskSpec>(
  task: Task,
  dataSource?: string,
): Task & { readonly id: string } {
  if (typeof task?.type !== 'string' || task.type === '') {
    throw new DruidError('INVALID_INPUT', 'submit: a task has a type, e.g. index_parallel')
  }
  const id = task.id ?? [task.type, dataSource, crypto.randomUUID()].filter(Boolean).join('_')
  return { ...task, id }
}

/**
 * Submits a task, once. Where no reply comes, the Overlord is asked whether it has the task.
 */
export async function submitOnce(
  overlord: Overlord,
  task: TaskSpec & { readonly id: string },
  options: RequestOptions,
): Promise<void> {
  try {
    await overlord.submit(task, options)
  } catch (error) {
    if (!isUncertain(error) || options.signal?.aborted) throw error
    if (!(await becomesKnown(overlord, task.id, options))) throw error
  }
}

/** The Overlord may have the task: it was sent, and what came is no answer of its own. */
function isUncertain(error: unknown): boolean {
  if (isDruidError(error, 'CONNECT')) return error.reason === 'reset' || error.reason === 'network'
  if (isDruidError(error, 'SERVER')) return error.status === 502
  const codes: readonly string[] = ['TIMEOUT', 'SERVER_TIMEOUT', 'DECODE']
  return isDruidError(error) && codes.includes(error.code)
}

async function becomesKnown(
  overlord: Overlord,
  taskId: string,
  options: RequestOptions,
): Promise<boolean> {
  const until = performance.now() + LEARN_LIMIT
  while (performance.now() < until) {
    try {
      await overlord.taskStatus(taskId, options)
      return true
    } catch (error) {
      if (options.signal?.aborted) throw error
    }
    await sleep(300, options.signal, `task ${taskId}`)
  }
  return false
}

/** Stops a task that nobody waits for any more; it may be that the Overlord does not know it yet. */
export async function stopTask(overlord: Overlord, taskId: string, known: boolean): Promise<void> {
  const signal = AbortSignal.timeout(LEARN_LIMIT)
  try {
    await overlord.shutdown(taskId, { signal })
    while (!known) {
      const status = await overlord.taskStatus(taskId, { signal }).catch((error: unknown) => {
        if (isDruidError(error, 'NOT_FOUND')) return undefined
        throw error
      })
      if (status !== undefined && status.statusCode !== 'RUNNING') return
      await sleep(300, signal)
      await overlord.shutdown(taskId, { signal })
    }
  } catch {
    // The caller has its own error; an Overlord that does not answer could not be told.
  }
}
