import { DruidError } from '../error/error.ts'
import type { NativeContext } from './context.ts'

/** The keys of a context that change how a result is written, which its type follows. */
export const SHAPING = [
  'bySegment',
  'finalize',
  'grandTotal',
  'resultAsArray',
  'serializeDateTimeAsLong',
] as const

export type Shaping = (typeof SHAPING)[number]

/**
 * The defaults of a client for a native query whose own context, with that of the call, is `own`.
 * Throws `CONFIG` where they would give the result another shape, of which its type does not know.
 */
export function shapeless(
  defaults: NativeContext | undefined,
  own: NativeContext,
): NativeContext | undefined {
  for (const key of SHAPING) {
    const value = defaults?.[key]
    const usual = key === 'finalize'
    if (value === undefined || value === null || value === usual || Object.hasOwn(own, key))
      continue
    throw new DruidError(
      'CONFIG',
      `native: the context of the client says ${key}: ${String(value)}, which changes the shape of the result; say it in the query, or in the context of the call, whose types the result follows`,
      { option: 'context' },
    )
  }
  return defaults
}
