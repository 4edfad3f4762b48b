import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of this package. Sources and build lie equally deep in it. */
export const ownFolder: string = fileURLToPath(new URL('..', import.meta.url))

/** Its version, which is that of all packages beside it. */
export const ownVersion: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version
