import type { Column } from '../result/column.ts'
import type { ColumnData } from '../result/columns.ts'
import type { Decoder } from '../result/decode.ts'
import type { AnyPolicy } from '../result/policy.ts'
import { type ResultOptions, type RowObject, rowDecoder } from '../result/row-body.ts'
import type { RowSchema, SchemaUse } from '../result/schema.ts'
import type { RunningResult } from '../result/stream.ts'
import { type SqlRequest, sqlRequest } from '../sql/request.ts'
import type { UntypedStatement } from '../sql/statement.ts'
import { abortable, untilAborted } from './abort.ts'
import { jsonBody } from './call.ts'
import { decodersOf } from './codecs.ts'
import type { Connection } from './connection.ts'
import { runningHooks } from './query-hooks.ts'
import { type Call, Running, type Through } from './running.ts'

/** A query ready to be sent: its statement, and everything that options and defaults say of it. */
export interface QueryCall extends Call {
  readonly statement: UntypedStatement
  readonly policy: AnyPolicy
  readonly schema?: { readonly of: RowSchema; readonly use: SchemaUse } | undefined
  /** What must be known before it is sent. */
  readonly ready?: (() => Promise<void>) | undefined
}

type CheckedCall = QueryCall & { readonly schema: NonNullable<QueryCall['schema']> }

export interface SqlRun<B> {
  /** Made when the query is sent. What few use is loaded then, too. */
  readonly decoder: () => Decoder<B> | Promise<Decoder<B>>
  /** What the rows hooks of extensions do to its batches. Default: they do not see them. */
  readonly rows?: 'hooked' | undefined
  /** Holds its batches against the schema of the call. */
  readonly checked?:
    | ((
        batches: AsyncIterable<B>,
        columns: () => readonly Column[],
        call: CheckedCall,
      ) => AsyncGenerator<B, void, undefined>)
    | undefined
  /** What hooks are told that it hands out. Default: rows. */
  readonly items?: 'rows' | 'bytes' | undefined
  /** The body to send, where it is not that of `arrayLines`. */
  readonly written?: ((request: SqlRequest) => object) | undefined
}

/** Runs `POST /druid/v2/sql` for rows. */
export function runQuery(connection: Connection, call: QueryCall): RunningResult {
  return runSql<RowObject[]>(connection, call, {
    decoder: () => rowDecoder(resultOptions(connection, call)),
    rows: 'hooked',
    checked: rowsChecked,
  })
}

/** The same for columns. Where hooks of extensions take part in the rows, these are made first. */
export function runColumns(connection: Connection, call: QueryCall): RunningResult<ColumnData> {
  if (connection.parts.queries.some(({ part }) => part.rows !== undefined)) {
    return columnsOfResult(runQuery(connection, call), call.policy)
  }
  return runSql<ColumnData>(connection, call, {
    async decoder() {
      const { columnDecoder } = await import('../result/columns.ts')
      return columnDecoder(resultOptions(connection, call))
    },
    checked: headerChecked,
  })
}

/** The schema is checked once the columns are known: before the first batch, or at the end. */
async function* headerChecked<B>(
  batches: AsyncIterable<B>,
  columns: () => readonly Column[],
  { schema, policy, queryId }: CheckedCall,
): AsyncGenerator<B, void, undefined> {
  const { checkHeader } = await import('../result/schema.ts')
  let checked = false
  const check = async (): Promise<void> => {
    if (!checked) await checkHeader(schema.of, columns(), policy, queryId)
    checked = true
  }
  for await (const batch of batches) {
    await check()
    yield batch
  }
  await check()
}

async function* rowsChecked(
  batches: AsyncIterable<RowObject[]>,
  columns: () => readonly Column[],
  call: CheckedCall,
): AsyncGenerator<RowObject[], void, undefined> {
  const checked = headerChecked(batches, columns, call)
  const { checkedRows } = await import('../result/schema.ts')
  const { schema, queryId } = call
  yield* schema.use === 'rows' ? checkedRows(checked, schema.of, queryId) : checked
}

/** Runs `POST /druid/v2/sql`, whatever becomes of its bytes. */
export function runSql<B>(
  connection: Connection,
  call: QueryCall,
  { decoder, rows, checked, items = 'rows', written = (request) => request }: SqlRun<B>,
): Running<B> {
  const { statement, context, queryId, schema } = call
  const { queries } = connection.parts
  const hooks =
    queries.length > 0 ? runningHooks(queries, { queryId, language: 'sql', items }) : undefined
  const made = rows === 'hooked' ? (hooks?.rows as Through<unknown> as Through<B>) : undefined
  const running: Running<B> = new Running<B>(connection, {
    endpoint: '/druid/v2/sql',
    call,
    items,
    rows:
      schema === undefined || checked === undefined
        ? made
        : (batches, signal) => {
            const all = made?.(batches, signal) ?? batches
            const whole = checked(all, () => running.columns(), { ...call, schema })
            // A schema may never answer.
            return untilAborted(whole, signal, `query ${queryId}`)
          },
    failed: hooks?.error,
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
  return running
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
