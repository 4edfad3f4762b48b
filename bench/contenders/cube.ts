/** The client of `@cubejs-backend/druid-driver`: axios, `object`, everything in memory. */
import { createRequire } from 'node:module'
import { Adding, type BenchRow, type Contender } from './contender.ts'

interface CubeClient {
  query(query: string, parameters: unknown[]): Promise<{ rows: BenchRow[] }>
}
const { DruidClient } = createRequire(import.meta.url)(
  '@cubejs-backend/druid-driver/dist/src/DruidClient.js',
) as { DruidClient: new (config: { url: string }) => CubeClient }

async function all(url: string, query: string): Promise<Adding> {
  const { rows } = await new DruidClient({ url }).query(query, [])
  if (!Array.isArray(rows)) throw new Error('it gave no rows')
  const sums = new Adding()
  for (const row of rows) sums.add(row.added, row.bytes)
  return sums
}

export const contender: Contender = {
  async stream(url, query, first) {
    const sums = await all(url, query)
    first()
    return sums
  },
  query: all,
  columns: all,
  small(url) {
    const client = new DruidClient({ url })
    return (query) => client.query(query, [])
  },
}
