import {
  type Broker,
  cluster,
  type Finding,
  type HealthReport,
  type Historical,
  type Indexer,
  type Peon,
  type Router,
  type SegmentSelection,
  type Worker,
} from '@druid/cluster'
import { connect } from '@druid/core'
import { table } from '@druid/format'
import { expectTypeOf, test } from 'vitest'

const own = connect('http://localhost:8888', { extensions: [cluster] }).cluster()

test('each role has a client of its own', () => {
  expectTypeOf(own.brokerClient()).toEqualTypeOf<Broker>()
  expectTypeOf(own.routerClient()).toEqualTypeOf<Router>()
  expectTypeOf(own.historicalClient()).toEqualTypeOf<Historical>()
  expectTypeOf(own.middleManagerClient()).toEqualTypeOf<Worker>()
  expectTypeOf(own.indexerClient()).toEqualTypeOf<Indexer>()
  expectTypeOf(own.peonClient('task')).toEqualTypeOf<Peon>()
  // @ts-expect-error of an Indexer only
  own.middleManagerClient().lookups
  // @ts-expect-error of which task
  own.peonClient()
})

test('what may be missing is undefined', () => {
  const coordinator = own.coordinatorClient()
  expectTypeOf(coordinator.dataSource('a')).resolves.extract<undefined>().toBeUndefined()
  expectTypeOf(coordinator.percentLoaded('a')).resolves.toEqualTypeOf<number | undefined>()
  expectTypeOf(coordinator.segments('a')).resolves.toEqualTypeOf<string[]>()
})

test('segments are marked by interval or by id', () => {
  const good: SegmentSelection[] = [
    { interval: '2024/2025' },
    { interval: '2024/2025', versions: ['v1'] },
    { segmentIds: ['a'] },
  ]
  expectTypeOf(good).toBeArray()
  // @ts-expect-error ids alone
  own.coordinatorClient().markUnused('a', ['id'])
  // @ts-expect-error all of it is markAllUnused
  own.coordinatorClient().markUnused('a')
})

test('a health report is data, and a table', () => {
  expectTypeOf(own.check()).resolves.toEqualTypeOf<HealthReport>()
  expectTypeOf<HealthReport['status']>().toEqualTypeOf<'ok' | 'critical' | 'warning' | 'unknown'>()
  expectTypeOf<Finding['facts']>().toEqualTypeOf<Readonly<Record<string, unknown>>>()
  expectTypeOf((report: HealthReport) => table(report.rows)).returns.toBeString()
  // @ts-expect-error none of the checks
  own.check({ checks: ['leader'] })
  // @ts-expect-error none of the limits
  own.check({ limits: { lags: 1 } })
})
