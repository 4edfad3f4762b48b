import type { Granularity } from './granularity.ts'
import type { SearchSpec } from './search.ts'
import type { OneOf } from './value.ts'

interface Missing {
  /** Keep the value where there is none for it. Default: false. */
  readonly retainMissingValue?: boolean | undefined
  /** What stands for a value that is not found. Default: null. */
  readonly replaceMissingValueWith?: string | null | undefined
  /** Whether no two keys have one value: Druid may then group before it looks up. */
  readonly injective?: boolean | undefined
  /** Look up after grouping where that is possible. Default: true. */
  readonly optimize?: boolean | undefined
}

/** A time in one text format to another. */
export interface TimeExtraction {
  readonly type: 'time'
  readonly timeFormat: string
  readonly resultFormat: string
  /** Whether the formats are those of Joda, rather than of ICU. Default: false. */
  readonly joda?: boolean | undefined
}

/** What a group of a Java pattern matches. */
export interface RegexExtraction {
  readonly type: 'regex'
  readonly expr: string
  /** The group. Default: 1. */
  readonly index?: number | undefined
  /** Whether a value that does not match is replaced. Default: false. */
  readonly replaceMissingValue?: boolean | undefined
  readonly replaceMissingValueWith?: string | null | undefined
}

/** The value if a Java pattern is found in it, else null. */
export interface PartialExtraction {
  readonly type: 'partial'
  readonly expr: string
}

/** The value if the search finds it, else null. */
export interface SearchExtraction {
  readonly type: 'searchQuery'
  readonly query: SearchSpec
}

/** A function in JavaScript; off unless the server allows it. */
export interface JavaScriptExtraction {
  readonly type: 'javascript'
  readonly function: string
  readonly injective?: boolean | undefined
}

/** A time, or `__time`, as text. */
export interface TimeFormatExtraction {
  readonly type: 'timeFormat'
  /** Joda's. Default: ISO 8601. */
  readonly format?: string | undefined
  readonly timeZone?: string | undefined
  readonly locale?: string | undefined
  /** Rounds the time down first. Default: `none`. */
  readonly granularity?: Granularity | undefined
  /** Whether the value is milliseconds rather than text. Default: false. */
  readonly asMillis?: boolean | undefined
}

/** The value as it is. */
export interface IdentityExtraction {
  readonly type: 'identity'
}

/** A map within the query. */
export interface MapLookup {
  readonly type: 'map'
  readonly map: Readonly<Record<string, string>>
  /** Default: false. */
  readonly isOneToOne?: boolean | undefined
}

/** Looks up in a map that the query brings. */
export interface LookupExtraction extends Missing {
  readonly type: 'lookup'
  readonly lookup: MapLookup
}

/** Looks up in a lookup of the cluster, by its name. */
export interface RegisteredLookupExtraction extends Missing {
  readonly type: 'registeredLookup'
  readonly lookup: string
}

/** A part of the value. */
export interface SubstringExtraction {
  readonly type: 'substring'
  /** From 0. Default: 0. */
  readonly index?: number | undefined
  /** Default: to the end. */
  readonly length?: number | null | undefined
}

/** One after the other. */
export interface CascadeExtraction {
  readonly type: 'cascade'
  readonly extractionFns: readonly ExtractionFn[]
}

/** A format of Java's `String.format`. */
export interface StringFormatExtraction {
  readonly type: 'stringFormat'
  readonly format: string
  /** What becomes of null. Default: `nullString`. */
  readonly nullHandling?: 'nullString' | 'emptyString' | 'returnNull' | undefined
}

/** In upper case. */
export interface UpperExtraction {
  readonly type: 'upper'
  readonly locale?: string | undefined
}

/** In lower case. */
export interface LowerExtraction {
  readonly type: 'lower'
  readonly locale?: string | undefined
}

/** The bucket that a number falls into: its lower bound. */
export interface BucketExtraction {
  readonly type: 'bucket'
  /** Default: 1. */
  readonly size?: number | undefined
  /** Default: 0. */
  readonly offset?: number | undefined
}

/** The length of the value. */
export interface StrlenExtraction {
  readonly type: 'strlen'
}

/** Extraction functions by `type`; an extension's are added by augmentation. */
export interface ExtractionFns {
  time: TimeExtraction
  regex: RegexExtraction
  partial: PartialExtraction
  searchQuery: SearchExtraction
  javascript: JavaScriptExtraction
  timeFormat: TimeFormatExtraction
  identity: IdentityExtraction
  lookup: LookupExtraction
  registeredLookup: RegisteredLookupExtraction
  substring: SubstringExtraction
  cascade: CascadeExtraction
  stringFormat: StringFormatExtraction
  upper: UpperExtraction
  lower: LowerExtraction
  bucket: BucketExtraction
  strlen: StrlenExtraction
}

/**
 * What becomes of the values of a dimension. Druid recommends expression virtual columns instead.
 * See https://druid.apache.org/docs/latest/querying/dimensionspecs#extraction-functions
 */
export type ExtractionFn = OneOf<ExtractionFns>
