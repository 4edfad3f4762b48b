import { DruidError } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import type { NativeQuery } from '../native/query.ts'
import type { NativeBody } from './native-decode.ts'
import { type Output, outputsOf } from './native-outputs.ts'
import { flattener } from './native-rows.ts'
import { elementMender, mayHoldWords, mendOf, signatureOf, timed } from './native-values.ts'
import type { AnyPolicy } from './policy.ts'
import { rowMaker } from './shape.ts'

type RowObject = Record<string, unknown>
type Bigint = AnyPolicy['bigint']

/** The elements of the result as Druid gives them. */
export function elementsBody(query: NativeQuery, bigint: Bigint): NativeBody<unknown> {
  const mend = elementMender(query, bigint)
  return {
    items(values, text) {
      if (mustMend(text, bigint)) for (const value of values) mend(value)
      return values
    },
    nameOf: arrayNames(query),
  }
}

/** Flat rows, as {@link flattener} makes them. */
export function rowsBody(query: NativeQuery, bigint: Bigint): NativeBody<RowObject> {
  if (query.queryType === 'scan' && query.context?.bySegment !== true) return scanBody(bigint)
  const { items, nameOf } = elementsBody(query, bigint)
  const flatten = flattener(query)
  return { items: (values, text) => items(values, text).flatMap(flatten), nameOf }
}

/** Only words for numbers, and policies for all integers, need more than parsing. */
function mustMend(text: string, bigint: Bigint): boolean {
  return bigint === 'bigint' || bigint === 'string' || mayHoldWords(text)
}

/** Of the array rows of a groupBy, and of window functions. */
function arrayNames(query: NativeQuery): NativeBody<unknown>['nameOf'] {
  const names = namesOf(query)?.map(({ name }) => name)
  if (names === undefined) return undefined
  return (path) => (path.length === 1 ? names[Number(path[0])] : undefined)
}

function namesOf(query: NativeQuery): readonly { readonly name: string }[] | undefined {
  if (query.queryType === 'windowOperator') return query.outputSignature
  return query.queryType === 'groupBy' ? timed(query, outputsOf(query) ?? []) : undefined
}

/**
 * The rows of a scan, event by event: an element may hold very many. What types they are of stands
 * behind them, so that those that need it are kept back until then.
 */
function scanBody(bigint: Bigint): NativeBody<RowObject> {
  let names: readonly string[] = []
  let make = rowMaker(names)
  let kept: RowObject[] = []
  let signature: Output[] | undefined

  function rowOf(event: unknown): RowObject {
    if (Array.isArray(event) && event.length === names.length) return make(event)
    if (isRecord(event)) return event
    const why = `an event of a scan is no row of its columns (${names.join(', ')})`
    throw new DruidError('DECODE', why)
  }

  function mended(): RowObject[] {
    const rows = kept
    kept = []
    if (signature === undefined) return rows
    const mend = mendOf(signature, bigint)
    for (const row of rows) mend(row)
    return rows
  }

  return {
    within: 'events',
    open({ columns }) {
      if (!Array.isArray(columns)) throw new DruidError('DECODE', 'a scan tells no columns')
      if (columns.length !== names.length || columns.some((name, i) => name !== names[i])) {
        signature = undefined
      }
      names = columns.map(String)
      make = rowMaker(names)
    },
    items(events, text) {
      const rows = events.map(rowOf)
      if (kept.length === 0 && !mustMend(text, bigint)) return rows
      for (const row of rows) kept.push(row)
      return []
    },
    close(whole) {
      if (!Array.isArray(whole.events)) throw new DruidError('DECODE', 'a scan tells no events')
      // Those that were read have been taken out: here are others, of the same name.
      if (whole.events.length > 0) throw new DruidError('DECODE', 'a scan tells events twice')
      signature = signatureOf(whole)
      return mended()
    },
    rest: mended,
    nameOf: (path) => (path.length > 0 ? (names[Number(path[0])] ?? path[0]) : undefined),
  }
}
