import type { NativeQuery } from '@druid/core'
import { bytesOf, one, type Pick } from './property.ts'

const when = { dataSource: 'flights', intervals: '2001/2002' } as const
export const SCAN = { queryType: 'scan', ...when } as const
const aggregations = [
  { type: 'count', name: 'n' },
  { type: 'doubleSum', name: 'd', fieldName: 'd' },
] as const
export const GROUP_BY = {
  queryType: 'groupBy',
  ...when,
  granularity: 'day',
  dimensions: ['näme'],
  aggregations,
} as const
const TIMESERIES = { queryType: 'timeseries', ...when, granularity: 'day', aggregations } as const

const STRINGS = [
  '',
  'ä€😀',
  '"events":[',
  'a\\',
  '\\"',
  '[{',
  ']}',
  ',',
  'NaN',
  '\u2028\n',
  'x'.repeat(99),
]
const NUMBERS = ['0', '-1.5', '1.0E10', '9007199254740991', 'null', '"NaN"', '"-Infinity"']

/** A result as Druid writes it, and its rows. */
export interface NativeTable {
  readonly query: NativeQuery
  readonly text: string
  readonly rows: readonly Record<string, unknown>[]
  /** After how many bytes each row is known to be whole: with the comma or bracket behind it. */
  readonly ends: readonly number[]
}

/** Stands where a row ends, until its place is known. */
const END = '\uE001'

function withoutEnds(marked: string): { text: string; ends: number[] } {
  const parts = marked.split(END)
  let bytes = 0
  const ends = parts.slice(0, -1).map((part) => {
    bytes += bytesOf(part).length
    return bytes
  })
  return { text: parts.join(''), ends }
}

type Rows = Record<string, unknown>[]

const textOf = (pick: Pick): string => JSON.stringify(one(STRINGS, pick))
const cellOf = (json: string, type = ''): unknown => {
  const it: unknown = JSON.parse(json)
  return type === 'DOUBLE' && typeof it === 'string' ? Number(it) : it
}
const space = (pick: Pick): string => one(['', '', '', ' ', '\n  '], pick)
function list(items: readonly string[], pick: Pick, end = ''): string {
  const inner = items.join(`${space(pick)},${end}${space(pick)}`)
  return `[${space(pick)}${inner}${space(pick)}]${items.length > 0 ? end : ''}`
}
const anyTime = (pick: Pick): Date => new Date(pick(2 ** 31) * 1000)

function timeseries(pick: Pick): NativeTable {
  const rows: Rows = []
  const elements = Array.from({ length: pick(9) }, () => {
    const [n, d] = [String(pick(100)), one(NUMBERS, pick)]
    const __time = pick(9) === 0 ? null : anyTime(pick).toISOString()
    rows.push({ __time, n: cellOf(n), d: cellOf(d, 'DOUBLE') })
    return `{"timestamp":${JSON.stringify(__time)},"result":{"d":${d},"n":${n}}}`
  })
  return { query: TIMESERIES, rows, ...withoutEnds(list(elements, pick, END)) }
}

function groupBy(pick: Pick): NativeTable {
  const rows: Rows = []
  const isArray = pick(2) === 0
  const elements = Array.from({ length: pick(9) }, () => {
    const [name, n, d] = [textOf(pick), String(pick(100)), one(NUMBERS, pick)]
    const __time = anyTime(pick)
    const values = { näme: cellOf(name), n: cellOf(n), d: cellOf(d, 'DOUBLE') }
    rows.push({ __time: __time.toISOString(), ...values })
    if (isArray) return list([String(__time.getTime()), name, n, d], pick)
    return `{"version":"v1","timestamp":"${__time.toISOString()}","event":{"d":${d},"näme":${name},"n":${n}}}`
  })
  const query = { ...GROUP_BY, context: { resultAsArray: isArray } }
  return { query, rows, ...withoutEnds(list(elements, pick, END)) }
}

const COLUMNS = [
  ['id', 'LONG'],
  ['text "quoted"', 'STRING'],
  ['d', 'DOUBLE'],
  ['json', 'COMPLEX<json>'],
] as const

function scan(pick: Pick): NativeTable {
  const rows: Rows = []
  const compact = pick(2) === 0
  const elements = Array.from({ length: pick(5) }, () => {
    const columns = COLUMNS.filter(() => pick(4) > 0)
    const events = Array.from({ length: pick(7) }, () => {
      const cells = columns.map(([, type]) => {
        if (type === 'LONG') return String(pick(1000))
        if (type === 'DOUBLE') return one(NUMBERS, pick)
        return type === 'STRING' ? textOf(pick) : `{"events":[{"a":${textOf(pick)}},[]]}`
      })
      rows.push(
        Object.fromEntries(columns.map(([name, type], i) => [name, cellOf(cells[i] ?? '', type)])),
      )
      if (compact) return list(cells, pick)
      return `{${columns.map(([name], i) => `${JSON.stringify(name)}:${cells[i]}`).join(',')}}`
    })
    const names = JSON.stringify(columns.map(([name]) => name))
    const signature = JSON.stringify(columns.map(([name, type]) => ({ name, type })))
    return `{"segmentId":${textOf(pick)},"columns":${names},"events"${space(pick)}:${space(pick)}${list(events, pick, END)},"rowSignature":${signature}}`
  })
  const resultFormat = compact ? 'compactedList' : 'list'
  return { query: { ...SCAN, resultFormat }, rows, ...withoutEnds(list(elements, pick)) }
}

export const anyNative = (pick: Pick): NativeTable =>
  one([scan, scan, groupBy, groupBy, timeseries], pick)(pick)
