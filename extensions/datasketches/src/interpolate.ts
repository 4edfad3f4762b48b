/**
 * The value at `x` of the cubic curve through the four points around it. `xs` rises, and `x` is
 * within it.
 */
export function interpolate(
  xs: readonly number[],
  yAt: (index: number) => number,
  x: number,
): number {
  const last = xs.length - 1
  if (x === xs[last]) return yAt(last)
  const at = before(xs, x)
  const first = at === 0 ? 0 : Math.min(at - 1, last - 3)
  const points = [0, 1, 2, 3].map((i) => ({ x: xs[first + i] ?? 0, y: yAt(first + i) }))
  return lagrange(points, x)
}

/** The index of the last one that is not above `x`. */
function before(xs: readonly number[], x: number): number {
  let low = 0
  let high = xs.length - 1
  while (low + 1 < high) {
    const middle = low + Math.floor((high - low) / 2)
    if ((xs[middle] ?? 0) <= x) low = middle
    else high = middle
  }
  return low
}

function lagrange(
  points: readonly { readonly x: number; readonly y: number }[],
  x: number,
): number {
  let sum = 0
  for (const point of points) {
    let above = 1
    let below = 1
    for (const other of points) {
      if (other === point) continue
      above *= x - other.x
      below *= point.x - other.x
    }
    sum += (point.y * above) / below
  }
  return sum
}
