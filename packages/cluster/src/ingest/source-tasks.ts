import { DruidError, type RequestOptions } from '@druid/core/extension'
import type { Services } from '../services.ts'
import { batchTask, type IngestTask } from './batch-task.ts'
import { type Batch, type BatchLimits, batchesOf } from './batches.ts'
import type { TimestampSpec } from './data-schema.ts'
import type { PlannedTask } from './ingest.ts'
import type { InputFormat } from './input-format.ts'
import { partsOf } from './parts.ts'
import { propose, type Sampled } from './sample.ts'
import { type IngestSource, remoteInput } from './source.ts'

/**
 * Within what a metadata store takes as one task; well below what one task should write, as each makes
 * segments of its own.
 */
const LIMITS: BatchLimits = { bytes: 4 * 1_048_576, rows: 100_000 }

/** The tasks of an ingestion in short, one after the other, as their rows come. */
export async function* tasksOf(
  { overlord }: Services,
  source: IngestSource,
  request: RequestOptions,
): AsyncGenerator<PlannedTask, void, undefined> {
  const time = async (sampled: Sampled): Promise<TimestampSpec> => {
    if (typeof source.time === 'string') return { column: source.time }
    if (source.time !== undefined) return source.time
    const options = { rows: 500, readTimeout: 15_000, request }
    const { timestamp } = await propose(overlord, sampled, options)
    if (timestamp !== undefined) return timestamp
    throw new DruidError(
      'INVALID_INPUT',
      "ingest: no column looks like the time of a row; name one, time: 'when', or give all the same: time: { column: 'none', missingValue: '2024-01-01' }",
    )
  }
  const remote = remoteInput(source)
  if (remote === undefined) {
    yield* batchTasks(source, time)
    return
  }
  yield { task: taskOf(source, remote, await time(remote), source.replace) }
}

async function* batchTasks(
  source: IngestSource,
  time: (sampled: Sampled) => Promise<TimestampSpec>,
): AsyncGenerator<PlannedTask, void, undefined> {
  const columns = new Set<string>()
  const { parts, format } = partsOf(source, (row) => {
    for (const [name, value] of Object.entries(row)) if (value != null) columns.add(name)
  })
  const limits = { ...LIMITS, ...source.batch } as BatchLimits
  let timestamp: TimestampSpec | undefined
  let replace = source.replace
  for await (const [batch, isOnly] of knowingWhetherOnly(batchesOf(parts, limits), replace)) {
    if (replace === true && !isOnly) {
      throw new DruidError(
        'INVALID_INPUT',
        "ingest: the rows do not fit into one batch, and what they replace must be known before the first: give replace an interval, '2024-01-01/2024-02-01', or a larger batch. Nothing was written",
      )
    }
    timestamp ??= await time({ input: { type: 'inline', data: firstOf(batch) }, format })
    // Only those that Druid takes by itself are surely there.
    columns.delete(timestamp.column ?? 'timestamp')
    const input = { type: 'inline' as const, data: batch.data }
    const task = taskOf(source, { input, format }, timestamp, replace)
    yield { task, columns: source.columns ? undefined : columns }
    if (replace !== undefined) replace = 'replaced'
  }
}

/** With each batch whether it is the only one; asks for the second before the first only if that matters. */
async function* knowingWhetherOnly(
  batches: AsyncGenerator<Batch, void, undefined>,
  replace: IngestSource['replace'],
): AsyncGenerator<readonly [Batch, boolean], void, undefined> {
  if (replace === true) {
    const first = await batches.next()
    if (first.done) return
    const second = await batches.next()
    await batches.return()
    yield [first.value, second.done === true]
    return
  }
  for await (const batch of batches) yield [batch, false]
}

/** As much as the sampler needs. */
function firstOf({ data }: Batch): string {
  return data.length <= 1_048_576 ? data : data.slice(0, data.lastIndexOf('\n', 1_048_576))
}

/** `replace`: `replaced` of the batches after the first, which come to what that one left. */
function taskOf(
  source: IngestSource,
  { input, format }: { readonly input: Sampled['input']; readonly format: InputFormat },
  timestamp: TimestampSpec,
  replace: string | true | undefined,
): IngestTask {
  const { dataSource, columns, segmentGranularity, tuning, context } = source
  const intervals = typeof source.replace === 'string' ? [source.replace] : undefined
  const replaces = replace !== undefined && replace !== 'replaced'
  return batchTask({
    dataSource,
    input,
    format,
    timestamp,
    dimensions: columns ?? { useSchemaDiscovery: true },
    granularity: {
      segmentGranularity: (segmentGranularity ?? 'DAY') as 'DAY',
      rollup: false,
      intervals,
    },
    append: !replaces,
    dropExisting: replaces && intervals !== undefined,
    tuning: { maxParseExceptions: 0, maxSavedParseExceptions: 10, ...tuning },
    context,
  })
}
