import { type ExtensionHost, type RequestOptions, sql } from '@druid/core/extension'
import { ETERNITY } from './eternity.ts'

/** A time chunk of a data source, of the segments that queries see. */
export interface DataSourceInterval {
  /** ISO 8601, `start/end`. */
  readonly interval: string
  readonly segments: number
  /** Bytes, of one copy. */
  readonly size: number
  /** Bytes, of all copies that are served now. */
  readonly replicatedSize: number
  /** `undefined` until the Broker has looked into segments that were just loaded, for a minute or so. */
  readonly rows: number | undefined
}

/** How much there is of a data source, of the segments that queries see. */
export interface DataSourceSize extends Omit<DataSourceInterval, 'interval' | 'rows'> {
  readonly rows: number
  readonly intervals: number
  /** ISO 8601: where its first segment begins, and its last one ends; `undefined` where it has none. */
  readonly minTime: string | undefined
  readonly maxTime: string | undefined
}

interface Row {
  readonly start: string
  readonly end: string
  readonly segments: number
  readonly size: number
  readonly replicated: number
  readonly numRows: number
  readonly unknown: number
}

/** The earliest first. */
export async function intervalsOf(
  client: ExtensionHost,
  dataSource: string,
  options: RequestOptions,
): Promise<DataSourceInterval[]> {
  const rows = await client.query<Row>(
    sql`
      SELECT "start", "end", COUNT(*) AS "segments", SUM("size") AS "size",
        SUM("size" * "num_replicas") AS "replicated", SUM("num_rows") AS "numRows",
        SUM(CASE WHEN "num_rows" = 0 THEN 1 ELSE 0 END) AS "unknown"
      FROM sys.segments WHERE "datasource" = ${dataSource} AND "is_active" = 1
      GROUP BY "start", "end" ORDER BY "start", "end"`,
    options,
  )
  return rows.map(({ start, end, segments, size, replicated, numRows, unknown }) => ({
    interval: `${start}/${end}`,
    // They may come as text or bigint, as the connection has it.
    segments: Number(segments),
    size: Number(size),
    replicatedSize: Number(replicated),
    rows: Number(unknown) > 0 ? undefined : Number(numRows),
  }))
}

export async function sizeOf(
  client: ExtensionHost,
  dataSource: string,
  options: RequestOptions,
): Promise<DataSourceSize> {
  const intervals = await intervalsOf(client, dataSource, options)
  const sum = (field: 'segments' | 'size' | 'replicatedSize'): number =>
    intervals.reduce((total, interval) => total + interval[field], 0)
  const rows = intervals.map((interval) => interval.rows)
  const bounds = intervals.map(({ interval }) => interval.split('/'))
  return {
    intervals: intervals.length,
    segments: sum('segments'),
    size: sum('size'),
    replicatedSize: sum('replicatedSize'),
    rows: rows.every((it) => it !== undefined)
      ? rows.reduce((total, it) => total + it, 0)
      : await rowsOf(client, dataSource, options),
    minTime: bounds[0]?.[0],
    maxTime: bounds
      .map(([, end]) => end)
      .sort()
      .at(-1),
  }
}

/** From the segments themselves, of which nothing but their size is read. */
async function rowsOf(
  client: ExtensionHost,
  dataSource: string,
  options: RequestOptions,
): Promise<number> {
  const analyses = await client.native(
    {
      queryType: 'segmentMetadata',
      dataSource,
      intervals: [ETERNITY],
      merge: true,
      analysisTypes: [],
      toInclude: { type: 'none' },
    },
    options,
  )
  return analyses.reduce((total, { numRows }) => total + Number(numRows), 0)
}
