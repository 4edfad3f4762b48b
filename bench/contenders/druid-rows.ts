/** `@druid/core`, row by row. */
import { connect } from '@druid/core'
import { Adding, type BenchRow, type Contender } from './contender.ts'

export const contender: Contender = {
  async stream(url, query, first) {
    await using druid = connect(url)
    const sums = new Adding()
    for await (const row of druid.stream<BenchRow>(query)) {
      if (sums.rows === 0) first()
      sums.add(row.added, row.bytes)
    }
    return sums
  },
}
