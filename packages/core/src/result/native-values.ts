import { isRecord } from '../error/record.ts'
import { isAll } from '../native/granularity.ts'
import type { NativeQuery, SignatureColumn } from '../native/query.ts'
import { columnType, type Output, outputsOf } from './native-outputs.ts'
import type { AnyPolicy } from './policy.ts'

/** Gives values of known type what they are to be, in place. */
export type Mend = (record: Record<string, unknown> | unknown[]) => void

/** Druid writes them as strings, as JSON has no such numbers. */
const WORDS: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])

/** Whether a JSON text may hold some; two searches are quicker than one pattern. */
export function mayHoldWords(text: string): boolean {
  return text.includes('"NaN"') || text.includes('Infinity"')
}

/** Of records with these keys (or, of arrays, in this order). */
export function mendOf(outputs: readonly Output[], bigint: AnyPolicy['bigint']): Mend {
  const doubles = keysOf(outputs, 'DOUBLE')
  const longs = bigint === 'bigint' || bigint === 'string' ? keysOf(outputs, 'BIGINT') : []
  const exact = bigint === 'bigint' ? BigInt : String
  return (record) => {
    const values = record as Record<string | number, unknown>
    const isArray = Array.isArray(record)
    for (const { name, index } of doubles) {
      const key = isArray ? index : name
      if (WORDS.has(values[key])) values[key] = Number(values[key])
    }
    for (const { name, index } of longs) {
      const key = isArray ? index : name
      const value = values[key]
      if (typeof value === 'number' && Number.isSafeInteger(value)) values[key] = exact(value)
    }
  }
}

function keysOf(
  outputs: readonly Output[],
  type: Output['type'],
): { readonly name: string; readonly index: number }[] {
  return outputs.flatMap((output, index) =>
    output.type === type ? [{ name: output.name, index }] : [],
  )
}

/** Gives the values of an element of a query's result what they are to be, in place. */
export type MendElement = (element: unknown) => void

/** By what the query says of its outputs, and a scan's elements of their columns. */
export function elementMender(query: NativeQuery, bigint: AnyPolicy['bigint']): MendElement {
  if (query.queryType === 'scan') return (element) => eachInner(element, (it) => scan(it, bigint))
  if (query.queryType === 'windowOperator') {
    const mend = mendOf(signedOutputs(query.outputSignature), bigint)
    return (element) => eachInner(element, (it) => Array.isArray(it) && mend(it))
  }
  if (!isAggregating(query)) return () => {}
  const outputs = outputsOf(query) ?? []
  const mend = mendOf(outputs, bigint)
  // Only of an array does the place count, and only there does the time come first.
  const mendArray = mendOf(timed(query, outputs), bigint)
  return (element) =>
    eachInner(element, (it) => {
      if (Array.isArray(it)) mendArray(it)
      if (!isRecord(it)) return
      for (const part of [it.event, it.result].flat()) if (isRecord(part)) mend(part)
    })
}

function isAggregating(
  query: NativeQuery,
): query is Extract<NativeQuery, { readonly aggregations?: unknown }> {
  return ['timeseries', 'topN', 'groupBy'].includes(query.queryType)
}

/** The columns of a groupBy's array rows: with the time, unless there is one bucket only. */
export function timed(
  query: { readonly granularity: unknown },
  outputs: readonly Output[],
): Output[] {
  return isAll(query.granularity) ? [...outputs] : [TIME, ...outputs]
}

const TIME: Output = { name: '__time', type: undefined }

function scan(element: unknown, bigint: AnyPolicy['bigint']): void {
  if (!isRecord(element) || !Array.isArray(element.events)) return
  const outputs = signatureOf(element)
  if (outputs === undefined) return
  const mend = mendOf(outputs, bigint)
  for (const event of element.events) if (isRecord(event) || Array.isArray(event)) mend(event)
}

/** The columns of rows of which a query tells the types. */
function signedOutputs(signature: readonly SignatureColumn[]): Output[] {
  return signature.map(({ name, type }) => ({ name, type: columnType(type) }))
}

/** What a scan's element says of its columns, in their order; `undefined` where it does not. */
export function signatureOf(element: Record<string, unknown>): Output[] | undefined {
  const { columns, rowSignature } = element
  if (!Array.isArray(columns) || !Array.isArray(rowSignature)) return undefined
  const types = new Map<unknown, unknown>(
    rowSignature.filter(isRecord).map(({ name, type }) => [name, type]),
  )
  return columns.map((name) => ({ name: String(name), type: columnType(types.get(name)) }))
}

/** What is within an element of a query by segment, else the element itself. */
export function eachInner(element: unknown, visit: (inner: unknown) => void): void {
  const inner = innerOf(element)
  if (inner === undefined) visit(element)
  else for (const one of inner) visit(one)
}

function innerOf(element: unknown): readonly unknown[] | undefined {
  const result = isRecord(element) ? element.result : undefined
  const isSegment = isRecord(result) && typeof result.segment === 'string'
  return isSegment && Array.isArray(result.results) ? result.results : undefined
}
