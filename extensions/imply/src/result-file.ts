import { DruidError } from '@druid/core/extension'
import { snippet } from './failure.ts'

/**
 * Throws `TRUNCATED` unless a result file has the end that Druid writes: the last `]` of a JSON
 * array, or the empty line of the formats made of lines.
 */
export function checkWhole(file: string, format: string | undefined, id: string): void {
  if (/^\s*<(!doctype|html)/i.test(file)) throw notResult(file, id)
  if (file === '') throw truncated(id, 0)
  const name = format?.toLowerCase()
  if (name === 'array' || name === 'object') {
    const { whole, open } = elements(file)
    if (open) throw truncated(id, whole)
  } else if (name === 'arraylines' || name === 'objectlines' || name === 'csv') {
    if (!EMPTY_LINE.test(file)) throw truncated(id, file.split('\n').length - 1)
  }
}

/** A csv without header and rows is the empty line alone. */
const EMPTY_LINE = /(^|\n)\n$/

/** How many elements of a JSON array are whole, and whether the array is still open at the end. */
export function elements(json: string): { whole: number; open: boolean } {
  let depth = 0
  let whole = 0
  let quoted = false
  for (let i = 0; i < json.length; i += 1) {
    const letter = json[i]
    if (quoted) {
      if (letter === '\\') i += 1
      else if (letter === '"') quoted = false
    } else if (letter === '"') quoted = true
    else if (letter === '[' || letter === '{') depth += 1
    else if (letter === ']' || letter === '}') {
      depth -= 1
      if (depth === 1) whole += 1
    }
  }
  return { whole, open: depth > 0 }
}

export function truncated(id: string, rows: number): DruidError<'TRUNCATED'> {
  return new DruidError(
    'TRUNCATED',
    `async query ${id}: its result file ends before its end. Something cut it off; fetch it again, or submit the query again if that does not help`,
    { queryId: id, rows },
  )
}

/** What came instead of a result, e.g. a page of a proxy. */
export function notResult(file: string, id: string): DruidError<'DECODE'> {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(file)?.[1]?.trim()
  const said = file.trimStart().startsWith('<')
    ? `an HTML page: ${snippet(title || file)}`
    : snippet(file)
  return new DruidError(
    'DECODE',
    `async query ${id}: what came is no result of the format array (${said}). Does a proxy answer in place of Druid? A file of another format is taken by download()`,
    { queryId: id, line: 1, snippet: snippet(file) },
  )
}
