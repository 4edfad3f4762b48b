import { DruidError, messageOf } from '../error/error.ts'
import { snippet } from '../error/server.ts'
import { checkedQuery } from '../native/check.ts'
import type { NativeQueries, NativeQuery } from '../native/query.ts'
import { parseExact } from '../result/json.ts'

/**
 * A native query from JSON, as text or parsed: of a file, a console, another program. Its type, and
 * what each part of it must have, is checked all the way down; parts whose `type` is not known here
 * are an extension's, and stay as they are. An integer that a number cannot hold is read as a bigint,
 * and sent with all its digits. `queryType`: the only one that is wanted; the result is of its type.
 *
 * @example const query = loadNative(await readFile('top.json', 'utf8'), 'topN')
 * @throws DruidError `INVALID_INPUT`, naming the place of what is wrong.
 */
export function loadNative<T extends keyof NativeQueries>(
  json: unknown,
  queryType: T,
): NativeQueries[T]
export function loadNative(json: unknown): NativeQuery
export function loadNative(json: unknown, queryType?: string): NativeQuery {
  const query = checkedQuery(typeof json === 'string' ? parsed(json) : json)
  if (queryType === undefined || query.queryType === queryType) return query
  throw new DruidError(
    'INVALID_INPUT',
    `native query: it is a ${query.queryType} query, and a ${queryType} query is wanted`,
  )
}

function parsed(text: string): unknown {
  try {
    return parseExact(text, (digits) => BigInt(digits))
  } catch (cause) {
    const why = `native query: it is no JSON (${snippet(text)}): ${snippet(messageOf(cause))}`
    throw new DruidError('INVALID_INPUT', why, { cause })
  }
}
