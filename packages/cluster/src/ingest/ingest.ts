import { DruidError, type ExtensionHost, type RequestOptions, sql } from '@druid/core/extension'
import type { TaskReport } from '../roles/overlord/report.ts'
import type { TaskSpec } from '../roles/overlord/task.ts'
import type { Services } from '../services.ts'
import { poll } from '../task/poll.ts'
import { rowsIn, storedReport } from '../task/report.ts'
import { stopTask, submitOnce, withId } from '../task/submit.ts'
import { waitForTask } from '../task/wait.ts'

/** A batch ingestion task, `index_parallel` or `index`, as Druid documents it. */
export interface IngestTask extends TaskSpec {
  readonly type: 'index_parallel' | 'index'
  readonly spec: {
    readonly dataSchema: { readonly dataSource: string; readonly [field: string]: unknown }
    readonly ioConfig: { readonly [field: string]: unknown }
    readonly tuningConfig?: { readonly [field: string]: unknown } | undefined
  }
}

/** How far an ingestion is. The phases come in this order, `loading` once per count. */
export interface IngestProgress {
  readonly phase: 'submitted' | 'waiting' | 'running' | 'stored' | 'loading' | 'queryable'
  readonly taskId: string
  /** Milliseconds since it was submitted. */
  readonly elapsed: number
  /** Rows written; known from `stored` on. */
  readonly rows?: number | undefined
  /** While loading: segments that no server has loaded yet. */
  readonly segmentsToLoad?: number | undefined
}

export interface IngestOptions extends RequestOptions {
  readonly onProgress?: ((progress: IngestProgress) => void) | undefined
  /**
   * Milliseconds to wait, once the task has succeeded, for its rows to become queryable.
   * Default 600,000.
   */
  readonly availabilityTimeout?: number | undefined
}

/** What came of an ingestion, from the task's own report. */
export interface IngestResult {
  readonly taskId: string
  readonly dataSource: string
  /** Rows written, after rollup's input: what Druid calls processed. */
  readonly rows: number
  /** Rows that could not be read as the spec says; they are not in the data. */
  readonly unparseable: number
  /** Rows written although some of their fields could not be read. */
  readonly processedWithError: number
  /** Rows that a filter or the interval left out. */
  readonly thrownAway: number
  /** Milliseconds from submitting until queryable. */
  readonly elapsed: number
}

/** See `Cluster.ingest`. */
export async function ingest(
  services: Services,
  task: IngestTask,
  { onProgress, availabilityTimeout = 600_000, ...request }: IngestOptions,
): Promise<IngestResult> {
  const { overlord } = services
  const dataSource = task?.spec?.dataSchema?.dataSource
  if (typeof dataSource !== 'string' || dataSource === '') {
    throw new DruidError('INVALID_INPUT', 'ingest: the task names no spec.dataSchema.dataSource')
  }
  const start = performance.now()
  const elapsed = (): number => Math.round(performance.now() - start)
  const named = withId(task, dataSource)
  const taskId = named.id
  let callerFailed = false
  const tell = (phase: IngestProgress['phase'], more: Partial<IngestProgress> = {}): void => {
    try {
      onProgress?.({ phase, taskId, elapsed: elapsed(), ...more })
    } catch (error) {
      callerFailed = true
      throw error
    }
  }

  const told = new Set<string>()
  let submitted = false
  try {
    await submitOnce(overlord, named, request)
    submitted = true
    tell('submitted')
    await waitForTask(overlord, taskId, {
      signal: request.signal,
      headers: request.headers,
      onProgress({ phase }) {
        if (phase === 'success' || phase === 'failed') return
        const now = phase === 'running' ? 'running' : 'waiting'
        if (!told.has(now)) tell(now)
        told.add(now)
      },
    })
  } catch (error) {
    // The caller gave up, or its onProgress threw: what nobody waits for should not go on writing.
    if (request.signal?.aborted || callerFailed) await stopTask(overlord, taskId, submitted)
    throw error
  }

  const stats = rowStats(await storedReport(overlord, taskId, request), taskId)
  tell('stored', { rows: stats.rows })
  if (stats.rows > 0) {
    await untilQueryable(services, dataSource, {
      timeout: availabilityTimeout,
      request,
      onWaiting: (segmentsToLoad) => tell('loading', { rows: stats.rows, segmentsToLoad }),
    })
  }
  tell('queryable', { rows: stats.rows })
  return { taskId, dataSource, ...stats, elapsed: elapsed() }
}

type RowStats = Pick<IngestResult, 'rows' | 'unparseable' | 'processedWithError' | 'thrownAway'>

function rowStats(report: TaskReport, taskId: string): RowStats {
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

/**
 * Three things must have happened: some server has loaded every segment, as the Coordinator sees it
 * after reading the metadata store; the Broker knows that those segments are served; and the
 * Broker's SQL knows the table.
 */
async function untilQueryable(
  { client, coordinator }: Services,
  dataSource: string,
  wait: {
    readonly timeout: number
    readonly request: RequestOptions
    readonly onWaiting: (segmentsToLoad: number) => void
  },
): Promise<void> {
  const what = `ingest into ${dataSource}`
  const { signal: given } = wait.request
  // Also for a Coordinator that never answers.
  const limit = AbortSignal.timeout(wait.timeout)
  const signal = given ? AbortSignal.any([given, limit]) : limit
  const request = { ...wait.request, signal }
  let told: number | undefined
  const ask = async (): Promise<true | undefined> => {
    const left = await coordinator.segmentsToLoad(dataSource, request)
    if (left === 0 && (await brokerServesAll(client, dataSource, request))) return true
    if (left !== undefined && left !== told) wait.onWaiting(left)
    told = left
    return undefined
  }
  try {
    await poll(what, ask, signal)
  } catch (error) {
    if (!limit.aborted || given?.aborted) throw error
    throw new DruidError(
      'TIMEOUT',
      `${what}: the rows are stored, but after ${wait.timeout} ms not queryable (${told ?? 'an unknown number of'} segments are not loaded); is a Historical up, with room, and does a retention rule drop them?`,
      { phase: 'total', cause: error },
    )
  }
}

async function brokerServesAll(
  client: ExtensionHost,
  dataSource: string,
  request: RequestOptions,
): Promise<boolean> {
  // Rows rather than COUNT(*), which gives no row at all when a system table has none.
  const tables = await client.query(
    sql`SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'druid' AND TABLE_NAME = ${dataSource}`,
    request,
  )
  if (tables.length === 0) return false
  const unserved = await client.query(
    sql`SELECT segment_id FROM sys.segments WHERE datasource = ${dataSource} AND is_published = 1 AND is_overshadowed = 0 AND is_available = 0 LIMIT 1`,
    request,
  )
  return unserved.length === 0
}
