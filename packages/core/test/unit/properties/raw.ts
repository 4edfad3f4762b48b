/** Bytes of SQL results, in each of the five formats. */
import assert from 'node:assert/strict'
import { connect, type ResultFormat } from '@druid/core'
import { canned } from '../reply.ts'
import { bytesOf, changed, cut, one, outcome, type Property, pieces } from './property.ts'
import { anyTable, RAW } from './table.ts'

const HEADERS = [false, true, 'types'] as const

/** What its body gives, and the code it ends with. */
async function rawOf(
  body: readonly Uint8Array[],
  format: ResultFormat,
  header: (typeof HEADERS)[number],
): Promise<{ bytes: Uint8Array; error: string | undefined }> {
  const druid = connect('http://druid:8888', { transport: canned({ body }) })
  const { rows, error } = await outcome<Uint8Array>(async function* () {
    const raw = await druid.raw('SELECT 1', { format, header })
    for await (const chunk of raw.body) yield [chunk]
  })
  return { bytes: Uint8Array.from(Buffer.concat(rows)), error }
}

export const RAW_PROPERTIES: readonly Property[] = (Object.keys(RAW) as (keyof typeof RAW)[]).map(
  (format) => ({
    name: `raw ${format} is the same in any pieces, TRUNCATED by any cut, and never hangs or crashes`,
    cases: 100,
    async check(pick) {
      const header = pick(3)
      const kind = one([HEADERS[header] ?? false], pick)
      const bytes = bytesOf(RAW[format](anyTable(pick), header))
      assert.deepEqual(await rawOf(pieces(bytes, pick), format, kind), { bytes, error: undefined })
      // What came before is handed out, and then told to be a part only.
      const part = cut(bytes, pick)
      const found = await rawOf(pieces(part, pick), format, kind)
      assert.equal(found.error, 'TRUNCATED', `cut at ${part.length}`)
      assert.deepEqual(found.bytes, Uint8Array.from(part))
      const other = changed(bytes, pick)
      const broken = await rawOf(pieces(other, pick), format, kind)
      assert.match(broken.error ?? 'DECODE', /^(DECODE|TRUNCATED)$/)
      assert.deepEqual(broken.bytes, other)
    },
  }),
)
