import type { Druid } from './row.ts'

/** A data source of one day and one segment, which can be queried. */
export async function ingested(druid: Druid, dataSource: string): Promise<void> {
  await druid.cluster().ingest({
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource,
        timestampSpec: { column: 'time', format: 'iso' },
        dimensionsSpec: { dimensions: ['text'] },
        metricsSpec: [{ type: 'count', name: 'n' }],
        granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'NONE', rollup: true },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'inline', data: '{"time":"2024-01-01","text":"hello"}' },
        inputFormat: { type: 'json' },
      },
    },
  })
}
