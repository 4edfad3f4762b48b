import stringWidth from 'string-width'

/** Stands for what was cut off. */
export const MARK = '…'

const PLAIN = /^[\x20-\x7e]*$/

/**
 * What must not reach a terminal as it is, or would not be seen there: control characters (so no
 * escape sequence survives), line separators, halves of surrogate pairs, what turns the direction
 * of writing, invisible characters. The joiners U+200C and U+200D stay, words and emoji need them;
 * so do the tags of a flag such as Scotland's, which the first alternative takes whole.
 */
const UNSAFE =
  /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f}|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u{ad}\u{61c}\u{180e}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e00ff}]/gu

const SHORT = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

const segmenter = new Intl.Segmenter()

/** Letters of common scripts, each a grapheme by itself: no need to look for where one ends. */
const SEPARATE =
  /^[\x20-\x7e\u{a0}-\u{ac}\u{ae}-\u{2ff}\u{370}-\u{482}\u{48a}-\u{52f}\u{2010}-\u{2027}\u{3001}-\u{3020}\u{3041}-\u{3096}\u{30a0}-\u{30ff}\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{ac00}-\u{d7a3}]*$/u

/** Widths of graphemes seen: measuring one takes long, and texts repeat them. */
const widths = new Map<string, number>()
const MOST_WIDTHS = 20_000

/** The text with each unsafe character as JSON would escape it: `\n`, `\t`, `\u001b`. */
export function visible(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, escaped)
}

function escaped(found: string): string {
  const code = found.codePointAt(0) ?? 0
  if (code === 0x1f3f4) return found
  const hex = code.toString(16)
  return SHORT.get(found) ?? (hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`)
}

/** Columns that a terminal needs for a text which is {@link visible}. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const grapheme of graphemes(text)) width += graphemeWidth(grapheme)
  return width
}

/** The text in at most `width` columns (1 or more); where some is missing it ends with the mark. */
export function cut(text: string, width: number): string {
  if (PLAIN.test(text)) return text.length <= width ? text : text.slice(0, width - 1) + MARK
  let end = 0
  let used = 0
  let endBeforeMark = 0
  for (const grapheme of graphemes(text)) {
    used += graphemeWidth(grapheme)
    if (used > width) return text.slice(0, endBeforeMark) + MARK
    end += grapheme.length
    if (used < width) endBeforeMark = end
  }
  return text
}

function* graphemes(text: string): Iterable<string> {
  if (SEPARATE.test(text)) yield* text
  else for (const { segment } of segmenter.segment(text)) yield segment
}

function graphemeWidth(grapheme: string): number {
  const known = widths.get(grapheme)
  if (known !== undefined) return known
  const width = stringWidth(grapheme)
  if (widths.size >= MOST_WIDTHS) widths.clear()
  // A grapheme can be as long as a text with marks upon marks: not worth keeping.
  if (grapheme.length <= 16) widths.set(grapheme, width)
  return width
}
