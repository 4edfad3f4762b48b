import manifest from '../../package.json' with { type: 'json' }
import { quoted } from '../error/quoted.ts'
import { isRecord } from '../error/record.ts'

/** An operator, up to three numbers, and what may follow them; `x` stands for any number. */
const COMPARATOR = /^(\^|~|>=|<=|>|<|=|v)?(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+].*)?$/

/**
 * What is to be said of the version of @druid/core that a package asks for as a peer: nothing where
 * this one fits, or where the range is of another kind (`workspace:^`, a tag). Versions before a
 * release count as that release: who tries one must not be told that nothing fits it.
 */
export function peerWarning(peers: unknown): string | undefined {
  const range = isRecord(peers) ? peers['@druid/core'] : undefined
  if (typeof range !== 'string' || fits(numbersOf(manifest.version), range)) return undefined
  return `it asks for @druid/core ${quoted(range)}, and this is ${manifest.version}`
}

function numbersOf(version: string): number[] {
  return (/^\d+\.\d+\.\d+/.exec(version)?.[0] ?? '0.0.0').split('.').map(Number)
}

function fits(actual: readonly number[], range: string): boolean {
  return range.split('||').some((alternative) =>
    alternative
      .trim()
      .replace(/(\^|~|[<>]=?|=)\s+/g, '$1')
      .split(/\s+/)
      .every((part) => fitsOne(actual, part)),
  )
}

function fitsOne(actual: readonly number[], part: string): boolean {
  const [, operator = '=', ...found] = COMPARATOR.exec(part) ?? []
  // None in "*" and in what is no range: any version equals that.
  const wanted = found.filter((it) => /^\d+$/.test(it ?? '')).map(Number)
  const order = compare(actual, wanted)
  if (operator === '>=') return order >= 0
  if (operator === '<=') return order <= 0
  if (operator === '>') return order > 0
  if (operator === '<') return order < 0
  if (operator === '~') return order >= 0 && compare(actual, wanted.slice(0, 2)) === 0
  if (operator !== '^') return order === 0
  // Up to the next change of the first number that is not zero.
  const first = wanted.findIndex((it) => it > 0)
  const fixed = first < 0 ? wanted.length : first + 1
  return order >= 0 && compare(actual, wanted.slice(0, fixed)) === 0
}

/** By as many numbers as are wanted: 1.4.2 is "1". */
function compare(actual: readonly number[], wanted: readonly number[]): number {
  const difference = wanted.map((number, i) => (actual[i] ?? 0) - number).find((it) => it !== 0)
  return Math.sign(difference ?? 0)
}
