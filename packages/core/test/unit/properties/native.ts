/** Elements and rows of native results. */
import assert from 'node:assert/strict'
import { connect, type NativeQuery, rowsOf } from '@druid/core'
import { canned } from '../reply.ts'
import { anyNative, GROUP_BY, SCAN } from './native-result.ts'
import {
  bytesOf,
  changed,
  cut,
  type Outcome,
  one,
  outcome,
  type Property,
  pieces,
} from './property.ts'

const connected = (body: readonly Uint8Array[]) =>
  connect('http://druid:8888', { transport: canned({ body }) })

const streamed = (query: NativeQuery, body: readonly Uint8Array[]): Promise<Outcome> =>
  outcome(() => connected(body).streamNative(query).batches())

const whole = (query: NativeQuery, body: readonly Uint8Array[]): Promise<Outcome<unknown>> =>
  outcome(async function* () {
    yield [...(await connected(body).native(query))]
  })

/** Where a scan is cut within an element, its words for numbers may still be words. */
const wordless = (row: object): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'number' ? String(value) : value))

function isArray(bytes: Uint8Array): boolean {
  try {
    return Array.isArray(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return false
  }
}

/** Whether a key stands twice in an object: JSON.parse takes the last, a stream the first. */
const hasTwins = (text: string): boolean => {
  const colons = (it: string): number => it.split(':').length
  return colons(JSON.stringify(JSON.parse(text))) !== colons(text)
}

/** Whatever came: an error of ours, or what is JSON; and the same by elements as by rows. */
async function checkAny(
  query: NativeQuery,
  bytes: Uint8Array,
  body: () => Uint8Array[],
): Promise<void> {
  const [rows, elements] = [await streamed(query, body()), await whole(query, body())]
  const what = new TextDecoder().decode(bytes)
  for (const { error } of [rows, elements]) {
    if (!isArray(bytes)) assert.notEqual(error, undefined, what)
    assert.match(error ?? 'DECODE', /^(DECODE|TRUNCATED|INEXACT)$/, what)
  }
  if (rows.error === undefined && elements.error === undefined && !hasTwins(what)) {
    assert.deepEqual(rows.rows, rowsOf(query, elements.rows as never), what)
  }
}

const PARTS = ['[', ']', '{', '}', '"', '\\', ',', ':', '"events"', '"columns"', '1', ' ', 'é']

export const NATIVE_PROPERTIES: readonly Property[] = [
  {
    name: 'rows and elements of a native result are the same for any chunking',
    cases: 200,
    async check(pick) {
      const { query, text, rows } = anyNative(pick)
      const bytes = bytesOf(text)
      assert.deepEqual(await streamed(query, pieces(bytes, pick)), { rows }, text)
      const elements = await whole(query, pieces(bytes, pick))
      assert.equal(elements.error, undefined, text)
      assert.deepEqual(rowsOf(query, elements.rows as never), rows, text)
    },
  },
  {
    name: 'a native result is TRUNCATED by any cut, after all rows that were whole before that',
    cases: 200,
    async check(pick) {
      const { query, text, rows, ends } = anyNative(pick)
      const part = cut(bytesOf(text), pick)
      const found = await streamed(query, pieces(part, pick))
      const before = ends.filter((end) => end <= part.length).length
      assert.equal(found.error, 'TRUNCATED', text)
      assert.deepEqual(found.rows.map(wordless), rows.slice(0, before).map(wordless), text)
      assert.equal((await whole(query, pieces(part, pick))).error, 'TRUNCATED', text)
    },
  },
  {
    name: 'native bytes that were changed never hang, crash or tell half a result as whole',
    cases: 300,
    async check(pick) {
      const { query, text } = anyNative(pick)
      const bytes = changed(bytesOf(text), pick)
      await checkAny(query, bytes, () => pieces(bytes, pick))
    },
  },
  {
    name: 'native bytes of no meaning are an error',
    cases: 500,
    async check(pick) {
      const bytes = bytesOf(Array.from({ length: pick(30) }, () => one(PARTS, pick)).join(''))
      await checkAny(one([SCAN, GROUP_BY], pick), bytes, () => pieces(bytes, pick))
    },
  },
]
