/** What holds of every result: a bounded number of cases; `./dev fuzz` tries others for minutes. */
import { describe, it } from 'vitest'
import { PROPERTIES } from './properties/properties.ts'
import { random } from './random.ts'

describe.each(Object.entries(PROPERTIES))('whatever comes, %s', (_, properties) => {
  it.each(properties)('$name', async ({ cases, check }) => {
    for (let seed = 1; seed <= cases; seed += 1) {
      await check(random(seed)).catch((cause: unknown) => {
        throw new Error(`with the seed ${seed}`, { cause })
      })
    }
  })
})
