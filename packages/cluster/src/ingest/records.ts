import { DruidError } from '@druid/core/extension'
import { rowText } from './row-text.ts'

/** A text file. */
export type TextFile = Blob | ReadableStream<Uint8Array | string>

/** Rows, at hand or as they come. */
export type RowSource = Iterable<object> | AsyncIterable<object>

/** Lines of rows, or of files: what one inline input may hold together. */
export interface Part {
  /** Stands before the records of each batch. */
  readonly header: string | undefined
  readonly records: AsyncIterable<string>
}

/** Rows as lines of JSON. `seen` is told each. */
export async function* rowRecords(
  rows: RowSource,
  seen: (row: object) => void,
): AsyncGenerator<string, void, undefined> {
  let index = 0
  for await (const row of rows) {
    yield rowText(row, index)
    seen(row)
    index += 1
  }
}

/** The lines of files, each file a part. Of `csv` and `tsv` the first line of each is its header. */
export async function* fileParts(
  files: readonly TextFile[],
  format: 'json' | 'csv' | 'tsv',
): AsyncGenerator<Part, void, undefined> {
  for (const [index, file] of files.entries()) {
    const records = format === 'csv' ? csvRecords(lines(file), index) : lines(file)
    if (format === 'json') {
      yield { header: undefined, records: jsonRecords(records, index) }
      continue
    }
    const iterator = records[Symbol.asyncIterator]()
    const first = await iterator.next()
    if (first.done) continue
    const rest = { [Symbol.asyncIterator]: () => iterator }
    yield { header: first.value, records: rest }
  }
}

async function* jsonRecords(
  records: AsyncIterable<string>,
  file: number,
): AsyncGenerator<string, void, undefined> {
  let isFirst = true
  for await (const record of records) {
    if (isFirst && record.trimStart().startsWith('[')) {
      throw new DruidError(
        'INVALID_INPUT',
        `ingest: file ${file} is a JSON array, not an object per line; give its elements as rows`,
      )
    }
    isFirst = false
    yield record
  }
}

/** Lines that are not empty. */
async function* lines(file: TextFile): AsyncGenerator<string, void, undefined> {
  const stream = file instanceof ReadableStream ? file : file.stream()
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
    rest += typeof chunk === 'string' ? chunk : decoded(utf8, chunk)
    const whole = rest.split('\n')
    rest = whole.pop() ?? ''
    for (const line of whole) if (line.trim() !== '') yield line.replace(/\r$/, '')
  }
  rest += decoded(utf8)
  if (rest.trim() !== '') yield rest.replace(/\r$/, '')
}

function decoded(utf8: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? utf8.decode() : utf8.decode(chunk, { stream: true })
  } catch (cause) {
    const why = 'ingest: a file is no UTF-8 text; is it compressed?'
    throw new DruidError('INVALID_INPUT', why, { cause })
  }
}

/**
 * Lines with a record each. A quoted field may hold line breaks; Druid would make records of its parts.
 */
async function* csvRecords(
  source: AsyncIterable<string>,
  file: number,
): AsyncGenerator<string, void, undefined> {
  let index = 0
  for await (const line of source) {
    if ((line.match(/"/g)?.length ?? 0) % 2 !== 0) {
      throw new DruidError(
        'INVALID_INPUT',
        `ingest: file ${file}, line ${index}: a quoted field with a line break, which Druid does not read; take the file apart and give its rows`,
      )
    }
    index += 1
    yield line
  }
}
