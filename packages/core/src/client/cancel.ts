import { type CancelOutcome, isDruidError } from '../error/error.ts'
import { sleep } from './abort.ts'
import type { Outgoing, Reply } from './connection.ts'

/** Where a query is posted, and below which its id is deleted: SQL, or native. */
export type QueryEndpoint = '/druid/v2/sql' | '/druid/v2'

/** A query that Druid must stop. */
export interface CancelledQuery {
  readonly endpoint: QueryEndpoint
  readonly queryId: string
  /** Its own headers: a gate may want them. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether Druid has begun to answer. */
  readonly planned: boolean
  /** The server that it was sent to: no other knows it. */
  readonly sentTo: URL | undefined
}

/** So long cancelling may take in all: closing the connection waits for it. */
const CANCEL_LIMIT = 5_000

/**
 * Milliseconds before each further DELETE while Druid may not know the query. It knows one only once
 * it is planned: an earlier DELETE finds nothing, and the query would run to its end.
 */
const ASK_AGAIN = [250, 750, 2_000]

/** The same of a native query: there is less to plan, and the answer is 202 whether it is known or not. */
const SEND_AGAIN = [250, 750]

/** Sends its DELETE, until Druid knows it. Never rejects. */
export async function cancelQuery(
  query: CancelledQuery,
  send: (request: Outgoing) => Promise<Reply>,
  target: string | URL,
): Promise<CancelOutcome> {
  const signal = AbortSignal.timeout(CANCEL_LIMIT)
  const isSql = query.endpoint === '/druid/v2/sql'
  const inDoubt = isSql ? 'unknown' : 'accepted'
  const once = async (): Promise<CancelOutcome> => {
    const { headers } = query
    try {
      const reply = await send({
        method: 'DELETE',
        target,
        headers,
        signal,
        idempotent: true,
        stays: true,
      })
      reply.response.body.discard()
      return 'accepted'
    } catch (error) {
      return isDruidError(error, 'NOT_FOUND') ? 'unknown' : 'failed'
    }
  }
  let outcome = await once()
  for (const pause of query.planned ? [] : isSql ? ASK_AGAIN : SEND_AGAIN) {
    if (outcome !== inDoubt) break
    await sleep(pause)
    outcome = await once()
  }
  return outcome
}
