/** What a column wants, and the least it can be shown in. */
export interface Room {
  readonly width: number
  readonly least: number
}

/** Widths of the columns that are shown, from the left; the rest are left out. */
export interface Fitted {
  readonly widths: readonly number[]
  /** Whether the column that names how many are left out has a place. */
  readonly more: boolean
}

/**
 * Fits columns into a line of `width`. As many columns are kept as find a place at their least
 * width; then the widest are shrunk, all to one level, so that narrow ones stay whole.
 */
export function fit(columns: readonly Room[], width: number, gap: number, mark: Mark): Fitted {
  const all = columns.length
  for (let kept = all; kept > 0; kept -= 1) {
    const rest = kept < all ? gap + mark(all - kept) : 0
    const room = width - rest - gap * (kept - 1)
    const shown = columns.slice(0, kept)
    if (sum(shown.map(({ least }) => least)) <= room) {
      return { widths: shrink(shown, room), more: kept < all }
    }
  }
  // Not even the first: it gets what there is, and the mark only if that leaves it some width.
  const rest = all > 1 ? gap + mark(all - 1) : 0
  const more = rest > 0 && width - rest >= rest
  return { widths: all > 0 ? [width - (more ? rest : 0)] : [], more }
}

/** Width of the column that says how many are left out. */
type Mark = (leftOut: number) => number

function shrink(columns: readonly Room[], room: number): number[] {
  if (sum(columns.map(({ width }) => width)) <= room) return columns.map(({ width }) => width)
  const at = (level: number): number[] =>
    columns.map(({ width, least }) => Math.max(least, Math.min(width, level)))
  let low = 0
  let high = room
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (sum(at(middle)) <= room) low = middle
    else high = middle - 1
  }
  const widths = at(low)
  const above = at(low + 1)
  let left = room - sum(widths)
  return widths.map((width, i) => {
    if (left === 0 || above[i] === width) return width
    left -= 1
    return width + 1
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
