import { isDruidError } from '@druid/core/extension'

/**
 * What newer servers do in one way and older ones in another. `newer` is a method that refuses
 * (`UNSUPPORTED`), by the server's version and before it sends anything, where the server lacks it.
 */
export async function newerOr<T>(newer: () => Promise<T>, older: () => Promise<T>): Promise<T> {
  try {
    return await newer()
  } catch (error) {
    // One with a status is Druid's own answer.
    if (isDruidError(error, 'UNSUPPORTED') && error.status === undefined) return older()
    throw error
  }
}
