/** Whether a number is within 1e-12 of another, relative to it. */
export function near(expected: number | undefined): (actual: number) => boolean {
  return (actual) => {
    if (expected === undefined) return false
    return Object.is(actual, expected) || Math.abs(actual - expected) <= 1e-12 * Math.abs(expected)
  }
}

export function allNear(expected: readonly number[] = []): (actual: readonly number[]) => boolean {
  return (actual) =>
    actual.length === expected.length && actual.every((number, i) => near(expected[i])(number))
}
