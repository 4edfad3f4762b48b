import { DruidError } from '../error/error.ts'
import type { Decoder } from '../result/decode.ts'
import { exactJson } from '../result/json.ts'
import { valuesPolicy } from '../result/policy.ts'
import { type RowObject, rowDecoder } from '../result/row-body.ts'
import type { RunningResult } from '../result/stream.ts'
import { type SqlRequest, sqlRequest } from '../sql/request.ts'
import type { Statement } from '../sql/statement.ts'
import { abortable } from './abort.ts'
import { decodersOf } from './codecs.ts'
import type { Connection } from './connection.ts'
import { type RunningHooks, runningHooks } from './query-hooks.ts'
import { type Call, running } from './running.ts'

/** A query ready to be sent: its statement, and everything that options and defaults say of it. */
export interface QueryCall extends Call {
  readonly statement: Statement<object>
}

/** Runs `POST /druid/v2/sql`. */
export function runQuery(connection: Connection, call: QueryCall): RunningResult {
  const { parts } = connection
  const { queryId } = call
  const decoder = rowDecoder({
    what: `query ${queryId}`,
    queryId,
    policy: valuesPolicy(),
    decoders: decodersOf(parts.codecs),
  })
  const hooks = parts.queries.length > 0 ? runningHooks(parts.queries, queryId) : undefined
  const query = running<RowObject[], Decoder<RowObject[]>>(connection, {
    endpoint: '/druid/v2/sql',
    call,
    hooks,
    prepare: async (signal) => ({ body: bodyOf(await prepared(call, hooks, signal)), decoder }),
  })
  return {
    queryId,
    get columns() {
      return decoder.columns
    },
    get stats() {
      return query.stats
    },
    batches: query.batches,
    stop: query.stop,
  }
}

/** The request as it is sent: what the statement says, and what hooks make of it. */
async function prepared(
  call: QueryCall,
  hooks: RunningHooks | undefined,
  signal: AbortSignal,
): Promise<SqlRequest> {
  const request = sqlRequest(call.statement, { ...call.context, sqlQueryId: call.queryId })
  if (hooks === undefined) return request
  return abortable(hooks.request(request), signal, `query ${call.queryId}`)
}

function bodyOf(request: SqlRequest): string {
  try {
    return exactJson(request)
  } catch (cause) {
    throw new DruidError('CONFIG', 'query: its context cannot be written as JSON', {
      option: 'context',
      cause,
    })
  }
}
