import type { Candidate } from './candidate.ts'
import type { AuthProvider, Codec, Formatter, MapUrl, Middleware, QueryHooks } from './points.ts'
import type { Recorded } from './record.ts'

/** A part of an extension, and whose it is. */
export interface Owned<T> {
  readonly extension: string
  /** Whether the application itself chose that extension. */
  readonly trusted: boolean
  readonly part: T
}

/**
 * What the active extensions of one connection take part in, each list in the order of registration.
 * Filled while they are added; the connection and its queries read it.
 */
export interface Parts {
  readonly early: Owned<Middleware>[]
  readonly late: Owned<Middleware>[]
  readonly queries: Owned<QueryHooks>[]
  readonly mapUrls: Owned<MapUrl>[]
  readonly closers: Owned<() => unknown>[]
  readonly formatters: Map<string, Owned<Formatter>>
  readonly codecs: Map<string, Owned<Codec>>
  readonly auths: Map<string, Owned<() => AuthProvider>>
}

export function noParts(): Parts {
  return {
    early: [],
    late: [],
    queries: [],
    mapUrls: [],
    closers: [],
    formatters: new Map(),
    codecs: new Map(),
    auths: new Map(),
  }
}

/** The names that only one extension of a connection can have: kind → names. */
export function partNames(recorded: Recorded): [kind: string, names: string[]][] {
  return [
    ['formatter', [...recorded.formatters.keys()]],
    ['codec', [...recorded.codecs.keys()]],
    ['auth', [...recorded.auths.keys()]],
  ]
}

/** For its report: `formatter csv`, `middleware` … */
export function describedParts(recorded: Recorded): string[] {
  const { early, late, queries, mapUrls } = recorded
  return [
    ...partNames(recorded).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`)),
    ...(early.length + late.length > 0 ? ['middleware'] : []),
    ...(queries.length > 0 ? ['query hooks'] : []),
    ...(mapUrls.length > 0 ? ['address mapper'] : []),
  ]
}

export function addParts(parts: Parts, from: Candidate, recorded: Recorded): void {
  const owned = <T>(part: T): Owned<T> => ({ extension: from.name, trusted: from.trusted, part })
  for (const list of ['early', 'late', 'queries', 'mapUrls', 'closers'] as const) {
    for (const part of recorded[list]) parts[list].push(owned<never>(part as never))
  }
  for (const map of ['formatters', 'codecs', 'auths'] as const) {
    for (const [name, part] of recorded[map]) parts[map].set(name, owned<never>(part as never))
  }
}
