import { DruidError, isDruidError, type RequestOptions, sql } from '@druid/core/extension'
import type { Coordinator } from '../roles/coordinator/coordinator.ts'
import type { Services } from '../services.ts'
import { poll } from '../task/poll.ts'
import { knownColumns } from './known.ts'

/** How far the loading of a data source is. */
export interface LoadProgress {
  readonly dataSource: string
  /** `loading`: servers have not all segments yet; `announcing`: SQL does not see them all yet. */
  readonly phase: 'loading' | 'announcing' | 'loaded'
  /** Segments that no server has; `undefined` where there is no used segment at all. */
  readonly segmentsToLoad: number | undefined
  /** Milliseconds since it is waited for. */
  readonly elapsed: number
}

interface Waiting {
  /** Milliseconds. */
  readonly timeout?: number | undefined
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined
  /** That SQL must know, too: of a table that was there before, it hears of new ones later than of new segments. */
  readonly columns?: readonly string[] | undefined
  readonly request: RequestOptions
}

/**
 * Resolves when queries see the whole of a data source. Three things must have happened: some server
 * has loaded every segment, as the Coordinator sees it after reading the metadata store; the Broker
 * knows that those segments are served; and the Broker's SQL knows the table, and the columns that are given.
 *
 * @param what is waited for, as the beginning of a sentence that says it is not queryable.
 */
export async function untilLoaded(
  services: Services,
  dataSource: string,
  { timeout, onProgress, columns = [], request: given }: Waiting,
  what: string,
): Promise<void> {
  const start = performance.now()
  // Also for a Coordinator that never answers.
  const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout)
  const signal = limit && given.signal ? AbortSignal.any([limit, given.signal]) : limit
  const request = { ...given, signal: signal ?? given.signal }
  let left: number | undefined
  let told = ''
  const tell = (phase: LoadProgress['phase']): void => {
    const news = `${phase} ${left}`
    if (news === told) return
    told = news
    const elapsed = Math.round(performance.now() - start)
    onProgress?.({ dataSource, phase, segmentsToLoad: left, elapsed })
  }
  const ask = async (): Promise<true | undefined> => {
    left = await services.coordinator.segmentsToLoad(dataSource, request)
    if (left !== 0) tell('loading')
    else if (await isAnnounced(services, dataSource, columns, request)) return true
    else tell('announcing')
    return undefined
  }
  try {
    await poll(what, ask, request.signal)
  } catch (error) {
    if (!limit?.aborted || given.signal?.aborted) throw error
    throw new DruidError(
      'TIMEOUT',
      `${what} after ${timeout} ms not queryable (${left ?? 'an unknown number of'} segments are not loaded); is a Historical up, with room, and does a retention rule drop them?`,
      { phase: 'total', cause: error },
    )
  }
  tell('loaded')
}

/** Whether the Broker has heard of all that the Coordinator knows to be served. */
async function isAnnounced(
  services: Services,
  dataSource: string,
  columns: readonly string[],
  request: RequestOptions,
): Promise<boolean> {
  const { client, coordinator } = services
  const known = await knownColumns(client, dataSource, request)
  if (known.size === 0 || !columns.every((name) => known.has(name))) return false
  // By id: the Broker's own list of what should be there is up to a minute old.
  const [served, used, seen] = await Promise.all([
    coordinator.segments(dataSource, request),
    usedIds(coordinator, dataSource, request),
    client.query<{ segment_id: string }>(
      sql`SELECT segment_id FROM sys.segments WHERE datasource = ${dataSource} AND is_available = 1`,
      request,
    ),
  ])
  const isServed = new Set(served)
  const isSeen = new Set(seen.map((row) => row.segment_id))
  return used?.every((id) => !isServed.has(id) || isSeen.has(id)) ?? false
}

/** `undefined` where it has none any more. */
async function usedIds(
  { metadata }: Coordinator,
  dataSource: string,
  request: RequestOptions,
): Promise<readonly string[] | undefined> {
  try {
    return await metadata.segmentIds(dataSource, request)
  } catch (error) {
    if (isDruidError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
