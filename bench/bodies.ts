/** Replies of Druid to `POST /druid/v2/sql`, made before anything is measured. */
import { COLUMNS, rows } from './rows.ts'

export type Format = 'object' | 'array' | 'objectLines' | 'arrayLines'

export interface Reply {
  readonly format: Format
  readonly header: boolean
  readonly types: boolean
  readonly count: number
  /** How often the rows come one after the other. */
  readonly times: number
  /** Where it breaks off, as a part of the whole. */
  readonly cut?: number | undefined
}

const PIECE = 32 * 1024

/** The body in pieces that are framed as HTTP/1.1 chunks: written to the socket as they are. */
export function* framed(reply: Reply): Generator<Buffer> {
  const once = rowsOf(reply)
  const open = reply.format === 'object' || reply.format === 'array' ? '[' : ''
  const head = headOf(reply)
  const isList = open === '['
  yield* chunks(Buffer.from(open + head))
  for (let i = 0; i < reply.times; i += 1) {
    const isLast = i === reply.times - 1
    const length = reply.cut !== undefined ? Math.floor(once.length * reply.cut) : once.length
    yield* chunks(isList && isLast ? once.subarray(0, length - 1) : once.subarray(0, length))
  }
  if (reply.cut === undefined) yield* chunks(Buffer.from(isList ? ']\n' : '\n'))
  yield Buffer.from('0\r\n\r\n')
}

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE) {
    const piece = bytes.subarray(start, start + PIECE)
    yield Buffer.concat([
      Buffer.from(`${piece.length.toString(16)}\r\n`),
      piece,
      Buffer.from('\r\n'),
    ])
  }
}

const made = new Map<string, Buffer>()

/** All rows, each with what follows it: a comma or a line feed. */
function rowsOf({ format, count }: Reply): Buffer {
  const key = `${format} ${count}`
  let bytes = made.get(key)
  if (bytes !== undefined) return bytes
  const parts: Buffer[] = []
  let text: string[] = []
  const end = format === 'object' || format === 'array' ? ',' : '\n'
  const keys = COLUMNS.map(([name]) => `${JSON.stringify(name)}:`)
  for (const values of rows(count)) {
    const isObject = format === 'object' || format === 'objectLines'
    const row = isObject
      ? `{${values.map((value, i) => keys[i] + value).join(',')}}`
      : `[${values.join(',')}]`
    text.push(row + end)
    if (text.length === 10_000) {
      parts.push(Buffer.from(text.join('')))
      text = []
    }
  }
  parts.push(Buffer.from(text.join('')))
  bytes = Buffer.concat(parts)
  made.set(key, bytes)
  return bytes
}

function headOf({ format, header, types }: Reply): string {
  if (!header) return ''
  const rowsOfHeads = types ? [0, 1, 2] : [0]
  if (format === 'arrayLines') return rowsOfHeads.map((i) => `${list(i)}\n`).join('')
  if (format === 'array') return rowsOfHeads.map((i) => `${list(i)},`).join('')
  const heads = COLUMNS.map(([name, type, sqlType]) => [
    name,
    types ? { type, sqlType } : { sqlType },
  ])
  return `${JSON.stringify(Object.fromEntries(heads))}${format === 'object' ? ',' : '\n'}`
}

function list(i: number): string {
  return JSON.stringify(COLUMNS.map((column) => column[i]))
}
