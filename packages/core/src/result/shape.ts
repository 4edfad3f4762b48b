/** Makes a row object from its values. */
export type RowMaker = (values: readonly unknown[]) => Record<string, unknown>

/** Results of the same columns follow one another, and compiling takes longer than a small one. */
const made = new Map<string, RowMaker>()
const KEPT = 100

/**
 * All rows of a result share one hidden class, which is what makes them quick to make and to read; a
 * generated literal does that best. Where code generation is forbidden (a content security policy,
 * edge workers) the same object is made the slow way.
 */
export function rowMaker(keys: readonly string[]): RowMaker {
  const name = JSON.stringify(keys)
  let maker = made.get(name)
  if (maker === undefined) {
    maker = newMaker(keys)
    const [oldest] = made.size >= KEPT ? made.keys() : []
    if (oldest !== undefined) made.delete(oldest)
    made.set(name, maker)
  }
  return maker
}

function newMaker(keys: readonly string[]): RowMaker {
  // Computed keys: a plain `"__proto__": …` in a literal would set the prototype.
  const fields = keys.map((key, i) => `[${JSON.stringify(key)}]:v[${i}]`)
  try {
    return new Function('v', `return {${fields.join(',')}}`) as RowMaker
  } catch {
    return (values) => Object.fromEntries(keys.map((key, i) => [key, values[i]]))
  }
}
