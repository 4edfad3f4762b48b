/**
 * A double as Java's `Double.toString` writes it, which is how Druid's JSON and CSV have it: always
 * with a fraction, and with an exponent below 10^-3 and from 10^7 on.
 */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  return javaForm(value, String(value))
}

/** The same for a 32-bit float: the shortest text that stands for it. */
export function javaFloat(value: number): string {
  const float = Math.fround(value)
  if (!Number.isFinite(float)) return String(float)
  let text = String(float)
  for (let digits = 1; digits <= 9; digits += 1) {
    text = float.toPrecision(digits)
    if (Math.fround(Number(text)) === float) break
  }
  return javaForm(float, String(Number(text)))
}

/** `text`: the shortest form of the number, as JavaScript writes it. */
function javaForm(value: number, text: string): string {
  const sign = Object.is(value, -0) || value < 0 ? '-' : ''
  const [mantissa = '', exponent = '0'] = text.replace(/^-/, '').split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const all = `${whole}${fraction}`
  const leading = /^0*/.exec(all)?.[0].length ?? 0
  const digits = all.slice(leading).replace(/0+$/, '')
  if (digits === '') return `${sign}0.0`
  /** Where the point stands, counted from before the first digit that is not zero. */
  const point = whole.length + Number(exponent) - leading
  if (point > -3 && point <= 7) {
    if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
    const padded = digits.padEnd(point, '0')
    return `${sign}${padded.slice(0, point)}.${padded.slice(point) || '0'}`
  }
  return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${point - 1}`
}
