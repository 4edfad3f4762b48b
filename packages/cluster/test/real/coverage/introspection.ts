import { setTimeout as sleep } from 'node:timers/promises'
import type { Table } from './row.ts'

const NAME = 'coverage, introspected'
const INTROSPECT = '/druid/v1/lookups/introspect/{lookup}'
const TIER = '__default'

export const introspectionTable: Table<undefined> = {
  title: 'Lookups on a Broker, a Historical and an Indexer',
  async prepare(druid) {
    const cluster = druid.cluster()
    const factory = { type: 'map', map: { key: 'value' } }
    const { lookups } = cluster.coordinatorClient()
    await lookups.update({
      [TIER]: { [NAME]: { version: `v${Date.now()}`, lookupExtractorFactory: factory } },
    })
    // The Coordinator tells the servers after a while.
    for (let isLoaded = false; !isLoaded; await sleep(500)) {
      isLoaded = await cluster
        .brokerClient()
        .lookups.get(NAME)
        .then(
          () => true,
          () => false,
        )
    }
    return undefined
  },
  remove: (druid) => druid.cluster().coordinatorClient().lookups.delete(TIER, NAME),
  rows: [
    {
      endpoint: `GET ${INTROSPECT}`,
      method: 'brokerClient().lookups.get()',
      call: (cluster) => cluster.brokerClient().lookups.get(NAME),
      answer: { key: 'string' },
    },
    {
      endpoint: `GET ${INTROSPECT}/keys`,
      method: 'brokerClient().lookups.keys()',
      call: (cluster) => cluster.brokerClient().lookups.keys(NAME),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${INTROSPECT}/values`,
      method: 'brokerClient().lookups.values()',
      call: (cluster) => cluster.brokerClient().lookups.values(NAME),
      answer: ['+', 'string'],
    },
    {
      endpoint: `GET ${INTROSPECT}/version`,
      method: 'brokerClient().lookups.version()',
      call: (cluster) => cluster.brokerClient().lookups.version(NAME),
      answer: 'string',
      untested: 'of lookups of the extension `druid-lookups-cached-global`, which does not resolve',
    },
  ],
}
