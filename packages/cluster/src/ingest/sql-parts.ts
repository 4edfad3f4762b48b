import { DruidError, type Granularity, isRecord } from '@druid/core/extension'
import type { TimestampSpec } from './data-schema.ts'

/** A name in SQL. */
export function column(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text in SQL. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** The time of a row, as its spec says. */
export function timeSql(
  { column: name = 'timestamp', format = 'auto', missingValue }: TimestampSpec,
  granularity: Granularity | undefined,
): string {
  const parsed = parsedTime(column(name), format)
  const time =
    missingValue === undefined ? parsed : `NVL(${parsed}, TIME_PARSE(${text(missingValue)}))`
  const period = granularity === undefined ? 'NONE' : periodOf(granularity)
  return period === 'NONE' ? time : `TIME_FLOOR(${time}, ${text(period)})`
}

function parsedTime(name: string, format: string): string {
  switch (format) {
    case 'auto':
      return `CASE WHEN CAST(${name} AS BIGINT) > 0 THEN MILLIS_TO_TIMESTAMP(CAST(${name} AS BIGINT)) ELSE TIME_PARSE(TRIM(${name})) END`
    case 'iso':
      return `TIME_PARSE(${name})`
    case 'posix':
      return `MILLIS_TO_TIMESTAMP(${name} * 1000)`
    case 'millis':
      return `MILLIS_TO_TIMESTAMP(${name})`
    case 'micro':
      return `MILLIS_TO_TIMESTAMP(${name} / 1000)`
    case 'nano':
      return `MILLIS_TO_TIMESTAMP(${name} / 1000000)`
    default:
      return `TIME_PARSE(${name}, ${text(format)})`
  }
}

const PERIODS: Readonly<Record<string, string>> = {
  NONE: 'NONE',
  ALL: 'ALL',
  SECOND: 'PT1S',
  MINUTE: 'PT1M',
  FIVE_MINUTE: 'PT5M',
  TEN_MINUTE: 'PT10M',
  FIFTEEN_MINUTE: 'PT15M',
  THIRTY_MINUTE: 'PT30M',
  HOUR: 'PT1H',
  SIX_HOUR: 'PT6H',
  EIGHT_HOUR: 'PT8H',
  DAY: 'P1D',
  WEEK: 'P1W',
  MONTH: 'P1M',
  QUARTER: 'P3M',
  YEAR: 'P1Y',
}

function periodOf(granularity: Granularity): string {
  if (typeof granularity === 'string') {
    const period = PERIODS[granularity.toUpperCase()]
    if (period !== undefined) return period
  } else if (granularity.type === 'all' || granularity.type === 'none') {
    return granularity.type.toUpperCase()
  } else if (granularity.type === 'period') {
    const { period, timeZone, origin } = granularity as PeriodGranularity
    if (period !== undefined && timeZone === undefined && origin === undefined) return period
  }
  throw wrong(`the granularity ${JSON.stringify(granularity)}`)
}

interface PeriodGranularity {
  readonly period?: string | undefined
  readonly timeZone?: string | undefined
  readonly origin?: string | undefined
}

/** What a time chunk is. */
export function partitionsSql(granularity: Granularity): string {
  const period = periodOf(granularity)
  if (period === 'NONE') throw wrong('the segment granularity NONE')
  return period === 'ALL' ? 'ALL' : `TIME_FLOOR("__time", ${text(period)})`
}

/** By `type`, with the column `x` where it has one; those of one row, too. */
const METRICS: Readonly<Record<string, (x: string) => string>> = {
  longSum: (x) => `SUM(CAST(${x} AS BIGINT))`,
  longMin: (x) => `MIN(CAST(${x} AS BIGINT))`,
  longMax: (x) => `MAX(CAST(${x} AS BIGINT))`,
  doubleSum: (x) => `SUM(CAST(${x} AS DOUBLE))`,
  doubleMin: (x) => `MIN(CAST(${x} AS DOUBLE))`,
  doubleMax: (x) => `MAX(CAST(${x} AS DOUBLE))`,
  floatSum: (x) => `SUM(CAST(${x} AS FLOAT))`,
  floatMin: (x) => `MIN(CAST(${x} AS FLOAT))`,
  floatMax: (x) => `MAX(CAST(${x} AS FLOAT))`,
  hyperUnique: (x) => `APPROX_COUNT_DISTINCT_BUILTIN(${x})`,
  thetaSketch: (x) => `APPROX_COUNT_DISTINCT_DS_THETA(${x})`,
  HLLSketchBuild: (x) => `APPROX_COUNT_DISTINCT_DS_HLL(${x})`,
  quantilesDoublesSketch: (x) => `DS_QUANTILES_SKETCH(${x})`,
}

/** An aggregation over a group of rows. */
export function metricSql(metric: Readonly<Record<string, unknown>>): string {
  const { type, name, fieldName } = metric
  if (typeof name !== 'string') throw wrong(`a metric without a name: ${JSON.stringify(metric)}`)
  if (type === 'count') return `COUNT(*) AS ${column(name)}`
  const known = METRICS[String(type)]
  if (known === undefined || typeof fieldName !== 'string') throw wrong(`the metric "${type}"`)
  return `${known(column(fieldName))} AS ${column(name)}`
}

/** A native filter on columns of text. */
export function filterSql(filter: unknown): string {
  if (!isRecord(filter)) throw wrong('a filter that is none')
  const { type, field, fields, dimension, value, values, pattern } = filter
  if (filter.extractionFn === undefined) {
    if (type === 'not') return `NOT (${filterSql(field)})`
    if ((type === 'and' || type === 'or') && Array.isArray(fields) && fields.length > 0) {
      return fields.map((it) => `(${filterSql(it)})`).join(` ${type.toUpperCase()} `)
    }
    if (typeof dimension === 'string') {
      if (type === 'selector') return equalsSql(column(dimension), value)
      if (type === 'in' && Array.isArray(values) && values.length > 0) {
        return values.map((it) => equalsSql(column(dimension), it)).join(' OR ')
      }
      if (type === 'like' && typeof pattern === 'string' && filter.escape === undefined) {
        return `${column(dimension)} LIKE ${text(pattern)}`
      }
    }
    if (type === 'null' && typeof filter.column === 'string') {
      return `${column(filter.column)} IS NULL`
    }
  }
  throw wrong(`the filter "${type}"`)
}

function equalsSql(name: string, value: unknown): string {
  if (value == null) return `${name} IS NULL`
  return `CAST(${name} AS VARCHAR) = ${text(String(value))}`
}

export function wrong(what: string): DruidError {
  return new DruidError('INVALID_INPUT', `taskSql: there is no SQL for ${what}`)
}
