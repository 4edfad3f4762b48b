/**
 * A copy, as JSON has it, that nobody can change in place, in no depth: what it is made from may be the
 * application's own, or be sent again. Throws for what is no plain data.
 */
export function frozenCopy<T>(value: T): T {
  return copied(value) as T
}

function copied(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`a ${typeof value} is no plain data`)
  }
  if (typeof value !== 'object' || value === null) return value
  const { toJSON } = value as { readonly toJSON?: unknown }
  if (typeof toJSON === 'function') return copied(toJSON.call(value))
  if (Array.isArray(value)) return Object.freeze(value.map(copied))
  const entries = Object.entries(value).map(([key, inner]) => [key, copied(inner)] as const)
  return Object.freeze(Object.fromEntries(entries))
}
