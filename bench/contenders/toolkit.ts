/** The runner of `druid-query-toolkit` over axios, as the web console uses it. */
import axios from 'axios'
import { QueryRunner } from 'druid-query-toolkit'
import { Adding, type BenchRow, type Contender } from './contender.ts'

function runner(url: string): QueryRunner {
  const client = axios.create({ baseURL: url })
  return new QueryRunner({
    executor: async ({ payload, signal }) => {
      const { data, headers } = await client.post('/druid/v2/sql', payload, {
        ...(signal && { signal }),
      })
      return { data, headers: headers as unknown as Record<string, string> }
    },
  })
}

async function all(url: string, query: string): Promise<Adding> {
  const result = await runner(url).runQuery({ query })
  const sums = new Adding()
  for (const row of result.toObjectArray() as unknown as BenchRow[]) sums.add(row.added, row.bytes)
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
    const client = runner(url)
    return (query) => client.runQuery({ query })
  },
}
