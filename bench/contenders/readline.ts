/** Node's readline over fetch, and JSON.parse: what is written by hand most often. */
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { Adding, type BenchRow, type Contender, post } from './contender.ts'

export const contender: Contender = {
  async stream(url, query, first) {
    const { body } = await post(url, { query, resultFormat: 'objectLines' })
    const input = Readable.fromWeb(body as ReadableStream)
    const sums = new Adding()
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line === '') continue
      if (sums.rows === 0) first()
      const row = JSON.parse(line) as BenchRow
      sums.add(row.added, row.bytes)
    }
    return sums
  },
}
