import { checkNames, DruidError, type RequestOptions } from '@druid/core/extension'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { SampledRow, SamplerResult } from '../roles/overlord/sampler.ts'
import { batchesOf } from './batches.ts'
import type { DimensionSchema, TimestampSpec } from './data-schema.ts'
import type { InputFormat } from './input-format.ts'
import type { InputSource } from './input-source.ts'
import { partsOf } from './parts.ts'
import { checkInput, type Input, remoteInput } from './source.ts'
import { timeCandidates } from './time.ts'

/** What to sample: as for `ingest`, or an input source and format of Druid's. */
export type SampleInput = Input | { readonly input: InputSource; readonly format?: InputFormat }

export interface SampleOptions extends RequestOptions {
  /** Rows to read. Default 500, which is the most that Druid reads. */
  readonly rows?: number | undefined
  /** Milliseconds that Druid reads at most. Default 15,000. */
  readonly readTimeout?: number | undefined
}

/** A schema that fits a few rows, as a proposal. */
export interface SampledSchema {
  /** `undefined` where no column looks like a time. */
  readonly timestamp: TimestampSpec | undefined
  /** The columns but for the time, with the types that their values have in Druid. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** The same as dimensions: for `columns` of `ingest`, or `dimensions` of `batchTask`. */
  readonly dimensions: readonly DimensionSchema[]
  /** The rows, as they came and as they would be stored. */
  readonly rows: readonly SampledRow[]
  /** How many of them cannot be read. */
  readonly unparseable: number
}

/** What the sampler is given. */
export interface Sampled {
  readonly input: InputSource
  readonly format: InputFormat | undefined
}

/** Bytes that rows and files are sampled from. */
const SAMPLED_BYTES = 1_048_576
const SAMPLED_ROWS = 500

/** See `Cluster.sample`. */
export async function sample(
  overlord: Overlord,
  given: SampleInput,
  { rows = SAMPLED_ROWS, readTimeout = 15_000, ...request }: SampleOptions = {},
): Promise<SampledSchema> {
  const sampled = 'input' in given ? nativeInput(given) : await shortInput(given, rows)
  return propose(overlord, sampled, { rows, readTimeout, request })
}

function nativeInput(given: {
  readonly input: InputSource
  readonly format?: InputFormat
}): Sampled {
  checkNames(given, ['input', 'format'], 'sample')
  return { input: given.input, format: given.format }
}

async function shortInput(given: Input, rows: number): Promise<Sampled> {
  checkNames(given, ['rows', 'files', 'url', 'paths', 'format'], 'sample')
  checkInput(given, 'sample')
  const remote = remoteInput(given)
  if (remote !== undefined) return remote
  const { parts, format } = partsOf(given, () => {})
  for await (const { data } of batchesOf(parts, { bytes: SAMPLED_BYTES, rows })) {
    return { input: { type: 'inline', data }, format }
  }
  throw new DruidError('INVALID_INPUT', 'sample: there are no rows')
}

/** Reads the rows without a time first, then with each column that may be one, until one is. */
export async function propose(
  overlord: Overlord,
  sampled: Sampled,
  options: {
    readonly rows: number
    readonly readTimeout: number
    readonly request: RequestOptions
  },
): Promise<SampledSchema> {
  const without = { column: NO_COLUMN, missingValue: '1970-01-01T00:00:00Z' }
  const first = await read(overlord, sampled, without, options)
  const isDruids = sampled.input.type === 'druid'
  for (const timestamp of isDruids ? [DRUIDS_TIME] : timeCandidates(first)) {
    const result = await read(overlord, sampled, timestamp, options)
    if (result.numRowsIndexed === first.numRowsIndexed) return schemaOf(result, timestamp)
  }
  return schemaOf(first, undefined)
}

/** Of rows that Druid has already, which the sampler does not show. */
const DRUIDS_TIME = { column: '__time', format: 'millis' }

/** No data has it. */
const NO_COLUMN = '!!!_no_such_column_!!!'

function read(
  overlord: Overlord,
  { input, format }: Sampled,
  timestampSpec: TimestampSpec,
  {
    rows,
    readTimeout,
    request,
  }: { readonly rows: number; readonly readTimeout: number; readonly request: RequestOptions },
): Promise<SamplerResult> {
  return overlord.sampler(
    {
      type: 'index',
      spec: {
        type: 'index',
        dataSchema: {
          dataSource: 'sample',
          timestampSpec,
          dimensionsSpec: { useSchemaDiscovery: true },
          granularitySpec: { rollup: false },
        },
        ioConfig: {
          type: 'index',
          inputSource: input,
          ...(format && { inputFormat: keepingNulls(format) }),
        },
        tuningConfig: { type: 'index' },
      },
      samplerConfig: { numRows: rows, timeoutMs: readTimeout },
    },
    request,
  )
}

/** A column of which all that is sampled is null is one, too. */
function keepingNulls(format: InputFormat): InputFormat {
  return format.type === 'json' ? { keepNullColumns: true, ...format, type: 'json' } : format
}

function schemaOf(result: SamplerResult, timestamp: TimestampSpec | undefined): SampledSchema {
  const columns = result.logicalSegmentSchema.filter(({ name }) => name !== '__time')
  return {
    timestamp,
    columns,
    dimensions: columns.map(dimensionOf),
    rows: result.data,
    unparseable: result.data.filter((row) => row.unparseable).length,
  }
}

const DIMENSIONS: Readonly<Record<string, 'string' | 'long' | 'float' | 'double' | 'json'>> = {
  STRING: 'string',
  LONG: 'long',
  FLOAT: 'float',
  DOUBLE: 'double',
  'COMPLEX<json>': 'json',
}

function dimensionOf({ name, type }: { name: string; type: string }): DimensionSchema {
  return { type: DIMENSIONS[type] ?? 'auto', name } as DimensionSchema
}
