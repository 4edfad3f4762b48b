import type { Table } from './row.ts'

export const historicalTable: Table<undefined> = {
  title: 'Historical',
  prepare: async () => undefined,
  rows: [
    {
      endpoint: 'GET /druid/historical/v1/loadstatus',
      method: 'historicalClient().loadStatus()',
      call: (cluster) => cluster.historicalClient().loadStatus(),
      answer: { cacheInitialized: 'boolean' },
    },
    {
      endpoint: 'GET /druid/historical/v1/readiness',
      method: 'historicalClient().readiness()',
      call: (cluster) => cluster.historicalClient().readiness(),
      answer: 'boolean',
    },
  ],
}
