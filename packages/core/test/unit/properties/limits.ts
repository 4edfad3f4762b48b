/** Bounds of results, and of what is held of one that has no end. */
import assert from 'node:assert/strict'
import { connect, type QueryOptions, type Transport } from '@druid/core'
import { arrayLines, canned, headerRows } from '../reply.ts'
import { anyNative, GROUP_BY, SCAN } from './native-result.ts'
import { bytesOf, changed, one, outcome, type Pick, type Property, pieces } from './property.ts'
import { anyTable, asLines } from './table.ts'

type Values = Record<string, unknown>

const values = { bigint: 'auto' } as const

const rowsOf = (body: readonly Uint8Array[], options: QueryOptions) => {
  const druid = connect('http://druid:8888', { transport: canned({ body }), values })
  return outcome(() => druid.stream<Values>('SELECT 1', options).batches())
}

/** A reply that begins so, and then says the same for ever: nobody may want more than that of it. */
function endless(begin: string, again: Uint8Array, most: number): Transport {
  const plain = canned({})
  return {
    ...plain,
    async request(request) {
      const reply = await plain.request(request)
      if (request.method === 'DELETE') return reply
      return {
        ...reply,
        body: {
          ...reply.body,
          async *[Symbol.asyncIterator]() {
            yield bytesOf(begin)
            for (let taken = 0; taken <= most; taken += again.length) yield again
            throw new Error(`more than ${most} bytes were taken`)
          },
        },
      }
    },
  }
}

const TEXTS = ['a', '"', '\\', '[', '{"a":', '1', '\\u00', '\u0000', 'ä€😀', '[[[[', ' a', '"",']
const SQL_BEGINS = [
  '',
  '["',
  headerRows([['a', 'STRING', 'VARCHAR']]),
  `${headerRows([['a', 'STRING', 'VARCHAR']])}["`,
  `${headerRows([['a', 'ARRAY<LONG>', 'ARRAY']])}[[`,
]
const NATIVE_BEGINS = [
  '',
  '[',
  '[{"',
  '[{"events":["',
  '[{"segmentId":"a","columns":["a"],"events":[[',
]

const anyEnd = (pick: Pick): string =>
  Array.from({ length: 1 + pick(4) }, () => one(TEXTS, pick))
    .join('')
    .repeat(1 + pick(200))

/** Whatever has no end is ended: by what it is, or by the bound on one row. */
async function checkEndless(
  pick: Pick,
  begins: readonly string[],
  read: (transport: Transport, maxRowBytes: number) => AsyncIterable<readonly unknown[]>,
): Promise<void> {
  const maxRowBytes = 1 + pick(100_000)
  const again = bytesOf(anyEnd(pick))
  // A row that is not yet too long, and what came with its end.
  const most = 52 * (maxRowBytes + 2 * again.length)
  const transport = endless(one(begins, pick), again, most)
  let rows = 0
  const { error } = await outcome(async function* () {
    for await (const batch of read(transport, maxRowBytes)) {
      rows += batch.length
      // What repeats may be rows: then a reader that has enough leaves.
      if (rows > 50) return
      yield batch
    }
  })
  if (rows <= 50) assert.match(error ?? '', /^(LIMIT|DECODE|TRUNCATED)$/)
}

export const LIMIT_PROPERTIES: readonly Property[] = [
  {
    name: 'maxRows, maxBytes and maxRowBytes are kept, and the rows up to there handed out',
    cases: 150,
    async check(pick) {
      const table = anyTable(pick)
      const bytes = bytesOf(asLines(table))
      const all = await rowsOf([bytes], {})
      const maxRows = pick(40)
      assert.deepEqual(
        await rowsOf(pieces(bytes, pick), { maxRows }),
        all.rows.length > maxRows ? { rows: all.rows.slice(0, maxRows), error: 'LIMIT' } : all,
      )
      // The same where something behind them is wrong.
      const wrong = changed(bytes, pick)
      const before = await rowsOf([wrong], {})
      assert.deepEqual(
        await rowsOf(pieces(wrong, pick), { maxRows }),
        before.rows.length > maxRows
          ? { rows: before.rows.slice(0, maxRows), error: 'LIMIT' }
          : before,
        new TextDecoder().decode(wrong),
      )
      const maxBytes = pick(bytes.length * 2)
      const some = await rowsOf(pieces(bytes, pick), { maxBytes })
      assert.equal(some.error, bytes.length > maxBytes ? 'LIMIT' : undefined)
      assert.deepEqual(some.rows, all.rows.slice(0, some.rows.length))
      const maxRowBytes = pick(300)
      const lines = asLines(table)
        .split('\n')
        .map((line) => bytesOf(line).length)
      const short = await rowsOf(pieces(bytes, pick), { maxRowBytes })
      assert.deepEqual(short.rows, all.rows.slice(0, short.rows.length))
      // Only a line that came in several pieces was held: one that came whole may be longer. And the
      // line feed is one of its bytes.
      if (Math.max(...lines) < maxRowBytes) assert.equal(short.error, undefined)
      else assert.match(short.error ?? 'LIMIT', /^LIMIT$/)
    },
  },
  {
    name: 'native results keep maxRows and maxBytes, and hand out the rows up to there',
    cases: 40,
    async check(pick) {
      const { query, text, rows } = anyNative(pick)
      const bytes = bytesOf(text)
      const read = (options: QueryOptions) => {
        const body = pieces(bytes, pick)
        const druid = connect('http://druid:8888', { transport: canned({ body }) })
        const { maxRows, maxBytes } = options
        return outcome(() => druid.streamNative(query, { maxRows, maxBytes }).batches())
      }
      const maxRows = pick(12)
      const found = await read({ maxRows })
      assert.equal(found.error, rows.length > maxRows ? 'LIMIT' : undefined, text)
      assert.equal(found.rows.length, Math.min(rows.length, maxRows), text)
      const maxBytes = pick(bytes.length * 2)
      const some = await read({ maxBytes })
      assert.equal(some.error, bytes.length > maxBytes ? 'LIMIT' : undefined, text)
    },
  },
  {
    name: 'what is nested to any depth is a value, or an error after the rows before it',
    cases: 100,
    async check(pick) {
      const depth = pick(30_000)
      const inner = one(['1', '9223372036854775807', '"a"', 'null', '1.5'], pick)
      const nested = `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`
      const heads = [
        ['a', 'ARRAY<LONG>', 'ARRAY'],
        ['a', 'ARRAY<DOUBLE>', 'ARRAY'],
        ['a', 'COMPLEX<json>', 'OTHER'],
        ['a', 'STRING', 'VARCHAR'],
      ] as const
      const cell = pick(2) === 0 ? JSON.stringify(nested) : nested
      const body = pieces(bytesOf(arrayLines([one(heads, pick)], '[null]', `[${cell}]`)), pick)
      const policy = { bigint: one(['safe', 'auto', 'bigint', 'string'] as const, pick) }
      const { rows, error } = await rowsOf(body, { values: policy })
      assert.match(error ?? 'DECODE', /^(DECODE|INEXACT)$/)
      assert.equal(rows.length, error === undefined ? 2 : 1)
      const query = one([GROUP_BY, SCAN], pick)
      const texts = [
        nested,
        `[${nested}]`,
        `[{"events":[[${nested}]]}]`,
        `[{"timestamp":null,"event":{"n":${nested}}}]`,
      ]
      const native = pieces(bytesOf(one(texts, pick)), pick)
      const druid = connect('http://druid:8888', { transport: canned({ body: native }), values })
      const elements = await outcome(async function* () {
        yield [...(await druid.native(query))]
      })
      assert.match(elements.error ?? 'DECODE', /^(DECODE|INEXACT)$/)
    },
  },
  {
    name: 'a result of SQL without an end is ended by the bound on one row',
    cases: 60,
    check: (pick) =>
      checkEndless(pick, SQL_BEGINS, async function* (transport, maxRowBytes) {
        const druid = connect('http://druid:8888', { transport, values })
        const stream = druid.stream('SELECT 1', { maxRowBytes })
        if (pick(2) === 0) yield* stream.batches()
        else for await (const { length } of stream.columns()) yield Array.from({ length })
      }),
  },
  {
    name: 'a native result without an end is ended by the bound on one item',
    cases: 60,
    check: (pick) =>
      checkEndless(pick, NATIVE_BEGINS, async function* (transport, maxRowBytes) {
        const { query } = anyNative(pick)
        const druid = connect('http://druid:8888', { transport, values })
        yield* druid.streamNative(query, { maxRowBytes }).batches()
      }),
  },
]
