/**
 * Runs the properties of results with other seeds than the tests do, for minutes:
 * `./dev fuzz [--minutes N] [--seed S]`. Stops at the first case that does not hold, and says with
 * which seed it comes again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { PROPERTIES } from '../unit/properties/properties.ts'

/** A case takes milliseconds. */
const CASE_TIMEOUT = 30_000
/** Megabytes that live objects may take, and all of the process. */
const HEAP = 256
const PROCESS = 768

const options = {
  minutes: { type: 'string', default: '10' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
} as const

const { values } = parseArgs({ options })
const minutes = numberOf('minutes', values.minutes)
const first = numberOf('seed', values.seed)
process.stdout.write(`from seed ${first}, for ${minutes} minutes\n`)

/** In a process of its own, which can be ended whatever it does, and may end in whatever way. */
const cases = spawn(
  process.execPath,
  [
    `--max-old-space-size=${HEAP}`,
    fileURLToPath(new URL('./cases.ts', import.meta.url)),
    String(first),
  ],
  { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] },
)
const ended = once(cases, 'close').then(([code, signal]) => `it ended by ${signal ?? code}`)

let count = 0
let at = { seed: first, name: 'starting' }
let since = performance.now()
let held = 0
let failure: string | undefined
const names = Object.values(PROPERTIES)
  .flat()
  .map(({ name }) => name)
createInterface({ input: cases.stdio[3] as Readable }).on('line', (line) => {
  const [seed = 0, property = 0, bytes = 0] = line.split(' ').map(Number)
  count += 1
  at = { seed, name: names[property] ?? '' }
  since = performance.now()
  held = Math.round(bytes / 2 ** 20)
  if (held > PROCESS) failure ??= `the process holds ${held} MB`
})

const start = performance.now()
let told = start
while (failure === undefined && performance.now() - start < minutes * 60_000) {
  failure ??= await Promise.race([ended, sleep<string | undefined>(200)])
  const now = performance.now()
  if (now - since > CASE_TIMEOUT) failure ??= `it takes longer than ${CASE_TIMEOUT / 1000} s`
  if (now - told < 30_000) continue
  told = now
  process.stdout.write(`${count} cases, ${held} MB held\n`)
}
cases.kill('SIGKILL')
await ended
if (failure === undefined) process.stdout.write(`${count} cases, all as they should be\n`)
else {
  process.stderr.write(`seed ${at.seed} does not hold: ${at.name}\n${failure}\n`)
  process.stderr.write(`again: ./dev fuzz --seed ${at.seed}\n`)
  process.exitCode = 1
}

function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && number >= 0) return number
  throw new Error(`--${name} is a number`)
}
