import { setTimeout as sleep } from 'node:timers/promises'
import type { cluster, IngestProgress, IngestTask } from '@druid/cluster'
import { type DruidClient, sql } from '@druid/core'

export type Druid = DruidClient<typeof cluster>

/** How a data source came to be there. */
export interface Loaded {
  readonly dataSource: string
  readonly task: string
  readonly rows: number
  readonly seconds: number | null
}

/** Loads a data source, unless it already holds all of its rows. */
export async function load(
  druid: Druid,
  dataSource: string,
  wanted: number,
  makeTask: (dataSource: string) => Promise<IngestTask>,
  options: {
    readonly signal: AbortSignal
    readonly onProgress: (message: string) => void
  },
): Promise<Loaded> {
  const { signal, onProgress } = options
  const onWait = (): void => onProgress(`${dataSource}: waiting for its segments to be loaded`)
  if ((await stored(druid, dataSource, { wanted, signal, onWait })) === wanted) {
    return { dataSource, task: 'already there', rows: wanted, seconds: null }
  }
  const result = await druid.cluster().ingest(await makeTask(dataSource), {
    signal,
    onProgress: (progress) => onProgress(`${dataSource}: ${describe(progress)}`),
  })
  return {
    dataSource,
    task: result.taskId,
    rows: result.rows,
    seconds: Math.round(result.elapsed / 100) / 10,
  }
}

/** Right after a start, segments of an earlier one are still being loaded: so long they may take. */
const LOADING_LIMIT = 60_000

/** The rows that can be queried, once what is stored has been loaded. */
async function stored(
  druid: Druid,
  dataSource: string,
  wait: {
    readonly wanted: number
    readonly signal: AbortSignal
    readonly onWait: () => void
  },
): Promise<number> {
  const { wanted, signal, onWait } = wait
  const coordinator = druid.cluster().coordinatorClient()
  const deadline = performance.now() + LOADING_LIMIT
  for (let attempt = 1; ; attempt += 1) {
    const left = await coordinator.segmentsToLoad(dataSource, { signal })
    if (left === undefined) return 0
    const rows = left === 0 ? await count(druid, dataSource, signal) : 0
    // The Broker hears of them last.
    if (rows === wanted || performance.now() > deadline) return rows
    if (attempt === 1) onWait()
    await sleep(500, undefined, { signal })
  }
}

async function count(druid: Druid, dataSource: string, signal: AbortSignal): Promise<number> {
  const tables = await druid.query(
    sql`SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'druid' AND TABLE_NAME = ${dataSource}`,
    { signal },
  )
  if (tables.length === 0) return 0
  return druid.value<number>(sql`SELECT COUNT(*) AS n FROM ${sql.id(dataSource)}`, { signal })
}

function describe({ phase, rows, segmentsToLoad, taskId }: IngestProgress): string {
  switch (phase) {
    case 'submitted':
      return `task ${taskId}`
    case 'waiting':
      return 'waiting for a worker'
    case 'running':
      return 'running'
    case 'stored':
      return `${rows} rows stored`
    case 'loading':
      return `loading ${segmentsToLoad} segment${segmentsToLoad === 1 ? '' : 's'}`
    case 'queryable':
      return `${rows} rows can be queried`
  }
}

/** Takes the data sources away again, and deletes their segments. */
export async function remove(
  druid: Druid,
  dataSources: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const dataSource of dataSources) {
    await druid.cluster().coordinatorClient().markAllUnused(dataSource, { signal })
    const task = await druid
      .cluster()
      .submit({ type: 'kill', dataSource, interval: '0000-01-01/9999-12-31' }, { signal })
    await task.wait({ signal })
  }
}
