import type { FakeFault } from './fault.ts'
import { wrongFake } from './problem.ts'
import type { FakeReply } from './reply.ts'
import type { FakeRequest } from './request.ts'
import type { ResultFormat } from './result.ts'
import type { FakeResult } from './table.ts'

/** A SQL query as it came to the fake (`POST /druid/v2/sql`). */
export interface FakeQuery {
  readonly sql: string
  /** As they were sent: `{ type, value }`. */
  readonly parameters: readonly unknown[]
  readonly context: Readonly<Record<string, unknown>>
  /** Its `sqlQueryId`. */
  readonly queryId: string
  readonly resultFormat: ResultFormat
  readonly request: FakeRequest
  /** Aborted when the caller gives up, and when the query is cancelled. */
  readonly signal: AbortSignal
}

/** What a query is answered: rows, rows with columns, an error, a fault. */
export type SqlAnswer = FakeResult | FakeReply | FakeFault

/** Answers SQL queries; `undefined` leaves one to the fake. */
export type SqlHandler = (
  query: FakeQuery,
) => SqlAnswer | undefined | Promise<SqlAnswer | undefined>

/** A statement, the same but for white space, or a pattern that it matches; and its answer. */
export type SqlRule = readonly [statement: string | RegExp, answer: SqlAnswer | SqlHandler]

export function sqlHandlerOf(sql: SqlHandler | readonly SqlRule[] | undefined): SqlHandler {
  if (typeof sql === 'function') return sql
  if (sql !== undefined && !Array.isArray(sql)) {
    throw wrongFake('sql is a function, or a list of [statement, answer]', 'sql')
  }
  const rules = (sql ?? []).map(checkedRule)
  return (query) => {
    const rule = rules.find(([statement]) => matches(statement, query.sql))
    if (rule === undefined) return undefined
    const [, answer] = rule
    return typeof answer === 'function' ? answer(query) : answer
  }
}

function checkedRule(rule: SqlRule): SqlRule {
  const [statement, answer] = Array.isArray(rule) && rule.length === 2 ? rule : []
  if ((typeof statement === 'string' || statement instanceof RegExp) && answer !== undefined) {
    return rule
  }
  throw wrongFake(
    "a rule is [statement, answer], e.g. [/FROM flights/, [{ origin: 'SEA' }]]",
    'sql',
  )
}

function matches(statement: string | RegExp, sql: string): boolean {
  if (typeof statement === 'string') return squeezed(statement) === squeezed(sql)
  statement.lastIndex = 0
  return statement.test(sql)
}

/** White space means nothing between the words of a statement. */
export function squeezed(sql: string): string {
  return sql.replace(/\s+/g, ' ').trim()
}
