import { DruidError, type ExtensionHost, type RequestOptions, sql } from '@druid/core/extension'
import type { Services } from '../services.ts'
import { POLL_TIMEOUT, poll } from '../task/poll.ts'

/**
 * Four things must have happened: some server has loaded every segment, as the Coordinator sees it
 * after reading the metadata store; the Broker knows that those segments are served; and the
 * Broker's SQL knows the table, and those of its columns that are given.
 */
export async function untilQueryable(
  { client, coordinator }: Services,
  dataSource: string,
  wait: {
    readonly timeout: number
    readonly request: RequestOptions
    readonly columns?: readonly string[] | undefined
    readonly onWaiting: (segmentsToLoad: number) => void
  },
): Promise<void> {
  const what = `ingest into ${dataSource}`
  const { signal: given } = wait.request
  // Also for a Coordinator that never answers.
  const limit = AbortSignal.timeout(wait.timeout)
  const signal = given ? AbortSignal.any([given, limit]) : limit
  const request = { timeout: POLL_TIMEOUT, ...wait.request, signal }
  let told: number | undefined
  const ask = async (): Promise<true | undefined> => {
    const left = await coordinator.segmentsToLoad(dataSource, request)
    if (left === 0) {
      const served = await brokerServesAll(client, dataSource, request)
      if (served && (await brokerKnows(client, dataSource, wait.columns ?? [], request)))
        return true
    }
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

/** Of a table that was there before, new columns are known later than new segments. */
async function brokerKnows(
  client: ExtensionHost,
  dataSource: string,
  columns: readonly string[],
  request: RequestOptions,
): Promise<boolean> {
  if (columns.length === 0) return true
  const rows = await client.query<{ COLUMN_NAME: string }>(
    sql<{
      COLUMN_NAME: string
    }>`SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'druid' AND TABLE_NAME = ${dataSource}`,
    request,
  )
  const known = new Set(rows.map((row) => row.COLUMN_NAME))
  return columns.every((name) => known.has(name))
}
