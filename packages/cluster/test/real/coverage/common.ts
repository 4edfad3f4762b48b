import type { Table } from './row.ts'

export const commonTable: Table<undefined> = {
  title: 'Every service',
  prepare: async () => undefined,
  rows: [
    {
      endpoint: 'GET /status',
      method: 'coordinatorClient().status()',
      call: (cluster) => cluster.coordinatorClient().status(),
      answer: { version: 'string', modules: [{ name: 'string' }], memory: { maxMemory: 'number' } },
    },
    {
      endpoint: 'GET /status/health',
      method: 'coordinatorClient().health()',
      call: (cluster) => cluster.coordinatorClient().health(),
      answer: 'boolean',
    },
    {
      endpoint: 'GET /status/ready',
      method: 'coordinatorClient().ready()',
      call: (cluster) => cluster.coordinatorClient().ready(),
      answer: 'boolean',
      since: 34,
    },
    {
      endpoint: 'GET /status/properties',
      method: 'coordinatorClient().properties()',
      call: (cluster) => cluster.coordinatorClient().properties(),
      answer: { 'java.version': 'string', '*': 'string' },
    },
    {
      endpoint: 'GET /status/selfDiscovered/status',
      method: 'coordinatorClient().selfDiscovered()',
      call: (cluster) => cluster.coordinatorClient().selfDiscovered(),
      answer: 'boolean',
    },
    {
      endpoint: 'GET /status/selfDiscovered',
      method: 'coordinatorClient().selfDiscoveredCode()',
      call: (cluster) => cluster.coordinatorClient().selfDiscoveredCode(),
      answer: 'boolean',
    },
    {
      endpoint: 'GET /druid-internal/v1/{path}',
      leftOut: 'between services',
    },
  ],
}
