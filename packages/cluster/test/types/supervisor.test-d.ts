import {
  type AnySupervisorSpec,
  cluster,
  type StreamOffset,
  type SupervisorEntry,
  type SupervisorSummary,
} from '@druid/cluster'
import { connect, custom } from '@druid/core'
import { expectTypeOf, test } from 'vitest'

const druid = connect('http://localhost:8888', { extensions: [cluster] })

const dataSchema = { dataSource: 'clicks' }
const inputFormat = { type: 'json' } as const
const consumerProperties = { 'bootstrap.servers': 'kafka:9092' }

test('a supervisor of Kafka reads a topic, or those of a pattern', () => {
  const ofTopic: AnySupervisorSpec = {
    type: 'kafka',
    spec: { dataSchema, ioConfig: { topic: 'clicks', inputFormat, consumerProperties } },
  }
  const ofPattern: AnySupervisorSpec = {
    type: 'kafka',
    spec: { dataSchema, ioConfig: { topicPattern: 'clicks-.*', inputFormat, consumerProperties } },
  }
  // @ts-expect-error it reads something
  const ofNothing: AnySupervisorSpec = {
    type: 'kafka',
    spec: { dataSchema, ioConfig: { inputFormat, consumerProperties } },
  }
  // @ts-expect-error not both
  const ofBoth: AnySupervisorSpec = {
    type: 'kafka',
    spec: {
      dataSchema,
      ioConfig: { topic: 'a', topicPattern: 'b', inputFormat, consumerProperties },
    },
  }
  void [ofTopic, ofPattern, ofNothing, ofBoth]
})

test('supervisors of other types are known, or marked', () => {
  const compaction: AnySupervisorSpec = { type: 'autocompact', spec: { dataSource: 'clicks' } }
  const batch: AnySupervisorSpec = {
    type: 'scheduled_batch',
    schedulerConfig: { type: 'unix', schedule: '0 * * * *' },
    spec: { query: 'REPLACE INTO a OVERWRITE ALL SELECT * FROM b PARTITIONED BY ALL' },
  }
  const theirs: AnySupervisorSpec = custom({ type: 'theirs', anything: 1 })
  // @ts-expect-error a type that is not known, and not marked
  const unknown: AnySupervisorSpec = { type: 'theirs', anything: 1 }
  void [compaction, batch, theirs, unknown]
})

test('lists have specs where they are asked for', () => {
  expectTypeOf(druid.cluster().supervisors()).resolves.toEqualTypeOf<SupervisorSummary[]>()
  expectTypeOf(druid.cluster().supervisors({ full: true })).resolves.toEqualTypeOf<
    SupervisorEntry[]
  >()
})

test('offsets are exact', () => {
  expectTypeOf<StreamOffset>().toEqualTypeOf<number | bigint | string>()
  druid.cluster().supervisor('a').resetOffsets({ 0: 1, 1: 2n, 2: '3' })
  // @ts-expect-error no offset
  druid.cluster().supervisor('a').resetOffsets({ 0: null })
})
