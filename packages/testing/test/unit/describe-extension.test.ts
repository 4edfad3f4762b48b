import { cluster } from '@druid/cluster'
import { defineExtension, type ExtensionHost, type ServiceHost } from '@druid/core/extension'
import { format } from '@druid/format'
import { imply } from '@druid/imply'
import { describeExtension } from '@druid/testing'
import { describe, it } from 'vitest'

describeExtension(imply, {
  describe,
  it,
  with: [cluster],
  calls: {
    'submit()': (druid) => druid.implyClient().submit('SELECT 1'),
    'status()': (druid) => druid.implyClient().status('id'),
    'results()': (druid) => druid.implyClient().results('id'),
    'run()': (druid) => druid.implyClient().run('SELECT 1'),
  },
})

describeExtension(format, { describe, it })

describeExtension(cluster, {
  describe,
  it,
  calls: {
    'services()': (druid) => druid.cluster().services(),
    'leader()': (druid) => druid.cluster().coordinatorClient().leader(),
    'historicalClients()': (druid) => druid.cluster().historicalClients(),
    'taskStatus()': (druid) => druid.cluster().overlordClient().taskStatus('id'),
  },
})

class Auditor {
  readonly client: ExtensionHost
  constructor(client: ExtensionHost) {
    this.client = client
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
class Bar {
  readonly service: ServiceHost
  constructor(service: ServiceHost) {
    this.service = service
  }
  tasks(): Promise<unknown> {
    return this.service.request('GET', '/bar/v1/tasks')
  }
}

describeExtension(
  defineExtension({
    name: 'roles-and-methods',
    roles: { bar: Bar, query_worker: Bar },
    clusterMethods: { auditor: Auditor },
  }),
  { describe, it },
)

describeExtension(
  defineExtension({
    name: 'hooks-only',
    setup(context) {
      context.use((request, next) => next({ ...request, headers: { ...request.headers, a: 'b' } }))
      context.queries({
        sqlRequest: (request) => ({ ...request, query: `/* a */ ${request.query}` }),
      })
      context.onClose(() => {})
    },
  }),
  { describe, it },
)

describeExtension(
  defineExtension({
    name: 'codec-only',
    setup(context) {
      context.codec('COMPLEX<HLLSketch>', { decode: (value) => atob(String(value)) })
      context.auth('kerberos', () => () => ({ authorization: 'Negotiate x' }))
      context.mapUrl(({ host }) => (host === 'inside' ? 'http://outside:1' : undefined))
    },
  }),
  { describe, it, samples: { 'COMPLEX<HLLSketch>': ['AgEHDAMIAgDhUv8P5RCeBg=='] } },
)

describeExtension(
  defineExtension({
    name: 'with-options',
    setup(context) {
      const { greeting } = context.options as { greeting: string }
      return context.define({
        client: class {
          readonly greeting = greeting.toUpperCase()
        },
      })
    },
  }).with({ greeting: 'hello' }),
  { describe, it },
)

describeExtension(defineExtension({ name: 'nothing' }), { describe, it })
