import { DruidError, isRecord, snippet } from '@druid/core/extension'

const STATES = ['INITIALIZED', 'RUNNING', 'COMPLETE', 'FAILED', 'UNDETERMINED'] as const

/** `UNDETERMINED`: the Broker that ran it was lost; it may come back, or never. */
export type AsyncState = (typeof STATES)[number]

/** An async query as the server sees it: plain data that can be stored. */
export interface AsyncStatus {
  /** What the query is known by. Talaria's begins with `talaria-sql-`. */
  readonly asyncResultId: string
  readonly state: AsyncState
  /** The format of the result file, where the server tells it; Talaria's is always `array`. */
  readonly resultFormat?: string | undefined
  /** As the server sends it, in a unit that no document tells: nothing relies on it. */
  readonly resultLength?: number | undefined
  /** Who runs it, e.g. `Broker`, `Talaria-Indexer`; where the server tells. */
  readonly engine?: string | undefined
  /** The error as it was sent: an object, or a string. */
  readonly error?: unknown
  /** The text in `error`, from whichever of its places. */
  readonly reason?: string | undefined
}

/** The status in a reply. Throws `DECODE` for anything else. */
export function statusIn(reply: unknown, attempted: string): AsyncStatus {
  const { asyncResultId, state, resultFormat, resultLength, engine, error } = objectOf(reply) ?? {}
  const known = STATES.find((one) => one === state)
  if (typeof asyncResultId !== 'string' || asyncResultId === '' || known === undefined) {
    const said = reply === undefined ? 'nothing' : snippet(jsonOf(reply))
    throw new DruidError(
      'DECODE',
      `${attempted}: the reply is no status of an async query, which has an asyncResultId and one of the states ${STATES.join(', ')} (${said})`,
      { snippet: said },
    )
  }
  const reason = reasonIn(error)
  return {
    asyncResultId,
    state: known,
    ...(typeof resultFormat === 'string' && { resultFormat }),
    ...(typeof resultLength === 'number' && { resultLength }),
    ...(typeof engine === 'string' && { engine }),
    ...(error !== undefined && error !== null && { error }),
    ...(reason !== undefined && { reason }),
  }
}

/** It was seen at `error.errorMessage`, at `error.error`, and as `error` itself. */
function reasonIn(error: unknown): string | undefined {
  const envelope = objectOf(error)
  const places = [envelope?.errorMessage, envelope?.error, error]
  const found = places.find((place) => typeof place === 'string' && place !== '')
  if (typeof found === 'string') return found
  return envelope === undefined ? undefined : snippet(jsonOf(envelope))
}

export function objectOf(value: unknown): Record<string, unknown> | undefined {
  return isRecord(value) ? value : undefined
}

/** For messages: a bigint, which JSON has no word for, as its digits. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? String(item) : item))
}
