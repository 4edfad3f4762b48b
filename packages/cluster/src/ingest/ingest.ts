import { abortable, DruidError, isDruidError, type RequestOptions } from '@druid/core/extension'
import { type LoadProgress, untilLoaded } from '../data-source/until-loaded.ts'
import type { Services } from '../services.ts'
import { POLL_TIMEOUT } from '../task/poll.ts'
import { withId } from '../task/submit.ts'
import type { IngestTask } from './batch-task.ts'
import { checkSource, type IngestSource } from './source.ts'
import { tasksOf } from './source-tasks.ts'
import { type WrittenRows, write } from './write.ts'

/** How far an ingestion is. The phases come in this order, the first four once for each task. */
export interface IngestProgress {
  readonly phase: 'submitted' | 'waiting' | 'running' | 'stored' | 'loading' | 'queryable'
  readonly taskId: string
  /** Of rows and files that are sent in batches: which one it is, from 1. */
  readonly batch: number
  /** Milliseconds since the first was submitted. */
  readonly elapsed: number
  /** Rows written so far, over all batches; while a task is running where its live report tells. */
  readonly rows?: number | undefined
  /** While loading: segments that no server has loaded yet. */
  readonly segmentsToLoad?: number | undefined
}

export interface IngestOptions extends RequestOptions {
  readonly onProgress?: ((progress: IngestProgress) => void) | undefined
  /**
   * Milliseconds to wait, once the last task has succeeded, for the rows to become queryable.
   * Default 600,000.
   */
  readonly availabilityTimeout?: number | undefined
}

/** What came of an ingestion, from the reports of its tasks. */
export interface IngestResult extends WrittenRows {
  /** Of the last task. */
  readonly taskId: string
  /** One for each batch. */
  readonly taskIds: readonly string[]
  readonly dataSource: string
  /** Milliseconds from submitting until queryable. */
  readonly elapsed: number
}

/** A task to run, and of what it writes what is known. */
export interface PlannedTask {
  readonly task: IngestTask
  /** Columns that have a value in some row so far. */
  readonly columns?: ReadonlySet<string> | undefined
}

/** See `Cluster.ingest`. */
export async function ingest(
  services: Services,
  given: IngestTask | IngestSource,
  { onProgress, availabilityTimeout = 600_000, ...request }: IngestOptions,
): Promise<IngestResult> {
  const isTask = 'spec' in given
  if (!isTask) checkSource(given)
  const dataSource = isTask ? given.spec?.dataSchema?.dataSource : given.dataSource
  if (typeof dataSource !== 'string' || dataSource === '') {
    throw new DruidError('INVALID_INPUT', 'ingest: the task names no spec.dataSchema.dataSource')
  }
  const start = performance.now()
  const elapsed = (): number => Math.round(performance.now() - start)
  const taskIds: string[] = []
  let columns: ReadonlySet<string> | undefined
  let total: WrittenRows = { rows: 0, unparseable: 0, processedWithError: 0, thrownAway: 0 }
  const tell = (phase: IngestProgress['phase'], more: Partial<IngestProgress> = {}): void => {
    const taskId = taskIds.at(-1) ?? ''
    onProgress?.({ phase, taskId, batch: taskIds.length, elapsed: elapsed(), ...more })
  }

  const tasks = isTask ? only({ task: given }) : tasksOf(services, given, request)
  for await (const planned of untilAborted(tasks, request.signal)) {
    const task = withId(planned.task, dataSource)
    taskIds.push(task.id)
    columns = planned.columns
    const written = await write(services.overlord, task, {
      request,
      tell:
        onProgress &&
        ((phase, rows) => tell(phase, rows === undefined ? {} : { rows: total.rows + rows })),
    }).catch((error: unknown) => {
      throw taskIds.length > 1 ? partly(error, taskIds.length, total.rows) : error
    })
    total = sum(total, written)
    tell('stored', { rows: total.rows })
  }
  if (taskIds.length === 0) {
    throw new DruidError('INVALID_INPUT', 'ingest: there are no rows')
  }

  const { rows } = total
  if (rows > 0) {
    const loading = {
      timeout: availabilityTimeout,
      request: { timeout: POLL_TIMEOUT, ...request },
      columns: columns && [...columns],
      onProgress({ phase, segmentsToLoad }: LoadProgress) {
        if (phase !== 'loaded' && segmentsToLoad !== undefined) {
          tell('loading', { rows, segmentsToLoad })
        }
      },
    }
    const what = `ingest into ${dataSource}: the rows are stored, but`
    await untilLoaded(services, dataSource, loading, what)
  }
  tell('queryable', { rows })
  return { taskId: taskIds.at(-1) ?? '', taskIds, dataSource, ...total, elapsed: elapsed() }
}

async function* only(task: PlannedTask): AsyncGenerator<PlannedTask, void, undefined> {
  yield task
}

/** Also where the next row does not come. */
async function* untilAborted<T>(
  source: AsyncGenerator<T, void, undefined>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  try {
    while (true) {
      const step = await abortable(source.next(), signal, 'the rows to ingest')
      if (step.done) return
      yield step.value
    }
  } finally {
    // Of rows that do not come it would not be known when: so it is not waited for.
    source.return().catch(() => {})
  }
}

function sum(a: WrittenRows, b: WrittenRows): WrittenRows {
  return {
    rows: a.rows + b.rows,
    unparseable: a.unparseable + b.unparseable,
    processedWithError: a.processedWithError + b.processedWithError,
    thrownAway: a.thrownAway + b.thrownAway,
  }
}

/** The same error, which says that batches before are written. */
function partly(error: unknown, batch: number, rows: number): unknown {
  if (!isDruidError(error)) return error
  const message = `batch ${batch} of the ingestion: ${error.message}. The ${batch - 1} before it are stored, with ${rows} rows`
  const { code, ...details } = { ...error } as { code: 'SERVER'; status: number }
  return new DruidError(code, message, { ...details, cause: error })
}
