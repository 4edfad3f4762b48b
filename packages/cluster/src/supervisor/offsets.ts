import { DruidError } from '@druid/core/extension'
import type { OffsetReset, StreamOffset, StreamOffsets } from '../roles/overlord/supervisor.ts'

/** What `resetOffsets` sends, checked. @throws DruidError `INVALID_INPUT`. */
export function offsetReset(
  id: string,
  {
    type,
    stream,
    offsets,
  }: {
    readonly type: string
    readonly stream: string | undefined
    readonly offsets: StreamOffsets
  },
): OffsetReset {
  if (stream === undefined) throw noStream(id)
  const checked = Object.entries(offsets).map(([partition, offset]) => {
    const exact = exactOffset(offset, type)
    if (exact !== undefined) return [partition, exact] as const
    throw new DruidError(
      'INVALID_INPUT',
      `resetOffsets of supervisor ${id}: ${String(offset)} is no offset for partition ${partition}; it is a whole number, beyond 2^53 as bigint or text`,
    )
  })
  if (checked.length === 0) {
    throw new DruidError('INVALID_INPUT', `resetOffsets of supervisor ${id}: no partition is named`)
  }
  const partitionOffsetMap = Object.fromEntries(checked)
  return { type, partitions: { type: 'end', stream, partitionOffsetMap } }
}

/** A number is exact up to 2^53; those of Kinesis are text, those of others integers. */
function exactOffset(offset: StreamOffset, type: string): StreamOffset | undefined {
  const isExact = typeof offset !== 'number' || Number.isSafeInteger(offset)
  const digits = String(offset)
  if (!isExact || !/^\d+$/.test(digits)) return undefined
  return type === 'kinesis' ? digits : BigInt(digits)
}

export function noStream(id: string): DruidError {
  return new DruidError('INVALID_INPUT', `supervisor ${id} reads no stream, and has no offsets`)
}
