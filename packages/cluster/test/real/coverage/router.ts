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
      // 27.0.0 takes the path for one to pass on, which it does where it answers so.
      status: [200, 400],
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
