import { isRecord } from '@druid/core/extension'
import { sameInterval, samePeriod } from './time.ts'

/** One difference between two values of a setting. */
export interface SettingChange {
  /** Names of fields and indexes of lists, from the outside in; none: the whole. */
  readonly path: readonly (string | number)[]
  /** `undefined` where it was not set. */
  readonly from: unknown
  /** `undefined`: it is left to Druid's default. */
  readonly to: unknown
}

/** What Druid puts where nothing is said. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  createBitmapIndex: true,
  includeFuture: true,
  inputSegmentSizeBytes: 100_000_000_000_000,
  multiValueHandling: 'SORTED_ARRAY',
  skipOffsetFromLatest: 'P1D',
  taskPriority: 25,
  tieredReplicants: { _default_tier: 2 },
  type: 'inline',
  useDefaultTierForNull: true,
}

type Path = SettingChange['path']

/**
 * What is to become of a value for it to be another. What Druid itself writes in other words is the
 * same: `2001/2002` and its instants, `day` and `DAY`, a field that is left out and its default.
 */
export function changesOf(from: unknown, to: unknown, path: Path = []): SettingChange[] {
  if (isSame(from, to, path)) return []
  if (isRecord(from) && isRecord(to)) {
    const names = new Set([...Object.keys(from), ...Object.keys(to)])
    return [...names].flatMap((name) => {
      const isLeftOut = isNothing(to[name])
      if (isLeftOut && isDefault(from[name], name)) return []
      return changesOf(from[name], isLeftOut ? undefined : to[name], [...path, name])
    })
  }
  if (Array.isArray(from) && Array.isArray(to) && !isSet(path)) {
    const length = Math.max(from.length, to.length)
    return Array.from({ length }, (_, i) => changesOf(from[i], to[i], [...path, i])).flat()
  }
  return [{ path, from: from ?? undefined, to: to ?? undefined }]
}

/**
 * What of a value that was written did not come back: what Druid added is no matter, nor what default it
 * has for `null`.
 */
export function lostOf(written: unknown, inForce: unknown, path: Path = []): SettingChange[] {
  if (written === undefined || isSame(inForce, written, path)) return []
  if (written === null && isDefault(inForce, path.at(-1))) return []
  if (isRecord(written) && isRecord(inForce)) {
    return Object.keys(written).flatMap((name) =>
      lostOf(written[name], inForce[name], [...path, name]),
    )
  }
  const isList = Array.isArray(written) && Array.isArray(inForce) && !isSet(path)
  if (isList && written.length === inForce.length) {
    return written.flatMap((one, i) => lostOf(one, inForce[i], [...path, i]))
  }
  return [{ path, from: inForce ?? undefined, to: written }]
}

function isSame(a: unknown, b: unknown, path: Path): boolean {
  const isUnset = (value: unknown): boolean => isNothing(value) || isUnsetMap(value, path)
  if (isUnset(a) || isUnset(b)) return isUnset(a) && isUnset(b)
  return a === b || simple(a, path) === simple(b, path)
}

function isDefault(value: unknown, name: string | number = ''): boolean {
  return changesOf(value, DEFAULTS[name]).length === 0
}

/** Druid has none of these and an empty one for the same. */
const MAPS: ReadonlySet<string | number> = new Set([
  'cloneServers',
  'debugDimensions',
  'perSegmentTimeoutConfig',
  'queryContext',
])

function isUnsetMap(value: unknown, path: Path): boolean {
  return MAPS.has(path.at(-1) ?? '') && isRecord(value) && Object.keys(value).length === 0
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null
}

/** A value as one text, where Druid knows it in several forms. */
function simple(value: unknown, path: Path): unknown {
  const [name, index] = typeof path.at(-1) === 'number' ? path.slice(-2) : [path.at(-1), undefined]
  if (name === 'interval') return sameInterval(String(value))
  if (name === 'period' || name === 'skipOffsetFromLatest') return samePeriod(String(value))
  if (name === 'segmentGranularity' || name === 'queryGranularity') return granularity(value)
  // A dimension of a list may be its name.
  if (name === 'dimensions' && index !== undefined) return dimension(value)
  if (Array.isArray(value) && isSet(path)) return [...value].map(String).sort().join()
  if (typeof value === 'string' && isSet(path)) {
    return value
      .split(',')
      .map((it) => it.trim())
      .sort()
      .join()
  }
  return typeof value === 'object' ? value : String(value)
}

/** Lists of which the order says nothing, and which Druid also takes as text with commas. */
const SETS: ReadonlySet<string | number> = new Set([
  'decommissioningNodes',
  'killDataSourceWhitelist',
  'killPendingSegmentsSkipList',
  'turboLoadingNodes',
])

function isSet(path: Path): boolean {
  return SETS.has(path.at(-1) ?? '')
}

const PERIODS: Readonly<Record<string, string>> = {
  PT1S: 'SECOND',
  PT1M: 'MINUTE',
  PT5M: 'FIVE_MINUTE',
  PT10M: 'TEN_MINUTE',
  PT15M: 'FIFTEEN_MINUTE',
  PT30M: 'THIRTY_MINUTE',
  PT1H: 'HOUR',
  PT6H: 'SIX_HOUR',
  PT8H: 'EIGHT_HOUR',
  P1D: 'DAY',
  P1W: 'WEEK',
  P1M: 'MONTH',
  P3M: 'QUARTER',
  P1Y: 'YEAR',
}

function granularity(value: unknown): unknown {
  if (typeof value === 'string') return value.toUpperCase()
  if (!isRecord(value) || typeof value.type !== 'string') return value
  if (value.type === 'all' || value.type === 'none') return value.type.toUpperCase()
  const { period, timeZone, origin } = value
  const isPlain = isNothing(origin) && (isNothing(timeZone) || timeZone === 'UTC')
  return (isPlain && PERIODS[String(period)]) || JSON.stringify([period, timeZone, origin])
}

function dimension(value: unknown): unknown {
  if (!isRecord(value)) return String(value)
  const { type, name, ...more } = value
  const isPlain = type === 'string' && changesOf(more, {}).length === 0
  return isPlain ? String(name) : value
}
