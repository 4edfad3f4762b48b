import { pathSegment, type RequestOptions, type ServiceHost } from '@druid/core/extension'
import type { SegmentSelection } from '../segment.ts'
import { needs } from '../version.ts'

/**
 * Takes segments into use and out of it. `/druid/indexer/v1/datasources/…`. Druid 33 and later; before,
 * the Coordinator has the same. What is taken out of use stays in deep storage until a task of type
 * `kill` deletes it. All return how many segments changed.
 */
export interface OverlordSegments {
  /** All that are not overshadowed by newer ones (`POST /{dataSource}`). */
  markAllUsed(dataSource: string, options?: RequestOptions): Promise<number>
  /** (`DELETE /{dataSource}`) */
  markAllUnused(dataSource: string, options?: RequestOptions): Promise<number>
  /**
   * (`POST /{dataSource}/markUsed`)
   * @throws DruidError `INVALID_INPUT` for an interval or ids that Druid refuses.
   */
  markUsed(
    dataSource: string,
    selection: SegmentSelection,
    options?: RequestOptions,
  ): Promise<number>
  /** (`POST /{dataSource}/markUnused`) Errors as {@link markUsed}. */
  markUnused(
    dataSource: string,
    selection: SegmentSelection,
    options?: RequestOptions,
  ): Promise<number>
  /** One (`POST /{dataSource}/segments/{segmentId}`). 0: it was in use, or there is none. */
  markSegmentUsed(dataSource: string, segmentId: string, options?: RequestOptions): Promise<number>
  /** One (`DELETE /{dataSource}/segments/{segmentId}`). 0: it was not in use, or there is none. */
  markSegmentUnused(
    dataSource: string,
    segmentId: string,
    options?: RequestOptions,
  ): Promise<number>
}

const PREFIX = '/druid/indexer/v1/datasources'

export class SegmentsService implements OverlordSegments {
  readonly #service: ServiceHost

  constructor(service: ServiceHost) {
    this.#service = service
  }

  async markAllUsed(dataSource: string, options?: RequestOptions): Promise<number> {
    return this.#mark('POST', pathSegment(dataSource), undefined, options)
  }

  async markAllUnused(dataSource: string, options?: RequestOptions): Promise<number> {
    return this.#mark('DELETE', pathSegment(dataSource), undefined, options)
  }

  async markUsed(
    dataSource: string,
    selection: SegmentSelection,
    options?: RequestOptions,
  ): Promise<number> {
    return this.#mark('POST', `${pathSegment(dataSource)}/markUsed`, selection, options)
  }

  async markUnused(
    dataSource: string,
    selection: SegmentSelection,
    options?: RequestOptions,
  ): Promise<number> {
    return this.#mark('POST', `${pathSegment(dataSource)}/markUnused`, selection, options)
  }

  async markSegmentUsed(
    dataSource: string,
    segmentId: string,
    options?: RequestOptions,
  ): Promise<number> {
    return this.#mark('POST', segmentPath(dataSource, segmentId), undefined, options)
  }

  async markSegmentUnused(
    dataSource: string,
    segmentId: string,
    options?: RequestOptions,
  ): Promise<number> {
    return this.#mark('DELETE', segmentPath(dataSource, segmentId), undefined, options)
  }

  async #mark(
    method: string,
    path: string,
    selection: SegmentSelection | undefined,
    options: RequestOptions | undefined,
  ): Promise<number> {
    const where = `${PREFIX}/${path}`
    await needs(this.#service, '>=33', `${method} ${where}`, options)
    const answer = await this.#service.request<{ readonly numChangedSegments: number }>(
      method,
      where,
      selection,
      // The second time there is nothing left to change.
      { ...options, idempotent: true },
    )
    return answer.numChangedSegments
  }
}

function segmentPath(dataSource: string, segmentId: string): string {
  return `${pathSegment(dataSource)}/segments/${pathSegment(segmentId)}`
}
