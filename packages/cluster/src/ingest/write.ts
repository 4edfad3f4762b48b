import { DruidError, type RequestOptions } from '@druid/core/extension'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { TaskReport } from '../roles/overlord/report.ts'
import { rowsIn, storedReport } from '../task/report.ts'
import { stopTask, submitOnce } from '../task/submit.ts'
import { type TaskProgress, waitForTask } from '../task/wait.ts'
import type { IngestTask } from './batch-task.ts'

/** Rows of a task, by what became of them. */
export interface WrittenRows {
  /** Rows written: what Druid calls processed. */
  readonly rows: number
  /** Rows that could not be read as the spec says; they are not in the data. */
  readonly unparseable: number
  /** Rows written although some of their fields could not be read. */
  readonly processedWithError: number
  /** Rows that a filter or the interval left out. */
  readonly thrownAway: number
}

type Tell = (phase: 'submitted' | 'waiting' | 'running', rows?: number) => void

/**
 * Submits a task, once, and resolves when it has stored its rows. Where the caller gives up, or `tell`
 * throws, the task is stopped: what nobody waits for should not go on writing.
 */
export async function write(
  overlord: Overlord,
  task: IngestTask & { readonly id: string },
  {
    request,
    tell,
  }: {
    readonly request: RequestOptions
    /** Where somebody listens: details cost requests. */
    readonly tell?: Tell | undefined
  },
): Promise<WrittenRows> {
  let submitted = false
  let callerFailed = false
  const told: Tell = (...news) => {
    try {
      tell?.(...news)
    } catch (error) {
      callerFailed = true
      throw error
    }
  }
  try {
    await submitOnce(overlord, task, request)
    submitted = true
    told('submitted')
    let known = ''
    const onProgress = ({ phase, rows }: TaskProgress): void => {
      if (phase === 'success' || phase === 'failed') return
      const now = phase === 'running' ? 'running' : 'waiting'
      const news = `${now} ${rows?.processed}`
      if (news !== known) told(now, rows?.processed)
      known = news
    }
    const { signal, headers } = request
    await waitForTask(overlord, task.id, { signal, headers, ...(tell && { onProgress }) })
  } catch (error) {
    if (request.signal?.aborted || callerFailed) await stopTask(overlord, task.id, submitted)
    throw error
  }
  return counted(await storedReport(overlord, task.id, request), task.id)
}

function counted(report: TaskReport, taskId: string): WrittenRows {
  const counts = rowsIn(report)
  if (counts === undefined) {
    throw new DruidError(
      'DECODE',
      `task ${taskId} succeeded, but its report does not say how many rows it wrote`,
    )
  }
  const { processed, unparseable, processedWithError, thrownAway } = counts
  return { rows: processed, unparseable, processedWithError, thrownAway }
}
