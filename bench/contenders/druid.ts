/** `@druid/core` over node:http. */
import { connect } from '@druid/core'
import { Adding, type BenchRow, type Contender } from './contender.ts'

export function druidContender(options: Parameters<typeof connect>[1] = {}): Contender {
  return {
    async stream(url, query, first) {
      await using druid = connect(url, options)
      const sums = new Adding()
      for await (const batch of druid.stream<BenchRow>(query).batches()) {
        if (sums.rows === 0) first()
        for (const row of batch) sums.add(row.added, row.bytes)
      }
      return sums
    },
    async query(url, query) {
      await using druid = connect(url, options)
      const sums = new Adding()
      for (const row of await druid.query<BenchRow>(query)) sums.add(row.added, row.bytes)
      return sums
    },
    async columns(url, query) {
      await using druid = connect(url, options)
      const sums = new Adding()
      const { data, length } = await druid.columns<BenchRow>(query)
      for (let i = 0; i < length; i += 1) {
        sums.add(data.added.values[i] ?? 0, data.bytes.values[i] ?? 0)
      }
      return sums
    },
    small(url) {
      const druid = connect(url, options)
      return (query) => druid.query(query)
    },
  }
}

export const contender: Contender = druidContender()
