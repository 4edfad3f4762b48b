/** `fetch` and `.json()`. */
import { Adding, type BenchRow, type Contender, post } from './contender.ts'

async function all(url: string, query: string): Promise<Adding> {
  const response = await post(url, { query, resultFormat: 'object' })
  const sums = new Adding()
  for (const row of (await response.json()) as BenchRow[]) sums.add(row.added, row.bytes)
  return sums
}

export const contender: Contender = {
  async stream(url, query, first) {
    const sums = await all(url, query)
    first()
    return sums
  },
  query: all,
  small(url) {
    return async (query) => (await post(url, { query, resultFormat: 'object' })).json()
  },
}
