/** `@druid/core`, streamed column by column. */
import { connect } from '@druid/core'
import { Adding, type BenchRow, type Contender } from './contender.ts'

export const contender: Contender = {
  async stream(url, query, first) {
    await using druid = connect(url)
    const sums = new Adding()
    for await (const { data, length } of druid.stream<BenchRow>(query).columns()) {
      if (sums.rows === 0) first()
      for (let i = 0; i < length; i += 1) {
        sums.add(data.added.values[i] ?? 0, data.bytes.values[i] ?? 0)
      }
    }
    return sums
  },
}
