/** Rows and columns of SQL, from `arrayLines` and from `array`. */
import assert from 'node:assert/strict'
import { connect, type Rows, type ValuesPolicy } from '@druid/core'
import { canned } from '../reply.ts'
import {
  bytesOf,
  changed,
  cut,
  type Outcome,
  one,
  outcome,
  type Pick,
  type Property,
  pieces,
} from './property.ts'
import { anyTable, asArray, asLines, type Table } from './table.ts'

type Values = Record<string, unknown>

function anyPolicy(pick: Pick): ValuesPolicy {
  return {
    bigint: one(['auto', 'bigint', 'string', 'number', 'safe'] as const, pick),
    timestamp: one(['string', 'date', 'ms'] as const, pick),
    multiValue: one(['string', 'array'] as const, pick),
    keys: one(['name', 'camelCase'] as const, pick),
  }
}

const connected = (body: readonly Uint8Array[], values: ValuesPolicy) =>
  connect('http://druid:8888', { transport: canned({ body }), values })

function rowsOf(body: readonly Uint8Array[], values: ValuesPolicy): Promise<Outcome> {
  return outcome(() => connected(body, values).stream<Values>('SELECT 1').batches())
}

/** By columns, as rows: both must come to the same. */
function columnsOf(body: readonly Uint8Array[], values: ValuesPolicy): Promise<Outcome> {
  async function* read(): AsyncGenerator<Values[], void, undefined> {
    for await (const { data, length } of connected(body, values).stream('SELECT 1').columns()) {
      yield Array.from({ length }, (_, i) =>
        Object.fromEntries(
          Object.entries(data).map(([key, vector]) => {
            const value = vector?.nulls?.[i] === 1 ? null : (vector?.values[i] as unknown)
            return [key, value]
          }),
        ),
      )
    }
  }
  return outcome(read)
}

/** In a BigInt64Array all are bigints; in rows of the policy `auto` only those that must be. */
function comparable({ rows, error }: Outcome): unknown {
  const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)
  return {
    error,
    rows: rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plain(value)])),
    ),
  }
}

const same = (found: Outcome, expected: Outcome, what: string): void =>
  assert.deepEqual(comparable(found), comparable(expected), what)

/** Of a policy that refuses no value of it. */
function wholePolicy(pick: Pick): ValuesPolicy {
  const policy = anyPolicy(pick)
  return policy.bigint === 'safe' ? { ...policy, bigint: 'auto' } : policy
}

/** As what extensions are given: of the default policy, whatever that of the client. */
const arrayRows = (body: readonly Uint8Array[]): Promise<Rows> =>
  connected(body, { keys: 'camelCase' }).request<Rows>('GET', '/x', undefined, { expect: 'rows' })

/** Without integers that a number cannot hold. */
function safeTable(pick: Pick): Table {
  const { heads, rows } = anyTable(pick)
  return { heads, rows: rows.filter((row) => !row.some((cell) => /\d{16}/.test(cell))) }
}

export const SQL_PROPERTIES: readonly Property[] = [
  {
    name: 'any chunking of a result gives the same rows and columns, in every verb',
    cases: 200,
    async check(pick) {
      const table = anyTable(pick)
      const bytes = bytesOf(asLines(table))
      const values = wholePolicy(pick)
      const whole = await rowsOf([bytes], values)
      assert.equal(whole.error, undefined)
      assert.equal(whole.rows.length, table.rows.length)
      assert.deepEqual(await rowsOf(pieces(bytes, pick), values), whole)
      same(await columnsOf(pieces(bytes, pick), values), whole, 'by columns')
      const all = await connected(pieces(bytes, pick), values).query('SELECT 1')
      assert.deepEqual([...all], whole.rows)
      assert.equal(all.columns.length, table.heads.length)
      const { length } = await connected(pieces(bytes, pick), values).columns('SELECT 1')
      assert.equal(length, whole.rows.length)
      const only = await outcome(async function* () {
        const row = await connected(pieces(bytes, pick), values).maybeOne<Values>('SELECT 1')
        yield row === undefined ? [] : [row]
      })
      assert.deepEqual(only, whole.rows.length > 1 ? { rows: [], error: 'LIMIT' } : whole)
    },
  },
  {
    name: 'a value that the policy refuses ends the result after the rows before it',
    cases: 100,
    async check(pick) {
      const bytes = bytesOf(asLines(anyTable(pick)))
      const values = { ...anyPolicy(pick), bigint: 'safe' } as const
      const whole = await rowsOf([bytes], { ...values, bigint: 'auto' })
      const safe = await rowsOf(pieces(bytes, pick), values)
      assert.match(safe.error ?? 'INEXACT', /^INEXACT$/)
      assert.deepEqual(safe.rows, whole.rows.slice(0, safe.rows.length))
      assert.equal(safe.error === undefined, safe.rows.length === whole.rows.length)
      same(await columnsOf(pieces(bytes, pick), values), safe, 'by columns')
    },
  },
  {
    name: 'any cut of a result is TRUNCATED, the whole rows before it handed out',
    cases: 200,
    async check(pick) {
      const bytes = bytesOf(asLines(anyTable(pick)))
      const values = wholePolicy(pick)
      const whole = await rowsOf([bytes], values)
      const part = cut(bytes, pick)
      // Three header rows come first; a line that ends is a row.
      const lines = part.filter((byte) => byte === 10).length
      const rows = whole.rows.slice(0, Math.max(0, lines - 3))
      for (const read of [rowsOf, columnsOf]) {
        const found = await read(pieces(part, pick), values)
        same(found, { rows, error: 'TRUNCATED' }, `cut at ${part.length}`)
      }
    },
  },
  {
    name: 'bytes that were changed never hang or crash, and rows and columns agree on them',
    cases: 400,
    async check(pick) {
      const bytes = changed(bytesOf(asLines(anyTable(pick))), pick)
      const values = anyPolicy(pick)
      const rows = await rowsOf(pieces(bytes, pick), values)
      const columns = await columnsOf(pieces(bytes, pick), values)
      const what = new TextDecoder().decode(bytes)
      assert.deepEqual(await rowsOf(pieces(bytes, pick), values), rows, what)
      for (const { error } of [rows, columns]) {
        assert.match(error ?? 'DECODE', /^(DECODE|TRUNCATED|INEXACT)$/, what)
      }
      assert.equal(columns.error === undefined, rows.error === undefined, what)
      // Of two faults in one row each may tell another.
      same({ ...columns, error: rows.error }, rows, what)
    },
  },
  {
    name: 'bytes of no meaning are an error, without rows',
    cases: 150,
    async check(pick) {
      const bytes = Uint8Array.from({ length: 1 + pick(300) }, () => pick(256))
      for (const read of [rowsOf, columnsOf]) {
        const { error, rows } = await read(pieces(bytes, pick), {})
        assert.match(error ?? '', /^(TRUNCATED|DECODE)$/)
        assert.deepEqual(rows, [])
      }
    },
  },
  {
    name: 'a result of the format array is the same, and TRUNCATED by any cut',
    cases: 150,
    async check(pick) {
      const table = safeTable(pick)
      const { text, ends } = asArray(table)
      const bytes = bytesOf(text)
      const lines = await arrayRows([bytesOf(asLines(table))])
      assert.equal(lines.length, table.rows.length)
      const rows = await arrayRows(pieces(bytes, pick))
      assert.deepEqual([...rows], [...lines])
      assert.deepEqual(rows.columns, lines.columns)
      // The line feed behind its bracket is no part of it.
      const part = bytes.subarray(0, pick(bytes.length - 1))
      const whole = ends.filter((end) => bytesOf(text.slice(0, end)).length <= part.length).length
      const truncated = { code: 'TRUNCATED', rows: whole }
      await assert.rejects(arrayRows(pieces(part, pick)), truncated, `cut at ${part.length}`)
      const broken = changed(bytes, pick)
      const read = await outcome(async function* () {
        yield [...(await arrayRows(pieces(broken, pick)))]
      })
      assert.match(read.error ?? 'DECODE', /^(DECODE|TRUNCATED|INEXACT)$/)
    },
  },
]
