/** Tier → replicas. 0 in every tier: kept in deep storage only. */
export type TieredReplicants = Readonly<Record<string, number>>

interface Load {
  /** Default: two replicas in `_default_tier`. */
  readonly tieredReplicants?: TieredReplicants | null
  /** Whether no `tieredReplicants` means that default, rather than no replicas. Default true. */
  readonly useDefaultTierForNull?: boolean | null
}

interface ByPeriod {
  /** Before now, ISO 8601, e.g. `P1M`. */
  readonly period: string
  /** Whether what lies in the future is meant, too. Default true. */
  readonly includeFuture?: boolean | null
}

interface ByInterval {
  /** ISO 8601, `start/end`. */
  readonly interval: string
}

/**
 * What becomes of a segment; of a list the first that fits a segment decides. What none fits is an
 * error of the Coordinator's, so a list ends with a `…Forever`, or the default rules do.
 */
export type RetentionRule =
  | ({ readonly type: 'loadForever' } & Load)
  | ({ readonly type: 'loadByPeriod' } & ByPeriod & Load)
  | ({ readonly type: 'loadByInterval' } & ByInterval & Load)
  | { readonly type: 'dropForever' }
  | ({ readonly type: 'dropByPeriod' } & ByPeriod)
  | ({ readonly type: 'dropByInterval' } & ByInterval)
  | { readonly type: 'dropBeforeByPeriod'; readonly period: string }
  | { readonly type: 'broadcastForever' }
  | ({ readonly type: 'broadcastByPeriod' } & ByPeriod)
  | ({ readonly type: 'broadcastByInterval' } & ByInterval)
