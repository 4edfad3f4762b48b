import type { Custom } from '@druid/core/extension'
import type { OneOf } from '../ingest/one-of.ts'

/** A map that is given whole. */
export interface MapLookup {
  readonly type: 'map'
  readonly map: Readonly<Record<string, string>>
  /** Whether no two keys have the same value, by which Druid can do with less. Default false. */
  readonly isOneToOne?: boolean | undefined
}

/** A map that is read again and again, of the extension `druid-lookups-cached-global`. */
export interface CachedNamespaceLookup {
  readonly type: 'cachedNamespace'
  readonly extractionNamespace: UriNamespace | JdbcNamespace | StaticMapNamespace | OtherPart
  /** Milliseconds to wait for the first time it is read; 0: it is not waited for. Default 0. */
  readonly firstCacheTimeout?: number | undefined
  /** Whether no two keys have the same value. Default false. */
  readonly injective?: boolean | undefined
}

/** Files. */
export interface UriNamespace {
  readonly type: 'uri'
  /** One file; else `uriPrefix`. */
  readonly uri?: string | undefined
  /** A folder, of which the newest file is read. */
  readonly uriPrefix?: string | undefined
  /** Which files of the folder: a regular expression of Java. */
  readonly fileRegex?: string | undefined
  readonly namespaceParseSpec: NamespaceParseSpec
  /** ISO 8601: how often it is read. Default: once. */
  readonly pollPeriod?: string | undefined
  /** Percent of a server's heap beyond which it warns. Default 10. */
  readonly maxHeapPercentage?: number | undefined
}

/** How files are read. */
export type NamespaceParseSpec =
  | {
      readonly format: 'csv'
      /** Names of columns. Default: those of the first line, with `hasHeaderRow`. */
      readonly columns?: readonly string[] | undefined
      readonly keyColumn?: string | undefined
      readonly valueColumn?: string | undefined
      readonly hasHeaderRow?: boolean | undefined
      readonly skipHeaderRows?: number | undefined
    }
  | {
      readonly format: 'tsv'
      readonly columns?: readonly string[] | undefined
      readonly keyColumn?: string | undefined
      readonly valueColumn?: string | undefined
      /** Default: a tab. */
      readonly delimiter?: string | undefined
      readonly listDelimiter?: string | undefined
      readonly hasHeaderRow?: boolean | undefined
      readonly skipHeaderRows?: number | undefined
    }
  | {
      readonly format: 'customJson'
      readonly keyFieldName: string
      readonly valueFieldName: string
    }
  /** Lines like `{"key": "value"}`. */
  | { readonly format: 'simpleJson' }

/** A table of a database. */
export interface JdbcNamespace {
  readonly type: 'jdbc'
  readonly connectorConfig: {
    readonly connectURI: string
    readonly user?: string | undefined
    /** A password, or where Druid finds it. */
    readonly password?: string | Readonly<Record<string, unknown>> | undefined
    readonly createTables?: boolean | undefined
    readonly [field: string]: unknown
  }
  readonly table: string
  readonly keyColumn: string
  readonly valueColumn: string
  /** A condition of SQL. */
  readonly filter?: string | undefined
  /** A column by which changes are found. */
  readonly tsColumn?: string | undefined
  /** ISO 8601: how often it is read. Default: once. */
  readonly pollPeriod?: string | undefined
  /** Seconds by which servers read at different times, at most. */
  readonly jitterSeconds?: number | undefined
  /** Seconds. Default 60. */
  readonly loadTimeoutSeconds?: number | undefined
  readonly maxHeapPercentage?: number | undefined
}

/** A map that is given whole. */
export interface StaticMapNamespace {
  readonly type: 'staticMap'
  readonly map: Readonly<Record<string, string>>
}

/** Keys and values of the messages of a topic, of the extension `druid-kafka-extraction-namespace`. */
export interface KafkaLookup {
  readonly type: 'kafka'
  readonly kafkaTopic: string
  readonly kafkaProperties: { readonly 'bootstrap.servers': string } & Readonly<
    Record<string, string>
  >
  /** Milliseconds to wait for the first messages; 0: they are not waited for. Default 0. */
  readonly connectTimeout?: number | undefined
  readonly isOneToOne?: boolean | undefined
}

/** Single keys that are looked up when asked for, of the extension `druid-lookups-cached-single`. */
export interface LoadingLookup {
  readonly type: 'loadingLookup'
  readonly dataFetcher: SingleDataFetcher | OtherPart
  readonly loadingCacheSpec: OtherCache
  readonly reverseLoadingCacheSpec: OtherCache
  readonly injective?: boolean | undefined
}

/** A whole map that is read again and again, of the same extension. */
export interface PollingLookup {
  readonly type: 'pollingLookup'
  readonly dataFetcher: SingleDataFetcher | OtherPart
  readonly cacheFactory: OtherCache
  /** ISO 8601. Default: once. */
  readonly pollPeriod?: string | undefined
  readonly injective?: boolean | undefined
}

/** A table of a database, of that extension. */
export interface SingleDataFetcher {
  readonly type: 'jdbcDataFetcher'
  readonly connectorConfig: JdbcNamespace['connectorConfig']
  readonly table: string
  readonly keyColumn: string
  readonly valueColumn: string
  /** Rows at a time. */
  readonly streamingFetchSize?: number | undefined
}

/** `guava`, `mapDb`, `onHeapPolling`, `offHeapPolling`, and what they have. */
interface OtherCache {
  readonly type: string
  readonly [field: string]: unknown
}

type OtherPart = Custom & { readonly type: string }

/** What makes lookups, by `type`; those of further Druid extensions are added by augmentation. */
export interface LookupFactories {
  map: MapLookup
  cachedNamespace: CachedNamespaceLookup
  kafka: KafkaLookup
  loadingLookup: LoadingLookup
  pollingLookup: PollingLookup
}

/** What makes a lookup on each server. */
export type LookupFactory = OneOf<LookupFactories>
