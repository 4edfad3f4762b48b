import type { Aggregator, Filter, Granularity, VirtualColumn } from '@druid/core/extension'
import type { OneOf } from './one-of.ts'

/** Which column is the time of a row, and how it is written. */
export interface TimestampSpec {
  /** Default: `timestamp`. */
  readonly column?: string | undefined
  /**
   * `auto` (ISO 8601, or milliseconds), `iso`, `posix` (seconds), `millis`, `micro`, `nano`, `ruby`, or a
   * pattern of Joda-Time. Default: `auto`.
   */
  readonly format?: string | undefined
  /** The time of rows that have none, ISO 8601. Default: such rows are unparseable. */
  readonly missingValue?: string | undefined
}

interface Named {
  readonly name: string
}

export interface StringDimension extends Named {
  readonly type: 'string'
  readonly createBitmapIndex?: boolean | undefined
  /** Of several values in a row. Default: `SORTED_ARRAY`. */
  readonly multiValueHandling?: 'SORTED_ARRAY' | 'SORTED_SET' | 'ARRAY' | undefined
}

export interface NumberDimension<Type extends string> extends Named {
  readonly type: Type
}

/** Of the type that its values have; arrays and nested objects too. */
export interface AutoDimension extends Named {
  readonly type: 'auto'
  /** What values become, e.g. `LONG`, `ARRAY<STRING>`. Druid 30 and later. */
  readonly castToType?: string | undefined
}

/** Nested objects, whatever its values are. */
export interface JsonDimension extends Named {
  readonly type: 'json'
}

export interface SpatialDimension {
  readonly type: 'spatial'
  readonly dimName?: string | undefined
  readonly name?: string | undefined
  readonly dims?: readonly string[] | undefined
}

/** Dimensions by `type`; those of further Druid extensions are added by augmentation. */
export interface DimensionSchemas {
  string: StringDimension
  long: NumberDimension<'long'>
  float: NumberDimension<'float'>
  double: NumberDimension<'double'>
  auto: AutoDimension
  json: JsonDimension
  spatial: SpatialDimension
}

/** A dimension: its name, for text, or with its type. */
export type DimensionSchema = string | OneOf<DimensionSchemas>

/** Which columns are stored, in which order. */
export interface DimensionsSpec {
  readonly dimensions?: readonly DimensionSchema[] | undefined
  readonly dimensionExclusions?: readonly string[] | undefined
  /** Whether types are those of the values, of columns that are not listed. Default: false: all text. */
  readonly useSchemaDiscovery?: boolean | undefined
  /** Whether columns that are not listed are stored too. Default: false where some are listed. */
  readonly includeAllDimensions?: boolean | undefined
  /** Whether rows are sorted by time first. Default: true. Druid 31 and later. */
  readonly forceSegmentSortByTime?: boolean | undefined
  readonly spatialDimensions?: readonly Readonly<Record<string, unknown>>[] | undefined
}

/** Into which segments rows go, and whether like ones become one. */
export interface GranularitySpec {
  /** Default: `uniform`. */
  readonly type?: 'uniform' | 'arbitrary' | undefined
  /** How long a time chunk is. Default: `DAY`. */
  readonly segmentGranularity?: Granularity | undefined
  /** To what times are cut. Default: `NONE`. */
  readonly queryGranularity?: Granularity | undefined
  /** Whether rows that are alike become one. Default: true. */
  readonly rollup?: boolean | undefined
  /** ISO 8601: rows outside of them are left out. Default: those of the rows. */
  readonly intervals?: readonly string[] | undefined
}

/** A column that an expression makes of others. */
export interface Transform {
  readonly type: 'expression'
  readonly name: string
  readonly expression: string
}

export interface TransformSpec {
  readonly transforms?: readonly Transform[] | undefined
  /** Rows that do not pass are left out. */
  readonly filter?: Filter | undefined
}

/** A second, smaller form of the rows within the same segments. Druid 32 and later. */
export interface Projection {
  readonly type: 'aggregate'
  readonly name: string
  readonly virtualColumns?: readonly VirtualColumn[] | undefined
  readonly groupingColumns?: readonly DimensionSchema[] | undefined
  readonly aggregators?: readonly Aggregator[] | undefined
}

/** How segments are cut. */
export type PartitionsSpec =
  | {
      readonly type: 'dynamic'
      readonly maxRowsPerSegment?: number | undefined
      readonly maxTotalRows?: number | undefined
    }
  | {
      readonly type: 'hashed'
      readonly numShards?: number | undefined
      readonly targetRowsPerSegment?: number | undefined
      readonly partitionDimensions?: readonly string[] | undefined
      readonly partitionFunction?: string | undefined
    }
  | {
      readonly type: 'range'
      readonly partitionDimensions: readonly string[]
      readonly targetRowsPerSegment?: number | undefined
      readonly maxRowsPerSegment?: number | undefined
      readonly assumeGrouped?: boolean | undefined
    }
  | {
      readonly type: 'single_dim'
      readonly partitionDimension?: string | undefined
      readonly targetRowsPerSegment?: number | undefined
      readonly maxRowsPerSegment?: number | undefined
      readonly assumeGrouped?: boolean | undefined
    }

/** How the work is done. See https://druid.apache.org/docs/latest/ingestion/native-batch#tuningconfig */
export interface TuningConfig {
  /** Default: `dynamic`. */
  readonly partitionsSpec?: PartitionsSpec | undefined
  /** Subtasks at once. Default: 1: the task reads everything itself. */
  readonly maxNumConcurrentSubTasks?: number | undefined
  readonly splitHintSpec?: { readonly type: string; readonly [field: string]: unknown } | undefined
  /** Whether rows that are alike become one for certain. Default: false. */
  readonly forceGuaranteedRollup?: boolean | undefined
  /** Rows that cannot be read, and do not fail the task. Default: any number. */
  readonly maxParseExceptions?: number | undefined
  /** Such rows that the report has. Default: 0. */
  readonly maxSavedParseExceptions?: number | undefined
  /** Whether such rows are in the log. Default: false. */
  readonly logParseExceptions?: boolean | undefined
  readonly maxRowsInMemory?: number | undefined
  readonly maxBytesInMemory?: number | undefined
  readonly maxRetry?: number | undefined
  readonly indexSpec?: Readonly<Record<string, unknown>> | undefined
  readonly pushTimeout?: number | undefined
  /** Milliseconds that the task itself waits for its segments to be loaded. Default: 0. */
  readonly awaitSegmentAvailabilityTimeoutMillis?: number | undefined
  readonly [field: string]: unknown
}
