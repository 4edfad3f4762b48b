import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import type { Owned } from '../extension/parts.ts'
import type { Formatter, FormatterInput } from '../extension/points.ts'
import { synchronous } from '../extension/synchronous.ts'
import type { RunningResult } from '../result/stream.ts'
import { watched } from '../result/watched.ts'
import type { Statement } from '../sql/statement.ts'
import { type LinkedSignal, untilAborted } from './abort.ts'

/** A result while it is written. It can be read once; leaving it ends the query on the server. */
export interface FormattedResult extends AsyncIterable<string | Uint8Array> {
  /** E.g. `text/markdown`. */
  readonly mediaType: string
}

/** What formatters add to a client. `Formats`: name and options of those that are registered. */
export interface FormatMethods<Formats extends readonly [name: string, options?: unknown]> {
  /**
   * Runs the query and writes its result by a registered formatter, as one text. Signal, context
   * and headers are those of the client: `druid.with({ signal }).format(…)`.
   *
   * @throws DruidError `CONFIG` for a formatter that is not registered, or that writes bytes;
   * `EXTENSION` when it fails; and all that `query` throws.
   */
  format(statement: Statement<object> | string, ...format: Formats): Promise<string>
  /** The same piece by piece, as the rows come. The query starts with the first one asked for. */
  formatStream(statement: Statement<object> | string, ...format: Formats): FormattedResult
}

/**
 * The pieces that a formatter makes of a running result. Whatever it does, the result ends with it;
 * an abort of the link's signal is stronger.
 */
export async function* formatted(
  name: string,
  { extension, part }: Owned<Formatter>,
  options: unknown,
  result: RunningResult,
  link: () => LinkedSignal,
): AsyncGenerator<string | Uint8Array, void, undefined> {
  const { signal, release } = link()
  const batches = watched(result.batches)
  try {
    const pieces = synchronous(part.format(inputOf(result, batches), options))
    for await (const piece of untilAborted(pieces, signal, `query ${result.queryId}`)) {
      if (typeof piece !== 'string' && !(piece instanceof Uint8Array)) {
        throw new TypeError(`it made a piece that is a value of type ${typeof piece}`)
      }
      yield piece
    }
    // One that swallows the error would leave half a result that looks whole.
    batches.rethrow()
  } catch (error) {
    if (isDruidError(error)) throw error
    const why = `extension "${extension}": formatter ${name} failed: ${messageOf(error)}`
    throw new DruidError('EXTENSION', why, { extension, queryId: result.queryId, cause: error })
  } finally {
    release()
    result.stop()
    await result.batches.return()
  }
}

function inputOf(
  result: RunningResult,
  batches: AsyncIterable<Record<string, unknown>[]>,
): FormatterInput {
  const iterator = batches[Symbol.asyncIterator]()
  let first: ReturnType<typeof iterator.next> | undefined
  // Columns come with the first batch, or with the end of an empty result.
  const start = (): NonNullable<typeof first> => {
    first ??= iterator.next()
    return first
  }
  return {
    get columns() {
      const columns = start().then(() => result.columns())
      // Who does not wait for them learns of the error by the rows.
      columns.catch(() => {})
      return columns
    },
    async *[Symbol.asyncIterator]() {
      for (let step = await start(); !step.done; step = await iterator.next()) {
        const keys = result.columns().map((column) => column.key)
        yield step.value.map((row) => keys.map((key) => row[key]))
      }
    },
  }
}

/** All pieces as one text. */
export async function asText(
  name: string,
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<string> {
  let text = ''
  for await (const piece of pieces) {
    if (typeof piece !== 'string') {
      throw new DruidError('CONFIG', `format: ${name} writes bytes; use formatStream()`, {
        option: 'format',
      })
    }
    text += piece
  }
  return text
}

/** The formatter of that name. Throws `CONFIG`. */
export function formatterOf(
  formatters: ReadonlyMap<string, Owned<Formatter>>,
  name: string,
): Owned<Formatter> {
  const found = formatters.get(name)
  if (found !== undefined) return found
  const names = [...formatters.keys()].sort()
  const there = names.length > 0 ? `there are ${names.join(', ')}` : 'there is none'
  throw new DruidError(
    'CONFIG',
    `format: no extension of this connection has a formatter "${name}"; ${there}. Those of @druid/format: connect with { extensions: [format] }`,
    { option: 'format' },
  )
}
