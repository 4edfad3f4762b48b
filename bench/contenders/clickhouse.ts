/** `@clickhouse/client` reading the same lines as a format of its own: the best streaming there is. */
import { createClient } from '@clickhouse/client'
import { Adding, type BenchRow, type Contender } from './contender.ts'

export const contender: Contender = {
  async stream(url, query, first) {
    const client = createClient({ url, keep_alive: { enabled: false }, request_timeout: 600_000 })
    const result = await client.query({ query, format: 'JSONEachRow' })
    const sums = new Adding()
    for await (const batch of result.stream<BenchRow>()) {
      if (sums.rows === 0) first()
      for (const line of batch) {
        // The blank line of Druid's.
        if (line.text === '') continue
        const row = line.json<BenchRow>()
        sums.add(row.added, row.bytes)
      }
    }
    await client.close()
    return sums
  },
  small(url) {
    const client = createClient({ url })
    return async (query) => (await client.query({ query, format: 'JSONEachRow' })).text()
  },
}
