/**
 * An instant as Druid writes TIMESTAMP and DATE: ISO 8601 with milliseconds, in the time zone of the
 * query (`sqlTimeZone`), `Z` for UTC. `undefined` for a zone that nobody knows.
 */
export function isoTime(instant: Date, zone: string): string | undefined {
  const offset = offsetAt(instant, zone)
  if (offset === undefined) return undefined
  if (offset === 0) return instant.toISOString()
  const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, -1)
  const minutes = Math.abs(offset)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** Minutes east of UTC. */
function offsetAt(instant: Date, zone: string): number | undefined {
  if (zone === 'UTC') return 0
  const fixed = /^([+-])(\d\d):(\d\d)$/.exec(zone)
  if (fixed) return Number(`${fixed[1]}1`) * (Number(fixed[2]) * 60 + Number(fixed[3]))
  const format = formatOf(zone)
  if (format === undefined) return undefined
  const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name ?? '') ?? []
  return sign === undefined ? 0 : Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes))
}

/** Making one takes longer than writing a thousand rows. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone)
  if (known !== undefined) return known
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    formats.set(zone, format)
    return format
  } catch {
    return undefined
  }
}
