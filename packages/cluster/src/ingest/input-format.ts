import type { OneOf } from './one-of.ts'

/** Columns made of what is nested. */
export interface FlattenSpec {
  /** Whether the fields of the first level are columns too. Default: true. */
  readonly useFieldDiscovery?: boolean | undefined
  readonly fields?:
    | readonly (
        | string
        | {
            readonly type: 'root' | 'path' | 'jq' | 'tree'
            readonly name: string
            readonly expr?: string | undefined
            readonly nodes?: readonly string[] | undefined
          }
      )[]
    | undefined
}

interface Flattened {
  readonly flattenSpec?: FlattenSpec | undefined
}

interface Binary extends Flattened {
  /** Whether bytes that are not marked as text are UTF-8. Default: false. */
  readonly binaryAsString?: boolean | undefined
}

/** An object per line; or, with the options, whatever follows one another. */
export interface JsonFormat extends Flattened {
  readonly type: 'json'
  /** Features of the parser, e.g. `{ ALLOW_COMMENTS: true }`. */
  readonly featureSpec?: Readonly<Record<string, boolean>> | undefined
  /** Whether columns are kept of which all is null. Default: false, as schema discovery wants it. */
  readonly keepNullColumns?: boolean | undefined
  readonly assumeNewlineDelimited?: boolean | undefined
  readonly useJsonNodeReader?: boolean | undefined
}

interface Separated {
  /** Their names, unless `findColumnsFromHeader`. */
  readonly columns?: readonly string[] | undefined
  /** Whether the first line names the columns. Default: false where `columns` are given. */
  readonly findColumnsFromHeader?: boolean | undefined
  /** Lines to leave out first. Default: 0. */
  readonly skipHeaderRows?: number | undefined
  /** Between the values of a multi-value dimension. */
  readonly listDelimiter?: string | undefined
  /** Whether text that looks like a number is one. Default: false. Druid 31 and later. */
  readonly tryParseNumbers?: boolean | undefined
}

export interface CsvFormat extends Separated {
  readonly type: 'csv'
}

export interface TsvFormat extends Separated {
  readonly type: 'tsv'
  /** Default: a tab. */
  readonly delimiter?: string | undefined
}

export interface RegexFormat {
  readonly type: 'regex'
  /** A Java pattern, a group per column. */
  readonly pattern: string
  /** Default: `column_1` and so on. */
  readonly columns?: readonly string[] | undefined
  readonly listDelimiter?: string | undefined
}

/** A function in JavaScript; off unless the servers allow it. */
export interface JavaScriptFormat {
  readonly type: 'javascript'
  readonly function: string
}

export interface OrcFormat extends Binary {
  readonly type: 'orc'
}

export interface ParquetFormat extends Binary {
  readonly type: 'parquet'
}

/** Files of Avro. */
export interface AvroFilesFormat extends Binary {
  readonly type: 'avro_ocf'
  /** The reader's. Default: the file's. */
  readonly schema?: Readonly<Record<string, unknown>> | undefined
}

/** Messages in Avro. */
export interface AvroStreamFormat extends Binary {
  readonly type: 'avro_stream'
  /** Where the schema comes from: `schema_inline`, `schema_registry`, … */
  readonly avroBytesDecoder: { readonly type: string; readonly [field: string]: unknown }
}

export interface ProtobufFormat extends Flattened {
  readonly type: 'protobuf'
  /** Where the descriptor comes from: `file`, `inline`, `schema_registry`. */
  readonly protoBytesDecoder: { readonly type: string; readonly [field: string]: unknown }
}

/** A message of Kafka with its key, headers, time and topic. */
export interface KafkaFormat {
  readonly type: 'kafka'
  readonly valueFormat: InputFormat
  readonly keyFormat?: InputFormat | undefined
  /** Default: `kafka.key`. */
  readonly keyColumnName?: string | undefined
  readonly headerFormat?: { readonly type: string; readonly encoding?: string } | undefined
  /** Default: `kafka.header.`. */
  readonly headerColumnPrefix?: string | undefined
  /** Default: `kafka.timestamp`. */
  readonly timestampColumnName?: string | undefined
  /** Default: `kafka.topic`. Druid 29 and later. */
  readonly topicColumnName?: string | undefined
}

/** A record of Kinesis with its key and time. Druid 29 and later. */
export interface KinesisFormat {
  readonly type: 'kinesis'
  readonly valueFormat: InputFormat
  readonly partitionKeyColumnName?: string | undefined
  readonly timestampColumnName?: string | undefined
}

/** Input formats by `type`; those of further Druid extensions are added by augmentation. */
export interface InputFormats {
  json: JsonFormat
  csv: CsvFormat
  tsv: TsvFormat
  regex: RegexFormat
  javascript: JavaScriptFormat
  orc: OrcFormat
  parquet: ParquetFormat
  avro_ocf: AvroFilesFormat
  avro_stream: AvroStreamFormat
  protobuf: ProtobufFormat
  kafka: KafkaFormat
  kinesis: KinesisFormat
}

/**
 * How the rows are written.
 * See https://druid.apache.org/docs/latest/ingestion/data-formats
 */
export type InputFormat = OneOf<InputFormats>
