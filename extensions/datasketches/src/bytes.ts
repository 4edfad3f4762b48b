import { DruidError } from '@druid/core/extension'

/** The bytes in a base64 text. Throws `DECODE` if it is none. */
export function bytesOf(base64: string, sketch: string): Uint8Array {
  let characters: string
  try {
    characters = atob(base64)
  } catch {
    throw corrupt(sketch, 'the text is not base64')
  }
  const bytes = new Uint8Array(characters.length)
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i)
  return bytes
}

/** Arguments that a function call certainly takes. */
const CHUNK = 8192

export function base64Of(bytes: Uint8Array): string {
  let characters = ''
  for (let i = 0; i < bytes.length; i += CHUNK) {
    characters += String.fromCharCode(...bytes.subarray(i, i + CHUNK))
  }
  return btoa(characters)
}

/** All formats are little-endian. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Throws unless the sketch is as long as its head says: one cut off must not pass for a smaller one. */
export function checkLength(bytes: Uint8Array, expected: number, sketch: string): void {
  if (bytes.length === expected) return
  throw corrupt(sketch, `it should be ${expected} bytes long, and is ${bytes.length}`)
}

/** `sketch`: what it should be, e.g. `HLL sketch`. */
export function corrupt(sketch: string, why: string): DruidError<'DECODE'> {
  return new DruidError(
    'DECODE',
    `${sketch}: ${why}. The value is broken or cut off, or was written in a form that Druid does not send`,
  )
}
