/** A table with every type of Druid and its extreme values comes back exactly, in every verb. */
import { cluster } from '@druid/cluster'
import { connect, type ResultFormat, type Row, type ValuesPolicy } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  CELLS,
  everyTypeTask,
  LONG_ROW,
  LONG_TEXT,
  ROWS,
  SKETCHES,
  TABLE,
  TIMES,
} from './every-type.ts'

const url = inject('druidUrl')
const is27 = inject('druidVersion') === '27.0.0'

type Name = keyof typeof CELLS
const NAMES = Object.keys(CELLS) as Name[]
/** The Druid 27.0.0 of the tests has no druid-datasketches. */
const sketches: (keyof typeof SKETCHES)[] = is27
  ? ['unique_sketch']
  : ['unique_sketch', 'theta_sketch']
const COLUMNS = ['__time', ...NAMES, ...sketches]

beforeAll(async () => {
  await using druid = connect(url, { extensions: [cluster] })
  const { rows, unparseable, processedWithError } = await druid
    .cluster()
    .ingest(everyTypeTask(sketches))
  expect({ rows, unparseable, processedWithError }).toEqual({
    rows: ROWS,
    unparseable: 0,
    processedWithError: 0,
  })
}, 120_000)

afterAll(async () => {
  await using druid = connect(url, { extensions: [cluster] })
  await druid.cluster().coordinatorClient().markAllUnused(TABLE)
})

/** What is not there: Druid 27 has, by default, no null but within arrays and JSON. */
function absent(name: Name): unknown {
  if (!is27) return null
  if (name === 'long_value' || name === 'double_value' || name === 'float_value') return 0
  return name === 'text_value' || name === 'multi_value' ? '' : null
}

/** What it is by the policy `auto`. */
function cellOf(name: Name, id: number): unknown {
  const cell = (CELLS[name] as readonly (readonly [string, unknown])[])[id]
  const value = cell?.[1] ?? absent(name)
  if (!is27) return value
  // It has no empty text within arrays, and no null within what has several values.
  if (name === 'string_array' && Array.isArray(value)) return value.map((it) => it || null)
  return name === 'multi_value' && typeof value === 'string' ? value.replace('null', '""') : value
}

const isUnsafe = (value: unknown): boolean =>
  typeof value === 'bigint' || (Array.isArray(value) && value.some(isUnsafe)) || hasUnsafe(value)
const hasUnsafe = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).some(isUnsafe)

/** An integer by a policy. */
function integer(value: unknown, policy: ValuesPolicy['bigint'], all: boolean): unknown {
  const isInteger = typeof value === 'bigint' || (all && typeof value === 'number')
  if (!isInteger) return value
  if (policy === 'bigint') return BigInt(value as number)
  if (policy === 'string') return String(value)
  return policy === 'number' ? Number(value) : value
}

function deep(value: unknown, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((it) => deep(it, change))
  if (typeof value !== 'object' || value === null) return change(value)
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, deep(it, change)]))
}

function byPolicy(name: string, id: number, policy: ValuesPolicy): unknown {
  if (name === '__time') {
    const { iso, ms } = TIMES[id] ?? { iso: '', ms: 0 }
    if (policy.timestamp === 'ms') return ms
    return policy.timestamp === 'date' ? new Date(Number(ms)) : iso
  }
  if (name in SKETCHES) return SKETCHES[name as keyof typeof SKETCHES][id === 1 ? 1 : 0]
  const value = cellOf(name as Name, id)
  if (name === 'long_value') return integer(value, policy.bigint, true)
  if (name === 'long_array') return deep(value, (it) => integer(it, policy.bigint, true))
  // A number within JSON is no BIGINT: only what a number cannot hold is something else.
  if (name === 'json_value') return deep(value, (it) => integer(it, policy.bigint, false))
  const isText = name === 'text_value' || name === 'multi_value'
  if (
    policy.multiValue === 'array' &&
    isText &&
    typeof value === 'string' &&
    /^\[.*\]$/.test(value)
  ) {
    return JSON.parse(value)
  }
  return value
}

const camel = (name: string): string =>
  name === '__time' ? name : name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())

function expectedRows(
  ids: readonly number[],
  names: readonly string[],
  policy: ValuesPolicy,
): unknown[] {
  const key = policy.keys === 'camelCase' ? camel : (name: string) => name
  return ids.map((id) => ({
    id: integer(id, policy.bigint, true),
    ...Object.fromEntries(names.map((name) => [key(name), byPolicy(name, id, policy)])),
  }))
}

const byId = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => Number(a.id) - Number(b.id))

interface Portion {
  readonly length: number
  readonly data: Readonly<
    Record<string, { readonly values: ArrayLike<unknown>; readonly nulls?: Uint8Array | undefined }>
  >
}
function rowsOf({ length, data }: Portion): Row[] {
  return Array.from({ length }, (_, i) =>
    Object.fromEntries(
      Object.entries(data).map(([key, { values, nulls }]) => [
        key,
        (nulls?.[i] === 1 ? null : values[i]) as Row[string],
      ]),
    ),
  )
}

/** In a BigInt64Array all are bigints; in rows of the policy `auto` only those that must be. */
function narrowed(rows: readonly Row[], { bigint }: ValuesPolicy): unknown {
  if (bigint !== 'auto') return rows
  const narrow = (value: unknown): unknown =>
    typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, narrow(value)])),
  )
}

const ALL = Array.from({ length: ROWS }, (_, id) => id)
/** Those whose time a Date holds. */
const DATES = ALL.filter((id) => typeof TIMES[id]?.ms === 'number')
const list = (names: readonly string[]): string =>
  ['id', ...names].map((name) => `"${name}"`).join()

/** Those that a number holds in every row. */
const SAFE = COLUMNS.filter(
  (name) => !(name in CELLS) || !ALL.some((id) => isUnsafe(cellOf(name as Name, id))),
)

const POLICIES: ValuesPolicy[] = (['safe', 'auto', 'bigint', 'string', 'number'] as const).flatMap(
  (bigint) =>
    (['string', 'date', 'ms'] as const).flatMap((timestamp) =>
      (['string', 'array'] as const).flatMap((multiValue) =>
        (['name', 'camelCase'] as const).map((keys) => ({ bigint, timestamp, multiValue, keys })),
      ),
    ),
)

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('a table with every type comes back exactly, transport %s', (_, transport) => {
  const druid = connect(url, { transport })
  afterAll(() => druid.close())

  it.each(POLICIES)(
    'by query, stream and columns, bigint $bigint, timestamp $timestamp, multiValue $multiValue, keys $keys',
    async (values) => {
      const names = values.bigint === 'safe' ? SAFE : COLUMNS
      const ids = values.timestamp === 'string' ? ALL : DATES
      const statement = `SELECT ${list(names)} FROM ${TABLE} WHERE id IN (${ids})`
      const options = { values }
      const expected = expectedRows(ids, names, values)
      expect(byId(await druid.query(statement, options))).toEqual(expected)
      const rows: Row[] = []
      for await (const row of druid.stream(statement, options)) rows.push(row)
      expect(byId(rows)).toEqual(expected)
      rows.length = 0
      for await (const batch of druid.stream(statement, options).batches()) rows.push(...batch)
      expect(byId(rows)).toEqual(expected)
      const whole = await druid.columns(statement, options)
      expect(narrowed(byId(rowsOf(whole)), values)).toEqual(expected)
      rows.length = 0
      for await (const part of druid.stream(statement, options).columns())
        rows.push(...rowsOf(part))
      expect(narrowed(byId(rows), values)).toEqual(expected)
    },
  )

  it('with Druid’s own types', async () => {
    const { columns } = await druid.query(`SELECT ${list(COLUMNS)} FROM ${TABLE} LIMIT 0`)
    const types = columns.map(({ name, sqlType, nativeType }) => [name, sqlType, nativeType])
    expect(types).toEqual([
      ['id', 'BIGINT', 'LONG'],
      ['__time', 'TIMESTAMP', 'LONG'],
      ['long_value', 'BIGINT', 'LONG'],
      ['double_value', 'DOUBLE', 'DOUBLE'],
      ['float_value', 'FLOAT', 'FLOAT'],
      ['text_value', 'VARCHAR', 'STRING'],
      ['multi_value', 'VARCHAR', 'STRING'],
      ['string_array', 'ARRAY', 'ARRAY<STRING>'],
      ['long_array', 'ARRAY', 'ARRAY<LONG>'],
      ['double_array', 'ARRAY', 'ARRAY<DOUBLE>'],
      ['json_value', 'OTHER', 'COMPLEX<json>'],
      ['unique_sketch', 'OTHER', 'COMPLEX<hyperUnique>'],
      ...(is27 ? [] : [['theta_sketch', 'OTHER', 'COMPLEX<thetaSketch>']]),
    ])
  })

  it('by one, maybeOne and value: every row, and every value of it', async () => {
    const values = { bigint: 'auto', timestamp: 'string' } as const
    for (const id of ALL) {
      const statement = `SELECT ${list(COLUMNS)} FROM ${TABLE} WHERE id = ${id}`
      const [row] = expectedRows([id], COLUMNS, values)
      expect(await druid.one(statement, { values })).toEqual(row)
      expect(await druid.maybeOne(statement, { values })).toEqual(row)
      for (const name of COLUMNS) {
        const one = `SELECT "${name}" FROM ${TABLE} WHERE id = ${id}`
        expect(await druid.value(one, { values }), `${name} of ${id}`).toEqual(
          byPolicy(name, id, values),
        )
      }
    }
  })

  it('or not at all: by default every integer and time that a number or Date cannot hold is INEXACT', async () => {
    for (const name of NAMES) {
      for (const id of ALL.filter((it) => isUnsafe(cellOf(name, it)))) {
        const one = `SELECT "${name}" FROM ${TABLE} WHERE id = ${id}`
        const inexact = {
          code: 'INEXACT',
          column: name,
          value: expect.stringMatching(/^-?\d{16,19}$/),
        }
        await expect(druid.query(one), `${name} of ${id}`).rejects.toMatchObject(inexact)
        await expect(druid.columns(one), `${name} of ${id}`).rejects.toMatchObject(inexact)
      }
    }
    for (const id of ALL.filter((it) => !DATES.includes(it))) {
      for (const timestamp of ['date', 'ms'] as const) {
        const one = `SELECT __time FROM ${TABLE} WHERE id = ${id}`
        const inexact = { code: 'INEXACT', column: '__time', value: TIMES[id]?.iso }
        const options = { values: { timestamp } }
        await expect(druid.query(one, options)).rejects.toMatchObject(inexact)
        await expect(druid.columns(one, options)).rejects.toMatchObject(inexact)
      }
    }
  })

  it.each<[ResultFormat]>([['object'], ['array'], ['objectLines'], ['arrayLines'], ['csv']])(
    'raw, in the format %s',
    async (format) => {
      const statement = `SELECT ${list(COLUMNS)} FROM ${TABLE}`
      const text = await new Response((await druid.raw(statement, { format })).body).text()
      const sent = rawRows(format, text).map((row) =>
        Object.fromEntries(
          ['id', ...COLUMNS].map((name, i) => [name, unpacked(name, row[i], format)]),
        ),
      )
      const expected = expectedRows(ALL, COLUMNS, { bigint: 'auto' }) as Row[]
      // CSV writes null as it writes empty text.
      const blank = (row: Row): Row =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key, value === '' ? null : value]),
        )
      expect(byId(sent as Row[])).toEqual(format === 'csv' ? expected.map(blank) : expected)
    },
  )

  it('also where arrays are not made to text', async () => {
    const values = { bigint: 'auto' } as const
    const names = COLUMNS.filter((name) => name.endsWith('_array'))
    const statement = `SELECT ${list(names)} FROM ${TABLE}`
    const context = { sqlStringifyArrays: false }
    expect(byId(await druid.query(statement, { values, context }))).toEqual(
      expectedRows(ALL, names, values),
    )
    expect(byId(rowsOf(await druid.columns(statement, { values, context })))).toEqual(
      expectedRows(ALL, names, values),
    )
  })

  it('a text of 1 MB, in every verb', async () => {
    const statement = `SELECT id, long_text FROM ${TABLE} WHERE id = ${LONG_ROW}`
    const row = { id: LONG_ROW, long_text: LONG_TEXT }
    expect(await druid.one(statement)).toEqual(row)
    expect([...(await druid.query(statement))]).toEqual([row])
    for await (const streamed of druid.stream(statement)) expect(streamed).toEqual(row)
    expect((await druid.columns(statement)).data.long_text?.values).toEqual([LONG_TEXT])
    expect(await druid.value(`SELECT long_text FROM ${TABLE} WHERE id = ${LONG_ROW}`)).toBe(
      LONG_TEXT,
    )
    for (const format of ['object', 'array', 'objectLines', 'arrayLines', 'csv'] as const) {
      const text = await new Response((await druid.raw(statement, { format })).body).text()
      expect(
        rawRows(format, text).map((cells) => cells.at(-1)),
        format,
      ).toEqual([LONG_TEXT])
    }
    await expect(druid.query(statement, { maxRowBytes: 500_000 })).rejects.toMatchObject({
      code: 'LIMIT',
    })
  })

  describe('by a native scan', () => {
    const scan = {
      queryType: 'scan',
      dataSource: TABLE,
      // All of time.
      intervals: '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z',
      columns: ['id', ...COLUMNS],
    } as const

    /** What differs from SQL: milliseconds, real lists, and in Druid 27 null for empty text. */
    function native(name: string, id: number): unknown {
      if (name === '__time') return TIMES[id]?.ms
      const value = byPolicy(name, id, { bigint: 'auto' })
      if (name === 'multi_value' && typeof value === 'string' && value.startsWith('[')) {
        const several = JSON.parse(value) as unknown[]
        return is27 ? several.map((it) => it || null) : several
      }
      return is27 && value === '' ? null : value
    }
    const expected = ALL.map((id) => ({
      id,
      ...Object.fromEntries(COLUMNS.map((name) => [name, native(name, id)])),
    }))
    const values = { bigint: 'auto' } as const

    it.each(['list', 'compactedList'] as const)('%s', async (resultFormat) => {
      const rows: Row[] = []
      for (const element of await druid.native({ ...scan, resultFormat }, { values })) {
        for (const event of element.events as readonly unknown[]) {
          if (!Array.isArray(event)) rows.push(event as Row)
          else rows.push(Object.fromEntries(element.columns.map((name, i) => [name, event[i]])))
        }
      }
      expect(byId(rows)).toEqual(expected)
      rows.length = 0
      for await (const row of druid.streamNative({ ...scan, resultFormat }, { values }))
        rows.push(row)
      expect(byId(rows)).toEqual(expected)
    })

    it.each(['bigint', 'string', 'number'] as const)('bigint %s', async (bigint) => {
      const rows: Row[] = []
      for await (const row of druid.streamNative(scan, { values: { bigint } })) rows.push(row)
      const longs = byId(rows).map(({ long_value }) => long_value)
      expect(longs).toEqual(ALL.map((id) => byPolicy('long_value', id, { bigint })))
    })

    it('or not at all, by default', async () => {
      await expect(druid.native(scan)).rejects.toMatchObject({ code: 'INEXACT' })
      const safe = ['id', ...SAFE.filter((name) => name !== '__time')]
      const rows: Row[] = []
      for await (const row of druid.streamNative({ ...scan, columns: safe })) rows.push(row)
      expect(byId(rows).map((row) => Object.keys(row))).toEqual(ALL.map(() => safe))
    })
  })
})

/** The rows of a raw result, each a list in the order of the statement. */
function rawRows(format: ResultFormat, text: string): unknown[][] {
  const lines = text.trimEnd().split('\n')
  switch (format) {
    case 'object':
      return (exact(text) as object[]).map(Object.values)
    case 'array':
      return exact(text) as unknown[][]
    case 'objectLines':
      return lines.map((line) => Object.values(exact(line) as object))
    case 'arrayLines':
      return lines.map((line) => exact(line) as unknown[])
    case 'csv':
      return csvRows(text)
  }
}

function exact(text: string): unknown {
  const reviver = (_: string, value: unknown, { source }: { readonly source?: string }): unknown =>
    typeof value === 'number' && /^-?\d+$/.test(source ?? '') && !Number.isSafeInteger(value)
      ? BigInt(source ?? '')
      : value
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown)
}

/** RFC 4180, up to the empty line that ends a result; what is empty is null. */
function csvRows(text: string): unknown[][] {
  const rows: unknown[][] = []
  let row: unknown[] = []
  for (const [, quoted, plain = '', end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/g,
  )) {
    const cell = quoted === undefined ? plain : quoted.replaceAll('""', '"')
    row.push(cell === '' ? null : cell)
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  expect(rows.pop()).toEqual([null])
  return rows
}

/** What Druid wraps in text once more. */
function unpacked(name: string, value: unknown, format: ResultFormat): unknown {
  if (value === null) return null
  if (name.endsWith('_array') || name === 'json_value') return exact(String(value))
  if (name.endsWith('_sketch')) return JSON.parse(String(value))
  if (name === 'double_value' || name === 'float_value') return Number(value)
  if (format === 'csv' && (name === 'id' || name === 'long_value')) return exact(String(value))
  return value
}
