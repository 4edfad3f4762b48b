import { cluster } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { expectTypeOf, test } from 'vitest'
import { type FooClient, type FooService, foo } from '../../src/index.ts'
import registered, { registerClient } from '../../src/register.ts'

// Checked by the compiler, never run.
test('the client has the method that was registered, and its type', () => {
  const druid = connect('http://localhost:8888', { extensions: [foo] })
  expectTypeOf(druid.fooClient()).toEqualTypeOf<FooClient>()
  expectTypeOf(druid.fooClient().tables('sys')).resolves.toEqualTypeOf<string[]>()
  expectTypeOf(druid).toExtend<DruidClient<typeof foo>>()
  // @ts-expect-error not without the extension
  connect('http://localhost:8888').fooClient
})

test('the cluster has the methods of the role', () => {
  const druid = connect('http://localhost:8888', { extensions: [cluster, foo] })
  expectTypeOf(druid.cluster().fooClient()).toEqualTypeOf<FooService>()
  expectTypeOf(druid.cluster().fooClients()).resolves.toEqualTypeOf<FooService[]>()
})

test('./register has what discovery and tools look for', () => {
  expectTypeOf(registered).toEqualTypeOf<typeof foo>()
  expectTypeOf(registerClient).toBeFunction()
})
