import { DruidError, isDruidError, isRecord, type RequestOptions } from '@druid/core/extension'
import type { Overlord } from '../roles/overlord/overlord.ts'
import type { SupervisorSpec } from '../roles/overlord/supervisor.ts'
import { undone } from '../undone.ts'

const STREAM_TYPES: ReadonlySet<string> = new Set(['kafka', 'kinesis', 'rabbit'])

/** Whether Druid can sample it. */
export function isOfStream({ type }: SupervisorSpec): boolean {
  return STREAM_TYPES.has(type)
}

const UNTRIED = 'nothing was submitted; where the spec is right, submit it with { sample: false }'

/** It waits for so many messages, or so long. */
const SAMPLE = { numRows: 20, timeoutMs: 3_000 }

/** Milliseconds that Kafka's consumer takes to find that nobody answers; its own default is a minute. */
const CONNECT_LIMIT = '15000'

/**
 * Reads a few messages by a spec. A stream without messages is as good as one with them; a user who may
 * not sample goes on without it.
 * @throws DruidError `INVALID_INPUT` for a stream that is not there or cannot be reached, or of whose
 * messages none can be read.
 */
export async function checkBySample(
  overlord: Overlord,
  spec: SupervisorSpec,
  request: RequestOptions,
): Promise<void> {
  const { type } = spec
  const given = { type, spec: impatient(spec), samplerConfig: SAMPLE }
  const sample = await overlord.sampler(given, request).catch((error: unknown) => {
    if (isDruidError(error, 'FORBIDDEN')) return undefined
    throw isDruidError(error, 'INVALID_INPUT') ? undone(error, [UNTRIED]) : error
  })
  const data = sample?.data ?? []
  const errors = data.flatMap(({ unparseable, error }) => (unparseable ? [error] : []))
  if (data.length === 0 || errors.length < data.length) return
  throw new DruidError(
    'INVALID_INPUT',
    `submitSupervisor: of ${data.length} messages none can be read: ${errors.find(Boolean) ?? 'Druid gives no reason'}; ${UNTRIED}`,
  )
}

/** The spec with a consumer of Kafka that does not wait for a minute. */
function impatient(spec: SupervisorSpec): SupervisorSpec {
  const inner = spec.spec
  if (spec.type !== 'kafka' || !isRecord(inner) || !isRecord(inner.ioConfig)) return spec
  const { consumerProperties } = inner.ioConfig
  if (!isRecord(consumerProperties)) return spec
  const properties = { 'default.api.timeout.ms': CONNECT_LIMIT, ...consumerProperties }
  const ioConfig = { ...inner.ioConfig, consumerProperties: properties }
  return { ...spec, spec: { ...inner, ioConfig } }
}
