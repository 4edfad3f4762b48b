import type { DruidValue, Row } from '@druid/core'

/**
 * What is done with the values of a column that are not null: `hide` makes them `***`, and null if
 * they are no text; `last4` keeps the last four characters of a text; a function is given the value
 * and the name of the column.
 */
export type Mask = 'hide' | 'last4' | ((value: DruidValue, column: string) => DruidValue)

/** Masks the batches of a result as they pass. */
export function masker(
  masks: Readonly<Record<string, Mask>>,
): (batch: readonly Row[]) => readonly Row[] {
  const known = new Map(Object.entries(masks).map(([name, mask]) => [plain(name), { name, mask }]))
  return (batch) => {
    const hidden = Object.keys(batch[0] ?? {}).flatMap((key) => {
      const found = known.get(plain(key))
      return found ? [{ key, ...found }] : []
    })
    if (hidden.length === 0) return batch
    return batch.map((row) => {
      const copy: Row = { ...row }
      for (const { key, name, mask } of hidden) copy[key] = masked(row[key], name, mask)
      return copy
    })
  }
}

/** A key of a row may be a name in camel case, and ends with `:1` where the name occurs again. */
function plain(key: string): string {
  return key
    .replace(/:\d+$/, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()
}

function masked(value: DruidValue | undefined, column: string, mask: Mask): DruidValue {
  if (value === null || value === undefined) return null
  if (typeof mask === 'function') return mask(value, column)
  if (typeof value !== 'string') return null
  return mask === 'last4' && value.length > 8 ? `***${value.slice(-4)}` : '***'
}
