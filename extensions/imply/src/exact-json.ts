/** What JSON.parse tells a reviver in newer engines: the text the value was made from. */
interface Source {
  readonly source?: string
}

/** A number this long may be an integer that a double cannot hold. */
const LONG_NUMBER = /\d{16}/

/** JSON.parse by which an integer beyond ±(2^53 − 1) becomes a bigint instead of being rounded. */
export function parseExact(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key: string, value: unknown, context?: Source) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    const source = context?.source ?? integerText(value)
    return /^-?\d+$/.test(source) ? BigInt(source) : value
  })
}

/** Where the engine does not give the source: the digits of the rounded value. */
function integerText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : ''
}

/** The first bigint in what was parsed, at any depth. */
export function findBigint(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value !== 'object' || value === null) return undefined
  for (const item of Object.values(value)) {
    const found = findBigint(item)
    if (found !== undefined) return found
  }
  return undefined
}
