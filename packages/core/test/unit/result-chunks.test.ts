import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { cutAt, random } from './random.ts'
import { arrayLines, canned } from './reply.ts'

const TEXT = arrayLines(
  [
    ['näme €', 'STRING', 'VARCHAR'],
    ['n', 'LONG', 'BIGINT'],
    ['tags', 'ARRAY<STRING>', 'ARRAY'],
    ['doc', 'COMPLEX<json>', 'OTHER'],
  ],
  '["ä€😀",1,"[\\"x\\",null]","{\\"a\\":{\\"b\\":[1,2]}}"]',
  '["line\\nfeed\\r\\n\\\\n",-9007199254740991,null,null]',
  '[null,null,"[]","\\"[\\\\n]\\""]',
  '["",0,"[\\"\\\\n\\\\n\\"]","[[],{}]"]',
)
const BYTES = new TextEncoder().encode(TEXT)
const ROWS = [
  { 'näme €': 'ä€😀', n: 1, tags: ['x', null], doc: { a: { b: [1, 2] } } },
  { 'näme €': 'line\nfeed\r\n\\n', n: -9007199254740991, tags: null, doc: null },
  { 'näme €': null, n: null, tags: [], doc: '[\n]' },
  { 'näme €': '', n: 0, tags: ['\n\n'], doc: [[], {}] },
]

async function rowsOf(chunks: readonly Uint8Array[]): Promise<object[]> {
  const druid = connect('http://druid:8888', { transport: canned({ body: chunks }) })
  return [...(await druid.query('SELECT 1'))]
}

describe('any chunking of a result gives the same rows', () => {
  it('in one piece', async () => {
    expect(await rowsOf([BYTES])).toEqual(ROWS)
  })

  it('byte by byte, with empty chunks between', async () => {
    const single = [...BYTES].flatMap((byte) => [new Uint8Array([byte]), new Uint8Array()])
    expect(await rowsOf(single)).toEqual(ROWS)
  })

  it('cut in two at every byte', async () => {
    for (let place = 0; place <= BYTES.length; place += 1) {
      expect(await rowsOf(cutAt(BYTES, [place]))).toEqual(ROWS)
    }
  })

  it('cut at random', async () => {
    const pick = random(20_240_229)
    for (let run = 0; run < 300; run += 1) {
      const places = Array.from({ length: pick(12) }, () => pick(BYTES.length + 1))
      expect(await rowsOf(cutAt(BYTES, places)), `cut at ${places}`).toEqual(ROWS)
    }
  })
})

it('is TRUNCATED wherever it is cut off', async () => {
  for (let length = 0; length < BYTES.length; length += 1) {
    await expect(rowsOf([BYTES.subarray(0, length)]), `${length} bytes`).rejects.toMatchObject({
      code: 'TRUNCATED',
    })
  }
})
