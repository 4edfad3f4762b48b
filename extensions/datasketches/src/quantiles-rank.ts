import type { QuantilesImage } from './quantiles-image.ts'

/** The values that a sketch holds, in order. */
export interface RankedValues {
  readonly n: number
  readonly values: Float64Array
  /** For each, how many of the `n` values it and those before it stand for. */
  readonly ranks: Float64Array
}

export function rankedValues({ n, blocks }: QuantilesImage): RankedValues {
  const items = blocks.flatMap(({ values, weight }) =>
    Array.from(values, (value) => ({ value, weight })),
  )
  items.sort((a, b) => a.value - b.value || 0)
  let rank = 0
  return {
    n,
    values: Float64Array.from(items, ({ value }) => value),
    ranks: Float64Array.from(items, ({ weight }) => {
      rank += weight
      return rank
    }),
  }
}

/** The first value whose rank is this fraction of all, or more. */
export function quantileAt({ n, values, ranks }: RankedValues, fraction: number): number {
  const rank = Math.ceil(fraction * n)
  const index = countWhile(ranks, (other) => other < rank)
  return values[Math.min(index, values.length - 1)] ?? Number.NaN
}

export function rankOf({ n, values, ranks }: RankedValues, value: number): number {
  const count = countWhile(values, (other) => other <= value)
  return (ranks[count - 1] ?? 0) / n
}

/** How many at the beginning of the ascending list are so: by halves. */
function countWhile(list: Float64Array, isSo: (value: number) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (isSo(list[middle] ?? 0)) low = middle + 1
    else high = middle
  }
  return low
}
