import { checkNames, DruidError } from '@druid/core/extension'
import type { DimensionSchema, TimestampSpec, TuningConfig } from './data-schema.ts'
import type { InputFormat } from './input-format.ts'
import type { HttpInput, InputSource, LocalInput } from './input-source.ts'
import type { RowSource, TextFile } from './records.ts'

/** A format by its name alone; `csv` and `tsv` then take their columns from the first line. */
export type FormatName = 'json' | 'csv' | 'tsv' | 'parquet' | 'orc' | 'avro_ocf'

/** Where rows come from, in short: one of `rows`, `files`, `url` and `paths`. */
export type Input =
  | {
      /** Objects, their columns as fields; sent within tasks, a batch each. */
      readonly rows: RowSource
    }
  | {
      /**
       * Texts, sent as rows are: JSON with an object per line, or CSV or TSV with their columns in the
       * first line.
       */
      readonly files: TextFile | readonly TextFile[]
      /** Default: `json`, or what the name of a File says. */
      readonly format?: 'json' | 'csv' | 'tsv' | undefined
    }
  | {
      /** What Druid's workers get by HTTP. A user and password in it are sent apart from it. */
      readonly url: string | URL | readonly (string | URL)[]
      /** Default: what its path ends with, as in `.json.gz`. */
      readonly format?: FormatName | InputFormat | undefined
    }
  | {
      /** Files of the workers' own file systems: their paths, or a folder and a filter. */
      readonly paths: readonly string[] | { readonly baseDir: string; readonly filter: string }
      /** Default: what the first path, or the filter, ends with. */
      readonly format?: FormatName | InputFormat | undefined
    }

/** An ingestion in short. */
export type IngestSource = Input & {
  readonly dataSource: string
  /**
   * The column that is the time, or with its format. Default: what the sampler finds in the first rows.
   */
  readonly time?: string | TimestampSpec | undefined
  /** Columns to store, but for the time. Default: all there are, with the types of their values. */
  readonly columns?: readonly DimensionSchema[] | undefined
  /** How long a time chunk is: `HOUR`, `DAY`, `MONTH`, `YEAR`, `ALL`, … Default: `DAY`. */
  readonly segmentGranularity?: string | undefined
  /**
   * What the rows replace: all that is there within an interval, ISO 8601 `start/end`, outside of which
   * rows are left out and counted as `thrownAway`; `true`: the time chunks that they are in, in one batch.
   * Default: nothing; they are added.
   */
  readonly replace?: string | true | undefined
  /** Limits of a batch of `rows` or `files`. Default: 4 MiB, and 100,000 rows. */
  readonly batch?: { readonly bytes?: number | undefined; readonly rows?: number | undefined }
  /** Default: a row that cannot be read fails the task. */
  readonly tuning?: TuningConfig | undefined
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

const KINDS = ['rows', 'files', 'url', 'paths'] as const
const COMMON = ['dataSource', 'time', 'columns', 'segmentGranularity', 'replace', 'batch']

/** @throws DruidError `CONFIG` for options that there are not, or not exactly one input. */
export function checkSource(source: IngestSource): void {
  checkNames(source, [...KINDS, 'format', ...COMMON, 'tuning', 'context'], 'ingest')
  checkInput(source, 'ingest')
  if (typeof source.dataSource !== 'string' || source.dataSource === '') {
    throw new DruidError('INVALID_INPUT', 'ingest: it needs a dataSource')
  }
  for (const [name, limit] of Object.entries(source.batch ?? {})) {
    if (limit === undefined || (Number.isSafeInteger(limit) && limit > 0)) continue
    throw new DruidError('CONFIG', `ingest: batch.${name} is a number, 1 or more`, {
      option: 'batch',
    })
  }
}

export function checkInput(input: object, where: string): void {
  const kinds = KINDS.filter((kind) => (input as Record<string, unknown>)[kind] !== undefined)
  if (kinds.length === 1) return
  const why = kinds.length === 0 ? 'it needs one of' : 'it takes only one of'
  throw new DruidError('CONFIG', `${where}: ${why} ${KINDS.join(', ')}`, { option: 'rows' })
}

/** What Druid reads itself; `undefined` for what is sent to it. */
export function remoteInput(
  input: Input,
): { readonly input: InputSource; readonly format: InputFormat } | undefined {
  if ('url' in input && input.url !== undefined) {
    const urls = (Array.isArray(input.url) ? input.url : [input.url]).map(parsedUrl)
    const http = httpInput(urls)
    const format = formatOf(input.format ?? extensionOf(urls[0]?.pathname ?? ''))
    return { input: http, format }
  }
  if ('paths' in input && input.paths !== undefined) {
    const { paths } = input
    const named = 'baseDir' in paths ? paths.filter : (paths[0] ?? '')
    const local: LocalInput =
      'baseDir' in paths
        ? { type: 'local', baseDir: paths.baseDir, filter: paths.filter }
        : { type: 'local', files: paths }
    return { input: local, format: formatOf(input.format ?? extensionOf(named)) }
  }
  return undefined
}

function parsedUrl(url: string | URL): URL {
  if (URL.canParse(String(url))) return new URL(url)
  throw new DruidError('CONFIG', 'ingest: url is none; write it whole: https://host/path', {
    option: 'url',
  })
}

/** Credentials apart from the URLs, which are in Druid's logs and errors. */
function httpInput(urls: readonly URL[]): HttpInput {
  const first = urls[0]
  if (first === undefined) {
    throw new DruidError('CONFIG', 'ingest: url is an empty list', { option: 'url' })
  }
  const { username, password } = first
  if (urls.some((url) => url.username !== username || url.password !== password)) {
    throw new DruidError('CONFIG', 'ingest: of several URLs all have the same user and password', {
      option: 'url',
    })
  }
  const uris = urls.map((url) => {
    const plain = new URL(url)
    plain.username = ''
    plain.password = ''
    return plain.href
  })
  if (username === '') return { type: 'http', uris }
  return {
    type: 'http',
    uris,
    httpAuthenticationUsername: decodeURIComponent(username),
    httpAuthenticationPassword: {
      type: 'default',
      password: decodeURIComponent(password),
    },
  }
}

/** What the ends of names say. */
const FORMATS: Readonly<Record<string, FormatName>> = {
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  parquet: 'parquet',
  orc: 'orc',
  avro: 'avro_ocf',
}

function extensionOf(path: string): FormatName {
  const format = knownExtension(path)
  if (format !== undefined) return format
  throw new DruidError('CONFIG', 'ingest: its name does not say the format; give format', {
    option: 'format',
  })
}

/** Without the ending of a compressed file. */
export function knownExtension(path: string): FormatName | undefined {
  const name = path.toLowerCase().replace(/\.(?:gz|bz2|xz|zst|sz|zip)$/, '')
  return FORMATS[/\.(\w+)$/.exec(name)?.[1] ?? '']
}

export function formatOf(format: FormatName | InputFormat): InputFormat {
  if (typeof format !== 'string') return format
  const hasHeader = format === 'csv' || format === 'tsv'
  return { type: format, ...(hasHeader && { findColumnsFromHeader: true }) } as InputFormat
}
