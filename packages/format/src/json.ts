import { MARK } from './visible.ts'

/** Deeper than anyone reads, and far from the end of the call stack. */
const DEEPEST = 64

/**
 * Compact JSON for reading. Unlike `JSON.stringify` it writes bigints, `NaN` and infinities as
 * their digits and names, ends at a cycle with `[Circular]`, and stops soon after `limit` code
 * units, so that a huge value costs no more than what is shown of it.
 */
export function compactJson(value: unknown, limit: number): string {
  let out = ''
  const around = new Set<object>()
  write(value)
  return out

  function write(value: unknown): void {
    if (typeof value === 'string') out += JSON.stringify(value.slice(0, limit))
    else if (typeof value !== 'object' || value === null) out += scalarText(value)
    else if (value instanceof Date) out += `"${dateText(value)}"`
    else if (isBytes(value)) out += bytesText(value)
    else if (around.has(value)) out += '[Circular]'
    else if (around.size >= DEEPEST) out += MARK
    else {
      around.add(value)
      if (hasToJson(value)) write(value.toJSON())
      else if (Array.isArray(value)) writeArray(value)
      else writeObject(value)
      around.delete(value)
    }
  }

  function writeArray(items: readonly unknown[]): void {
    out += '['
    for (let i = 0; i < items.length && out.length <= limit; i += 1) {
      if (i > 0) out += ','
      write(isOmitted(items[i]) ? null : items[i])
    }
    out += ']'
  }

  function writeObject(object: object): void {
    out += '{'
    let first = true
    for (const [key, value] of Object.entries(object)) {
      if (out.length > limit) break
      if (isOmitted(value)) continue
      out += `${first ? '' : ','}${JSON.stringify(key)}:`
      first = false
      write(value)
    }
    out += '}'
  }
}

/** What JSON leaves out of objects. */
function isOmitted(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol'
}

/** Text of anything that is no object. */
export function scalarText(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

export function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString()
}

export function isBytes(value: object): value is Uint8Array | ArrayBuffer {
  return value instanceof Uint8Array || value instanceof ArrayBuffer
}

export function bytesText({ byteLength }: Uint8Array | ArrayBuffer): string {
  return `<${byteLength} byte${byteLength === 1 ? '' : 's'}>`
}

export function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}
