import { DruidError, isDruidError } from '@druid/core/extension'

/** The error, with what was done after it. */
export function undone(error: unknown, done: readonly string[]): unknown {
  if (!isDruidError(error) || done.length === 0) return error
  const message = `${error.message}; ${done.join(', ')}`
  return new DruidError(error.code as 'SERVER', message, {
    ...(error as DruidError<'SERVER'>),
    cause: error,
  })
}
