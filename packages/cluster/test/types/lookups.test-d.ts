import type { LookupFactory } from '@druid/cluster'
import { custom } from '@druid/core'
import { test } from 'vitest'

test('lookups are known, or marked', () => {
  const map: LookupFactory = { type: 'map', map: { a: 'A' } }
  const uri: LookupFactory = {
    type: 'cachedNamespace',
    extractionNamespace: {
      type: 'uri',
      uri: 's3://bucket/a.csv',
      namespaceParseSpec: { format: 'csv', hasHeaderRow: true, keyColumn: 'a', valueColumn: 'b' },
    },
  }
  const theirs: LookupFactory = custom({ type: 'theirs', anything: 1 })
  // @ts-expect-error values are text
  const numbers: LookupFactory = { type: 'map', map: { a: 1 } }
  // @ts-expect-error a type that is not known, and not marked
  const unknown: LookupFactory = { type: 'theirs', anything: 1 }
  void [map, uri, theirs, numbers, unknown]
})
