/** What these types do not know, marked by {@link custom}. The mark is in the types only. */
export interface Custom {
  readonly '~custom': true
}

/**
 * A part of a native query, a native query, or keys of a query context that these types do not know:
 * those of a Druid extension, or of a later Druid. It is taken as it is wherever such a thing may
 * stand. Types that are used often are better taught by augmentation, see `docs/native.md`.
 *
 * @example aggregations: [custom({ type: 'variance', name: 'spread', fieldName: 'delay' })]
 * @example context: { timeout: 1_000, ...custom({ ourGatewayKey: 'a' }) }
 */
export function custom<const T extends object>(part: T): T & Custom {
  return part as T & Custom
}
