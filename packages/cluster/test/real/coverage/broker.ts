import type { Shape, Table } from './row.ts'

const V2 = '/druid/v2'
const DS = `${V2}/datasources/{dataSource}` as const
/** That of the tests, which rows here only read. */
const NAME = 'flights'
const interval = '2001-01-01/2002-01-01'

const columns: Shape = { dimensions: ['+', 'string'], metrics: ['string'] }
const candidates: Shape = [
  '+',
  { interval: 'string', version: 'string', size: 'number', locations: ['+', { name: 'string' }] },
]

export const brokerTable: Table<undefined> = {
  title: 'Broker',
  prepare: async () => undefined,
  rows: [
    {
      endpoint: 'GET /druid/broker/v1/loadstatus',
      method: 'brokerClient().loadStatus()',
      call: (cluster) => cluster.brokerClient().loadStatus(),
      answer: { inventoryInitialized: 'boolean' },
    },
    {
      endpoint: 'GET /druid/broker/v1/readiness',
      method: 'brokerClient().readiness()',
      call: (cluster) => cluster.brokerClient().readiness(),
      answer: 'boolean',
    },
    {
      endpoint: `POST ${V2}/candidates[?numCandidates={number}&cloneQueryMode={mode}]`,
      method: 'brokerClient().candidates()',
      call: (cluster) =>
        cluster.brokerClient().candidates(
          { queryType: 'timeBoundary', dataSource: NAME },
          {
            numCandidates: 1,
          },
        ),
      answer: candidates,
    },
    {
      endpoint: `GET ${V2}/datasources`,
      method: 'brokerClient().dataSources()',
      call: (cluster) => cluster.brokerClient().dataSources(),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${DS}[?interval={interval}]`,
      method: 'brokerClient().dataSource()',
      call: (cluster) => cluster.brokerClient().dataSource(NAME, { interval }),
      answer: columns,
    },
    {
      endpoint: `GET ${DS}?full[&interval={interval}]`,
      method: 'brokerClient().dataSourceDetail()',
      call: (cluster) => cluster.brokerClient().dataSourceDetail(NAME, { interval }),
      answer: { '+': columns },
    },
    {
      endpoint: `GET ${DS}/dimensions[?interval={interval}]`,
      method: 'brokerClient().dimensions()',
      call: (cluster) => cluster.brokerClient().dimensions(NAME, { interval }),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${DS}/metrics[?interval={interval}]`,
      method: 'brokerClient().metrics()',
      call: (cluster) => cluster.brokerClient().metrics(NAME, { interval }),
      answer: ['string'],
    },
    {
      endpoint: `GET ${DS}/candidates?intervals={intervals}[&numCandidates={number}&cloneQueryMode={mode}]`,
      method: 'brokerClient().dataSourceCandidates()',
      call: (cluster) => {
        const intervals = ['2001-01-01/2001-02-01', '2001-03-01/2001-04-01']
        return cluster.brokerClient().dataSourceCandidates(NAME, intervals)
      },
      answer: candidates,
    },
    {
      endpoint: `GET ${V2}/sql/engines`,
      method: 'brokerClient().sqlEngines()',
      call: (cluster) => cluster.brokerClient().sqlEngines(),
      answer: ['+', 'string'],
      since: 34,
    },
    {
      endpoint: `GET ${V2}/sql/queries[?selfOnly&includeComplete]`,
      method: 'brokerClient().sqlQueries()',
      call: (cluster) => cluster.brokerClient().sqlQueries({ selfOnly: true }),
      answer: [{ engine: 'string' }],
      since: 34,
    },
    {
      endpoint: `GET ${V2}/sql/queries/{sqlQueryId}/report[?selfOnly]`,
      method: 'brokerClient().sqlReport()',
      call: (cluster) => cluster.brokerClient().sqlReport('one'),
      answer: { query: 'any', report: 'any' },
      since: 36,
    },
    { endpoint: `POST ${V2}`, leftOut: '`druid.native()` of `@druid/core`' },
    { endpoint: `DELETE ${V2}/{queryId}`, leftOut: '`druid.cancel()` of `@druid/core`' },
    { endpoint: `POST ${V2}/sql`, leftOut: '`druid.query()` and others of `@druid/core`' },
    { endpoint: `DELETE ${V2}/sql/{sqlQueryId}`, leftOut: '`druid.cancel()` of `@druid/core`' },
    { endpoint: `POST ${V2}/sql/task`, leftOut: 'multi-stage queries: no method yet' },
    { endpoint: `GET ${V2}/sql/task/enabled`, leftOut: 'multi-stage queries: no method yet' },
    { endpoint: `POST ${V2}/sql/statements`, leftOut: 'multi-stage queries: no method yet' },
    { endpoint: `GET ${V2}/sql/statements/{path}`, leftOut: 'multi-stage queries: no method yet' },
    {
      endpoint: `DELETE ${V2}/sql/statements/{queryId}`,
      leftOut: 'multi-stage queries: no method yet',
    },
    {
      endpoint: `POST ${V2}/sql/dart`,
      leftOut: 'Druid 31 to 33 only, where no engine is chosen by the context',
    },
    {
      endpoint: `POST ${V2}/sql/avatica/{path}`,
      leftOut: 'the protocol of JDBC drivers, which is no use here',
    },
  ],
}
