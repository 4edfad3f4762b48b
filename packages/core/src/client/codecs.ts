import { messageOf } from '../error/error.ts'
import { warn } from '../extension/failures.ts'
import type { Owned } from '../extension/parts.ts'
import type { Codec } from '../extension/points.ts'
import { synchronous } from '../extension/synchronous.ts'
import type { Decoders } from '../result/convert.ts'

const warned = new WeakSet<object>()

/** What extensions decode, by native type: a codec that fails loses no value. */
export function decodersOf(codecs: ReadonlyMap<string, Owned<Codec>>): Decoders | undefined {
  if (codecs.size === 0) return undefined
  return new Map(
    [...codecs].map(([nativeType, codec]) => [
      nativeType,
      (value, column) => {
        try {
          return synchronous(codec.part.decode(value, column))
        } catch (error) {
          if (!warned.has(codec)) {
            warned.add(codec)
            warn(
              `extension "${codec.extension}": its codec for ${nativeType} failed on column "${column.name}": ${messageOf(error)}; such values are left as Druid sent them`,
            )
          }
          return value
        }
      },
    ]),
  )
}
