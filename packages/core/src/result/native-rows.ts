import { DruidError } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import { isAll } from '../native/granularity.ts'
import type { CustomQuery, NativeQuery } from '../native/query.ts'
import type {
  BySegmentElement,
  ColumnAnalysis,
  GroupByElement,
  ScanElement,
  SegmentAnalysis,
} from './native-elements.ts'
import { type Output, outputsOf } from './native-outputs.ts'
import { eachInner, timed } from './native-values.ts'
import { rowMaker } from './shape.ts'

type RowObject = Record<string, unknown>

/** A column of a segment, as {@link rowsOf} gives it. */
export interface SegmentColumnRow extends ColumnAnalysis {
  /** Of the segment. */
  readonly id: string
  readonly intervals: readonly string[] | null
  readonly numRows: number
  readonly column: string
}

/** The rows that an element of a result becomes. Throws `DECODE` for what is no such element. */
export type Flatten = (element: unknown) => RowObject[]

/** For elements as a query gives them. */
export function flattener(query: NativeQuery | CustomQuery): Flatten {
  const one = innerFlattener(query as NativeQuery)
  return (element) => {
    const rows: RowObject[] = []
    eachInner(element, (inner) => {
      const made = one(inner)
      if (made === undefined) throw unlike(query.queryType)
      for (const row of made) rows.push(row)
    })
    return rows
  }
}

function unlike(queryType: string): DruidError<'DECODE'> {
  return new DruidError(
    'DECODE',
    `an element of the result is not as a ${queryType} query gives it`,
  )
}

/** `undefined` for what is no such element. */
function innerFlattener(query: NativeQuery): (element: unknown) => RowObject[] | undefined {
  switch (query.queryType) {
    case 'timeseries':
    case 'topN':
      return timedRows(withTime(query.granularity, outputsOf(query)))
    case 'search':
      return timedRows(withTime(query.granularity ?? 'all', undefined))
    case 'groupBy': {
      const fromArray = arrayRow(query)
      const fromEvent = withTime(query.granularity, outputsOf(query))
      return (element) => {
        if (Array.isArray(element)) return fromArray(element)
        if (!isRecord(element) || !isRecord(element.event)) return undefined
        return [fromEvent(element.timestamp, element.event)]
      }
    }
    case 'scan':
      return scanRows
    case 'segmentMetadata':
      return segmentRows
    case 'timeBoundary':
      // Its model allows a bare time, too.
      return (element) =>
        typeof element === 'string' ? [{ [query.bound ?? 'maxTime']: element }] : resultRow(element)
    case 'dataSourceMetadata':
      return resultRow
    case 'windowOperator':
      return signedRow(query)
    default:
      return (element) => (isRecord(element) ? [element] : undefined)
  }
}

type WithTime = (timestamp: unknown, row: RowObject) => RowObject

/** The row, or the rows, of a bucket of time. */
function timedRows(make: WithTime): (element: unknown) => RowObject[] | undefined {
  return (element) => {
    if (!isRecord(element)) return undefined
    const { timestamp, result } = element
    const rows = Array.isArray(result) ? result : [result]
    return rows.every(isRecord) ? rows.map((row) => make(timestamp, row)) : undefined
  }
}

/**
 * The time as `__time`, as SQL calls it: no output of a groupBy can have that name. Outputs in the
 * order of the query: Druid writes objects in any.
 */
function withTime(granularity: unknown, outputs: readonly Output[] | undefined): WithTime {
  const hasTime = !isAll(granularity)
  const names = outputs?.map(({ name }) => name) ?? []
  const make = rowMaker(hasTime ? ['__time', ...names] : names)
  return (timestamp, row) => {
    const isWhole = names.length > 0 && names.length === Object.keys(row).length
    if (isWhole && names.every((name) => Object.hasOwn(row, name))) {
      const values = names.map((name) => row[name])
      return make(hasTime ? [timestamp, ...values] : values)
    }
    return hasTime ? { __time: timestamp, ...row } : row
  }
}

function resultRow(element: unknown): RowObject[] | undefined {
  return isRecord(element) && isRecord(element.result) ? [element.result] : undefined
}

/** Reads the rows that a groupBy gives by `resultAsArray`. */
function arrayRow(
  query: Extract<NativeQuery, { readonly queryType: 'groupBy' }>,
): (values: unknown[]) => RowObject[] | undefined {
  const outputs = outputsOf(query)
  if (outputs === undefined) return () => undefined
  const columns = timed(query, outputs)
  const make = rowMaker(columns.map(({ name }) => name))
  const hasTime = columns.length > outputs.length
  const asNumber = query.context?.serializeDateTimeAsLong === true
  return (values) => {
    if (values.length !== columns.length) return undefined
    // There the time is milliseconds, whatever is asked for.
    if (hasTime && !asNumber && typeof values[0] === 'number') values[0] = isoTime(values[0])
    return [make(values)]
  }
}

/** Reads the rows of window functions, which are arrays. */
function signedRow({
  outputSignature,
}: Extract<NativeQuery, { readonly queryType: 'windowOperator' }>): (
  element: unknown,
) => RowObject[] | undefined {
  const make = rowMaker(outputSignature.map(({ name }) => name))
  return (element) =>
    Array.isArray(element) && element.length === outputSignature.length
      ? [make(element)]
      : undefined
}

/** As Joda writes it, which Druid uses: years beyond four digits have no plus and no zeros. */
function isoTime(milliseconds: number): string {
  const time = new Date(milliseconds)
  if (Number.isNaN(time.getTime())) return String(milliseconds)
  return time
    .toISOString()
    .replace(
      /^([+-])0*(\d{4,})/,
      (_, sign: string, year: string) => `${sign.replace('+', '')}${year}`,
    )
}

function scanRows(element: unknown): RowObject[] | undefined {
  if (!isRecord(element) || !Array.isArray(element.events)) return undefined
  const { columns, events } = element
  const make = Array.isArray(columns) ? rowMaker(columns.map(String)) : undefined
  const rows = events.map((event: unknown) => (Array.isArray(event) ? make?.(event) : event))
  return rows.every(isRecord) ? rows : undefined
}

function segmentRows(element: unknown): RowObject[] | undefined {
  if (!isRecord(element) || !isRecord(element.columns)) return undefined
  const { id, intervals, numRows, columns } = element
  return Object.entries(columns).map(([column, analysis]) => ({
    id,
    intervals,
    numRows,
    column,
    ...(analysis as object),
  }))
}

type Plain<T> = { [K in keyof T]: T[K] }

/** With `__time`, unless there is one bucket only. */
export type Timed<G, R, T = string> = [G] extends ['all' | 'ALL' | { readonly type: 'all' }]
  ? Plain<R>
  : Plain<{ readonly __time: T } & R>

type GranularityOf<Q> = Q extends { readonly granularity: infer G }
  ? G
  : Q extends { readonly queryType: 'search' }
    ? 'all'
    : unknown

/** The row that an element of a query's result becomes. */
export type RowOf<Q, E> =
  E extends BySegmentElement<infer Inner>
    ? RowOf<Q, Inner>
    : E extends readonly (infer V)[]
      ? Record<string, V>
      : E extends GroupByElement<infer R, infer T>
        ? Timed<GranularityOf<Q>, R, T>
        : E extends ScanElement<infer Event>
          ? Event extends readonly (infer V)[]
            ? Record<string, V>
            : Event
          : E extends SegmentAnalysis
            ? SegmentColumnRow
            : E extends { readonly timestamp: infer T; readonly result: readonly (infer R)[] }
              ? Timed<GranularityOf<Q>, R, T>
              : E extends { readonly timestamp: infer T; readonly result: infer R }
                ? Q extends { readonly queryType: 'timeBoundary' | 'dataSourceMetadata' }
                  ? R
                  : Timed<GranularityOf<Q>, R, T>
                : E

/**
 * The flat rows of a native result, whatever its shape: what `streamNative` gives of the same query.
 *
 * - timeseries, topN, groupBy, search: a row for each bucket, value or group, with the time of its
 *   bucket as `__time` unless the granularity is `all`; null for the row of `grandTotal`
 * - scan: a row for each event, of either `resultFormat`
 * - windowOperator: a row for each, of the columns of its `outputSignature`
 * - segmentMetadata: a row for each column of each segment
 * - timeBoundary, dataSourceMetadata: a row with the times
 *
 * Results by segment are those of all segments one after the other. `query` is what the result was
 * asked for by: it names the outputs of array rows.
 * @throws DruidError `DECODE` for elements that such a query does not give.
 */
export function rowsOf<const Q extends NativeQuery | CustomQuery, E>(
  query: Q,
  result: readonly E[],
): RowOf<Q, E>[] {
  const flatten = flattener(query)
  // Arrays are not changed: they may be asked again.
  return result.flatMap((element) =>
    flatten(Array.isArray(element) ? [...(element as unknown[])] : element),
  ) as RowOf<Q, E>[]
}
