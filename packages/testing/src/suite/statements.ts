import { noAnswer } from '../fake/fault.ts'
import type { SqlAnswer } from '../fake/sql-rules.ts'

/** What the suite itself asks for; hooks may add to the text. */
export const ANSWER = 'SELECT 1 AS "druid-testing answer"'
export const ROWS = 'SELECT * FROM "druid-testing rows"'
export const NO_ROWS = 'SELECT * FROM "druid-testing no rows"'
export const ENDLESS = 'SELECT * FROM "druid-testing endless"'

/** Values of every native type that Druid has by itself. */
const ROW = {
  text: 'a|b,"c"\n<d>',
  integer: 9007199254740991,
  number: 0.5,
  yes: true,
  time: new Date('2024-01-02T03:04:05Z'),
  list: ['x', null],
  nested: { k: [1, null] },
  nothing: null,
}

/** What those are answered; `undefined` for other statements. */
export function suiteAnswer(sql: string): SqlAnswer | undefined {
  if (sql.includes(ANSWER)) return [{ 'druid-testing answer': 1 }]
  if (sql.includes(ROWS)) return [ROW, { ...ROW, text: null }]
  if (sql.includes(ENDLESS)) return noAnswer()
  if (!sql.includes(NO_ROWS)) return undefined
  return { columns: { text: 'VARCHAR', integer: 'BIGINT', nested: 'COMPLEX<json>' }, rows: [] }
}
