import { defineExtension } from '@druid/core/extension'
import { FooClient } from './client.ts'
import { FooService } from './service.ts'

/**
 * Says what there is, and does nothing else: importing this module sends no request and starts
 * nothing. There are further fields, for calls to several services (`clusterMethods`), for formats,
 * values, queries, requests and options: see the guide, docs/extensions.
 *
 * @example connect(url, { extensions: [foo] }).fooClient()
 */
export const foo = defineExtension({
  name: 'foo',
  summary: 'Foo',
  client: FooClient,
  roles: { foo: FooService },
})

// What discovery looks for is a function of this name; tools read the default export.
export const { registerClient } = foo
export default foo
