import { isDruidError, type RequestOptions, type UnparseableEvent } from '@druid/core/extension'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { IngestionReport, RowCounts, TaskReport } from '../roles/overlord/report.ts'
import { poll } from './poll.ts'

/** Rows that the error of a failed task shows at most. */
const SHOWN_EVENTS = 10

/** So long a report may take to be stored after the end of its task, in milliseconds. */
const REPORT_LIMIT = 10_000

type Stats = IngestionReport['payload']

/** Of an ingestion one, of a compaction one for each of its intervals. */
export function ingestionsOf(report: TaskReport): Stats[] {
  return Object.values(report).flatMap((it) =>
    it?.type === 'ingestionStatsAndErrors' && it.payload ? [it.payload] : [],
  )
}

/** The rows of all its ingestions; `undefined` where the report does not count them. */
export function rowsIn(report: TaskReport): RowCounts | undefined {
  const counts = ingestionsOf(report).flatMap(({ rowStats }) => {
    const build = rowStats?.buildSegments ?? rowStats?.totals?.buildSegments
    return typeof build?.processed === 'number' ? [build] : []
  })
  if (counts.length === 0) return undefined
  const sum = (name: keyof RowCounts & string): number =>
    counts.reduce((total, it) => total + Number(it[name] ?? 0), 0)
  return {
    processed: sum('processed'),
    processedBytes: sum('processedBytes'),
    processedWithError: sum('processedWithError'),
    thrownAway: sum('thrownAway'),
    unparseable: sum('unparseable'),
  }
}

/** The first rows that could not be read; each once, though two phases read it. */
export function unparseableIn(report: TaskReport): readonly UnparseableEvent[] {
  return ingestionsOf(report)
    .flatMap(({ unparseableEvents }) => {
      const { buildSegments, determinePartitions } = unparseableEvents ?? {}
      return buildSegments?.length ? buildSegments : (determinePartitions ?? [])
    })
    .slice(0, SHOWN_EVENTS)
}

/** The report of a task that has ended, which may take a moment to be stored. Waits outages through. */
export async function storedReport(
  overlord: Overlord,
  taskId: string,
  options: RequestOptions,
  limit = REPORT_LIMIT,
): Promise<TaskReport> {
  const start = performance.now()
  const ask = async (): Promise<TaskReport | undefined> => {
    try {
      return await overlord.taskReport(taskId, options)
    } catch (error) {
      if (!isMissing(error) || performance.now() - start > limit) throw error
      return undefined
    }
  }
  return poll(`report of task ${taskId}`, ask, options.signal)
}

/** What a task that runs tells now; `undefined` where it tells nothing. */
export async function liveReport(
  overlord: Overlord,
  taskId: string,
  options: RequestOptions,
): Promise<TaskReport | undefined> {
  try {
    return await overlord.taskReport(taskId, options)
  } catch (error) {
    if (options.signal?.aborted) throw error
    // It is a detail: what the status says counts.
    return undefined
  }
}

/** There is none, or the task that is asked for it is just ending. */
function isMissing(error: unknown): boolean {
  return isDruidError(error, 'NOT_FOUND') || (isDruidError(error, 'SERVER') && error.status === 500)
}
