import { DruidError } from '../error/error.ts'
import { RESULT_FORMATS, type ResultFormat, rawDecoder } from '../result/raw.ts'
import type { ResultStats } from '../result/rows.ts'
import type { Connection } from './connection.ts'
import type { RawOptions } from './options.ts'
import { type QueryCall, runSql } from './query.ts'

/** `Uint8Array<ArrayBuffer>` as every TypeScript has it: before 5.7 the type is not generic. */
type Bytes = ReturnType<typeof Uint8Array.of>

/** A result as Druid writes it. */
export interface RawResult {
  readonly queryId: string
  /** Of the reply, e.g. `x-druid-sql-query-id`. */
  readonly headers: Headers
  /**
   * The bytes. At its end it was proved that the result is whole: where it is not, reading fails
   * with `TRUNCATED`. Cancelling it ends the query on the server.
   */
  readonly body: ReadableStream<Bytes>
  /** Bytes and times, once it has been read to its end; until then `undefined`. */
  stats(): RawStats | undefined
}

/** As `ResultStats`, without what only reading the rows would tell. */
export type RawStats = Omit<ResultStats, 'rows' | 'decodeTime'>

/** Runs `POST /druid/v2/sql` and hands out what Druid writes, once the reply has begun. */
export async function runRaw(
  connection: Connection,
  call: QueryCall,
  { format = 'object', header = false }: RawOptions,
): Promise<RawResult> {
  checkFormat(format, header)
  const { queryId } = call
  const query = runSql<Uint8Array>(connection, call, {
    decoder: () => rawDecoder(`query ${queryId}`, queryId, format),
    items: 'bytes',
    written: (request) => ({
      ...request,
      resultFormat: format,
      header: header !== false,
      typesHeader: header === 'types',
      sqlTypesHeader: header === 'types',
    }),
  })
  const { batches } = query
  const first = await batches.next()
  let waiting: typeof first | undefined = first
  const body = new ReadableStream<Bytes>({
    async pull(controller) {
      const step = waiting ?? (await batches.next())
      waiting = undefined
      if (step.done) controller.close()
      else controller.enqueue(step.value as Bytes)
    },
    async cancel() {
      query.stop()
      await batches.return()
    },
  })
  return {
    queryId,
    headers: query.headers() ?? new Headers(),
    body,
    stats() {
      const stats = query.stats()
      if (stats === undefined) return undefined
      const { bytes, timeToFirstByte, duration } = stats
      return { bytes, timeToFirstByte, duration }
    },
  }
}

function checkFormat(format: ResultFormat, header: RawOptions['header']): void {
  if (!RESULT_FORMATS.includes(format)) {
    const why = `raw: format is one of ${RESULT_FORMATS.join(', ')}`
    throw new DruidError('CONFIG', why, { option: 'format' })
  }
  if (![true, false, 'types'].includes(header as boolean)) {
    const why = "raw: header is true (names), 'types' (names and types) or false"
    throw new DruidError('CONFIG', why, { option: 'header' })
  }
}
