import { DruidError } from '@druid/core/extension'
import type { InputFormat } from './input-format.ts'
import { fileParts, type Part, rowRecords, type TextFile } from './records.ts'
import { type FormatName, formatOf, type Input, knownExtension } from './source.ts'

/** What is sent to Druid, record by record. `seen` is told each row. */
export function partsOf(
  input: Input,
  seen: (row: object) => void,
): { readonly parts: AsyncIterable<Part>; readonly format: InputFormat } {
  if ('rows' in input && input.rows !== undefined) {
    checkRows(input.rows)
    const records = rowRecords(input.rows, seen)
    return { parts: one({ header: undefined, records }), format: { type: 'json' } }
  }
  if (!('files' in input))
    throw new DruidError('CONFIG', 'ingest: it needs rows', { option: 'rows' })
  const files = isList(input.files) ? input.files : [input.files]
  const format = input.format ?? named(files[0]) ?? 'json'
  if (format !== 'json' && format !== 'csv' && format !== 'tsv') {
    throw new DruidError('CONFIG', 'ingest: the format of files is json, csv or tsv', {
      option: 'format',
    })
  }
  return { parts: fileParts(files, format), format: formatOf(format) }
}

async function* one(part: Part): AsyncGenerator<Part, void, undefined> {
  yield part
}

function checkRows(rows: unknown): void {
  const { [Symbol.iterator]: each, [Symbol.asyncIterator]: eachLater } = Object(rows)
  if (typeof rows === 'object' && (each ?? eachLater) !== undefined) return
  throw new DruidError('INVALID_INPUT', 'ingest: rows is a list, or what gives rows one by one')
}

function isList(files: TextFile | readonly TextFile[]): files is readonly TextFile[] {
  return Array.isArray(files)
}

/** A File has a name. */
function named(file: TextFile | undefined): FormatName | undefined {
  const { name } = Object(file) as { name?: unknown }
  return typeof name === 'string' ? knownExtension(name) : undefined
}
