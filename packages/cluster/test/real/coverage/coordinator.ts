import type { Table } from './row.ts'

const V1 = '/druid/coordinator/v1'

export const coordinatorTable: Table<undefined> = {
  title: 'Coordinator',
  prepare: async () => undefined,
  rows: [
    {
      endpoint: `GET ${V1}/leader`,
      method: 'coordinatorClient().leader()',
      call: (cluster) => cluster.coordinatorClient().leader(),
      answer: 'string',
    },
  ],
}
