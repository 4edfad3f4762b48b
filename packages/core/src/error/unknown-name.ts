import { DruidError } from './error.ts'
import { quoted } from './quoted.ts'

/** No name of ours comes near it. */
const LONGEST = 100

/** Throws `CONFIG` at an option that nobody knows, naming the nearest one; and at what is no object. */
export function checkNames(options: object, known: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null) {
    // `connect: tls` is the option tls of connect.
    const [, option = 'options'] = where.split(': ')
    throw new DruidError('CONFIG', `${where}: its options must be an object`, { option })
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const near = name.length <= LONGEST ? nearest(name, known) : undefined
    throw new DruidError(
      'CONFIG',
      `${where}: there is no option ${quoted(name)}${near ? `; did you mean "${near}"?` : `; there are ${known.join(', ')}`}`,
      { option: name },
    )
  }
}

/** The most similar of some names, if one is similar at all. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(2, name.length / 3) ? best.candidate : undefined
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a.toLowerCase()].entries()) {
    const row = [i + 1]
    for (const [j, other] of [...b.toLowerCase()].entries()) {
      const replaced = (previous[j] ?? 0) + (letter === other ? 0 : 1)
      row.push(Math.min(replaced, (previous[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1))
    }
    previous = row
  }
  return previous.at(-1) ?? 0
}
