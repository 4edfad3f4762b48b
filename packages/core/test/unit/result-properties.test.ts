import { connect, isDruidError, type ResultFormat, type ValuesPolicy } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { arrayLines, type ColumnHead, canned } from './reply.ts'

/** Mulberry32: the same numbers on every run. */
function random(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

type Pick = (limit: number) => number

const STRINGS = [
  '',
  'a',
  'ä€😀',
  'a "quoted" \\ text',
  'line\nfeed\r\n',
  '\u2028',
  '[]',
  '["a","b"]',
]
STRINGS.push('x'.repeat(200), 'null', '\u0000', 'Ω'.repeat(40))
const LONGS = ['0', '-1', '9007199254740991', '-9007199254740992', '9223372036854775807', '123456']
LONGS.push('-9223372036854775808', '1000000000000000')
const DOUBLES = [
  '0.1',
  '-0.0',
  '1.0E10',
  '1.7976931348623157E308',
  '"NaN"',
  '"Infinity"',
  '4.9E-324',
]
DOUBLES.push('12345678901234567', '0.30000000000000004', '100')
const TIMES = [
  '2000-01-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '2000-03-26T03:00:00.000+02:00',
]

/** A column, and JSON text of its values. */
const KINDS: readonly { readonly head: ColumnHead; text(pick: Pick): string }[] = [
  { head: ['long_value', 'LONG', 'BIGINT'], text: (pick) => LONGS[pick(LONGS.length)] ?? '' },
  { head: ['double', 'DOUBLE', 'DOUBLE'], text: (pick) => DOUBLES[pick(DOUBLES.length)] ?? '' },
  {
    head: ['text', 'STRING', 'VARCHAR'],
    text: (pick) => JSON.stringify(STRINGS[pick(STRINGS.length)]),
  },
  {
    head: ['__time', 'LONG', 'TIMESTAMP'],
    text: (pick) => JSON.stringify(TIMES[pick(TIMES.length)]),
  },
  { head: ['flag', 'LONG', 'BOOLEAN'], text: (pick) => (pick(2) === 0 ? 'true' : 'false') },
  {
    head: ['longs', 'ARRAY<LONG>', 'ARRAY'],
    text: (pick) => JSON.stringify(`[${LONGS[pick(LONGS.length)]},null]`),
  },
  {
    head: ['doc', 'COMPLEX<json>', 'OTHER'],
    text: (pick) =>
      JSON.stringify(
        `{"a":${JSON.stringify(STRINGS[pick(STRINGS.length)])},"n":${LONGS[pick(LONGS.length)]}}`,
      ),
  },
  { head: ['sketch', 'COMPLEX<HLLSketch>', 'OTHER'], text: () => JSON.stringify('"AgEHDAMIAgA="') },
]

/** A result of some columns and rows. */
function result(pick: Pick): string {
  const kinds = Array.from({ length: 1 + pick(6) }, () => KINDS[pick(KINDS.length)] ?? KINDS[0])
  const rows = Array.from({ length: pick(40) }, () => {
    const values = kinds.map((kind) => (pick(6) === 0 ? 'null' : kind?.text(pick)))
    return `[${values.join(',')}]`
  })
  return arrayLines(
    kinds.map((kind) => kind?.head as ColumnHead),
    ...rows,
  )
}

function policy(pick: Pick): ValuesPolicy {
  const one = <T>(choices: readonly T[]): T => choices[pick(choices.length)] as T
  return {
    bigint: one(['auto', 'bigint', 'string', 'number'] as const),
    timestamp: one(['string', 'date', 'ms'] as const),
    multiValue: one(['string', 'array'] as const),
    keys: one(['name', 'camelCase'] as const),
  }
}

/** In pieces of any size, some of them empty. */
function pieces(bytes: Uint8Array, pick: Pick): Uint8Array[] {
  const places = Array.from({ length: pick(10) }, () => pick(bytes.length + 1)).sort(
    (a, b) => a - b,
  )
  return [...places, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : places[i - 1], end))
}

interface Outcome {
  readonly rows: readonly Record<string, unknown>[]
  readonly error?: string | undefined
}

async function outcome(
  read: () => AsyncIterable<readonly Record<string, unknown>[]>,
): Promise<Outcome> {
  const rows: Record<string, unknown>[] = []
  try {
    for await (const batch of read()) rows.push(...batch)
    return { rows }
  } catch (error) {
    // Whatever bytes come: an error of ours, that says so.
    if (!isDruidError(error)) throw error
    return { rows, error: error.code }
  }
}

function rowsOf(body: readonly Uint8Array[], values: ValuesPolicy): Promise<Outcome> {
  const druid = connect('http://druid:8888', { transport: canned({ body }), values })
  return outcome(() => druid.stream<Record<string, unknown>>('SELECT 1').batches())
}

/** By columns, as rows: both must come to the same. */
function columnsOf(body: readonly Uint8Array[], values: ValuesPolicy): Promise<Outcome> {
  const druid = connect('http://druid:8888', { transport: canned({ body }), values })
  async function* read(): AsyncGenerator<Record<string, unknown>[], void, undefined> {
    for await (const { data, length } of druid.stream('SELECT 1').columns()) {
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

const RUNS = 400

describe('whatever the columns, values and policy', () => {
  it('any chunking of a result gives the same rows and columns', async () => {
    const pick = random(20_261_124)
    for (let run = 0; run < RUNS; run += 1) {
      const bytes = new TextEncoder().encode(result(pick))
      const values = policy(pick)
      const whole = await rowsOf([bytes], values)
      expect(whole.error, `run ${run}`).toBeUndefined()
      expect(await rowsOf(pieces(bytes, pick), values), `run ${run}`).toEqual(whole)
      const columns = await columnsOf(pieces(bytes, pick), values)
      expect(comparable(columns), `run ${run}, columns`).toEqual(comparable(whole))
    }
  })

  it('any cut is TRUNCATED, the whole rows before it handed out', async () => {
    const pick = random(7)
    for (let run = 0; run < RUNS; run += 1) {
      const bytes = new TextEncoder().encode(result(pick))
      const values = policy(pick)
      const whole = await rowsOf([bytes], values)
      const cut = bytes.subarray(0, pick(bytes.length))
      // Three header rows come first; a line that ends is a row.
      const lines = [...cut].filter((byte) => byte === 10).length
      const expected = whole.rows.slice(0, Math.max(0, lines - 3))
      for (const read of [rowsOf, columnsOf]) {
        const found = await read(pieces(cut, pick), values)
        expect(found.error, `run ${run} at ${cut.length}`).toBe('TRUNCATED')
        expect(comparable(found), `run ${run} at ${cut.length}`).toEqual(
          comparable({ rows: expected, error: 'TRUNCATED' }),
        )
      }
    }
  })

  it('bytes that were changed never hang or crash, and rows and columns agree on them', async () => {
    const pick = random(99)
    for (let run = 0; run < RUNS * 3; run += 1) {
      const bytes = new TextEncoder().encode(result(pick))
      for (let change = 0; change <= pick(3); change += 1) {
        bytes[pick(bytes.length)] =
          pick(3) === 0 ? pick(256) : '[]",:{}\\\n0-.enutf'.charCodeAt(pick(17))
      }
      const values = policy(pick)
      const rows = await rowsOf(pieces(bytes, pick), values)
      const columns = await columnsOf(pieces(bytes, pick), values)
      // Of two faults in one row each may tell another.
      const seen = { ...columns, error: columns.error && rows.error }
      expect(comparable(seen), `run ${run}: ${new TextDecoder().decode(bytes)}`).toEqual(
        comparable(rows),
      )
    }
  })

  it('bytes of no meaning are an error', async () => {
    const pick = random(1)
    for (let run = 0; run < RUNS; run += 1) {
      const bytes = Uint8Array.from({ length: 1 + pick(300) }, () => pick(256))
      for (const read of [rowsOf, columnsOf]) {
        const { error, rows } = await read(pieces(bytes, pick), {})
        expect(error, `run ${run}`).toMatch(/^(TRUNCATED|DECODE)$/)
        expect(rows).toEqual([])
      }
    }
  })
})

it.each(['object', 'array', 'objectLines', 'arrayLines', 'csv'] as const)(
  'raw %s is TRUNCATED by any cut, in any pieces',
  async (format: ResultFormat) => {
    const pick = random(5)
    const bodies: Record<ResultFormat, string> = {
      object: '[{"a":"]\\n[","b":[1]},{"a":"ä","b":null}]\n',
      array: '[["]\\n[",[1]],["ä",null]]\n',
      objectLines: '{"a":"\\n\\n"}\n{"a":"ä"}\n\n',
      arrayLines: '["\\n\\n"]\n["ä"]\n\n',
      csv: 'a,"x\n\n""y"""\nä,\n\n',
    }
    const bytes = new TextEncoder().encode(bodies[format])
    const read = async (body: readonly Uint8Array[]): Promise<string> => {
      const druid = connect('http://druid:8888', { transport: canned({ body }) })
      return new Response((await druid.raw('SELECT 1', { format })).body).text()
    }
    for (let run = 0; run < 100; run += 1) {
      expect(await read(pieces(bytes, pick))).toBe(bodies[format])
      const cut = bytes.subarray(0, pick(bytes.length))
      await expect(read(pieces(cut, pick)), `${cut.length} bytes`).rejects.toMatchObject({
        code: 'TRUNCATED',
      })
    }
  },
)
