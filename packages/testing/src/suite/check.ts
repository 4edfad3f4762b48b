import { isDruidError, messageOf } from '@druid/core/extension'

/** Fails the test that it stands in. An error of its own, as every runner has another. */
export function check(holds: unknown, otherwise: string): asserts holds {
  if (holds) return
  const error = new Error(otherwise)
  error.name = 'AssertionError'
  throw error
}

export function checkSame(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  check(a === b, `${what}: expected ${b}, got ${a}`)
}

/** All that an error has to say, with those that it gathers. */
export function said(error: unknown): string {
  return error instanceof AggregateError && error.errors.length > 0
    ? error.errors.map(said).join('\n')
    : messageOf(error)
}

/** What a promise comes to within so many milliseconds. */
export async function outcomeOf(
  run: () => unknown,
  limit: number,
  what: string,
): Promise<{ readonly value: unknown } | { readonly error: unknown }> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLate()), limit)
  })
  const running = (async () => run())()
  // It may fail when nobody looks any more.
  running.catch(() => {})
  try {
    return { value: await Promise.race([running, late]) }
  } catch (error) {
    check(!(error instanceof TooLate), `${what}: it did not end within ${limit} ms`)
    return { error }
  } finally {
    clearTimeout(timer)
  }
}

class TooLate extends Error {}

export function checkDruidError(error: unknown, what: string): void {
  check(
    isDruidError(error),
    `${what}: it failed with an error that is no DruidError: ${said(error)}`,
  )
}
