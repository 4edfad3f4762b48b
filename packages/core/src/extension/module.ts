import { isRecord } from '../error/record.ts'
import type { AnyExtension } from './definition.ts'

/**
 * The extension of a `./register` module: its definition if it has one; else its bare
 * `registerClient`, under this name. Either may be an export, or lie in `default`, or in the
 * `default` of that, where CommonJS was compiled from ES modules.
 */
export function extensionIn(
  module: unknown,
  name: string,
  apiVersion: number,
): AnyExtension | undefined {
  const own = module as { default?: { default?: unknown } } | null | undefined
  const places: unknown[] = [own?.default, own?.default?.default, own]
  const definition = places.find(isDefinition)
  if (definition) return definition
  for (const place of places) {
    const { registerClient } = (place ?? {}) as Partial<AnyExtension>
    if (typeof registerClient === 'function') {
      return { '~druid': { apiVersion }, name, registerClient }
    }
  }
  return undefined
}

function isDefinition(value: unknown): value is AnyExtension {
  return isRecord(value) && isRecord(value['~druid']) && typeof value.registerClient === 'function'
}
