import { isDruidError } from '@druid/core/extension'

/** The same error, telling which query it is about: the id is what resuming needs. */
export function withId(error: unknown, id: string): unknown {
  if (isDruidError(error) && error.queryId === undefined) Object.assign(error, { queryId: id })
  return error
}
