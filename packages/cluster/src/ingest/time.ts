import type { SamplerResult } from '../roles/overlord/sampler.ts'
import type { TimestampSpec } from './data-schema.ts'

/** Names that say so; the first come first. */
const NAMES = [
  /^__time$/,
  /^(?:timestamp|time|datetime|date|ts)$/i,
  /(?:^|[_\W])(?:timestamp|time|datetime|date|ts|at)$/i,
  /(?:Timestamp|Time|Date|At)$/,
]

/** How text is written that is a time. */
const TEXTS: readonly (readonly [pattern: RegExp, formats: readonly string[]])[] = [
  [/^\d{4}-\d\d(?:-\d\d)?(?:T[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)?$/, ['auto', 'iso']],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, ['yyyy-MM-dd HH:mm:ss', 'auto']],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d$/, ['yyyy-MM-dd HH:mm', 'auto']],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/, ['yyyy-MM-dd HH:mm:ss.SSS', 'auto']],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*$/, ['auto']],
  [/^\d{4}\/\d\d\/\d\d$/, ['yyyy/MM/dd']],
  [/^\d{4}\/\d\d\/\d\d \d\d:\d\d$/, ['yyyy/MM/dd HH:mm']],
  [/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/, ['yyyy/MM/dd HH:mm:ss']],
  [/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/, ['dd/MMM/yyyy:HH:mm:ss Z']],
]

/** What number of digits, between the years 2001 and 2286, counts what since 1970. */
const NUMBERS: Readonly<Record<number, string>> = {
  10: 'posix',
  13: 'millis',
  16: 'micro',
  19: 'nano',
}

/**
 * The columns of a sample that may be its time, the most likely first. A number is one only where the
 * name says so, too. All values must look alike: a day and month that could be either way are no time.
 */
export function timeCandidates({ data }: SamplerResult): TimestampSpec[] {
  const rows = data.flatMap(({ parsed }) => (parsed ? [parsed] : []))
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const candidates = columns.flatMap((column, position) => {
    // Of the sampler's own time it is known that it is none.
    const values =
      column === '__time' ? data.map((row) => row.input?.[column]) : rows.map((row) => row[column])
    const rank = NAMES.findIndex((name) => name.test(column))
    const formats = formatsOf(values, rank >= 0)
    const order = (rank < 0 ? NAMES.length : rank) * columns.length + position
    return formats.map((format) => ({ order, spec: { column, format } }))
  })
  return candidates.sort((a, b) => a.order - b.order).map(({ spec }) => spec)
}

function formatsOf(values: readonly unknown[], isNamedSo: boolean): readonly string[] {
  const found = new Set(values.map((value) => formatsOfOne(value, isNamedSo).join('|')))
  return found.size === 1 ? [...found].join().split('|').filter(Boolean) : []
}

function formatsOfOne(value: unknown, isNamedSo: boolean): readonly string[] {
  const text = String(value)
  if (typeof value === 'string') {
    const known = TEXTS.find(([pattern]) => pattern.test(text))
    if (known) return known[1]
  }
  if (!isNamedSo || !/^\d+$/.test(text)) return []
  const format = NUMBERS[text.length]
  return format === undefined ? [] : [format]
}
