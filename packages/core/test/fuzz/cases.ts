/** Case after case, from a seed on; each is told before it begins, and the first that fails is shown. */
import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import { PROPERTIES } from '../unit/properties/properties.ts'
import { random } from '../unit/random.ts'

/** Written at once, so that it is known whatever becomes of this process. */
const PIPE = 3

const properties = Object.values(PROPERTIES).flat()
for (let seed = Number(process.argv[2]); ; seed += 1) {
  for (const [index, { check }] of properties.entries()) {
    writeSync(PIPE, `${seed} ${index} ${process.memoryUsage.rss()}\n`)
    try {
      await check(random(seed))
    } catch (error) {
      process.stderr.write(`${inspect(error, { depth: 6, maxStringLength: 5_000 })}\n`)
      process.exit(1)
    }
  }
  // What is weakly held is kept until the event loop goes round, and with it all that it holds.
  await new Promise((resolve) => setImmediate(resolve))
}
