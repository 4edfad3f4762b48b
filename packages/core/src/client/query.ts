import type { ColumnData } from '../result/columns.ts'
import type { Decoder } from '../result/decode.ts'
import type { AnyPolicy } from '../result/policy.ts'
import { type ResultOptions, type RowObject, rowDecoder } from '../result/row-body.ts'
import type { RowSchema, SchemaUse } from '../result/schema.ts'
import type { RunningResult } from '../result/stream.ts'
import { type SqlRequest, sqlRequest } from '../sql/request.ts'
import type { UntypedStatement } from '../sql/statement.ts'
import { abortable } from './abort.ts'
import { jsonBody } from './call.ts'
import { decodersOf } from './codecs.ts'
import type { Connection } from './connection.ts'
import { runningHooks } from './query-hooks.ts'
import { type BatchHooks, type Call, Running } from './running.ts'

/** A query ready to be sent: its statement, and everything that options and defaults say of it. */
export interface QueryCall extends Call {
  readonly statement: UntypedStatement
  readonly policy: AnyPolicy
  readonly schema?: { readonly of: RowSchema; readonly use: SchemaUse } | undefined
  /** What must be known before it is sent. */
  readonly ready?: (() => Promise<void>) | undefined
}

export interface SqlRun<B> {
  /** Made when the query is sent. What few use is loaded then, too. */
  readonly decoder: () => Decoder<B> | Promise<Decoder<B>>
  /** What the rows hooks of extensions do to its batches. Default: they do not see them. */
  readonly rows?: 'hooked' | undefined
  /** What hooks are told that it hands out. Default: rows. */
  readonly items?: 'rows' | 'bytes' | undefined
  /** The body to send, where it is not that of `arrayLines`. */
  readonly written?: ((request: SqlRequest) => object) | undefined
}

/** Runs `POST /druid/v2/sql` for rows. */
export function runQuery(connection: Connection, call: QueryCall): RunningResult {
  const result = runSql<RowObject[]>(connection, call, {
    decoder: () => rowDecoder(resultOptions(connection, call)),
    rows: 'hooked',
  })
  const { schema } = call
  if (schema === undefined) return result
  const batches = headerChecked(result, call)
  return withBatches(result, schema.use === 'rows' ? rowsChecked(batches, call) : batches)
}

/** The same for columns. Where hooks of extensions take part in the rows, these are made first. */
export function runColumns(connection: Connection, call: QueryCall): RunningResult<ColumnData> {
  if (connection.parts.queries.some(({ part }) => part.rows !== undefined)) {
    return columnsOfResult(runQuery(connection, call), call.policy)
  }
  const result = runSql<ColumnData>(connection, call, {
    async decoder() {
      const { columnDecoder } = await import('../result/columns.ts')
      return columnDecoder(resultOptions(connection, call))
    },
  })
  return call.schema ? withBatches(result, headerChecked(result, call)) : result
}

/** The schema is checked once the columns are known: before the first batch, or at the end. */
async function* headerChecked<B>(
  result: RunningResult<B>,
  { schema, policy, queryId }: QueryCall,
): AsyncGenerator<B, void, undefined> {
  const { checkHeader } = await import('../result/schema.ts')
  let checked = false
  const check = async (): Promise<void> => {
    if (schema && !checked) await checkHeader(schema.of, result.columns(), policy, queryId)
    checked = true
  }
  for await (const batch of result.batches) {
    await check()
    yield batch
  }
  await check()
}

async function* rowsChecked(
  batches: AsyncIterable<RowObject[]>,
  { schema, queryId }: QueryCall,
): AsyncGenerator<RowObject[], void, undefined> {
  const { checkedRows } = await import('../result/schema.ts')
  yield* schema ? checkedRows(batches, schema.of, queryId) : batches
}

/** Runs `POST /druid/v2/sql`, whatever becomes of its bytes. */
export function runSql<B>(
  connection: Connection,
  call: QueryCall,
  { decoder, rows, items = 'rows', written = (request) => request }: SqlRun<B>,
): Running<B> {
  const { statement, context, queryId } = call
  const { queries } = connection.parts
  const hooks =
    queries.length > 0 ? runningHooks(queries, { queryId, language: 'sql', items }) : undefined
  return new Running<B>(connection, {
    endpoint: '/druid/v2/sql',
    call,
    items,
    hooks: hooks && {
      error: hooks.error,
      rows: rows === 'hooked' ? (hooks as BatchHooks<unknown> as BatchHooks<B>).rows : undefined,
    },
    async prepare(signal) {
      if (call.ready) await abortable(call.ready(), signal, `query ${queryId}`)
      const original = sqlRequest(statement, { ...context, sqlQueryId: queryId })
      const request = hooks
        ? await abortable(hooks.sqlRequest(original), signal, `query ${queryId}`)
        : original
      return {
        body: jsonBody(written(request), 'query: its context', 'context'),
        decoder: await decoder(),
      }
    },
  })
}

function columnsOfResult(result: RunningResult, policy: AnyPolicy): RunningResult<ColumnData> {
  async function* batches(): AsyncGenerator<ColumnData, void, undefined> {
    const { columnsOfRows } = await import('../result/column-builders.ts')
    for await (const rows of result.batches) yield columnsOfRows(rows, result.columns(), policy)
  }
  return withBatches(result, batches())
}

/** The same result, with other batches. */
function withBatches<B>(
  result: RunningResult<unknown>,
  batches: AsyncGenerator<B, void, undefined>,
): RunningResult<B> {
  return {
    queryId: result.queryId,
    columns: () => result.columns(),
    stats: () => result.stats(),
    batches,
    stop: () => result.stop(),
  }
}

function resultOptions(
  { parts }: Connection,
  { queryId, policy, limits }: QueryCall,
): ResultOptions {
  const { maxRowBytes } = limits ?? {}
  const decoders = decodersOf(parts.codecs)
  return { what: `query ${queryId}`, queryId, policy, decoders, maxRowBytes }
}
