import { DruidError } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import { snippet } from '../error/server.ts'
import type { CustomQuery, NativeQuery } from '../native/query.ts'
import { parseExact } from '../result/json.ts'
import { told } from './connection.ts'

/** What Druid would do for a statement (`EXPLAIN PLAN FOR`). */
export interface Plan {
  /** The native queries, the outermost first. */
  readonly queries: readonly PlannedQuery[]
  /** Data sources that it reads or writes, by name. */
  readonly dataSources: readonly string[]
  /** What the user must have access to: data sources, views, external sources … */
  readonly resources: readonly { readonly name: string; readonly type: string }[]
  readonly attributes: PlanAttributes
  /** The plan as Druid writes it: JSON, or the text of older planners. */
  readonly text: string
}

export interface PlannedQuery {
  /** It can be run by `native()` and `streamNative()`. */
  readonly query: (NativeQuery | CustomQuery) & { readonly [key: string]: unknown }
  /** Its columns with their native types. */
  readonly signature: readonly { readonly name: string; readonly type: string }[]
  /** Which of its columns is which of the statement's. Absent in the text of older planners. */
  readonly columnMappings?:
    | readonly { readonly queryColumn: string; readonly outputColumn: string }[]
    | undefined
}

export interface PlanAttributes {
  /** `SELECT`, `INSERT` or `REPLACE`. */
  readonly statementType?: string
  readonly targetDataSource?: unknown
  readonly partitionedBy?: unknown
  readonly clusteredBy?: unknown
  readonly replaceTimeChunks?: unknown
  readonly [key: string]: unknown
}

/** The plan in the only row of an EXPLAIN. Throws `DECODE` for what Druid does not write. */
export function planOf(row: Readonly<Record<string, unknown>>, queryId: string): Plan {
  try {
    return planIn(row)
  } catch (error) {
    throw told(error, { queryId, attempt: 1 })
  }
}

function planIn(row: Readonly<Record<string, unknown>>): Plan {
  const { PLAN: text, RESOURCES: resources, ATTRIBUTES: attributes } = row
  if (typeof text !== 'string') throw notPlan('it has no column PLAN', JSON.stringify(row))
  const known = listOf(resources).filter(isResource)
  return {
    queries: text.trimStart().startsWith('[') ? plannedQueries(text) : legacyQueries(text),
    dataSources: known.filter(({ type }) => type === 'DATASOURCE').map(({ name }) => name),
    resources: known,
    attributes: attributesOf(attributes),
    text,
  }
}

function attributesOf(value: unknown): PlanAttributes {
  const attributes = typeof value === 'string' ? parsed(value) : undefined
  return isRecord(attributes) ? attributes : {}
}

function listOf(value: unknown): unknown[] {
  const list = typeof value === 'string' ? parsed(value) : []
  return Array.isArray(list) ? list : []
}

function isResource(value: unknown): value is Plan['resources'][number] {
  return isRecord(value) && typeof value.name === 'string' && typeof value.type === 'string'
}

function plannedQueries(text: string): PlannedQuery[] {
  return listOf(text).map((entry) => {
    if (!isRecord(entry) || !isRecord(entry.query)) throw notPlan('it names no native query', text)
    const { query, signature, columnMappings } = entry as unknown as PlannedQuery
    return { query, signature, ...(columnMappings && { columnMappings }) }
  })
}

const RELATION = /(?:query|dataSource)=\[/g

/**
 * The text with `useNativeQueryExplain: false`, a line for each relation:
 * `DruidQueryRel(query=[{…}], signature=[{d0:STRING, a0:LONG}])`.
 */
function legacyQueries(text: string): PlannedQuery[] {
  const queries: PlannedQuery[] = []
  let read = 0
  for (const { index, 0: found } of text.matchAll(RELATION)) {
    // Within a query that was read it is a text of the statement.
    if (index < read) continue
    const json = balanced(text, index + found.length)
    const query = parsed(json)
    if (!isRecord(query) || typeof query.queryType !== 'string') continue
    read = index + found.length + json.length
    const rest = text.slice(read)
    const [, signature = ''] = /^\], signature=\[\{(.*?)\}\]/.exec(rest) ?? []
    queries.push({ query: query as PlannedQuery['query'], signature: legacySignature(signature) })
  }
  return queries
}

function legacySignature(text: string): PlannedQuery['signature'] {
  if (text === '') return []
  return text.split(/, (?=[^,]*:)/).map((part) => {
    const at = part.lastIndexOf(':')
    return { name: part.slice(0, at), type: part.slice(at + 1) }
  })
}

/** The JSON object that begins there. */
function balanced(text: string, start: number): string {
  let depth = 0
  let quoted = false
  for (let at = start; at < text.length; at += 1) {
    const char = text[at]
    if (quoted) {
      if (char === '\\') at += 1
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '{') depth += 1
    else if (char === '}') {
      depth -= 1
      if (depth === 0) return text.slice(start, at + 1)
    }
  }
  return text.slice(start)
}

function parsed(text: string): unknown {
  try {
    return parseExact(text, (digits) => BigInt(digits))
  } catch (cause) {
    throw notPlan('a part of it is not JSON', text, cause)
  }
}

function notPlan(why: string, text: string, cause?: unknown): DruidError<'DECODE'> {
  return new DruidError('DECODE', `explain: the answer is no plan: ${why} (${snippet(text)})`, {
    snippet: snippet(text),
    cause,
  })
}
