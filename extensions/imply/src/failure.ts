import { DruidError, isDruidError } from '@druid/core/extension'

/** The same error, telling which query it is about: the id is what resuming needs. */
export function withId(error: unknown, id: string): unknown {
  if (isDruidError(error) && error.queryId === undefined) Object.assign(error, { queryId: id })
  return error
}

/** The caller's signal fired: a timeout if that is what its reason says, else a cancellation. */
export function abortError(signal: AbortSignal, id: string): DruidError {
  const cause: unknown = signal.reason
  const details = { queryId: id, cause }
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    const why = `async query ${id}: the signal's time ran out while waiting for it`
    return new DruidError('TIMEOUT', why, { phase: 'total', ...details })
  }
  const why = `async query ${id}: the caller gave up waiting for it`
  return new DruidError('CANCELLED', why, details)
}

/** At most 200 characters, without control characters. */
export function snippet(content: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  const printable = content.slice(0, 400).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  return printable.length > 200 ? `${printable.slice(0, 200)}…` : printable
}
