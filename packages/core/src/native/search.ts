import type { OneOf } from './value.ts'

/** Values that contain a text. */
export interface ContainsSearch {
  readonly type: 'contains'
  readonly value: string
  /** Default: false. */
  readonly caseSensitive?: boolean | undefined
}

/** Values that contain a text, in whatever case. */
export interface InsensitiveContainsSearch {
  readonly type: 'insensitive_contains'
  readonly value: string
}

/** Values that contain all of these texts. */
export interface FragmentSearch {
  readonly type: 'fragment'
  readonly values: readonly string[]
  /** Default: false. */
  readonly caseSensitive?: boolean | undefined
}

/** Values in which a Java pattern is found. */
export interface RegexSearch {
  readonly type: 'regex'
  readonly pattern: string
}

/** Every value. */
export interface AllSearch {
  readonly type: 'all'
}

/** Search specs by `type`; an extension's are added by augmentation. */
export interface SearchSpecs {
  contains: ContainsSearch
  insensitive_contains: InsensitiveContainsSearch
  fragment: FragmentSearch
  regex: RegexSearch
  all: AllSearch
}

/**
 * Which values of a dimension are meant.
 * See https://druid.apache.org/docs/latest/querying/searchquery#searchqueryspec
 */
export type SearchSpec = OneOf<SearchSpecs>
