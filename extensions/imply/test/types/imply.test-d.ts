import { connect, type DruidClient, type Rows, sql } from '@druid/core'
import {
  type AsyncState,
  type AsyncStatus,
  ImplyClient,
  imply,
  type TalariaService,
} from '@druid/imply'
import registered, { registerClient } from '@druid/imply/register'
import { expectTypeOf, test } from 'vitest'

test('the extension gives the client its method', () => {
  const client = connect('http://localhost:8888', { extensions: [imply] })
  expectTypeOf(client.implyClient()).toEqualTypeOf<ImplyClient>()
  expectTypeOf(client.extension(imply)).toEqualTypeOf<ImplyClient>()
  expectTypeOf(registered).toEqualTypeOf<typeof imply>()
  expectTypeOf(registerClient).toBeFunction()
  expectTypeOf(imply.name).toEqualTypeOf<'imply'>()
  // @ts-expect-error without an extension that provides it there is no cluster
  client.cluster
  // @ts-expect-error not without the extension
  connect('http://localhost:8888').implyClient
  expectTypeOf(new ImplyClient(connect('http://localhost:8888'))).toEqualTypeOf<ImplyClient>()
  expectTypeOf(client).toExtend<DruidClient<typeof imply>>()
})

test('the role is typed', () => {
  type Provides = NonNullable<(typeof imply)['~types']>
  expectTypeOf<Provides['roles']['talaria']>().toEqualTypeOf<TalariaService>()
})

test('rows have the type of the statement', () => {
  const client = connect('http://localhost:8888', { extensions: [imply] }).implyClient()
  const statement = sql<{ page: string }>`SELECT page FROM wikipedia`
  expectTypeOf(client.run(statement)).resolves.toEqualTypeOf<Rows<{ page: string }>>()
  expectTypeOf(client.submit(statement)).resolves.toEqualTypeOf<AsyncStatus>()
  expectTypeOf<AsyncStatus['state']>().toEqualTypeOf<AsyncState>()
})
