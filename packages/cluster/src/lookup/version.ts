/**
 * A version that replaces the present one: Druid compares them as texts, by UTF-16 as JavaScript does.
 * The time, where that is greater; else the present one with its last number raised, or one more.
 */
export function nextVersion(present: string | undefined, now: Date): string {
  const time = now.toISOString()
  if (present === undefined || time > present) return time
  const [, before = '', digits = ''] = /^(.*?)(\d*)$/s.exec(present) ?? []
  const raised =
    digits === '' ? '' : before + (BigInt(digits) + 1n).toString().padStart(digits.length, '0')
  // v9 is not replaced by v10.
  return raised > present ? raised : `${present}.1`
}
