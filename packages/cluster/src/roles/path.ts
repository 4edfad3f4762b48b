import { pathSegment } from '@druid/core/extension'

/**
 * A query string of what is given, or nothing. `true` is a flag that Druid only looks for (`?full`):
 * its `full=false` would mean the same, so `false` and `undefined` are left out. What Druid reads as
 * a boolean is given as text. Lists are repeated.
 */
export function queryOf(
  parameters: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const query: string[] = []
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === false) continue
    if (value === true) query.push(name)
    else {
      const values = typeof value === 'object' ? value : [String(value)]
      for (const one of values) query.push(`${name}=${encodeURIComponent(one)}`)
    }
  }
  return query.length === 0 ? '' : `?${query.join('&')}`
}

/** An ISO 8601 interval as a segment of a path, where Druid takes `_` for its `/`. */
export function intervalSegment(interval: string): string {
  return pathSegment(interval.replace('/', '_'))
}
