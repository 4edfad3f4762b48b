import type { Part } from './records.ts'

export interface BatchLimits {
  /** Bytes of a batch. */
  readonly bytes: number
  readonly rows: number
}

/** What one task is given inline. */
export interface Batch {
  readonly data: string
  readonly rows: number
}

/** Records gathered until a batch is full; a record that is larger than a batch is one alone. */
export async function* batchesOf(
  parts: AsyncIterable<Part>,
  limits: BatchLimits,
): AsyncGenerator<Batch, void, undefined> {
  const utf8 = new TextEncoder()
  for await (const { header, records } of parts) {
    let gathered: string[] = []
    let bytes = 0
    const full = (): Batch => {
      const batch = { data: withHeader(header, gathered), rows: gathered.length }
      gathered = []
      bytes = 0
      return batch
    }
    for await (const record of records) {
      const size = utf8.encode(record).length + 1
      const isFull = bytes + size > limits.bytes || gathered.length >= limits.rows
      if (gathered.length > 0 && isFull) yield full()
      gathered.push(record)
      bytes += size
    }
    if (gathered.length > 0) yield full()
  }
}

function withHeader(header: string | undefined, records: readonly string[]): string {
  return (header === undefined ? records : [header, ...records]).join('\n')
}
