import { DruidError } from '../error/error.ts'

/** Strings, quoted names, comments; what is left of a text between them is SQL. */
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(?:--|\/\/)[^\r\n]*|\/\*[\s\S]*?\*\//g

/** The text with blanks for what is no SQL: each place is where it was. */
export function withoutQuoted(text: string): string {
  return text.replace(QUOTED, (part) => ' '.repeat(part.length))
}

/**
 * The text of one statement: a semicolon behind it, which Druid refuses, is taken away. Throws
 * `INVALID_INPUT` for several: Druid runs one at a time.
 */
export function singleStatement(text: string): string {
  if (!text.includes(';')) return text
  const blanked = withoutQuoted(text)
  const at = blanked.indexOf(';')
  if (at < 0) return text
  // What stands behind it is nothing, or a comment.
  if (/^[\s;]*$/.test(blanked.slice(at))) return text.slice(0, at)
  const hint = /^\s*SET\b/i.test(blanked)
    ? ' For SET write sql.set({ key: value }, statement), or give them as the query context.'
    : ''
  throw new DruidError(
    'INVALID_INPUT',
    `the text holds several statements (a semicolon at ${at + 1}); Druid runs one at a time: send them one by one.${hint}`,
  )
}
