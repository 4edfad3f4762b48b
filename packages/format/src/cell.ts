import { bytesText, compactJson, dateText, hasToJson, isBytes, scalarText } from './json.ts'
import { cut, MARK, visible, widthOf } from './visible.ts'

/** How cells are written. */
export interface CellStyle {
  readonly nullText: string
  readonly maxCellWidth: number
}

/** Code units that are looked at for each column shown: a family emoji takes 11 for two. */
const UNITS = 8

/**
 * The text of a value, safe for a terminal and at most `maxCellWidth` wide. A `whole` text is
 * never shown in part: a number without its last digits is another number.
 */
export function cellText(value: unknown, style: CellStyle, whole: boolean): string {
  if (value === null) return style.nullText
  if (value === undefined) return ''
  const limit = style.maxCellWidth * UNITS
  const raw = rawText(value, limit)
  const text = visible(raw.length > limit ? raw.slice(0, endBefore(raw, limit)) : raw)
  if (text === style.nullText && typeof value === 'string') return `"${text}"`
  if (raw.length > limit) return whole ? MARK : cut(text + MARK, style.maxCellWidth)
  // No code unit takes more than two columns, so most texts need no measuring here.
  if (text.length * 2 <= style.maxCellWidth || widthOf(text) <= style.maxCellWidth) return text
  return whole ? MARK : cut(text, style.maxCellWidth)
}

function rawText(value: unknown, limit: number): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return scalarText(value)
  if (value instanceof Date) return dateText(value)
  if (isBytes(value)) return bytesText(value)
  if (hasToJson(value)) {
    const json = value.toJSON()
    if (typeof json === 'string') return json
  }
  return compactJson(value, limit)
}

/** `limit`, or one less where that would part a surrogate pair. */
function endBefore(text: string, limit: number): number {
  return (text.codePointAt(limit - 1) ?? 0) > 0xffff ? limit - 1 : limit
}
