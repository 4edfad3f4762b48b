import { cluster } from '@druid/cluster'
import { connect, type Transport } from '@druid/core'
import { type ImplyClient, imply, type TalariaService } from '@druid/imply'
import {
  describeExtension,
  druidError,
  type FakeQuery,
  type FakeReply,
  type FakeRequest,
  fakeDruid,
  legacyError,
  noAnswer,
  type RecordedRegistration,
  recordRegistration,
  reply,
  truncated,
} from '@druid/testing'
import { describe, expectTypeOf, it, test } from 'vitest'

test('a client of a fake has the exact types of its extensions', () => {
  const fake = fakeDruid()
  expectTypeOf(fake.transport).toEqualTypeOf<Transport>()
  const druid = connect(fake.url, { transport: fake.transport, extensions: [cluster, imply] })
  expectTypeOf(druid.implyClient()).toEqualTypeOf<ImplyClient>()
  expectTypeOf(druid.cluster().talariaClient()).toEqualTypeOf<TalariaService>()
  // @ts-expect-error not without the extension
  connect(fake.url, { transport: fake.transport }).implyClient
  expectTypeOf(fake.requests).toEqualTypeOf<FakeRequest[]>()
  expectTypeOf(fake.queries).toEqualTypeOf<FakeQuery[]>()
})

test('answers are plain data, replies, faults, or functions that know what they are given', () => {
  interface Flight {
    readonly origin: string
  }
  const flights: readonly Flight[] = [{ origin: 'SEA' }]
  fakeDruid({ sql: (query) => (query.sql === '' ? undefined : flights) })
  fakeDruid({ sql: async ({ parameters }) => [{ n: parameters.length }] })
  fakeDruid({
    sql: [
      [/a/, flights],
      ['b', { columns: { a: 'BIGINT' }, rows: [] }],
      ['c', { columns: [{ name: 'a', sqlType: 'BIGINT', nativeType: 'LONG' }], rows: [[1]] }],
      ['d', truncated(flights, { after: 0 })],
      [
        'e',
        ({ context }) =>
          context.x ? noAnswer() : druidError({ category: 'TIMEOUT', errorMessage: '' }),
      ],
      // @ts-expect-error a text is no answer to a query
      ['f', 'rows'],
    ],
    routes: {
      'GET /a': flights,
      'GET /b': { a: 1 },
      'GET /c': ({ params, query }) => ({ id: params.id, full: query.get('full') }),
      'GET /d': async () => reply({ status: 404 }),
      'GET /e': (): Flight => ({ origin: 'SEA' }),
    },
    gate: ({ credentials }) => (credentials ? undefined : reply({ status: 401 })),
    servers: [
      { role: 'broker', port: 8082 },
      { server_type: 'router', host: 'r', plaintext_port: 8888 },
      // @ts-expect-error a server has a role
      { host: 'x' },
    ],
  })
  expectTypeOf(reply({ status: 202 })).toEqualTypeOf<FakeReply>()
  // @ts-expect-error there is no such category
  druidError({ category: 'WRONG_INPUT', errorMessage: 'x' })
  // @ts-expect-error nor such a code
  legacyError({ error: 'Query timed out' })
  // @ts-expect-error nor such an option
  fakeDruid({ server: [] })
})

test('a registration is plain data', () => {
  expectTypeOf(recordRegistration(imply)).toEqualTypeOf<RecordedRegistration>()
  // @ts-expect-error a class is no extension
  recordRegistration(class {})
})

test('a suite takes any runner, and calls of a client with all that is listed', () => {
  describeExtension(imply, {
    describe,
    it,
    with: [cluster],
    calls: {
      status: (druid) => druid.implyClient().status('id'),
      leader: (druid) => druid.cluster().coordinatorClient().leader(),
      tasks: (druid) => druid.cluster().talariaClient().tasks(),
      // @ts-expect-error it has no such method
      wrong: (druid) => druid.implyClient().stat(),
    },
  })
  describeExtension(imply, {
    describe,
    it,
    calls: {
      // @ts-expect-error no cluster is listed
      leader: (druid) => druid.cluster(),
    },
  })
  // @ts-expect-error it needs a runner
  describeExtension(imply, {})
})

test('a suite takes the functions of node:test', async () => {
  const runner = await import('node:test')
  describeExtension(imply, { describe: runner.describe, it: runner.it })
})
