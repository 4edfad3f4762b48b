/** `from/to` in ISO 8601, the end exclusive; also with a period, e.g. `2001-01-01/P1M`. */
export type Interval = `${string}/${string}`

/** One segment, as Druid names it among servers. */
export interface SegmentDescriptor {
  readonly itvl: Interval
  readonly ver: string
  readonly part: number
}

/** When: the time that a query reads. `segments` is for queries sent to data servers. */
export type Intervals =
  | Interval
  | readonly Interval[]
  | {
      /** `LegacySegmentSpec` is what Druid writes in some plans. Default: `intervals`. */
      readonly type?: 'intervals' | 'LegacySegmentSpec' | undefined
      readonly intervals: Interval | readonly Interval[]
    }
  | { readonly type: 'segments'; readonly segments: readonly SegmentDescriptor[] }
