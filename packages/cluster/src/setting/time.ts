/** Milliseconds since 1970 of the two ends of an interval, as one text: however it is written. */
export function sameInterval(interval: string): string {
  const [start = '', end = ''] = interval.split('/')
  const from = start.startsWith('P') ? moved(instant(end), start, -1) : instant(start)
  const to = end.startsWith('P') ? moved(instant(start), end, 1) : instant(end)
  return Number.isNaN(from) || Number.isNaN(to) ? interval : `${from}/${to}`
}

/** A period without what is zero in it: `P0D` and `PT0S` are one. */
export function samePeriod(period: string): string {
  const rest = period.replace(/(?<![\d.])0+[YMWDHS]/g, '').replace(/T$/, '')
  return rest === 'P' ? 'PT0S' : rest
}

const TIME =
  /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d)(?::(\d\d))?(?::(\d\d(?:\.\d+)?))?)?(Z|[+-]\d\d:\d\d)?$/

/** Of a time in UTC, unless it has an offset. */
function instant(time: string): number {
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', zone = 'Z'] =
    TIME.exec(time) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`)
}

const PERIOD =
  /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

function moved(from: number, period: string, direction: 1 | -1): number {
  const parts = PERIOD.exec(period)
  if (parts === null || Number.isNaN(from)) return Number.NaN
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0))
  const date = new Date(from)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + direction * (12 * years + months))
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, lastDay))
  const rest = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
  return date.getTime() + direction * 1_000 * rest
}
