import type {
  CompactionConfig,
  DataSource,
  Dropped,
  RetentionRule,
  Setting,
  WhichSegments,
} from '@druid/cluster'
import { expectTypeOf, test } from 'vitest'

declare const flights: DataSource

test('rules are of a known type, with its fields', () => {
  const rules: RetentionRule[] = [
    { type: 'loadByPeriod', period: 'P1M', includeFuture: false },
    { type: 'dropForever' },
  ]
  // @ts-expect-error a rule by period has one
  const noPeriod: RetentionRule = { type: 'dropByPeriod' }
  // @ts-expect-error not of this type
  const tiers: RetentionRule = { type: 'dropForever', tieredReplicants: { hot: 1 } }
  // @ts-expect-error no type of Druid's
  const unknown: RetentionRule = { type: 'keepForever' }
  void [rules, noPeriod, tiers, unknown]
  for (const rule of rules) {
    if (rule.type === 'dropByInterval') expectTypeOf(rule.interval).toEqualTypeOf<string>()
  }
})

test('segments are chosen in one way', () => {
  const all: WhichSegments = 'all'
  const some: WhichSegments = { interval: '2001/2002', versions: ['v1'] }
  const these: WhichSegments = { segmentIds: ['a'] }
  // @ts-expect-error nothing says which
  const none: WhichSegments = {}
  void [all, some, these, none]
})

test('what is not set is undefined', () => {
  expectTypeOf(flights.compaction.read()).resolves.toEqualTypeOf<CompactionConfig | undefined>()
  expectTypeOf(flights.drop()).resolves.toEqualTypeOf<Dropped>()
  // Its name is that of the data source.
  void flights.compaction.write({ taskPriority: 1 })
  expectTypeOf(flights.rules).toExtend<Setting<readonly RetentionRule[]>>()
})
