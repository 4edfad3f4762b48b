import type { RequestOptions } from '@druid/core/extension'
import { newerOr } from '../by-version.ts'
import type { Coordinator } from '../roles/coordinator/coordinator.ts'
import type { SegmentSelection } from '../roles/segment.ts'
import type { Services } from '../services.ts'

/** Which segments of a data source: all, those of an interval and perhaps versions, or these ids. */
export type WhichSegments = 'all' | SegmentSelection

/** See `DataSource.markUsed`. From Druid 33 on the Overlord does it. */
export function markUsed(
  services: Services,
  dataSource: string,
  which: WhichSegments,
  options: RequestOptions,
): Promise<number> {
  return mark(services, which, (server) =>
    which === 'all'
      ? server.markAllUsed(dataSource, options)
      : server.markUsed(dataSource, which, options),
  )
}

/** See `DataSource.markUnused`. */
export function markUnused(
  services: Services,
  dataSource: string,
  which: WhichSegments,
  options: RequestOptions,
): Promise<number> {
  return mark(services, which, (server) =>
    which === 'all'
      ? server.markAllUnused(dataSource, options)
      : server.markUnused(dataSource, which, options),
  )
}

type Marking = Pick<Coordinator, 'markAllUsed' | 'markUsed' | 'markAllUnused' | 'markUnused'>

async function mark(
  { overlord, coordinator }: Services,
  which: WhichSegments,
  by: (server: Marking) => Promise<number>,
): Promise<number> {
  if (isNone(which)) return 0
  return newerOr(
    () => by(overlord.segments),
    () => by(coordinator),
  )
}

/** A list of no ids, which Druid refuses. */
function isNone(which: WhichSegments): boolean {
  return which !== 'all' && 'segmentIds' in which && which.segmentIds.length === 0
}
