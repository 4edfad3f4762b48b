import type { Table } from './row.ts'

export const routerTable: Table<undefined> = {
  title: 'Router',
  prepare: async () => undefined,
  rows: [
    {
      endpoint: 'GET /druid/router/v1/brokers',
      method: 'routerClient().brokers()',
      call: (cluster) => cluster.routerClient().brokers(),
      answer: { '+': ['+', 'string'] },
    },
    {
      endpoint: 'GET /proxy/enabled',
      method: 'routerClient().proxyEnabled()',
      call: (cluster) => cluster.routerClient().proxyEnabled(),
      answer: 'boolean',
    },
    {
      endpoint: 'GET /proxy/coordinator/{path}',
      leftOut: "the methods of `coordinatorClient()` take that way with `through: 'router'`",
    },
    {
      endpoint: 'GET /proxy/overlord/{path}',
      leftOut: "the methods of `overlordClient()` take that way with `through: 'router'`",
    },
  ],
}
