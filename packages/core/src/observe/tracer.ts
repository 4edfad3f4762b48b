/**
 * The part of OpenTelemetry's `Tracer` that is used, so that `trace.getTracer('app')` fits without a
 * dependency.
 */
export interface Tracer {
  startSpan(name: string, options?: TracerSpanOptions, context?: TracerContext): TracerSpan
  /** Where there is one, requests are sent within it: what instruments HTTP then has a parent. */
  startActiveSpan?<T>(name: string, options: TracerSpanOptions, work: (span: TracerSpan) => T): T
}

export interface TracerSpan {
  setAttributes(attributes: TracerAttributes): unknown
  setStatus(status: { readonly code: number; readonly message?: string }): unknown
  addEvent?(name: string, attributes?: TracerAttributes): unknown
  end(): unknown
}

export interface TracerSpanOptions {
  kind?: number
  attributes?: TracerAttributes
}

export type TracerAttributes = { [name: string]: string | number | boolean }

export interface TracerContext {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): TracerContext
  deleteValue(key: symbol): TracerContext
}

/** OpenTelemetry's numbers. */
export const CLIENT = 2
export const ERROR = 2

/** The key under which every copy of OpenTelemetry's API finds the span of a context. */
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN')

/** A context in which this span is the parent, whichever context manager there is, or none. */
export function contextOf(span: TracerSpan): TracerContext {
  return contextWith(new Map<symbol, unknown>([[SPAN, span]]))
}

function contextWith(values: ReadonlyMap<symbol, unknown>): TracerContext {
  return {
    getValue: (key) => values.get(key),
    setValue: (key, value) => contextWith(new Map([...values, [key, value]])),
    deleteValue: (key) => contextWith(new Map([...values].filter(([other]) => other !== key))),
  }
}
