import { type ColumnHead, headerRows } from '../reply.ts'
import { one, type Pick } from './property.ts'

/** A result of SQL: its columns, and its rows as JSON texts of their values. */
export interface Table {
  readonly heads: readonly ColumnHead[]
  readonly rows: readonly (readonly string[])[]
}

const STRINGS = [
  '',
  'a',
  'ä€😀',
  'a "quoted" \\ text',
  'line\nfeed\r\n',
  '\u2028',
  '[]',
  '["a","b"]',
  'x'.repeat(200),
  'null',
  '\u0000',
  'Ω'.repeat(40),
  'a,b',
  ' ',
  'NaN',
  '\ufeff',
  '}]\n\n',
  '\ue000',
]
const LONGS = [
  '0',
  '-1',
  '9007199254740991',
  '-9007199254740992',
  '9223372036854775807',
  '123456',
  '-9223372036854775808',
  '1000000000000000',
]
const DOUBLES = [
  '0.1',
  '-0.0',
  '1.0E10',
  '1.7976931348623157E308',
  '"NaN"',
  '"Infinity"',
  '4.9E-324',
  '12345678901234567',
  '0.30000000000000004',
  '100',
]
const TIMES = [
  '2000-01-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '2000-03-26T03:00:00.000+02:00',
]

/** A column, and JSON text of its values. */
const KINDS: readonly { readonly head: ColumnHead; text(pick: Pick): string }[] = [
  { head: ['long_value', 'LONG', 'BIGINT'], text: (pick) => one(LONGS, pick) },
  { head: ['double', 'DOUBLE', 'DOUBLE'], text: (pick) => one(DOUBLES, pick) },
  { head: ['text', 'STRING', 'VARCHAR'], text: (pick) => JSON.stringify(one(STRINGS, pick)) },
  { head: ['__time', 'LONG', 'TIMESTAMP'], text: (pick) => JSON.stringify(one(TIMES, pick)) },
  { head: ['flag', 'LONG', 'BOOLEAN'], text: (pick) => one(['true', 'false'], pick) },
  {
    head: ['longs', 'ARRAY<LONG>', 'ARRAY'],
    text: (pick) => JSON.stringify(`[${one(LONGS, pick)},null]`),
  },
  {
    head: ['strings', 'ARRAY<STRING>', 'ARRAY'],
    text: (pick) => JSON.stringify([one(STRINGS, pick), null]),
  },
  {
    head: ['doc', 'COMPLEX<json>', 'OTHER'],
    text: (pick) =>
      JSON.stringify(`{"a":${JSON.stringify(one(STRINGS, pick))},"n":${one(LONGS, pick)}}`),
  },
  { head: ['sketch', 'COMPLEX<HLLSketch>', 'OTHER'], text: () => JSON.stringify('"AgEHDAMIAgA="') },
]

/** Any columns, of equal names too, and any rows. */
export function anyTable(pick: Pick): Table {
  const kinds = Array.from({ length: 1 + pick(6) }, () => one(KINDS, pick))
  return {
    heads: kinds.map(({ head }) => head),
    rows: Array.from({ length: pick(40) }, () =>
      kinds.map((kind) => (pick(6) === 0 ? 'null' : kind.text(pick))),
    ),
  }
}

const listed = (row: readonly string[]): string => `[${row.join(',')}]`

/** As `arrayLines` with its three header rows. */
export function asLines({ heads, rows }: Table): string {
  return `${headerRows(heads)}${rows.map((row) => `${listed(row)}\n`).join('')}\n`
}

/** As `array` with its three header rows; and after how many characters each row is whole. */
export function asArray({ heads, rows }: Table): { text: string; ends: number[] } {
  let text = `[${headerRows(heads).trimEnd().replaceAll('\n', ',')}`
  const ends = rows.map((row) => {
    text += `,${listed(row)}`
    return text.length
  })
  return { text: `${text}]\n`, ends }
}

/** As `raw` gives it in each of the formats, with a header of any kind or none. */
export const RAW = {
  object: ({ heads, rows }: Table, header: number): string =>
    `[${[...headObject(heads, header), ...rows.map((row) => object(heads, row))].join(',')}]\n`,
  array: ({ heads, rows }: Table, header: number): string =>
    `[${[...headLists(heads, header), ...rows.map(listed)].join(',')}]\n`,
  objectLines: ({ heads, rows }: Table, header: number): string =>
    lines([...headObject(heads, header), ...rows.map((row) => object(heads, row))]),
  arrayLines: ({ heads, rows }: Table, header: number): string =>
    lines([...headLists(heads, header), ...rows.map(listed)]),
  csv: ({ heads, rows }: Table, header: number): string =>
    [...headLists(heads, header).map((list) => JSON.parse(list) as string[]), ...rows.map(values)]
      .map((row) => `${csvLine(row)}\n`)
      .concat('\n')
      .join(''),
} as const

/** Where there is nothing before them, the line feeds that end a result are two all the same. */
const lines = (items: readonly string[]): string => `${items.join('\n')}\n\n`

const object = (heads: Table['heads'], row: readonly string[]): string =>
  `{${row.map((cell, i) => `${JSON.stringify(heads[i]?.[0])}:${cell}`).join(',')}}`

/** No header, one of names, or one of names and types. */
function headObject(heads: Table['heads'], header: number): string[] {
  if (header === 0) return []
  const kinds = heads.map(([, type, sqlType]) =>
    header === 1 ? 'null' : JSON.stringify({ type, sqlType }),
  )
  return [object(heads, kinds)]
}

function headLists(heads: Table['heads'], header: number): string[] {
  return [0, 1, 2]
    .slice(0, header === 0 ? 0 : header === 1 ? 1 : 3)
    .map((i) => JSON.stringify(heads.map((head) => head[i])))
}

const values = (row: readonly string[]): string[] =>
  row.map((cell) => {
    const value: unknown = JSON.parse(cell)
    return typeof value === 'string' ? value : value === null ? '' : cell
  })

function csvLine(row: readonly string[]): string {
  // Else it would look like the end.
  if (row.length === 1 && row[0] === '') return '""'
  return row
    .map((cell) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',')
}
