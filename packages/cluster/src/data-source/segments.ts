import { DruidError, type RequestOptions } from '@druid/core/extension'
import type { Coordinator } from '../roles/coordinator/coordinator.ts'
import type { UnusedSegment } from '../roles/coordinator/metadata.ts'
import type { DataSegment } from '../roles/segment.ts'
import { ETERNITY } from './eternity.ts'

export interface UnusedOptions extends RequestOptions {
  /** ISO 8601, `start/end`: those that lie within it. Default: all. */
  readonly interval?: string | undefined
  /** How many are asked for at once. Default 1000. */
  readonly pageSize?: number | undefined
}

/**
 * See `DataSource.usedSegments`. By intervals also where all are wanted: so Druid reads the metadata
 * store, where it else tells what it read a minute ago.
 */
export function usedSegments(
  { metadata }: Coordinator,
  dataSource: string,
  intervals: readonly string[] = [ETERNITY],
  options: RequestOptions = {},
): Promise<DataSegment[]> {
  return metadata.segmentsIn(dataSource, intervals, options)
}

/** See `DataSource.unusedSegments`. */
export async function* unusedSegments(
  { metadata }: Coordinator,
  dataSource: string,
  { pageSize: limit = 1000, ...options }: UnusedOptions = {},
): AsyncGenerator<UnusedSegment, void, undefined> {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new DruidError('CONFIG', 'unusedSegments: pageSize is a number of segments, 1 or more', {
      option: 'pageSize',
    })
  }
  let lastSegmentId: string | undefined
  while (true) {
    const page = { ...options, limit, sortOrder: 'ASC', lastSegmentId } as const
    const segments = await metadata.unusedSegments(dataSource, page)
    yield* segments
    lastSegmentId = segments.at(-1)?.dataSegment.identifier
    if (segments.length < limit || lastSegmentId === undefined) return
  }
}
