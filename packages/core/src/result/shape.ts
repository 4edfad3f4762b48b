/**
 * Makes a row object from its values. All rows of a result share one hidden class, which is what
 * makes them quick to make and to read; a generated literal does that best. Where code generation
 * is forbidden (a content security policy, edge workers) the same object is made the slow way.
 */
export function rowMaker(
  keys: readonly string[],
): (values: readonly unknown[]) => Record<string, unknown> {
  // Computed keys: a plain `"__proto__": …` in a literal would set the prototype.
  const fields = keys.map((key, i) => `[${JSON.stringify(key)}]:v[${i}]`)
  try {
    return new Function('v', `return {${fields.join(',')}}`) as ReturnType<typeof rowMaker>
  } catch {
    return (values) => Object.fromEntries(keys.map((key, i) => [key, values[i]]))
  }
}
