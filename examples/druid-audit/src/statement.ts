/** What is not SQL of its own: literals, quoted names, comments. */
const PIECES = /'(?:[^']|'')*'|"((?:[^"]|"")*)"|--[^\n]*|\/\*[\s\S]*?\*\//g

/** Which of the list a statement meets, in its words rather than in its literals and comments. */
export function denied(
  statement: string,
  list: readonly (string | RegExp)[],
): string | RegExp | undefined {
  const words = statement
    .replace(PIECES, (piece, name?: string) => name ?? (piece.startsWith("'") ? "''" : ' '))
    .replace(/\s*\.\s*/g, '.')
    .replace(/\s+/g, ' ')
  return list.find((item) => pattern(item).test(words))
}

function pattern(item: string | RegExp): RegExp {
  // A pattern of flag g or y remembers where it was.
  if (typeof item !== 'string') return new RegExp(item.source, item.flags.replace(/[gy]/g, ''))
  const name = item.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\w.$])${name}(?![\\w$])`, 'i')
}

/** At the end, so that the positions of Druid's errors stay those of the application's text. */
export function signed(statement: string, application: string): string {
  return `${statement}\n/* ${application} */`
}
