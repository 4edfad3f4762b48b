/** What JSON.parse tells a reviver in newer engines: the text the value was made from. */
interface Source {
  readonly source?: string
}

/** A number this long may be an integer that a double cannot hold. */
const LONG_NUMBER = /\d{16}/

/**
 * JSON.parse that never rounds an integer silently: one beyond ±(2^53 − 1) is given to `inexact`,
 * with its digits, and becomes what that returns. Text without long numbers costs nothing more.
 */
export function parseExact(text: string, inexact: (digits: string) => unknown): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key: string, value: unknown, context?: Source) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    const source = context?.source ?? integerText(value)
    return /^-?\d+$/.test(source) ? inexact(source) : value
  })
}

/** Where the engine does not give the source: the digits of the rounded value. */
function integerText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : ''
}

interface RawJson {
  readonly rawJSON?: (text: string) => unknown
}

/**
 * JSON.stringify that writes a bigint as all its digits. (An engine without `JSON.rawJSON` sends
 * them as a string, which Druid reads as the same number.)
 */
export function exactJson(value: unknown): string {
  const { rawJSON } = JSON as RawJson
  return JSON.stringify(value, (_key, it: unknown) =>
    typeof it === 'bigint' ? (rawJSON?.(it.toString()) ?? it.toString()) : it,
  )
}
