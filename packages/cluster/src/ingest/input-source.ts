import type { Filter } from '@druid/core/extension'
import type { OneOf } from './one-of.ts'

/** Text within the task itself. */
export interface InlineInput {
  readonly type: 'inline'
  readonly data: string
}

/** A secret, or where Druid finds it, so that it is not in the task. */
export type Secret =
  | string
  | { readonly type: 'default'; readonly password: string }
  | { readonly type: 'environment'; readonly variable: string }
  | { readonly type: string; readonly [field: string]: unknown }

/** Files of web servers. */
export interface HttpInput {
  readonly type: 'http'
  readonly uris: readonly string[]
  readonly httpAuthenticationUsername?: string | undefined
  readonly httpAuthenticationPassword?: Secret | undefined
  /** Further headers, as far as the servers' configuration allows them. Druid 31 and later. */
  readonly requestHeaders?: Readonly<Record<string, string>> | undefined
}

/** Files of the workers' own file systems: `files`, or those of `baseDir` whose names fit `filter`. */
export interface LocalInput {
  readonly type: 'local'
  readonly baseDir?: string | undefined
  /** E.g. `*.json`. */
  readonly filter?: string | undefined
  readonly files?: readonly string[] | undefined
}

/** One of `uris`, `prefixes` and `objects`. */
interface CloudObjects {
  readonly uris?: readonly string[] | undefined
  /** Everything that begins so. */
  readonly prefixes?: readonly string[] | undefined
  readonly objects?: readonly { readonly bucket: string; readonly path: string }[] | undefined
  /** Which of them, e.g. `**.json`. */
  readonly objectGlob?: string | undefined
  readonly systemFields?: readonly string[] | undefined
}

/** Amazon S3. */
export interface S3Input extends CloudObjects {
  readonly type: 's3'
  readonly properties?: Readonly<Record<string, unknown>> | undefined
  readonly endpointConfig?: Readonly<Record<string, unknown>> | undefined
  readonly clientConfig?: Readonly<Record<string, unknown>> | undefined
  readonly proxyConfig?: Readonly<Record<string, unknown>> | undefined
}

/** Google Cloud Storage. */
export interface GoogleInput extends CloudObjects {
  readonly type: 'google'
}

/** Azure: `azure` of one account, the servers' own; `azureStorage` of any (Druid 29 and later). */
export interface AzureInput<Type extends string> extends CloudObjects {
  readonly type: Type
  readonly properties?: Readonly<Record<string, unknown>> | undefined
}

/** Hadoop's file system. */
export interface HdfsInput {
  readonly type: 'hdfs'
  readonly paths: string | readonly string[]
}

/** Rows of a database. */
export interface SqlInput {
  readonly type: 'sql'
  readonly database: {
    /** `mysql`, `postgresql`. */
    readonly type: string
    readonly connectorConfig: {
      readonly connectURI: string
      readonly user?: string | undefined
      readonly password?: Secret | undefined
    }
  }
  /** One subtask may read each. */
  readonly sqls: readonly string[]
  /** Whether names of columns are made lower case. Default: false. */
  readonly foldCase?: boolean | undefined
}

/** What Druid has itself, of one data source. */
export interface DruidInput {
  readonly type: 'druid'
  readonly dataSource: string
  /** ISO 8601, `start/end`. */
  readonly interval: string
  readonly filter?: Filter | undefined
}

/** Several, which all have the same input format; none of them `inline` or `combining`. */
export interface CombiningInput {
  readonly type: 'combining'
  readonly delegates: readonly InputSource[]
}

/** A Delta Lake table. */
export interface DeltaInput {
  readonly type: 'delta'
  readonly tablePath: string
  readonly filter?: Readonly<Record<string, unknown>> | undefined
  /** Default: the latest. */
  readonly snapshotVersion?: number | undefined
}

/** An Iceberg table. */
export interface IcebergInput {
  readonly type: 'iceberg'
  readonly tableName: string
  readonly namespace: string
  readonly icebergCatalog: Readonly<Record<string, unknown>>
  readonly warehouseSource: Readonly<Record<string, unknown>>
  readonly icebergFilter?: Readonly<Record<string, unknown>> | undefined
  /** ISO 8601. Default: the latest. */
  readonly snapshotTime?: string | undefined
}

/** Input sources by `type`; those of further Druid extensions are added by augmentation. */
export interface InputSources {
  inline: InlineInput
  http: HttpInput
  local: LocalInput
  s3: S3Input
  google: GoogleInput
  azure: AzureInput<'azure'>
  azureStorage: AzureInput<'azureStorage'>
  hdfs: HdfsInput
  sql: SqlInput
  druid: DruidInput
  combining: CombiningInput
  delta: DeltaInput
  iceberg: IcebergInput
}

/**
 * Where the rows are.
 * See https://druid.apache.org/docs/latest/ingestion/input-sources
 */
export type InputSource = OneOf<InputSources>
