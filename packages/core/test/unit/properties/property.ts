import { isDruidError } from '@druid/core'
import type { random } from '../random.ts'

/** Whole numbers below a limit. */
export type Pick = ReturnType<typeof random>

/** What holds of every result, whatever is picked. */
export interface Property {
  readonly name: string
  /** How many cases a run of the unit tests has. */
  readonly cases: number
  /** One case; throws where it does not hold. */
  check(pick: Pick): Promise<void>
}

export const one = <T>(choices: readonly T[], pick: Pick): T => choices[pick(choices.length)] as T

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** In pieces of any size, some of them empty. */
export function pieces(bytes: Uint8Array, pick: Pick): Uint8Array[] {
  if (pick(20) === 0) return Array.from(bytes, (byte) => Uint8Array.of(byte))
  const places = Array.from({ length: pick(10) }, () => pick(bytes.length + 1)).sort(
    (a, b) => a - b,
  )
  return [...places, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : places[i - 1], end))
}

/** A part of it, not the whole. */
export function cut(bytes: Uint8Array, pick: Pick): Uint8Array {
  return bytes.subarray(0, pick(bytes.length))
}

/** The same with some bytes changed, left out, doubled or put in. */
export function changed(bytes: Uint8Array, pick: Pick): Uint8Array {
  const list = [...bytes]
  const byte = (): number =>
    pick(3) === 0 ? pick(256) : '[]",:{}\\\n0-.enutfE+ '.charCodeAt(pick(19))
  for (let change = 0; change <= pick(3); change += 1) {
    const at = pick(list.length)
    const how = pick(6)
    if (how === 0) list.splice(at, 1 + pick(20))
    else if (how === 1) list.splice(at, 0, byte())
    else if (how === 2) list.splice(at, 0, ...list.slice(at, at + pick(40)))
    else list[at] = byte()
  }
  return Uint8Array.from(list)
}

export interface Outcome<T = Record<string, unknown>> {
  readonly rows: readonly T[]
  readonly error?: string | undefined
}

/** What is handed out, and the code it ends with: whatever comes, an error of ours. */
export async function outcome<T>(read: () => AsyncIterable<readonly T[]>): Promise<Outcome<T>> {
  const rows: T[] = []
  try {
    for await (const batch of read()) for (const row of batch) rows.push(row)
    return { rows }
  } catch (error) {
    if (!isDruidError(error)) throw error
    return { rows, error: error.code }
  }
}
