/** A number this long may be an integer that a double cannot hold. */
const LONG_NUMBER = /\d{16}/

/** Strings and numbers of a JSON text; unrolled, as a long string must not use up the stack. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/**
 * JSON.parse that never rounds an integer silently: one beyond ±(2^53 − 1) is given to `inexact`,
 * with its digits, and becomes what that returns. Text without long numbers costs nothing more.
 */
export function parseExact(text: string, inexact: (digits: string) => unknown): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text)
  // No string of the text begins with it, so that one that does is a number that was put in here.
  let mark = '\uE000'
  // Written as it is, or by an escape; with what nobody can know it is in no text.
  if (/\uE000|\\u[eE]000/.test(text)) mark += crypto.randomUUID()
  let found = false
  const marked = text.replace(TOKENS, (token) => {
    if (!isInexact(token)) return token
    found = true
    return `"${mark}${token}"`
  })
  if (!found) return JSON.parse(text)
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? inexact(value.slice(mark.length)) : value,
  )
}

function isInexact(token: string): boolean {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))
}

/**
 * The text of one element of a JSON array: of a row as Druid writes it, without a reparse that would
 * round its numbers. `undefined` where there is none.
 */
export function elementText(array: string, index: number): string | undefined {
  let depth = 0
  let current = 0
  let start = 1
  for (let i = 0; i < array.length; i += 1) {
    const char = array[i]
    if (char === '"') i = endOfString(array, i)
    else if (char === '[' || char === '{') depth += 1
    else if (char === ',' || char === ']' || char === '}') {
      if (char !== ',') depth -= 1
      const atEnd = depth === 0 || (depth === 1 && char === ',')
      if (!atEnd) continue
      if (current === index) return array.slice(start, i).trim() || undefined
      current += 1
      start = i + 1
    }
  }
  return undefined
}

/** The index of the quote that closes the string which begins here. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1
    else if (text[i] === '"') return i
  }
  return text.length
}

/** JSON.stringify that writes a bigint as all its digits: Druid takes no text for a BIGINT. */
export function exactJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    // What is said of a bigint; the other TypeError is of a circle, and comes again.
    if (!(error instanceof TypeError)) throw error
  }
  const digits: string[] = []
  const mark = `\uE000${crypto.randomUUID()}:`
  const text = JSON.stringify(value, (_key, it: unknown) => {
    if (typeof it !== 'bigint') return it
    digits.push(it.toString())
    return `${mark}${digits.length - 1}`
  })
  return text.replaceAll(
    new RegExp(`"${mark}(\\d+)"`, 'g'),
    (_, i: string) => digits[Number(i)] ?? '',
  )
}
