import type { RequestOptions } from '@druid/core/extension'
import { newerOr } from '../by-version.ts'
import type { SegmentSelection } from '../roles/segment.ts'
import type { Services } from '../services.ts'

/** Which segments of a data source: all, those of an interval and perhaps versions, or these ids. */
export type WhichSegments = 'all' | SegmentSelection

/** See `DataSource.markUsed`. From Druid 33 on the Overlord does it. */
export async function markUsed(
  { overlord, coordinator }: Services,
  dataSource: string,
  which: WhichSegments,
  options: RequestOptions,
): Promise<number> {
  if (isNone(which)) return 0
  return which === 'all'
    ? newerOr(
        () => overlord.segments.markAllUsed(dataSource, options),
        () => coordinator.markAllUsed(dataSource, options),
      )
    : newerOr(
        () => overlord.segments.markUsed(dataSource, which, options),
        () => coordinator.markUsed(dataSource, which, options),
      )
}

/** See `DataSource.markUnused`. */
export async function markUnused(
  { overlord, coordinator }: Services,
  dataSource: string,
  which: WhichSegments,
  options: RequestOptions,
): Promise<number> {
  if (isNone(which)) return 0
  return which === 'all'
    ? newerOr(
        () => overlord.segments.markAllUnused(dataSource, options),
        () => coordinator.markAllUnused(dataSource, options),
      )
    : newerOr(
        () => overlord.segments.markUnused(dataSource, which, options),
        () => coordinator.markUnused(dataSource, which, options),
      )
}

/** A list of no ids, which Druid refuses. */
function isNone(which: WhichSegments): boolean {
  return which !== 'all' && 'segmentIds' in which && which.segmentIds.length === 0
}
