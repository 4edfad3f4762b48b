import { expect, it } from 'vitest'
import { rawEstimatesOf } from '../../src/hll-raw-estimates.ts'
import { fixtures } from '../fixtures/sketches.ts'

/** No sketch uses all of them, so they are compared as they are. */
it.each(fixtures('hllTables'))('the corrections of merged sketches: lgK $lgK', (expected) => {
  const { estimates } = rawEstimatesOf(expected.lgK)
  expect(estimates).toHaveLength(expected.length)
  expect(hashOf(estimates)).toBe(expected.hash)
})

/** Java's `Arrays.hashCode(double[])`. */
function hashOf(numbers: readonly number[]): number {
  const view = new DataView(new ArrayBuffer(8))
  return numbers.reduce((hash, number) => {
    view.setFloat64(0, number)
    return (Math.imul(31, hash) + (view.getInt32(0) ^ view.getInt32(4))) | 0
  }, 1)
}
