import type { Column } from './column.ts'
import { builderOf, columnDataOf } from './column-builders.ts'
import type { ColumnData } from './columns.ts'
import type { AnyPolicy } from './policy.ts'
import type { AnyVector } from './vector.ts'

/** All portions of a result as one. */
export function wholeColumns(
  portions: readonly ColumnData[],
  columns: readonly Column[],
  policy: AnyPolicy,
): ColumnData {
  const length = portions.reduce((sum, portion) => sum + portion.length, 0)
  const vectors = columns.map((column) => {
    const parts = portions.map(({ data }) => data[column.key] as AnyVector)
    if (parts.length === 1 && parts[0]) return parts[0]
    return parts.length === 0 ? builderOf(column, policy).take(0) : joined(parts, length)
  })
  return columnDataOf(columns)(length, vectors)
}

function joined(parts: readonly AnyVector[], length: number): AnyVector {
  const isBig = parts.some(({ values }) => values instanceof BigInt64Array)
  if (parts.some((part) => Array.isArray(part.values) || (isBig && !isWhole(part)))) {
    return { values: lists(parts) }
  }
  const values = isBig ? new BigInt64Array(length) : new Float64Array(length)
  const nulls = parts.some((part) => part.nulls) ? new Uint8Array(length) : undefined
  let offset = 0
  for (const part of parts) {
    values.set(numbers(part, isBig) as never, offset)
    if (part.nulls) nulls?.set(part.nulls, offset)
    offset += part.values.length
  }
  return { values, ...(nulls && { nulls }) } as AnyVector
}

/** Under the policy `auto` one portion may be of numbers, and another of bigints. */
function numbers({ values, nulls }: AnyVector, isBig: boolean): ArrayLike<unknown> {
  if (!isBig || values instanceof BigInt64Array) return values
  return Array.from(values as Float64Array, (value, i) => BigInt(nulls?.[i] ? 0 : value))
}

/** Whether its numbers could be bigints: those of Druid could, those of a hook may not. */
function isWhole({ values, nulls }: AnyVector): boolean {
  if (values instanceof BigInt64Array) return true
  return values.every((value, i) => nulls?.[i] || Number.isSafeInteger(value))
}

function lists(parts: readonly AnyVector[]): unknown[] {
  const all: unknown[] = []
  for (const { values, nulls } of parts) {
    for (let i = 0; i < values.length; i += 1) all.push(nulls?.[i] ? null : values[i])
  }
  return all
}
